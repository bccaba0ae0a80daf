//! `duvoscript schedule show`: one schedule, by which rules it runs, and what became of its slots.

use std::io::Write;
use std::time::Duration;

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::kept::{self, local};
use super::list::{Kept, next};
use super::named::{Place, finish, plain};
use super::{Shown, counted, rows};
use crate::cli::command::{Action, Context, Format};
use crate::cli::exit::{self, Exit};
use crate::cli::output;
use crate::clock::{Clock, SystemClock};
use crate::journal::{ScheduleRow, SlotFilter, SlotRow};
use crate::report::Problem;
use crate::schedule::{CatchUp, Declaration, Overlap, Policy};

/// Shows a schedule: its rules, how it stands, and what became of its last slots
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript schedule show nightly -n 30")]
pub(super) struct Show {
    /// Name of the schedule
    name: String,
    /// How many slots
    #[arg(short = 'n', long, value_name = "NUMBER", default_value_t = 10, value_parser = counted())]
    count: u32,
}

impl Action for Show {
    const NAME: &'static str = "show";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let place = Place::look(context)?;
        Ok(finish(self.show(&place, context.global.output)))
    }
}

impl Show {
    fn show(&self, place: &Place, format: Format) -> Result<Exit, Shown> {
        let declaration = place.find(&self.name)?;
        let journal = place.journal()?;
        let read = || {
            let kept = Kept::read(journal.as_ref())?;
            let slots = journal.as_ref().map(|journal| {
                journal.slots(&SlotFilter {
                    schedule: Some(self.name.clone()),
                    limit: Some(self.count as usize),
                    ..SlotFilter::default()
                })
            });
            Ok((kept, slots.transpose()?.unwrap_or_default()))
        };
        let read: Result<_, crate::journal::JournalError> = read();
        let (kept, slots) = read.map_err(|error| plain(error.into()))?;
        let now = SystemClock::new().now();
        rows::warn(&declaration.warnings);
        if format == Format::Json {
            let mut whole = kept.whole(declaration, now);
            whole["policy"] = policy(&declaration.policy);
            whole["slots"] = slots.iter().map(kept::whole).collect();
            output::show(whole, None, format);
        } else {
            for_people(declaration, kept.of(&self.name), &slots, now);
        }
        Ok(exit::OK)
    }
}

fn for_people(
    declaration: &Declaration,
    row: Option<&ScheduleRow>,
    slots: &[SlotRow],
    now: Timestamp,
) {
    let plan = &declaration.plan;
    let next = next(declaration, now).map(|next| local(next, &plan.zone));
    let paused = row.and_then(|row| row.paused.as_ref()).map(|pause| {
        let by = pause.by.as_ref().map(|by| format!(" by {by}"));
        let since = local(pause.at, &plan.zone);
        format!("since {since}{}: {}", by.unwrap_or_default(), pause.reason)
    });
    let mut facts = json!({
        "name": declaration.name(),
        "runs": declaration.script,
        "when": plan.timing.to_string(),
        "timezone": plan.zone.iana_name(),
        "declared": format!("{}:{}", declaration.place.source, declaration.place.line),
    });
    if let (Value::Object(facts), Value::Object(policy)) = (&mut facts, policy(&declaration.policy))
    {
        facts.extend(policy.into_iter().filter(|(_, value)| !value.is_null()));
    }
    facts["next"] = next.into();
    facts["failures in a row"] = row.map_or(0, |row| row.failures).into();
    if let Some(paused) = paused {
        facts["paused"] = paused.into();
    }
    output::show(facts, None, Format::Text);
    if slots.is_empty() {
        // A closed pipe is the reader's choice.
        _ = writeln!(anstream::stderr(), "no slot has had its time yet");
    } else {
        let slots = slots.iter().map(|slot| kept::row(slot, &plan.zone));
        _ = writeln!(anstream::stdout());
        output::show(slots.collect(), None, Format::Table);
    }
}

/// Returns a policy in the words of declarations.
fn policy(policy: &Policy) -> Value {
    let (catch_up, window) = match policy.catch_up {
        CatchUp::None => ("none", None),
        CatchUp::Latest { window } => ("latest", window),
        CatchUp::All { window } => ("all", Some(window)),
    };
    let depth = match policy.overlap {
        Overlap::Queue { depth } => Some(depth),
        Overlap::Skip | Overlap::CancelPrevious | Overlap::ReplaceQueued | Overlap::Allow => None,
    };
    let ping = &policy.ping;
    json!({
        "overlap": policy.overlap.as_str(),
        "queue_depth": depth,
        "catch_up": catch_up,
        "window": window.map(length),
        "deadline": policy.deadline.map(length),
        "retries": (policy.retries.attempts > 0).then_some(policy.retries.attempts),
        "pause_after": policy.pause_after,
        // The addresses themselves are secrets of a kind.
        "pings": (ping.start.is_some() || ping.success.is_some() || ping.failure.is_some())
            .then_some(true),
    })
}

fn length(duration: Duration) -> String {
    let duration = SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
    format!("{duration:#}")
}
