//! Proves for every call that must be sent once what a look-up makes of it after it was cut off:
//! done, never arrived, something older that is equal, and two that are equal.
//!
//! Everything goes over real HTTP against the simulator, in simulated time. Each endpoint has a trial
//! in `trials/`; `trial.rs` explains the format.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod answers;
mod edges;
mod ground;
#[path = "../conformance/learned.rs"]
mod learned;
mod proof;
#[path = "../conformance/sample.rs"]
mod sample;
mod states;
#[path = "../conformance/steps.rs"]
#[expect(dead_code, reason = "another test uses more of it")]
mod steps;
mod stub;
mod trial;

use std::collections::BTreeSet;

use duvoscript::catalog::{Repeat, Way, endpoints};

use trial::Trial;

#[test]
fn every_call_that_must_be_sent_once_is_tried_or_cannot_be_looked_up() {
    let tried: BTreeSet<_> = trial::all()
        .iter()
        .map(|trial| trial.lost.endpoint.name)
        .collect();
    for endpoint in endpoints() {
        let is_looked_up = endpoint.repeat == Repeat::Once
            && endpoint
                .recovery
                .as_ref()
                .is_some_and(|recovery| matches!(recovery.way, Way::LookUp(_)));
        assert_eq!(
            tried.contains(endpoint.name),
            is_looked_up,
            "{}",
            endpoint.name
        );
    }
}

#[tokio::test]
async fn what_was_done_is_adopted_with_the_answer_it_had() {
    prove(async |trial| proof::done(trial).await).await;
}

#[tokio::test]
async fn what_was_done_long_ago_is_not_absent() {
    prove(async |trial| proof::late(trial).await).await;
}

#[tokio::test]
async fn what_never_arrived_is_absent() {
    prove(async |trial| proof::never(trial).await).await;
}

#[tokio::test]
async fn what_else_was_done_to_the_same_thing_is_not_taken_for_the_call() {
    prove(async |trial| proof::beside(trial).await).await;
    prove(async |trial| proof::meanwhile(trial).await).await;
    prove(async |trial| proof::done_beside(trial).await).await;
}

#[tokio::test]
async fn what_is_older_is_never_adopted() {
    prove(async |trial| proof::older(trial).await).await;
}

#[tokio::test]
async fn of_two_equal_ones_none_is_adopted() {
    prove(async |trial| proof::twice(trial).await).await;
}

/// Proves something of every trial, and tells all that is wrong at once.
async fn prove(of: impl AsyncFn(&Trial) -> Result<(), String>) {
    let mut faults = Vec::new();
    for trial in trial::all() {
        if let Err(fault) = of(&trial).await {
            faults.push(format!(
                "{} ({}): {fault}",
                trial.lost.endpoint.name, trial.place
            ));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
