//! What else may be true when a call is looked up: clocks differ, things show late, lists are long,
//! others have made the same.

use std::time::Duration;

use duvoscript::catalog::by_name;
use duvoscript::clock::Clock;
use duvoscript::report::FailureKind;
use duvoscript::run::{Found, made_by};
use serde_json::{Value, json};

use crate::stub::Stub;

const QUEUES: &str = "/v2/teams/{team}/queues";

/// A queue that was made some seconds from now.
fn queue(stub: &Stub, id: &str, seconds: i64) -> Value {
    json!({ "id": id, "name": "Returns", "description": null, "folder_id": null,
            "created_at": stub.time(seconds), "has_approvals": false })
}

fn queues(rows: &[Value]) -> Value {
    json!({ "queues": rows, "total": rows.len(), "limit": 250, "offset": 0 })
}

fn create() -> (&'static str, &'static [&'static str], Value) {
    ("queues.create", &[], json!({ "name": "Returns" }))
}

pub(crate) fn adopted(found: &Found) -> Option<&str> {
    match found {
        Found::Adopt(adopted) => adopted.made.first().map(String::as_str),
        Found::Absent | Found::CannotTell { .. } => None,
    }
}

pub(crate) fn reason(found: &Found) -> &str {
    match found {
        Found::CannotTell { why, .. } => why,
        Found::Adopt(_) | Found::Absent => "",
    }
}

/// Returns a server with queues made at some seconds from now, each readable under its number.
fn with_queues(ahead: i64, made: &[i64]) -> Stub {
    let stub = Stub::ahead_by(ahead);
    let rows: Vec<_> = made
        .iter()
        .zip(1..)
        .map(|(at, id)| queue(&stub, &format!("q{id}"), *at))
        .collect();
    for row in &rows {
        let path = format!("/v2/queues/{}", row["id"].as_str().unwrap());
        stub.says(&path, json!({ "queue": row }));
    }
    stub.says(QUEUES, queues(&rows));
    stub
}

#[tokio::test]
async fn a_young_call_is_absent_only_at_the_second_look() {
    let late = Stub::ahead_by(0);
    let row = queue(&late, "q1", 0);
    late.says("/v2/queues/q1", json!({ "queue": row }));
    late.says(QUEUES, queues(&[]));
    late.says(QUEUES, queues(&[row]));
    let found = late.look_up(create(), 0, &[]).await.unwrap();
    assert_eq!(adopted(&found), Some("q1"), "{found:?}");
    assert_eq!(late.clock.elapsed(), Duration::from_secs(5));

    let empty = with_queues(0, &[]);
    let found = empty.look_up(create(), -60, &[]).await.unwrap();
    assert!(matches!(found, Found::Absent), "{found:?}");
    assert_eq!(empty.clock.elapsed(), Duration::ZERO);
}

#[tokio::test]
async fn times_are_those_of_the_server() {
    for ahead in [-3600, -600, 0, 600, 3600] {
        let ours = with_queues(ahead, &[-9]);
        let found = ours.look_up(create(), -10, &[]).await.unwrap();
        assert_eq!(adopted(&found), Some("q1"), "{ahead}: {found:?}");
        let older = with_queues(ahead, &[-1000]);
        let found = older.look_up(create(), -10, &[]).await.unwrap();
        assert!(matches!(found, Found::Absent), "{ahead}: {found:?}");
    }
}

#[tokio::test]
async fn what_may_be_older_or_much_younger_is_left_to_a_person() {
    // Shortly before, and long after.
    for made in [-100, 3600] {
        let stub = with_queues(0, &[made]);
        let found = stub.look_up(create(), -60, &[]).await.unwrap();
        assert!(reason(&found).contains("may be older"), "{made}: {found:?}");
    }
}

#[tokio::test]
async fn what_another_call_has_made_is_not_adopted() {
    let stub = with_queues(0, &[0, 1]);
    let found = stub.look_up(create(), 0, &[]).await.unwrap();
    assert!(
        reason(&found).starts_with("2 look like its work"),
        "{found:?}"
    );
    let stub = with_queues(0, &[0, 1]);
    let found = stub.look_up(create(), 0, &["q1"]).await.unwrap();
    assert_eq!(adopted(&found), Some("q2"), "{found:?}");
    let found = stub.look_up(create(), 0, &["q1", "q2"]).await.unwrap();
    assert!(matches!(found, Found::Absent), "{found:?}");
}

#[tokio::test]
async fn what_a_call_made_is_told_by_its_answer() {
    let made = |name, answer: Value| made_by(by_name(name).unwrap(), answer.to_string().as_bytes());
    assert_eq!(
        made(
            "jobs.start",
            json!({ "run": { "id": "j", "agent_id": "a" } })
        ),
        ["j"]
    );
    assert_eq!(
        made(
            "dashboards.create",
            json!({ "artifact_id": "d", "user_message": { "id": "m" } })
        ),
        ["d", "m"]
    );
    assert_eq!(
        made(
            "cases.create",
            json!({ "added_cases": [{ "id": "a" }, { "id": "b" }] })
        ),
        ["a", "b"]
    );
    assert_eq!(
        made("schedules.create", json!({ "id": "s", "agent_id": "a" })),
        ["s", "a"]
    );
    assert!(made("jobs.respond", json!({ "human_request": { "id": "h" } })).is_empty());
    assert!(made("queues.get", json!({ "queue": { "id": "q" } })).is_empty());
    assert!(made_by(by_name("jobs.start").unwrap(), b"no JSON").is_empty());
}

#[tokio::test]
async fn what_cannot_be_read_is_not_absent() {
    let refused = Stub::ahead_by(0);
    refused.refuses(QUEUES, 403, json!({ "error": "forbidden" }));
    let found = refused.look_up(create(), -60, &[]).await.unwrap();
    assert!(reason(&found).contains("cannot be read"), "{found:?}");

    let failing = Stub::ahead_by(0);
    failing.refuses(QUEUES, 503, json!({ "error": "unavailable" }));
    let failure = failing.look_up(create(), -60, &[]).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unavailable);

    // A key that may not ask who it belongs to may look all the same.
    let stranger = Stub::of_nobody();
    stranger.says(QUEUES, queues(&[]));
    let found = stranger.look_up(create(), -60, &[]).await.unwrap();
    assert!(matches!(found, Found::Absent), "{found:?}");
}

