//! Callbacks to the `webhook_url` of jobs: to loopback only, tried three times, and on wish twice,
//! late, or out of order.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use url::{Host, Url};

use crate::clock::{Clock, SystemClock};
use crate::simulator::settings::Webhooks;
use crate::simulator::world::{Callback, Dice};

/// How often a callback is tried.
const TRIES: u32 = 3;
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a callback that shall come late waits for the next one.
const HOLD: Duration = Duration::from_secs(2);
/// How long a line without callbacks is kept.
const IDLE: Duration = Duration::from_secs(60);
/// Callbacks that wait for one target at most; further ones are lost, as with any sender.
const MOST_WAITING: usize = 1000;
/// Lines that are looked through for ended ones.
const MANY: usize = 100;

/// What is done with one callback.
#[derive(Debug)]
struct Letter {
    callback: Callback,
    copies: usize,
    delay: Duration,
    is_after_next: bool,
}

/// The lines to the targets: one after the other along a line, and none waits for another line.
#[derive(Debug, Default)]
pub(super) struct Post {
    lines: HashMap<String, mpsc::Sender<Letter>>,
}

impl Post {
    /// Sends callbacks in the background, in the order given unless `how` says otherwise.
    pub(super) fn send(&mut self, callbacks: Vec<Callback>, how: Webhooks, dice: &mut Dice) {
        for callback in callbacks {
            #[expect(clippy::cast_precision_loss, reason = "delays are far below 2^52")]
            let delay = how.delay_ms as f64 / 1000.0 * dice.fraction();
            let letter = Letter {
                copies: 1 + usize::from(dice.fraction() < how.duplicates),
                delay: Duration::try_from_secs_f64(delay).unwrap_or_default(),
                is_after_next: dice.fraction() < how.reorder,
                callback,
            };
            // A target that takes nothing in loses what comes on top.
            let _ = self.line(&letter.callback.url).try_send(letter);
        }
    }

    /// Returns the line to a target.
    fn line(&mut self, url: &str) -> &mpsc::Sender<Letter> {
        if self.lines.len() >= MANY {
            self.lines.retain(|_, line| !line.is_closed());
        }
        let line = self.lines.entry(url.into()).or_insert_with(open);
        if line.is_closed() {
            *line = open();
        }
        line
    }
}

fn open() -> mpsc::Sender<Letter> {
    let (line, letters) = mpsc::channel(MOST_WAITING);
    tokio::spawn(carry(letters));
    line
}

async fn carry(mut letters: mpsc::Receiver<Letter>) {
    let clock = SystemClock::new();
    while let Ok(Some(letter)) = tokio::time::timeout(IDLE, letters.recv()).await {
        if letter.is_after_next
            && let Ok(Some(next)) = tokio::time::timeout(HOLD, letters.recv()).await
        {
            take(&clock, &next).await;
        }
        take(&clock, &letter).await;
    }
}

async fn take(clock: &SystemClock, letter: &Letter) {
    clock.sleep(letter.delay).await;
    for _ in 0..letter.copies {
        deliver(clock, &letter.callback).await;
    }
}

async fn deliver(clock: &SystemClock, callback: &Callback) {
    let Some(url) = loopback(&callback.url) else {
        return;
    };
    for attempt in 0..TRIES {
        let sent = tokio::time::timeout(PATIENCE, post(&url, callback.body.to_string())).await;
        if matches!(sent, Ok(Ok(status)) if status < 500) {
            return;
        }
        clock.sleep(Duration::from_secs(1 << attempt)).await;
    }
}

/// Returns the address if it is plain HTTP to this machine.
fn loopback(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok().filter(|url| url.scheme() == "http")?;
    let is_local = match url.host()? {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    is_local.then_some(url)
}

/// What can go wrong with a callback.
#[derive(Debug, thiserror::Error)]
enum Undelivered {
    #[error("cannot connect")]
    Connect(#[from] std::io::Error),
    #[error("cannot send")]
    Send(#[from] hyper::Error),
    #[error("cannot write the request")]
    Write(#[from] http::Error),
}

async fn post(url: &Url, body: String) -> Result<u16, Undelivered> {
    let port = url.port_or_known_default().unwrap_or(80);
    let host = url
        .host_str()
        .unwrap_or("127.0.0.1")
        .trim_matches(['[', ']'])
        .to_owned();
    let stream = TcpStream::connect((host.as_str(), port)).await?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let path = url.query().map_or_else(
        || url.path().to_owned(),
        |query| format!("{}?{query}", url.path()),
    );
    let request = http::Request::post(path)
        .header("host", format!("{host}:{port}"))
        .header("content-type", "application/json")
        .body(Full::new(Bytes::from(body)))?;
    Ok(sender.send_request(request).await?.status().as_u16())
}

#[cfg(test)]
mod tests {
    use super::loopback;

    #[test]
    fn goes_nowhere_but_to_this_machine() {
        for fine in [
            "http://127.0.0.1:9/x",
            "http://localhost/x?y",
            "http://[::1]:80/",
        ] {
            assert!(loopback(fine).is_some(), "{fine}");
        }
        for wrong in [
            "http://example.com/",
            "https://127.0.0.1/",
            "http://10.0.0.1/",
            "file:///etc",
            "x",
        ] {
            assert!(loopback(wrong).is_none(), "{wrong}");
        }
    }
}
