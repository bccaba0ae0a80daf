//! Simulated time shared with a simulator that runs in another process: this process waits, and the
//! simulator's clock is moved by hand for as long.

use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::runtime::Builder;
use url::Url;

use crate::api;
use crate::clock::VirtualClock;
use crate::report::{Problem, ProblemKind};

/// A jump of the clock, and who waits until the simulator has made it too.
type Jump = (Duration, Sender<()>);

/// Returns a clock that moves the simulator's along, from where that one stands.
pub(super) fn clock(simulator: &Url) -> Result<VirtualClock, Problem> {
    let address = simulator
        .join("/_sim/clock")
        .map_err(|fault| unreachable(simulator, &fault))?;
    let (sender, jumps) = channel::<Jump>();
    let (answer, answered) = channel();
    let shown = simulator.clone();
    // A thread of its own: whoever waits may do so inside a runtime, which must not wait in another.
    std::thread::spawn(move || {
        let runtime = match Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(fault) => {
                _ = answer.send(Err(unreachable(&shown, &fault)));
                return;
            }
        };
        let client = match api::outside_client() {
            Ok(client) => client,
            Err(failure) => {
                _ = answer.send(Err(failure.into()));
                return;
            }
        };
        let started = runtime.block_on(advance(&client, &address, Duration::ZERO));
        let is_ready = started.is_ok();
        _ = answer.send(started.map_err(|problem| {
            problem.hint("it must be one whose time stands still: `duvoscript sim --virtual`")
        }));
        while let (true, Ok((by, done))) = (is_ready, jumps.recv()) {
            // A simulator that is gone is told of by the next call.
            _ = runtime.block_on(advance(&client, &address, by));
            _ = done.send(());
        }
    });
    let start = answered
        .recv()
        .map_err(|fault| unreachable(simulator, &fault))??;
    Ok(VirtualClock::leading(
        start,
        Box::new(move |by| {
            let (done, is_done) = channel();
            if sender.send((by, done)).is_ok() {
                _ = is_done.recv();
            }
        }),
    ))
}

/// Moves the simulator's clock; returns its time.
async fn advance(
    client: &reqwest::Client,
    address: &Url,
    by: Duration,
) -> Result<Timestamp, Problem> {
    let body = json!({ "seconds": by.as_secs_f64() }).to_string();
    let sent = client.post(address.clone()).body(body).send().await;
    let answer = match sent.and_then(reqwest::Response::error_for_status) {
        Ok(answer) => answer.bytes().await,
        Err(fault) => Err(fault),
    };
    let answer = answer.map_err(|fault| unreachable(address, &fault))?;
    let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
    let now = answer.get("now").and_then(Value::as_str);
    now.and_then(|now| now.parse().ok())
        .ok_or_else(|| unreachable(address, &"it gives no time"))
}

fn unreachable(address: &Url, cause: &dyn std::fmt::Display) -> Problem {
    let what = format!("no simulator answers at `{address}`");
    Problem::new(ProblemKind::Api, what).cause(cause)
}
