//! Holds the catalog itself against the vendor's document, without any server: what the catalog's
//! shapes allow at least and at most must be what the document allows.

use std::collections::BTreeSet;

use duvoscript::catalog::Endpoint;
use serde_json::Value;

use super::document::{Operation, Promises};
use super::exceptions::{self, Allowance};
use super::judge::{Complaint, judge_body, judge_value};
use super::sample::{self, Extent};

/// Endpoints where the catalog writes as one object what the document lists as alternatives: no
/// value made from all fields of it, or from none, is one of them. Their real calls are judged.
const MERGED: [&str; 12] = [
    "cases.list_job_messages",
    "processes.decide_chat_patch",
    "processes.get_snapshot",
    "processes.list_chat_messages",
    "processes.list_snapshots",
    "processes.postprocess",
    "processes.promote_snapshot",
    "processes.save_snapshot",
    "processes.send_chat_message",
    "suggestions.consume",
    "suggestions.list",
    "suggestions.reject",
];

/// Returns where catalog and document disagree.
pub(crate) fn disagreements(promises: &Promises) -> Vec<Complaint> {
    let mut found = Vec::new();
    for operation in promises.all().filter(|operation| operation.is_documented) {
        let seen = disagreements_of(operation);
        let is_merged = MERGED.contains(&operation.endpoint.name);
        match (is_merged, seen.is_empty()) {
            (true, true) => {
                let what = "agrees now: it need not be listed as merged";
                found.push(Complaint::new(operation.endpoint, "catalog", what));
            }
            (true, false) => {}
            (false, _) => found.extend(seen),
        }
    }
    found.sort();
    found.dedup();
    found
}

fn disagreements_of(operation: &Operation) -> Vec<Complaint> {
    let endpoint = operation.endpoint;
    let mut found = Vec::new();
    for extent in [Extent::Least, Extent::Most] {
        if let Some(body) = body(endpoint, extent) {
            found.extend(judge_body(operation, &body));
        }
        for status in endpoint.status {
            if let Some(answer) = answer(endpoint, extent) {
                found.extend(judge_value(operation, *status, &answer));
            }
        }
    }
    found.extend(statuses(operation));
    found.extend(queries(operation));
    found
}

fn statuses(operation: &Operation) -> Vec<Complaint> {
    let endpoint = operation.endpoint;
    if exceptions::has(endpoint, Allowance::UndeclaredFailures) {
        return Vec::new();
    }
    let known: BTreeSet<u16> = endpoint
        .status
        .iter()
        .chain(endpoint.errors)
        .copied()
        .collect();
    let declared: BTreeSet<u16> = operation
        .answers
        .keys()
        .copied()
        .filter(|status| *status != 308)
        .collect();
    let differing = known.symmetric_difference(&declared);
    let told = differing.map(|status| {
        let what = if known.contains(status) {
            "is not documented"
        } else {
            "is not in the catalog"
        };
        Complaint::new(endpoint, &format!("answer {status}"), what)
    });
    told.collect()
}

fn queries(operation: &Operation) -> Vec<Complaint> {
    let endpoint = operation.endpoint;
    let known: BTreeSet<_> = endpoint
        .query
        .iter()
        .map(|field| (field.name, field.required))
        .collect();
    let declared = operation.query.iter();
    let declared: BTreeSet<_> = declared
        .map(|(name, rule)| (name.as_str(), rule.required))
        .collect();
    let differing = known.symmetric_difference(&declared);
    let told = differing.map(|(name, required)| {
        let who = if known.contains(&(*name, *required)) {
            "catalog"
        } else {
            "document"
        };
        let what = format!("only the {who} has it (required: {required})");
        Complaint::new(endpoint, &format!("query {name}"), what)
    });
    told.collect()
}

fn body(endpoint: &Endpoint, extent: Extent) -> Option<Value> {
    let object = endpoint.body.as_ref()?;
    if exceptions::has(endpoint, Allowance::UndeclaredBody) {
        return None;
    }
    Some(sample::fields(object.fields.iter(), extent, &|_| None).into())
}

fn answer(endpoint: &Endpoint, extent: Extent) -> Option<Value> {
    let shape = endpoint.answer.as_ref()?;
    if exceptions::has(endpoint, Allowance::OtherMedia) {
        return None;
    }
    Some(sample::value(shape, "answer", extent, &|_| None))
}
