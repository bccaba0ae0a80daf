//! Callbacks of jobs: they reach a listener on this machine, in order unless asked otherwise, and
//! nobody else.

use std::net::{IpAddr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use duvoscript::simulator::Webhooks;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::place::{Place, pause};

/// Somebody who listens for callbacks.
struct Listener {
    url: String,
    heard: Arc<Mutex<Vec<Value>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Listener {
    /// Listens at an address of this machine; refuses the first so many callbacks with a 503.
    async fn at(address: IpAddr, refused: usize) -> Self {
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let url = format!("http://{}/hook?x=1", listener.local_addr().unwrap());
        let heard = Arc::<Mutex<Vec<Value>>>::default();
        let ears = Arc::clone(&heard);
        let task = tokio::spawn(async move {
            let mut left = refused;
            while let Ok((mut stream, _)) = listener.accept().await {
                let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
                while !bytes.ends_with(b"}") {
                    match stream.read(&mut piece).await {
                        Ok(count) if count > 0 => bytes.extend_from_slice(&piece[..count]),
                        _ => break,
                    }
                }
                let text = String::from_utf8_lossy(&bytes).into_owned();
                assert!(text.starts_with("POST /hook?x=1 HTTP/1.1\r\n"), "{text}");
                let body = text.split_once("\r\n\r\n").unwrap().1;
                let status = if left > 0 { 503 } else { 200 };
                if left == 0 {
                    ears.lock()
                        .unwrap()
                        .push(serde_json::from_str(body).unwrap());
                }
                left = left.saturating_sub(1);
                let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { url, heard, task }
    }

    async fn local() -> Self {
        Self::at([127, 0, 0, 1].into(), 0).await
    }

    fn events(&self) -> Vec<String> {
        let heard = self.heard.lock().unwrap();
        let events = heard
            .iter()
            .map(|body| body["event"].as_str().unwrap().to_owned());
        events.collect()
    }

    /// Waits until so many callbacks have come.
    async fn hears(&self, count: usize) -> Vec<String> {
        for _ in 0..500 {
            if self.heard.lock().unwrap().len() >= count {
                break;
            }
            pause(10).await;
        }
        self.events()
    }
}

async fn place(webhooks: Webhooks) -> Place {
    Place::with(|settings| settings.webhooks = webhooks).await
}

/// Has a job wait for a person, and then stops it: two events, in two requests.
async fn two_events(place: &Place, url: &str) -> String {
    let agent = place.find("assignments.list", "Invoice matcher").await;
    let fields = json!({ "agent_id": agent, "webhook_url": url });
    let job = place.done("jobs.start", &[], fields).await;
    let id = job["run"]["id"].as_str().unwrap().to_owned();
    place.pass(Duration::from_secs(30));
    let read = place.done("jobs.get", &[&id], json!({})).await;
    assert_eq!(read["run"]["status"], "waiting");
    place.done("jobs.stop", &[&id], json!({})).await;
    id
}

const IN_ORDER: [&str; 2] = ["human_request", "run_interrupted"];

#[tokio::test]
async fn events_arrive_in_order_and_say_what_happened() {
    let (listener, place) = (Listener::local().await, place(Webhooks::default()).await);
    let id = two_events(&place, &listener.url).await;
    assert_eq!(listener.hears(2).await, IN_ORDER);
    let heard = listener.heard.lock().unwrap().clone();
    for body in &heard {
        assert_eq!(body["run_id"], id.as_str());
        assert!(body["timestamp"].is_string() && body["status"].is_string());
    }
    assert_eq!(heard[0]["human_request"]["type"], "approval");
    assert_eq!(heard[1]["status"], "interrupted");
}

#[tokio::test]
async fn duplicates_delays_and_another_order_can_be_had() {
    let twice = Webhooks {
        duplicates: 1.0,
        ..Webhooks::default()
    };
    let listener = Listener::local().await;
    two_events(&place(twice).await, &listener.url).await;
    let wanted = [IN_ORDER[0], IN_ORDER[0], IN_ORDER[1], IN_ORDER[1]];
    assert_eq!(listener.hears(4).await, wanted);
    let reordered = Webhooks {
        reorder: 1.0,
        ..Webhooks::default()
    };
    let listener = Listener::local().await;
    two_events(&place(reordered).await, &listener.url).await;
    assert_eq!(listener.hears(2).await, [IN_ORDER[1], IN_ORDER[0]]);
    let delayed = Webhooks {
        delay_ms: 600,
        ..Webhooks::default()
    };
    let listener = Listener::local().await;
    let place = place(delayed).await;
    two_events(&place, &listener.url).await;
    pause(20).await;
    assert!(listener.events().is_empty(), "nothing comes at once");
    assert_eq!(listener.hears(2).await, IN_ORDER, "late, but in order");
}

#[tokio::test]
async fn a_callback_is_tried_again_and_holds_up_no_other_listener() {
    let refuses = Listener::at([127, 0, 0, 1].into(), 1).await;
    let (well, place) = (Listener::local().await, place(Webhooks::default()).await);
    two_events(&place, &refuses.url).await;
    two_events(&place, &well.url).await;
    assert_eq!(well.hears(2).await, IN_ORDER);
    assert!(refuses.events().is_empty());
    assert_eq!(refuses.hears(2).await, IN_ORDER);
}

#[tokio::test]
async fn nothing_leaves_this_machine() {
    // No packet is sent by this: it asks which of our addresses would be used.
    let outer = UdpSocket::bind("0.0.0.0:0").and_then(|socket| {
        socket.connect("192.0.2.1:9")?;
        socket.local_addr()
    });
    let Some(address) = outer
        .ok()
        .map(|found| found.ip())
        .filter(|ip| !ip.is_loopback())
    else {
        println!("skipped: this machine has no address but loopback");
        return;
    };
    let (outside, inside) = (Listener::at(address, 0).await, Listener::local().await);
    let place = place(Webhooks::default()).await;
    two_events(&place, &outside.url).await;
    two_events(&place, &inside.url).await;
    assert_eq!(inside.hears(2).await, IN_ORDER);
    assert!(outside.events().is_empty());
}

#[tokio::test]
async fn a_listener_that_went_away_harms_nobody() {
    let listener = Listener::local().await;
    let url = listener.url.clone();
    drop(listener);
    let place = place(Webhooks::default()).await;
    for odd in [
        url.as_str(),
        "http://127.0.0.1:1/",
        "http://localhost:0/x",
        "ftp://127.0.0.1/",
    ] {
        two_events(&place, odd).await;
    }
    pause(50).await;
    assert_eq!(place.call("teams.list", &[], json!({})).await.status, 200);
}
