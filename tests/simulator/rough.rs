//! Requests that ask for nonsense get a 4xx, and the simulator goes on serving others.

use duvoscript::catalog;
use serde_json::{Value, json};

use super::place::Place;
use super::wire::{is_well, raw, status};

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
