//! Calls that change several cases: the state of each of them tells what became of the call.

use duvoscript::run::Found;
use serde_json::{Value, json};

use crate::edges::reason;
use crate::stub::Stub;

/// How a case is, at the time of the look-up; the call was cut off a minute before.
enum Is {
    /// Shown so, and changed some seconds ago.
    Open(&'static str, i64),
    /// It ended so, some seconds ago.
    Ended(&'static str, i64),
    /// It is not there.
    Gone,
    /// It is in another queue.
    Elsewhere,
}

use Is::{Elsewhere, Ended, Gone, Open};

/// A case, and when which assignment's job has taken it, if one has.
type Case = (Is, Option<(&'static str, i64)>);

fn case(stub: &Stub, is: &Is) -> Value {
    let (status, shown, changed) = match is {
        Ended(status, at) => (*status, *status, *at),
        Open(shown, at) => ("pending", *shown, *at),
        Gone | Elsewhere => ("failed", "failed", -9000),
    };
    let has_ended = matches!(is, Ended(..));
    let queue = if matches!(is, Elsewhere) {
        "other"
    } else {
        "queue"
    };
    json!({ "id": "c", "title": "Return", "queue_id": queue, "status": status, "display_status": shown,
            "updated_at": stub.time(changed), "completed_at": has_ended.then(|| stub.time(changed)) })
}

async fn look_up(name: &str, with: Value, cases: &[Case]) -> Found {
    let stub = Stub::ahead_by(0);
    let mut ids = Vec::new();
    for (at, (is, job)) in cases.iter().enumerate() {
        let path = format!("/v2/cases/{at}");
        match is {
            Gone => stub.refuses(&path, 404, json!({ "error": "not_found" })),
            _ => stub.says(&path, json!({ "case": case(&stub, is), "events": [] })),
        }
        let taken = |(agent, at): &(&str, i64)| json!({ "id": "j", "agent_id": agent, "claimed_at": stub.time(*at) });
        let older = json!({ "id": "i", "agent_id": "a", "claimed_at": stub.time(-9000) });
        let jobs: Vec<_> = job.iter().map(taken).chain([older]).collect();
        stub.says(&format!("{path}/runs"), json!({ "runs": jobs }));
        ids.push(at.to_string());
    }
    let mut fields = with;
    fields["case_ids"] = json!(ids);
    let call = (name, &["queue"][..], fields);
    stub.look_up(call, -60, &[]).await.unwrap()
}

async fn reprocess(with: Value, cases: &[Case]) -> Found {
    look_up("cases.reprocess", with, cases).await
}

fn counts(found: &Found, name: &str) -> Option<(u64, u64)> {
    let Found::Adopt(adopted) = found else {
        return None;
    };
    let answer: Value = serde_json::from_slice(&adopted.answer.body).unwrap();
    Some((answer[name].as_u64()?, answer["skippedCount"].as_u64()?))
}

#[tokio::test]
async fn a_case_that_stayed_as_it_was_was_not_reprocessed() {
    let left: [Case; 6] = [
        (Ended("failed", -600), None),
        (Ended("failed", -60), None),
        (Ended("completed", -600), Some(("a", -1200))),
        (Open("in_progress", -600), Some(("a", -600))),
        (Open("in_progress", -1), Some(("a", -600))),
        (Open("postponed", -600), Some(("a", -600))),
    ];
    for one in left {
        let found = reprocess(json!({}), &[one, (Gone, None), (Elsewhere, None)]).await;
        assert!(matches!(found, Found::Absent), "{found:?}");
    }
}

#[tokio::test]
async fn a_case_that_is_put_back_or_was_taken_since_was_reprocessed() {
    let cases = [
        (Open("pending", -59), None),
        (Open("in_progress", -50), Some(("a", -50))),
        (Ended("failed", -10), Some(("a", -50))),
        (Ended("completed", -10), Some(("a", -50))),
        (Gone, None),
        (Elsewhere, None),
    ];
    let found = reprocess(json!({}), &cases).await;
    assert_eq!(
        counts(&found, "reprocessedCount"),
        Some((4, 2)),
        "{found:?}"
    );
}

#[tokio::test]
async fn what_the_state_does_not_tell_is_left_to_a_person() {
    let unclear: [Case; 3] = [
        // It ended since, but no job has taken it since.
        (Ended("failed", -10), None),
        (Ended("completed", -10), Some(("a", -600))),
        // Taken as good as with the intent: before or after?
        (Open("in_progress", -63), Some(("a", -63))),
    ];
    for one in unclear {
        let found = reprocess(json!({}), &[one]).await;
        assert!(reason(&found).contains("changed since"), "{found:?}");
    }
    let part = [(Ended("failed", -600), None), (Open("pending", -59), None)];
    let found = reprocess(json!({}), &part).await;
    assert!(reason(&found).contains("1 of 2"), "{found:?}");
}

#[tokio::test]
async fn a_case_for_one_assignment_must_be_taken_by_it() {
    let to = || json!({ "agent_id": "b" });
    let cases: [(Case, &str); 4] = [
        ((Open("in_progress", -50), Some(("b", -50))), "adopt"),
        ((Open("in_progress", -50), Some(("a", -50))), "ask"),
        ((Open("pending", -59), None), "ask"),
        ((Open("pending", -600), None), "send"),
    ];
    for (one, wanted) in cases {
        let found = reprocess(to(), &[one]).await;
        let is = match found {
            Found::Adopt(_) => "adopt",
            Found::Absent => "send",
            Found::CannotTell { .. } => "ask",
        };
        assert_eq!(is, wanted, "{found:?}");
    }
}

#[tokio::test]
async fn a_status_that_is_as_wanted_is_set() {
    let name = "cases.update_status";
    let to = |status| json!({ "status": status });
    let adopted: [(&str, Case); 4] = [
        ("failed", (Ended("failed", -59), None)),
        ("completed", (Ended("completed", -600), None)),
        ("pending", (Open("pending", -59), None)),
        ("pending", (Open("in_progress", -50), Some(("a", -50)))),
    ];
    for (status, one) in adopted {
        let found = look_up(name, to(status), &[one]).await;
        assert_eq!(counts(&found, "updatedCount"), Some((1, 0)), "{found:?}");
    }
    let absent: [(&str, Case); 4] = [
        ("failed", (Open("pending", -59), None)),
        ("completed", (Ended("failed", -60), None)),
        ("completed", (Open("needs_input", -1), Some(("a", -600)))),
        ("pending", (Open("in_progress", -1), Some(("a", -600)))),
    ];
    for (status, one) in absent {
        let found = look_up(name, to(status), &[one]).await;
        assert!(matches!(found, Found::Absent), "{status}: {found:?}");
    }
    let case = (Ended("completed", -10), Some(("a", -50)));
    let found = look_up(name, to("failed"), &[case]).await;
    assert!(!reason(&found).is_empty(), "{found:?}");
}

#[tokio::test]
async fn what_may_not_be_read_is_not_taken_for_untouched() {
    let stub = Stub::ahead_by(0);
    let case = case(&stub, &Ended("failed", -600));
    stub.says("/v2/cases/c", json!({ "case": case, "events": [] }));
    stub.refuses("/v2/cases/c/runs", 403, json!({ "error": "forbidden" }));
    let fields = json!({ "case_ids": ["c"] });
    let call = ("cases.reprocess", &["queue"][..], fields);
    let found = stub.look_up(call, -60, &[]).await.unwrap();
    assert!(reason(&found).contains("cannot be read"), "{found:?}");
}

#[tokio::test]
async fn a_bulk_call_that_names_nothing_cannot_be_looked_up() {
    let stub = Stub::ahead_by(0);
    let fields = json!({ "all_matching": true });
    let call = ("cases.reprocess", &["queue"][..], fields);
    let found = stub.look_up(call, 0, &[]).await.unwrap();
    assert!(reason(&found).contains("one by one"), "{found:?}");
}
