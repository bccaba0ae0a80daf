//! What the platform promises around the calls: signed URLs, authorization pages, the rate limit,
//! idempotency keys, announced removals.

use std::time::Duration;

use duvoscript::simulator::Deprecated;
use serde_json::{Value, json};

use super::place::{Came, Place};

const MINUTE: Duration = Duration::from_secs(60);

/// Returns the part of an address of the simulator that is sent to it.
fn target(place: &Place, address: &Value) -> String {
    let address = address.as_str().unwrap();
    let target = address.strip_prefix(place.simulator.url());
    target
        .unwrap_or_else(|| panic!("a foreign address: {address}"))
        .to_owned()
}

#[tokio::test]
async fn signed_urls_carry_files_and_expire() {
    let place = Place::company().await;
    let ask = json!({ "fileName": "plan.md", "contentType": "text/markdown" });
    let upload = place
        .done("files.create_upload_url", &[], ask.clone())
        .await;
    let (up, path) = (
        target(&place, &upload["signedUrl"]),
        upload["filePath"].as_str().unwrap(),
    );
    let none = [("authorization", "")];
    let markdown = [("authorization", ""), ("content-type", "text/markdown")];
    assert_eq!(
        place.send("PUT", &up, &markdown, "# Plan").await.status,
        200
    );
    let download = place
        .done("files.create_download_url", &[path], json!({}))
        .await;
    let down = target(&place, &download["url"]);
    let came = place.send("GET", &down, &none, "").await;
    assert_eq!((&came.bytes[..], came.status), (&b"# Plan"[..], 200));
    assert_eq!(came.header("content-type"), "text/markdown");
    let forged = format!(
        "{}x",
        down.trim_end_matches(|last: char| last.is_alphanumeric())
    );
    assert!((400..500).contains(&place.send("GET", &forged, &none, "").await.status));
    let wrong_way = place.send("GET", &up, &none, "").await;
    assert!((400..500).contains(&wrong_way.status));
    place.pass(MINUTE * 16);
    let late = place.send("PUT", &up, &markdown, "# Later").await;
    assert!((400..500).contains(&late.status), "{}", late.status);
    assert_eq!(place.send("GET", &down, &none, "").await.bytes, "# Plan");
    place.pass(MINUTE * 45);
    let late = place.send("GET", &down, &none, "").await;
    assert!((400..500).contains(&late.status), "{}", late.status);
    let uploads = place
        .ledger()
        .into_iter()
        .filter(|entry| entry["endpoint"] == "blob.upload");
    let statuses: Vec<_> = uploads.map(|mut entry| entry["status"].take()).collect();
    assert_eq!(statuses, [json!(200), json!(late.status)]);
}

#[tokio::test]
async fn an_authorization_page_completes_the_connection() {
    let place = Place::company().await;
    let back = "http://127.0.0.1:9/back";
    let count = || async {
        let list = place.done("connections.list", &[], json!({})).await;
        list["integrations"].as_array().unwrap().len()
    };
    let before = count().await;
    let started = place
        .done(
            "connections.start_oauth",
            &["slack"],
            json!({ "return_url": back }),
        )
        .await;
    let address = started.as_object().unwrap().values().find(|value| {
        value
            .as_str()
            .is_some_and(|text| text.contains("/_sim/oauth/"))
    });
    let page = target(&place, address.unwrap());
    assert_eq!(
        count().await,
        before,
        "nothing is connected before the consent"
    );
    let came = place.send("GET", &page, &[("authorization", "")], "").await;
    assert_eq!(came.status, 303);
    assert!(
        came.header("location").starts_with(back),
        "{}",
        came.header("location")
    );
    assert!(came.header("content-type").starts_with("text/html"));
    assert_eq!(count().await, before + 1);
    let forged = place.send("GET", "/_sim/oauth/forged", &[], "").await;
    assert!((400..500).contains(&forged.status));
}

