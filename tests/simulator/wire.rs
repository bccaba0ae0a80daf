//! Bytes that are no HTTP, or not all of it, or too slow: each connection is answered with a 4xx or
//! closed, and the others are served.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::place::{Place, pause};
use super::random::config;

/// How long an answer, or the end of a connection, may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Connections that are opened at once, as far as the system allows so many files.
const CONNECTIONS: u64 = 10_000;

/// Sends bytes as they are and returns what comes until the connection ends or falls silent.
pub(crate) async fn raw(place: &Place, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(place.address()).await.unwrap();
    // It may stop to listen before all is sent.
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    let mut came = Vec::new();
    let reading = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut came));
    let ended = reading.await;
    assert!(
        ended.is_ok(),
        "the connection stays open after {:?}",
        String::from_utf8_lossy(bytes)
    );
    came
}

/// Returns the status of the first answer in some bytes; `None` when there is none.
pub(crate) fn status(came: &[u8]) -> Option<u16> {
    let text = String::from_utf8_lossy(came);
    let line = text
        .strip_prefix("HTTP/1.1 ")
        .or_else(|| text.strip_prefix("HTTP/1.0 "))?;
    line.get(..3)?.parse().ok()
}

/// It still serves others, and what it says is whole.
pub(crate) async fn is_well(place: &Place) {
    let teams = place.done("teams.list", &[], json!({})).await;
    assert_eq!(teams["teams"][0]["id"], place.team.as_str());
}

#[tokio::test]
async fn garbage_in_the_place_of_http_is_refused() {
    let place = Place::company().await;
    let key = place.simulator.key();
    let head = format!("GET /v2/teams HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n");
    let post = head.replace("GET", "POST");
    let cases: [Vec<u8>; 18] = [
        b"\0\0\0\0".to_vec(),
        b"\r\n\r\n\r\n".to_vec(),
        b"GET\r\n\r\n".to_vec(),
        b"GET / HTTP/9.9\r\n\r\n".to_vec(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        b"OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n".to_vec(),
        b"CONNECT example.com:443 HTTP/1.1\r\nhost: x\r\n\r\n".to_vec(),
        b"TRACE /v2/teams HTTP/1.1\r\nhost: x\r\n\r\n".to_vec(),
        b"GET /v2/te\xffms HTTP/1.1\r\nhost: x\r\n\r\n".to_vec(),
        b"GET /v2/teams HTTP/1.1\r\nhost: x\r\nx: \0\r\n\r\n".to_vec(),
        b"GET /v2/teams HTTP/1.1\r\nhost: x\r\nauthorization: Bearer \xff\xfe\r\n\r\n".to_vec(),
        format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "x".repeat(1_000_000)).into_bytes(),
        format!("{head}x: {}\r\n\r\n", "x".repeat(2_000_000)).into_bytes(),
        format!("{head}{}\r\n", "x: y\r\n".repeat(5000)).into_bytes(),
        format!("{post}content-length: -1\r\n\r\n").into_bytes(),
        format!("{post}content-length: 5\r\ncontent-length: 7\r\n\r\nhello").into_bytes(),
        format!("{post}transfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n").into_bytes(),
    ];
    for bytes in cases {
        let came = raw(&place, &bytes).await;
        let start = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
        let told = String::from_utf8_lossy(&came).into_owned();
        assert!(
            status(&came).is_none_or(|status| (400..500).contains(&status)),
            "{start}: {told}"
        );
    }
    is_well(&place).await;
}

#[tokio::test]
async fn requests_that_are_cut_off_do_nothing() {
    let place = Place::company().await;
    let body = r#"{"name": "Cut off"}"#;
    let whole = format!(
        "POST /v2/teams/{}/queues HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        place.team,
        place.simulator.key(),
        body.len(),
    );
    for length in (1..whole.len()).step_by(7).chain([whole.len() - 1]) {
        let came = raw(&place, &whole.as_bytes()[..length]).await;
        assert!(
            status(&came).is_none_or(|status| (400..500).contains(&status)),
            "{length}"
        );
    }
    let effects = place
        .ledger()
        .into_iter()
        .map(|mut entry| entry["effects"].take());
    assert!(effects.into_iter().all(|effects| effects == json!([])));
    assert_eq!(status(&raw(&place, whole.as_bytes()).await), Some(201));
    is_well(&place).await;
}

