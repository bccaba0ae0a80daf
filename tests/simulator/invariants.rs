//! What holds at any time, whatever was called before.

use std::collections::{BTreeMap, BTreeSet};

use duvoscript::catalog::{self, Call, Endpoint, Paging};
use serde_json::{Map, Value, json};

use super::made::kind;
use super::random::Walk;

/// Checks all invariants that the API itself shows, and those that only the state does.
pub(crate) async fn check(walk: &mut Walk) {
    let rows = every_list_is_paged_right(walk).await;
    what_is_listed_can_be_fetched(walk, &rows).await;
    only_waiting_jobs_have_something_open(walk, &rows).await;
    cases_add_up_by_status(walk, &rows).await;
    a_case_has_one_job(&walk.place.simulator.state());
}

/// The rows of lists, with the endpoint and the path that list them.
type Rows = Vec<(&'static Endpoint, Vec<String>, Vec<Value>)>;

/// Pages cover each item once, in the order of the whole, and the total counts them.
async fn every_list_is_paged_right(walk: &mut Walk) -> Rows {
    let mut found = Rows::new();
    let paged = catalog::endpoints().filter(|endpoint| {
        matches!(endpoint.paging, Paging::Offset { .. }) && endpoint.method == catalog::Method::Get
    });
    for endpoint in paged {
        let params: Vec<_> = endpoint.given_params().collect();
        let paths = match params.as_slice() {
            [] => vec![Vec::new()],
            [param] => {
                let known = walk.seen.of(&kind(endpoint, param.name)).iter();
                known.rev().take(4).map(|id| vec![id.clone()]).collect()
            }
            _ => continue,
        };
        for path in paths {
            if let Some(rows) = pages(walk, endpoint, &path).await {
                found.push((endpoint, path, rows));
            }
        }
    }
    found
}

async fn pages(
    walk: &mut Walk,
    endpoint: &'static Endpoint,
    path: &[String],
) -> Option<Vec<Value>> {
    let Paging::Offset { max, .. } = endpoint.paging else {
        return None;
    };
    let (all, total) = page(walk, endpoint, path, (max, 0)).await?;
    let Some(total) = total else {
        return Some(all);
    };
    if total > all.len() {
        return Some(all);
    }
    let small = u32::try_from(all.len() / 3 + 1).unwrap_or(1).min(max);
    let mut parts = Vec::new();
    while parts.len() < total {
        let (part, _) = page(walk, endpoint, path, (small, parts.len())).await?;
        assert!(
            !part.is_empty(),
            "{}: {} of {total}",
            endpoint.name,
            parts.len()
        );
        parts.extend(part);
    }
    let ids = |rows: &[Value]| rows.iter().map(|row| row["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&parts), ids(&all), "{} {path:?}", endpoint.name);
    assert_eq!(parts.len(), total, "{} {path:?}", endpoint.name);
    let unique: BTreeSet<_> = parts.iter().map(|row| row["id"].to_string()).collect();
    let has_ids = parts.iter().all(|row| row["id"].is_string());
    assert!(
        !has_ids || unique.len() == total,
        "{} {path:?}",
        endpoint.name
    );
    Some(parts)
}

async fn page(
    walk: &mut Walk,
    endpoint: &'static Endpoint,
    path: &[String],
    (limit, offset): (u32, usize),
) -> Option<(Vec<Value>, Option<usize>)> {
    let fields = json!({ "limit": limit, "offset": offset });
    let answer = call(walk, endpoint, path, fields).await;
    let list = endpoint.list.filter(|list| *list != ".")?;
    let rows = answer.get(list)?.as_array()?.clone();
    let total = answer["total"]
        .as_u64()
        .and_then(|total| usize::try_from(total).ok());
    Some((rows, total))
}

async fn call(
    walk: &mut Walk,
    endpoint: &'static Endpoint,
    path: &[String],
    fields: Value,
) -> Value {
    let fields = match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    let call = Call {
        endpoint,
        path: path.to_vec(),
        fields,
    };
    walk.make(&call).await
}

/// The id of every row opens the thing itself, and that has the same id.
async fn what_is_listed_can_be_fetched(walk: &mut Walk, rows: &Rows) {
    for (list, path, rows) in rows {
        let getter = catalog::by_name(&format!("{}.get", list.section));
        let Some(getter) = getter.filter(|getter| {
            getter.given_params().count() == path.len() + 1 && list.verb == "list"
        }) else {
            continue;
        };
        // Processes of the first version are opened by an endpoint of their own.
        for row in rows.iter().filter(|row| row["version"] != 1).take(5) {
            let mut path = path.clone();
            path.push(row["id"].as_str().unwrap_or_default().to_owned());
            let answer = call(walk, getter, &path, Value::Null).await;
            let thing = getter.resource.map_or(&answer, |key| &answer[key]);
            assert_eq!(thing["id"], row["id"], "{}: {answer}", getter.name);
        }
    }
}

/// A job waits for its request, or for the approvals of its case, and never for both.
async fn only_waiting_jobs_have_something_open(walk: &mut Walk, rows: &Rows) {
    let get = catalog::by_name("jobs.get").unwrap();
    let jobs = rows.iter().filter(|(list, ..)| list.name == "jobs.list");
    for job in jobs.flat_map(|(.., rows)| rows).take(40) {
        let id = job["id"].as_str().unwrap_or_default().to_owned();
        let answer = call(walk, get, std::slice::from_ref(&id), Value::Null).await;
        let is_waiting = answer["run"]["status"] == "waiting";
        let is_asking = !answer["pending_human_request"].is_null();
        let is_reviewed = has_open_batch(&walk.place.simulator.state(), &id);
        assert_eq!(is_waiting, is_asking != is_reviewed, "{answer}");
        assert!(!(is_asking && is_reviewed), "{answer}");
    }
}

fn has_open_batch(state: &Value, job: &str) -> bool {
    let cases = state["cases"]["rows"].as_array().into_iter().flatten();
    let batches = cases
        .filter_map(|case| case["approvals"].as_array())
        .flatten();
    batches
        .filter(|batch| batch["job_id"] == job)
        .any(|batch| batch["resolved_at"].is_null() && batch["cancelled"].is_null())
}

/// Each case is shown in exactly one state.
async fn cases_add_up_by_status(walk: &mut Walk, rows: &Rows) {
    let list = catalog::by_name("cases.list").unwrap();
    let life = catalog::life_cycle("case_display").unwrap();
    let queues = rows.iter().filter(|(list, ..)| list.name == "queues.list");
    for queue in queues.flat_map(|(.., rows)| rows).take(8) {
        let path = [queue["id"].as_str().unwrap_or_default().to_owned()];
        let whole = call(walk, list, &path, json!({ "limit": 1 })).await;
        let mut sum = 0;
        for status in life.known {
            // The filter says `claimed` where a row says `in_progress`.
            let status = if *status == "in_progress" {
                "claimed"
            } else {
                status
            };
            let fields = json!({ "limit": 1, "status": status });
            let part = call(walk, list, &path, fields).await;
            sum += part["total"].as_u64().unwrap_or_default();
        }
        assert_eq!(whole["total"], sum, "queue {queue}");
    }
}

/// A case is claimed by at most one job, which is under way and holds no other. A job that was taken
/// up again may remember a case that another one has claimed since.
fn a_case_has_one_job(state: &Value) {
    let rows = |section: &str| {
        state[section]["rows"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    };
    let jobs: BTreeMap<_, _> = rows("jobs")
        .into_iter()
        .map(|job| (job["id"].to_string(), job))
        .collect();
    let mut holders = BTreeSet::new();
    for case in rows("cases") {
        if case["claimed_by"].is_null() {
            continue;
        }
        let job = jobs
            .get(&case["claimed_by"].to_string())
            .unwrap_or_else(|| panic!("{case}"));
        assert_eq!(job["case_id"], case["id"], "{job}");
        assert_eq!(case["status"], "pending", "{case}");
        let is_over = ["completed", "failed", "interrupted"]
            .iter()
            .any(|over| job["status"] == *over);
        assert!(!is_over, "{case} {job}");
        assert!(holders.insert(job["id"].to_string()), "{job}");
    }
}

/// What the ledger says was created is there, unless it says that it was deleted; and the other way.
pub(crate) fn ledger_and_state_agree(ledger: &[Value], state: &Value) {
    let mut there = BTreeMap::new();
    for effect in ledger
        .iter()
        .flat_map(|entry| entry["effects"].as_array().unwrap())
    {
        let key = (effect["what"].as_str().unwrap(), effect["id"].to_string());
        match effect["did"].as_str() {
            Some("created") => drop(there.insert(key, true)),
            Some("deleted") => drop(there.insert(key, false)),
            _ => {}
        }
    }
    for (section, what) in [
        ("jobs", "job"),
        ("cases", "case"),
        ("queues", "queue"),
        ("labels", "label"),
        ("triggers", "trigger"),
        ("secrets", "secret"),
        ("logins", "login"),
        ("schedules", "schedule"),
        ("setups", "setup"),
    ] {
        let rows = state[section]["rows"].as_array().unwrap();
        let ids: BTreeSet<_> = rows.iter().map(|row| row["id"].to_string()).collect();
        for ((kind, id), is_there) in &there {
            if *kind == what {
                assert_eq!(ids.contains(id), *is_there, "{what} {id}");
            }
        }
    }
}