#[tokio::test]
async fn the_rate_limit_is_announced_kept_and_over_after_a_minute() {
    let place = Place::with(|settings| settings.rate_limit = Some(300)).await;
    let call = || place.call("teams.profile", &[], json!({}));
    let mut left = 299;
    let over = loop {
        let came = call().await;
        assert_eq!(came.header("x-ratelimit-limit"), "300");
        if came.status != 200 {
            break came;
        }
        left -= 1;
        assert_eq!(came.header("x-ratelimit-remaining"), left.to_string());
    };
    assert_eq!((over.status, left), (429, 0));
    assert_eq!(over.header("x-ratelimit-remaining"), "0");
    assert_eq!(over.json()["error"], "rate_limited");
    let wait: u64 = over.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait));
    let reset: i64 = over.header("x-ratelimit-reset").parse().unwrap();
    assert!((1..=60).contains(&(reset - place.now().as_second())));
    let ledger = place.ledger().len();
    let refused = place
        .call("queues.create", &[], json!({ "name": "X" }))
        .await;
    assert_eq!(refused.status, 429);
    assert_eq!(
        place.ledger()[ledger]["effects"],
        json!([]),
        "nothing is done"
    );
    place.pass(Duration::from_secs(wait - 1));
    assert_eq!(call().await.status, 429);
    place.pass(Duration::from_secs(1));
    assert_eq!(call().await.status, 200);
}

/// Creates a queue under an idempotency key.
async fn create(place: &Place, key: &str, name: &str) -> Came {
    let path = format!("/v2/teams/{}/queues", place.team);
    let body = json!({ "name": name }).to_string();
    place
        .send("POST", &path, &[("idempotency-key", key)], body)
        .await
}

#[tokio::test]
async fn an_idempotency_key_is_honoured_for_a_day_unless_switched_off() {
    let place = Place::company().await;
    let first = create(&place, "k1", "Returns").await;
    let second = create(&place, "k1", "Returns").await;
    assert_eq!((first.status, first.json()), (201, second.json()));
    assert_eq!(
        create(&place, "k1", "Others").await.status,
        400,
        "another body"
    );
    assert_eq!(
        create(&place, "k2", "Returns").await.status,
        409,
        "another key"
    );
    place.pass(MINUTE * 60 * 25);
    assert_eq!(
        create(&place, "k1", "Returns").await.status,
        409,
        "after a day"
    );
    let off = Place::with(|settings| settings.idempotency = false).await;
    assert_eq!(create(&off, "k1", "Returns").await.status, 201);
    assert_eq!(create(&off, "k1", "Returns").await.status, 409);
    assert!(off.ledger().iter().all(|entry| entry["replayed"] == false));
    assert_eq!(
        off.ledger()[0]["idempotency_key"],
        "k1",
        "it is noted all the same"
    );
}

#[tokio::test]
async fn announced_removals_redirect_or_are_gone() {
    for name in ["cases.retry", "cases.delegate"] {
        for (deprecated, status) in [(Deprecated::Redirect, 308), (Deprecated::Gone, 404)] {
            let place = Place::with(|settings| settings.deprecated = deprecated).await;
            let queue = place.find("queues.list", "Invoices").await;
            let agent = place.find("assignments.list", "Invoice matcher").await;
            let more = json!({ "case": { "title": "One more" } });
            let made = place.done("cases.create", &[&queue], more).await;
            let ids = json!([made["added_cases"][0]["id"]]);
            let fields = json!({ "case_ids": ids, "agent_id": agent });
            let came = place.call(name, &[&queue], fields.clone()).await;
            assert_eq!(came.status, status, "{name}: {}", came.json());
            if status == 308 {
                let next = came.header("location");
                assert_eq!(next, format!("/v2/queues/{queue}/cases/bulk-reprocess"));
                let came = place.send("POST", next, &[], fields.to_string()).await;
                assert_eq!(came.status, 200, "{}", came.json());
            }
        }
    }
}
