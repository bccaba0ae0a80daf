//! What Prometheus is told, counted at the moment it asks.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::{Atomic, Gauge};
use prometheus_client::registry::Registry;

use super::router::Door;
use crate::serve::desk::{Desk, Measures};
use crate::serve::refused::{Refused, Why};

/// The type of the text.
pub(super) const TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Tells how the daemon stands.
pub(super) async fn metrics(State(door): State<Door>) -> Result<Response, Refused> {
    let measures = door.desk.ask(Desk::measures).await?;
    let mut text = String::new();
    encode(&mut text, &registry(&measures))
        .map_err(|_| Refused::new(Why::Failed, "the metrics cannot be written"))?;
    Ok(([(header::CONTENT_TYPE, TYPE)], text).into_response())
}

fn registry(measures: &Measures) -> Registry {
    let mut registry = Registry::with_prefix("duvoscript");
    let mut gauge = |name, help, value: u64| {
        let gauge: Gauge = Gauge::default();
        gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        registry.register(name, help, gauge);
    };
    gauge("due", "Runs that are due and wait for a seat", measures.due);
    gauge(
        "late",
        "Slots of the last day that ran more than a minute late",
        measures.late,
    );
    gauge("running", "Runs that are executed", measures.running);
    gauge(
        "waiting",
        "Runs that were put away until something comes",
        measures.waiting,
    );
    let mut counter = |name, help, value: u64| {
        let counter: Counter = Counter::default();
        counter.inc_by(value);
        registry.register(name, help, counter);
    };
    counter(
        "failed",
        "Runs that failed since the daemon began",
        measures.failed,
    );
    counter(
        "retries",
        "Further attempts after a failed one since the daemon began",
        measures.retries,
    );
    let mut amount = |name, help, value: Option<f64>| {
        if let Some(value) = value {
            let gauge: Gauge<f64, std::sync::atomic::AtomicU64> = Gauge::default();
            set(&gauge, value);
            registry.register(name, help, gauge);
        }
    };
    amount(
        "budget_left",
        "Requests left in the window of the API's rate limit",
        measures.budget_left,
    );
    amount(
        "poller_age_seconds",
        "Time since Jobs were seen last",
        measures.poller_age,
    );
    amount(
        "journal_commit_seconds",
        "Time that a change takes now to be on the disk",
        measures.commit,
    );
    registry
}

fn set<A: Atomic<f64>>(gauge: &Gauge<f64, A>, value: f64) {
    gauge.set(value);
}