#[tokio::test]
async fn a_thing_that_cannot_be_read_stays_doubtful() {
    let silent = json!({ "messages": [], "total": 0 });
    let no = json!({ "error": "no" });
    for (status, messages) in [(200, silent), (403, no.clone()), (404, no)] {
        let stub = Stub::ahead_by(0);
        let job = json!({ "id": "j", "source": "api", "created_at": stub.time(0) });
        stub.says(
            "/v2/teams/{team}/runs",
            json!({ "data": [job], "total": 1 }),
        );
        stub.refuses("/v2/runs/j/messages", status, messages);
        let call = (
            "jobs.start",
            &[][..],
            json!({ "agent_id": "a", "message": "go" }),
        );
        let found = stub.look_up(call, -1, &[]).await.unwrap();
        assert!(reason(&found).contains("different in part"), "{found:?}");
    }
}

#[tokio::test]
async fn small_pages_and_rows_that_shift_are_read_all_the_same() {
    let stub = Stub::ahead_by(0);
    let rows = [
        queue(&stub, "q3", -9000),
        queue(&stub, "q2", -8000),
        queue(&stub, "q1", 0),
    ];
    stub.says("/v2/queues/q1", json!({ "queue": rows[2] }));
    for page in [&rows[..2], &rows[1..], &rows[2..], &[]] {
        let mut answer = queues(page);
        answer["total"] = 9.into();
        stub.says(QUEUES, answer);
    }
    let found = stub.look_up(create(), -1, &[]).await.unwrap();
    assert_eq!(adopted(&found), Some("q1"), "{found:?}");
}

#[tokio::test]
async fn a_list_without_end_tells_nothing() {
    let stub = Stub::ahead_by(0);
    let page: Vec<_> = (0..250)
        .map(|at| json!({ "id": format!("q{at}"), "name": "Other", "created_at": stub.time(0) }))
        .collect();
    let mut answer = queues(&page);
    answer["total"] = 100_000.into();
    stub.says(QUEUES, answer);
    let found = stub.look_up(create(), -60, &[]).await.unwrap();
    assert!(reason(&found).contains("too much"), "{found:?}");
    assert!(stub.asked().len() < 30, "{}", stub.asked().len());
}

