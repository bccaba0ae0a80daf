//! Whatever is sent to it, it answers with a 4xx or closes the connection, and goes on serving others.

use std::time::Duration;

use duvoscript::catalog;
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::place::{Place, pause};
use super::random::config;

/// How long an answer, or the end of a connection, may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Connections that are opened at once, as far as the system allows so many files.
const CONNECTIONS: u64 = 10_000;

/// Sends bytes as they are and returns what comes until the connection ends or falls silent.
async fn raw(place: &Place, bytes: &[u8]) -> Vec<u8> {
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
fn status(came: &[u8]) -> Option<u16> {
    let text = String::from_utf8_lossy(came);
    let line = text
        .strip_prefix("HTTP/1.1 ")
        .or_else(|| text.strip_prefix("HTTP/1.0 "))?;
    line.get(..3)?.parse().ok()
}

/// It still serves others, and what it says is whole.
async fn is_well(place: &Place) {
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
async fn bodies_that_are_no_json_of_the_right_kind_are_refused() {
    let place = Place::company().await;
    let deep = |open: &str, count: usize| open.repeat(count);
    let odd: [Vec<u8>; 12] = [
        b"{".to_vec(),
        b"[]".to_vec(),
        b"null".to_vec(),
        b"\"text\"".to_vec(),
        b"{} {}".to_vec(),
        b"{\"name\": 1e999}".to_vec(),
        b"{\"name\": \"\xff\xfe\"}".to_vec(),
        b"{\"name\": \"\\ud800\"}".to_vec(),
        b"\xef\xbb\xbf{}".to_vec(),
        deep("[", 1_000_000).into_bytes(),
        deep("{\"a\":", 500_000).into_bytes(),
        b"\0".repeat(1000),
    ];
    let with_body = catalog::endpoints().filter(|endpoint| {
        endpoint
            .body
            .is_some_and(|body| body.fields.iter().any(|field| field.required))
            && !endpoint.body_media.starts_with("multipart/")
            && endpoint.section != "mcp"
    });
    for (endpoint, body) in with_body.zip(odd.iter().cycle()) {
        let path = endpoint
            .path
            .replace("{teamId}", &place.team)
            .replace(['{', '}'], "");
        let came = place
            .send(endpoint.method.as_str(), &path, &[], body.clone())
            .await;
        let told = String::from_utf8_lossy(&body[..body.len().min(20)]).into_owned();
        assert!(
            [400, 404].contains(&came.status),
            "{} {told}: {}",
            endpoint.name,
            came.status
        );
    }
    is_well(&place).await;
}

#[tokio::test]
async fn bodies_that_are_too_large_are_refused() {
    let place = Place::company().await;
    let queues = format!("/v2/teams/{}/queues", place.team);
    let large = format!("{{\"name\": \"{}\"}}", "x".repeat(17 * 1024 * 1024));
    for path in [
        queues.as_str(),
        "/_sim/faults",
        "/_sim/clock",
        "/v2/nothing",
    ] {
        // A server that answers before it has read everything may break the connection.
        if let Ok(came) = place.attempt("POST", path, &[], large.clone()).await {
            assert!([404, 413].contains(&came.status), "{path}: {}", came.status);
        }
    }
    let lie = format!(
        "POST {queues} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: 99999999999\r\n\r\n{{",
        place.simulator.key()
    );
    let came = raw(&place, lie.as_bytes()).await;
    assert!(status(&came).is_none_or(|status| (400..500).contains(&status)));
    is_well(&place).await;
}

/// Targets that mean nothing, or try to mean something else.
fn tricks(files: &str, runs: &str) -> Vec<String> {
    let long = "x".repeat(60_000);
    vec![
        format!("{files}/../../../etc/passwd"),
        format!("{files}/%2e%2e/%2e%2e/x"),
        format!("{files}/a/%2e/b"),
        format!("{files}/a%2fb"),
        format!("{files}/a%5cb"),
        format!("{files}/a%00"),
        format!("{files}/%ff%fe"),
        format!("{files}/%"),
        format!("{files}/{long}"),
        format!("{files}//a"),
        format!("{files}/"),
        "/v2/runs/%2e%2e".into(),
        "/v2/runs/..%2f..%2fteams".into(),
        format!("/v2/runs/{long}"),
        "/v2/runs/%F0%9F%92%A9".into(),
        "//v2/teams".into(),
        "/v2/teams/".into(),
        "/V2/TEAMS".into(),
        "/v2/./teams".into(),
        "/_sim/../v2/teams".into(),
        "/_sim/".into(),
        "/_sim/blob/../../state".into(),
        "/_sim/oauth/%00".into(),
        format!("/_sim/blob/{long}"),
        format!("{runs}?limit=99999999999999999999"),
        format!("{runs}?limit=NaN"),
        format!("{runs}?limit=-1"),
        format!("{runs}?search=%ff"),
        format!("{runs}?search=%00"),
        format!("{runs}?since=yesterday"),
        format!("{runs}?offset=1e3"),
    ]
}

#[tokio::test]
async fn tricks_with_paths_and_queries_are_refused() {
    let place = Place::company().await;
    let files = format!("/v2/teams/{}/files/content", place.team);
    let runs = format!("/v2/teams/{}/runs", place.team);
    for path in tricks(&files, &runs) {
        for method in ["GET", "PUT", "DELETE"] {
            let came = place.send(method, &path, &[], "").await;
            let shown: String = path.chars().take(90).collect();
            assert!(
                (400..500).contains(&came.status),
                "{method} {shown}: {}",
                came.status
            );
        }
    }
    for method in ["BREW", "HEAD", "OPTIONS", "TRACE", "get", "X"] {
        let came = place.send(method, "/v2/teams", &[], "").await;
        assert!(
            (400..500).contains(&came.status),
            "{method}: {}",
            came.status
        );
    }
    let far = place
        .send(
            "GET",
            &format!("{runs}?offset=18446744073709551615"),
            &[],
            "",
        )
        .await;
    assert!(far.status == 200 || far.status == 400, "{}", far.status);
    is_well(&place).await;
}

#[tokio::test]
async fn odd_forms_are_refused() {
    let place = Place::company().await;
    let skills = catalog::by_name("skills.upload").unwrap().path;
    let skills = skills.replace("{teamId}", &place.team);
    let part = |more: &str, content: &str| {
        format!("--xx\r\ncontent-disposition: form-data{more}\r\n\r\n{content}\r\n")
    };
    let forms = [
        String::new(),
        "--xx".into(),
        "--xx--\r\n".into(),
        part("; name=\"file\"; filename=\"../../x\"", "no skill"),
        format!(
            "{}{}--xx--",
            part("; name=\"a\"; filename=\"a\"", "a"),
            part("; name=\"b\"; filename=\"b\"", "b")
        ),
        part(
            "; name=\"file\"; filename=\"a.zip\"",
            "PK\u{3}\u{4} not really",
        ) + "--xx--\r\n",
        part("", &"x".repeat(100_000)),
        "\0".repeat(10_000),
    ];
    for form in forms {
        for media in [
            "multipart/form-data; boundary=xx",
            "multipart/form-data",
            "multipart/form-data; boundary=",
        ] {
            let came = place
                .send("POST", &skills, &[("content-type", media)], form.clone())
                .await;
            assert!(
                (400..500).contains(&came.status),
                "{media} {form:.60}: {}",
                came.status
            );
        }
    }
    is_well(&place).await;
}

#[tokio::test]
async fn the_control_routes_refuse_what_they_cannot_use() {
    let place = Place::company().await;
    let before = place.simulator.state();
    let odd = [
        ("POST", "/_sim/clock", json!({ "seconds": 1e300 })),
        ("POST", "/_sim/clock", json!({ "seconds": -1 })),
        ("POST", "/_sim/clock", json!({ "seconds": 1e12 })),
        ("POST", "/_sim/clock", json!({ "second": 1 })),
        ("POST", "/_sim/faults", json!({ "kind": "earthquake" })),
        (
            "POST",
            "/_sim/faults",
            json!({ "kind": "error", "status": 20 }),
        ),
        (
            "POST",
            "/_sim/faults",
            json!({ "kind": "error", "share": 7 }),
        ),
        ("POST", "/_sim/faults", json!([1, 2])),
        (
            "POST",
            "/_sim/faults",
            json!({ "kind": "slow", "milliseconds": -1 }),
        ),
        ("PUT", "/_sim/state", json!({})),
        ("PUT", "/_sim/state", json!([])),
        ("PATCH", "/_sim/state", json!({})),
        ("GET", "/_sim/nothing", Value::Null),
    ];
    for (method, path, body) in odd {
        let came = place.send(method, path, &[], body.to_string()).await;
        assert!(
            (400..500).contains(&came.status),
            "{path} {body}: {} {}",
            came.status,
            came.json()
        );
    }
    assert_eq!(place.simulator.state(), before);
}

#[tokio::test]
async fn a_state_that_is_too_large_takes_in_no_more_until_something_goes() {
    let place = Place::with(|settings| settings.room = 3_000_000).await;
    let queue = place
        .done("queues.create", &[], json!({ "name": "Large" }))
        .await;
    let queue = queue["queue"]["id"].as_str().unwrap();
    let large = json!({ "case": { "title": "Large", "data": "x".repeat(40_000) } });
    let mut taken = 0;
    let refused = loop {
        let came = place.call("cases.create", &[queue], large.clone()).await;
        if came.status != 201 {
            break came;
        }
        taken += 1;
        assert!(taken < 200, "it takes in everything");
    };
    assert_eq!(refused.status, 400, "{}", refused.json());
    assert_eq!(refused.json()["error"], "too_large");
    assert!(taken >= 40, "{taken}");
    is_well(&place).await;
    place.done("cases.clear", &[queue], json!({})).await;
    place.done("cases.create", &[queue], large).await;
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
