//! `retry`: tries again what failed and may succeed later, with growing pauses.

use std::time::Duration;

use rhai::{Dynamic, EvalAltResult, FnPtr};

use crate::script::builtin::Builtin;
use crate::script::door::{Door, Raise};
use crate::script::host::{Answer, Effect};
use crate::script::native::options::Options;

const ATTEMPTS: i64 = 3;
const BACKOFF: Duration = Duration::from_secs(1);
const MOST_BACKOFF: Duration = Duration::from_secs(60);

/// The builtins of this file.
pub(in crate::script) const ALL: &[Builtin] = &[Builtin {
    name: "retry",
    params: &[
        "options?: #{ attempts: int, backoff: duration, max_backoff: duration, on: Fn }",
        "work: Fn",
    ],
    returns: "any",
    doc: "Calls a closure until it succeeds, and returns its result.\n\nOnly failures that may pass \
          (`e.retryable`) are tried again, or those for which the option `on`, a closure, returns \
          true. Options: `attempts` (default 3), `backoff` (the first pause, default 1 s; each \
          further one is twice as long, less a random part of up to half), `max_backoff` (default \
          1 min), `on`. The last failure is raised as it is.",
    examples: &[("retry(#{ attempts: 2 }, || 42)", "42")],
    run: retry,
}];

struct Plan {
    attempts: i64,
    backoff: Duration,
    most: Duration,
    on: Option<FnPtr>,
}

fn retry(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let (options, work) = match args {
        [work] => (None, work),
        [options, work, ..] => (Some(&**options), work),
        [] => return Err(door.invalid("wants a closure")),
    };
    let Some(work) = work.read_lock::<FnPtr>().map(|work| work.clone()) else {
        return Err(door.invalid("wants a closure last, such as `|| …`"));
    };
    let plan = plan(door, options).map_err(|failure| door.fail(failure))?;
    let mut pause = plan.backoff.min(plan.most);
    for _ in 1..plan.attempts {
        let error = match door.call(&work, ()) {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        if !plan.covers(door, &error)? {
            return Err(error);
        }
        sleep(door, pause)?;
        pause = pause.saturating_mul(2).min(plan.most);
    }
    door.call(&work, ())
}

fn plan(door: &Door<'_>, options: Option<&Dynamic>) -> Result<Plan, crate::report::Failure> {
    let options = Options::read(options, door.function)?;
    Ok(Plan {
        attempts: options.whole("attempts", 1, 1000)?.unwrap_or(ATTEMPTS),
        backoff: options.duration("backoff")?.unwrap_or(BACKOFF),
        most: options.duration("max_backoff")?.unwrap_or(MOST_BACKOFF),
        on: options.closure("on")?,
    })
}

impl Plan {
    fn covers(&self, door: &Door<'_>, error: &EvalAltResult) -> Result<bool, Raise> {
        let thrown = match error.unwrap_inner() {
            inner if inner.is_system_exception() || inner.is_pseudo_error() => return Ok(false),
            EvalAltResult::ErrorRuntime(thrown, _) => thrown.clone(),
            other => other.to_string().into(),
        };
        let Some(on) = &self.on else {
            let map = thrown.as_map_ref();
            let flag = map
                .ok()
                .and_then(|map| map.get("retryable")?.as_bool().ok());
            return Ok(flag == Some(true));
        };
        let verdict = door.call(on, (thrown,))?;
        verdict.as_bool().map_err(|other| {
            door.invalid(format!(
                "`on` must return true or false, not a value of type `{other}`"
            ))
        })
    }
}

/// Sleeps for all of a pause but a random part of up to half, so that many do not come back at once.
fn sleep(door: &Door<'_>, pause: Duration) -> Result<(), Raise> {
    if pause.is_zero() {
        return Ok(());
    }
    let bits = match door.perform(Effect::Random)? {
        Answer::Bits(bits) => bits,
        _ => 0,
    };
    #[expect(clippy::cast_precision_loss, reason = "32 bits fit a float exactly")]
    let part = (bits >> 32) as f64 / f64::from(u32::MAX);
    door.perform(Effect::Sleep(pause.mul_f64(1.0 - part / 2.0)))?;
    Ok(())
}