#[tokio::test]
async fn slow_senders_are_closed_and_hold_nobody_up() {
    let place = Place::with(|settings| settings.patience = Duration::from_millis(400)).await;
    let head = "POST /v2/teams/x/queues HTTP/1.1\r\nhost: x\r\n";
    let slow = [
        (head.to_owned(), "x"),
        (format!("{head}content-length: 100000\r\n\r\n{{"), " "),
        (
            format!("{head}transfer-encoding: chunked\r\n\r\n"),
            "1\r\n \r\n",
        ),
    ];
    for (start, more) in slow {
        let mut stream = TcpStream::connect(place.address()).await.unwrap();
        stream.write_all(start.as_bytes()).await.unwrap();
        let mut sent = 0;
        let ended = loop {
            let mut byte = [0; 512];
            let reading = tokio::time::timeout(Duration::from_millis(50), stream.read(&mut byte));
            match reading.await {
                Ok(Ok(0) | Err(_)) => break true,
                Ok(Ok(count)) => {
                    let status = status(&byte[..count]);
                    assert!(
                        status.is_none_or(|status| [400, 401, 408].contains(&status)),
                        "{status:?}"
                    );
                }
                Err(_) if sent > 100 => break false,
                Err(_) => sent += 1,
            }
            // It may have hung up by now.
            let _ = stream.write_all(more.as_bytes()).await;
            is_well(&place).await;
        };
        assert!(ended, "still open after {sent} pieces: {start}");
    }
}

#[tokio::test]
async fn many_open_connections_are_served() {
    let (soft, hard) = rlimit::Resource::NOFILE.get().unwrap();
    let _ = rlimit::Resource::NOFILE.set(hard, hard);
    let (now, _) = rlimit::Resource::NOFILE.get().unwrap();
    // Both ends are in this process, and other tests have files open too.
    let count = (now.saturating_sub(500) / 2).min(CONNECTIONS);
    if count < CONNECTIONS {
        println!("only {count} connections: the limit of open files is {now} (was {soft})");
    }
    let place = Place::company().await;
    let request = format!(
        "GET /v2/profile HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\r\n",
        place.simulator.key()
    );
    let mut open = Vec::new();
    for _ in 0..count {
        match TcpStream::connect(place.address()).await {
            Ok(stream) => open.push(stream),
            Err(error) => {
                println!("no more than {} connections: {error}", open.len());
                break;
            }
        }
    }
    is_well(&place).await;
    for stream in open.iter_mut().step_by(100) {
        stream.write_all(request.as_bytes()).await.unwrap();
    }
    for stream in open.iter_mut().step_by(100) {
        let mut start = [0; 12];
        let reading = tokio::time::timeout(PATIENCE, stream.read_exact(&mut start));
        reading.await.unwrap().unwrap();
        assert_eq!(&start, b"HTTP/1.1 200");
    }
    drop(open);
    pause(50).await;
    is_well(&place).await;
}

proptest! {
    #![proptest_config(config(60))]

    #[test]
    fn no_bytes_bring_it_down(bytes in prop::collection::vec(any::<u8>(), 0..300), cut in 0..60_usize) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let place = Place::company().await;
            let key = place.simulator.key();
            let head = format!("POST /v2/teams HTTP/1.1\r\nauthorization: Bearer {key}\r\n");
            // Some of it looks like HTTP for a while.
            let mut sent = head.as_bytes()[..cut.min(head.len())].to_vec();
            sent.extend(bytes);
            let came = raw(&place, &sent).await;
            assert!(status(&came).is_none_or(|status| (400..500).contains(&status)));
            is_well(&place).await;
        });
    }
}
