//! Waiting for a Job: asking at a pace that follows the Job's age.

use std::time::Duration;

use serde_json::{Map, Value};

use super::console::Console;
use super::transfer::protocol;
use crate::api::Client;
use crate::catalog::{Call, by_name, life_cycle};
use crate::clock::Clock;
use crate::report::{Failure, FailureKind};
use crate::script::WaitJob;

/// Pace by age: up to this age, ask this often. The vendor advises 5 s for short Jobs, 30 s up to a
/// quarter of an hour, and a minute or more for long ones.
const PACE: [(Duration, Duration); 3] = [
    (Duration::from_secs(2 * 60), Duration::from_secs(5)),
    (Duration::from_secs(15 * 60), Duration::from_secs(30)),
    (Duration::MAX, Duration::from_secs(60)),
];

/// What a wait looks with.
pub(super) struct Watch<'a> {
    pub(super) client: &'a Client,
    pub(super) clock: &'a dyn Clock,
    pub(super) console: &'a dyn Console,
}

impl Watch<'_> {
    /// Waits until the Job is in a wanted state or ended; returns the last answer of `jobs.get`.
    pub(super) async fn until(&self, wait: &WaitJob) -> Result<Vec<u8>, Failure> {
        let start = self.clock.elapsed();
        loop {
            let body = self.look(&wait.job).await?;
            let job: Value =
                serde_json::from_slice(&body).map_err(|fault| protocol(fault.to_string()))?;
            let run = job.get("run").unwrap_or(&Value::Null);
            let status = run
                .get("status")
                .and_then(Value::as_str)
                .unwrap_or_default();
            if is_reached(status, &wait.until) {
                return Ok(body);
            }
            let waited = self.clock.elapsed().saturating_sub(start);
            let left = wait.timeout.saturating_sub(waited);
            if left.is_zero() {
                return Err(too_late(wait, status));
            }
            self.console
                .status(Some(&format!("waiting for job {} ({status})", wait.job)));
            self.clock.sleep(pace(self.age(run)).min(left)).await;
        }
    }

    async fn look(&self, job: &str) -> Result<Vec<u8>, Failure> {
        let endpoint =
            by_name("jobs.get").ok_or_else(|| protocol("the catalog has no `jobs.get`"))?;
        let call = Call {
            endpoint,
            path: vec![job.to_owned()],
            fields: Map::new(),
        };
        Ok(self.client.call(&call, None, "").await?.body.into())
    }

    fn age(&self, run: &Value) -> Duration {
        let created = run.get("created_at").and_then(Value::as_str);
        let created: Option<jiff::Timestamp> = created.and_then(|text| text.parse().ok());
        let age = created.map(|created| self.clock.now().duration_since(created));
        age.and_then(|age| Duration::try_from(age).ok())
            .unwrap_or_default()
    }
}

/// An unknown state ends no wait; the deadline does.
fn is_reached(status: &str, until: &[String]) -> bool {
    let is_terminal = life_cycle("job").is_some_and(|job| job.terminal.contains(&status));
    is_terminal || until.iter().any(|wanted| wanted == status)
}

fn pace(age: Duration) -> Duration {
    PACE.iter()
        .find(|(up_to, _)| age < *up_to)
        .map_or(PACE[2].1, |(_, pace)| *pace)
}

fn too_late(wait: &WaitJob, status: &str) -> Failure {
    let waited = format!(
        "{:#}",
        jiff::SignedDuration::try_from(wait.timeout).unwrap_or_default()
    );
    let what = format!("job `{}` is still `{status}` after {waited}", wait.job);
    let mut failure = Failure::new(FailureKind::Timeout, what).at("jobs.wait");
    failure.retryable = true;
    failure.hint("the Job goes on; give the wait a longer `timeout`, or stop the Job with `duvo::jobs::stop`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_less_often_as_the_job_grows_old() {
        let pace = |minutes: u64| pace(Duration::from_secs(minutes * 60)).as_secs();
        assert_eq!(
            [pace(0), pace(1), pace(2), pace(14), pace(15), pace(600)],
            [5, 5, 30, 30, 60, 60]
        );
    }

    #[test]
    fn knows_which_states_end_a_wait() {
        assert!(
            ["completed", "failed", "interrupted", "stopped", "canceled"]
                .iter()
                .all(|state| is_reached(state, &[]))
        );
        assert!(
            !["waiting", "running", "a new one"]
                .iter()
                .any(|state| is_reached(state, &[]))
        );
        assert!(is_reached("waiting", &["waiting".to_owned()]));
    }
}