#[tokio::test]
async fn what_came_late_to_a_long_chat_is_found_at_its_end() {
    let stub = Stub::ahead_by(0);
    let message = |id: usize, seconds: i64, text: &str| json!({ "id": id.to_string(), "type": "text", "role": "user", "timestamp": stub.time(seconds), "text_content": text });
    let page =
        |rows: Vec<Value>| json!({ "messages": rows, "total": 5000, "limit": 50, "offset": 0 });
    let path = "/v2/runs/job/messages";
    stub.says(
        path,
        page((0..50).map(|id| message(id, -9000, "go on")).collect()),
    );
    for at in 1..19 {
        stub.says(
            path,
            page(
                (0..50)
                    .map(|id| message(at * 50 + id, -3000, "go on"))
                    .collect(),
            ),
        );
    }
    let mut last: Vec<_> = (950..999).map(|id| message(id, -60, "go on")).collect();
    last.push(message(999, 0, "stop it"));
    stub.says(path, page(last));
    let call = (
        "jobs.send_message",
        &["job"][..],
        json!({ "message": "stop it" }),
    );
    let found = stub.look_up(call, 0, &[]).await.unwrap();
    assert_eq!(adopted(&found), Some("999"), "{found:?}");
}

#[tokio::test]
async fn a_call_that_changes_nothing_is_sent_again_unasked() {
    let stub = Stub::ahead_by(0);
    let calls = [
        (
            "assignments.move",
            &["a"][..],
            json!({ "target_team_id": "t", "dry_run": true }),
        ),
        (
            "dashboards.move",
            &["d"][..],
            json!({ "targetTeamId": "t", "dryRun": true }),
        ),
        (
            "mcp.send",
            &[][..],
            json!({ "jsonrpc": "2.0", "method": "tools/list" }),
        ),
        ("jobs.stop", &["j"][..], json!({})),
    ];
    for call in calls {
        let found = stub.look_up(call, 0, &[]).await.unwrap();
        assert!(matches!(found, Found::Absent), "{found:?}");
    }
    let call = (
        "mcp.send",
        &[][..],
        json!({ "jsonrpc": "2.0", "method": "tools/call" }),
    );
    let found = stub.look_up(call, 0, &[]).await.unwrap();
    assert!(!reason(&found).is_empty(), "{found:?}");
    assert_eq!(stub.asked(), [""; 0]);
}

#[tokio::test]
async fn a_batch_is_adopted_whole_or_not_at_all() {
    let case = |stub: &Stub, id: &str, title: &str, data: &str| json!({ "id": id, "title": title, "data": data, "labels": [], "created_at": stub.time(1) });
    let call = || {
        let cases = json!([{ "title": "A" }, { "title": "B", "data": "b" }]);
        ("cases.create", &["q"][..], json!({ "cases": cases }))
    };
    let (a, b) = (("1", "A", ""), ("2", "B", "b"));
    let cases = [
        (vec![a, b], ""),
        (vec![a], "1 of 2"),
        (vec![a, ("2", "B", "changed since")], "1 of 2"),
        (vec![a, b, ("3", "B", "b")], "2 of 2"),
    ];
    for (rows, wanted) in cases {
        let stub = Stub::ahead_by(0);
        let rows: Vec<_> = rows
            .iter()
            .map(|(id, title, data)| case(&stub, id, title, data))
            .collect();
        stub.says(
            "/v2/queues/q/cases",
            json!({ "cases": rows, "total": rows.len() }),
        );
        let found = stub.look_up(call(), 0, &[]).await.unwrap();
        assert_eq!(adopted(&found).is_some(), wanted.is_empty(), "{found:?}");
        assert!(reason(&found).starts_with(wanted), "{found:?}");
    }
}

#[tokio::test]
async fn work_at_a_message_is_no_refresh() {
    for (messages, is_ours) in [(0, true), (1, false)] {
        let stub = Stub::ahead_by(0);
        let dashboard = json!({ "id": "d", "status": "running", "updated_at": stub.time(-1) });
        stub.says("/v2/artifacts/d", json!({ "artifact": dashboard }));
        let message = json!({ "id": "m", "role": "user", "created_at": stub.time(-1) });
        let rows = vec![message; messages];
        let chat = json!({ "data": rows, "total": messages, "has_more": false });
        stub.says("/v2/artifacts/d/messages", chat);
        let call = ("dashboards.refresh", &["d"][..], json!({}));
        let found = stub.look_up(call, -1, &[]).await.unwrap();
        let is_adopted = matches!(found, Found::Adopt(_));
        assert_eq!(is_adopted, is_ours, "{found:?}");
        assert_eq!(reason(&found).is_empty(), is_ours, "{found:?}");
    }
}
