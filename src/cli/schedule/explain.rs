//! `duvoscript schedule explain`: why a slot ran, or did not.

use std::fmt::Write;

use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::kept::{self, local};
use super::named::{Place, finish, plain};
use super::{Shown, instant};
use crate::cli::command::{Action, Context, Format};
use crate::cli::exit::{self, Exit};
use crate::cli::output;
use crate::cli::runs::list::reason;
use crate::clock::{Clock, SystemClock};
use crate::report::Problem;
use crate::schedule::{Account, Explanation, Plan, explain};

/// Explains why a schedule ran at a time, or did not
///
/// Any moment of its minute means a slot.
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript schedule explain nightly --at 2026-10-25T02:30")]
pub(super) struct Explain {
    /// Name of the schedule
    name: String,
    /// The time: RFC 3339, or local in the schedule's zone
    #[arg(long, value_name = "TIME")]
    at: String,
}

impl Action for Explain {
    const NAME: &'static str = "explain";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let place = Place::look(context)?;
        Ok(finish(self.explain(&place, context.global.output)))
    }
}

impl Explain {
    fn explain(&self, place: &Place, format: Format) -> Result<Exit, Shown> {
        let plan = &place.find(&self.name)?.plan;
        let at = instant("--at", &self.at, &plan.zone)?;
        let journal = place.journal()?;
        let now = SystemClock::new().now();
        let found = explain(journal.as_ref(), plan, at, now);
        let found = found.map_err(|error| plain(error.into()))?;
        if format == Format::Json {
            output::show(for_programs(&found), None, format);
        } else {
            // A closed pipe is the reader's choice.
            _ = std::io::Write::write_all(
                &mut anstream::stdout(),
                for_people(&found, plan).as_bytes(),
            );
        }
        Ok(exit::OK)
    }
}

fn for_programs(found: &Explanation) -> Value {
    let planned = found.planned.as_ref();
    json!({
        "asked": found.asked,
        "account": word(found.account),
        "sentence": found.sentence(),
        "slot": found.slot.as_ref().map(kept::whole),
        "planned": planned.map(|slot| json!({
            "at": slot.at,
            "due": slot.due,
            "moved": slot.moved.map(|moved| moved.to_string()),
            "excluded": slot.excluded.as_ref().map(ToString::to_string),
        })),
        "run": found.run.as_ref().map(|run| json!({
            "id": run.id,
            "state": run.state,
            "attempt": run.attempt,
            "reason": run.reason,
        })),
        "before": found.before,
        "after": found.after,
    })
}

fn word(account: Account) -> &'static str {
    match account {
        Account::Decided => "decided",
        Account::Ahead => "ahead",
        Account::Undecided => "undecided",
        Account::Before => "before",
        Account::Forgotten => "forgotten",
        Account::None => "none",
    }
}

fn for_people(found: &Explanation, plan: &Plan) -> String {
    let kept = found.slot.as_ref().map(|slot| slot.at);
    let planned = found.planned.as_ref();
    let at = kept.or(planned.map(|slot| slot.at));
    let at: Timestamp = at.unwrap_or(found.asked);
    let mut said = format!("{}: {}\n", local(at, &plan.zone), found.sentence());
    // Writing to a string cannot fail.
    if let Some(moved) = planned.and_then(|slot| slot.moved) {
        _ = writeln!(said, "the local time {moved}");
    }
    if let Some(slot) = planned.filter(|slot| slot.due > slot.at) {
        _ = writeln!(said, "for its jitter it was due at {}", slot.due);
    }
    if let Some(run) = &found.run {
        let reason = reason(run);
        let reason = reason.map(|why| format!(": {why}")).unwrap_or_default();
        let attempt = match run.attempt {
            1 => String::new(),
            attempt => format!(" (attempt {attempt})"),
        };
        _ = writeln!(said, "the run {} is {}{attempt}{reason}", run.id, run.state);
    }
    for (word, at) in [("before it", found.before), ("after it", found.after)] {
        if let Some(at) = at {
            _ = writeln!(said, "the slot {word}: {}", local(at, &plan.zone));
        }
    }
    said
}
