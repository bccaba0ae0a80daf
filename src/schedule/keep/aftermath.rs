//! What the end of a run means for its schedule: another attempt, a failure more, a pause.

use jiff::{SignedDuration, Timestamp};
use url::Url;

use crate::journal::{Count, Pause, RunRow, RunState, ScheduleRow};
use crate::schedule::Policy;

/// What follows from the end of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Aftermath {
    pub(super) count: Count,
    pub(super) pause: Option<Pause>,
    /// When the next attempt begins.
    pub(super) again_at: Option<Timestamp>,
    pub(super) ping: Option<Url>,
}

/// Returns what follows from the end of a run; `can_retry` is whether its script is still there.
pub(super) fn aftermath(
    policy: &Policy,
    schedule: &ScheduleRow,
    run: &RunRow,
    now: Timestamp,
    can_retry: bool,
) -> Aftermath {
    match run.state {
        RunState::Done => Aftermath {
            count: Count::Success,
            ping: policy.ping.success.clone(),
            ..Aftermath::default()
        },
        RunState::Failed => {
            let delay = policy.retries.delay(run.attempt).filter(|_| can_retry);
            let delay = delay.and_then(|delay| SignedDuration::try_from(delay).ok());
            match delay.and_then(|delay| now.checked_add(delay).ok()) {
                Some(again_at) if schedule.paused.is_none() => Aftermath {
                    again_at: Some(again_at),
                    ..Aftermath::default()
                },
                _ => failed(policy, schedule, run, now),
            }
        }
        // A person, or the slot behind it, has wanted that.
        RunState::Cancelled
        | RunState::Queued
        | RunState::Running
        | RunState::Waiting
        | RunState::Paused
        | RunState::Uncertain
        | RunState::Diverged => Aftermath::default(),
    }
}

fn failed(policy: &Policy, schedule: &ScheduleRow, run: &RunRow, now: Timestamp) -> Aftermath {
    let failures = schedule.failures.saturating_add(1);
    let is_enough = policy.pause_after.is_some_and(|most| failures >= most);
    let pause = is_enough.then(|| Pause {
        at: now,
        by: None,
        reason: match failures {
            1 => format!("the run {} has failed", run.id),
            _ => format!(
                "{failures} runs in a row have failed, the last one is {}",
                run.id
            ),
        },
    });
    Aftermath {
        count: Count::Failure,
        pause,
        again_at: None,
        ping: policy.ping.failure.clone(),
    }
}
