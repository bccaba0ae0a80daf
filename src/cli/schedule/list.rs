//! `duvoscript schedule list`: all schedules of the project, and how they stand.

use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::kept::local;
use super::named::{Place, finish, plain};
use super::{Shown, rows};
use crate::cli::command::{Action, Context, Format};
use crate::cli::exit::{self, Exit};
use crate::cli::output;
use crate::clock::{Clock, SystemClock};
use crate::journal::{Journal, JournalError, ScheduleRow, SlotFilter, SlotRow};
use crate::report::Problem;
use crate::schedule::{Declaration, Found};

/// Lists schedules: when they are due next, and what became of the last slot
///
/// What is wrong with declarations is told on stderr.
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript schedule list")]
pub(super) struct List {}

impl Action for List {
    const NAME: &'static str = "list";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let place = Place::look(context)?;
        Ok(finish(list(&place, context.global.output)))
    }
}

fn list(place: &Place, format: Format) -> Result<Exit, Shown> {
    let Found {
        declarations,
        faults,
        sources,
    } = &place.found;
    let now = SystemClock::new().now();
    let journal = place.journal()?;
    let kept = Kept::read(journal.as_ref()).map_err(|error| plain(error.into()))?;
    let mut listed = Vec::new();
    for declaration in declarations {
        rows::warn(&declaration.warnings);
        listed.push(match format {
            Format::Json => kept.whole(declaration, now),
            Format::Text | Format::Table => kept.row(declaration, now),
        });
    }
    for fault in faults {
        crate::cli::show(fault, sources);
    }
    output::show(Value::Array(listed), None, format);
    // A schedule that nobody can read does not run: that must not pass for well.
    Ok(faults
        .first()
        .map_or(exit::OK, |fault| exit::of(fault.kind)))
}

/// What the journal knows of schedules.
pub(super) struct Kept {
    rows: Vec<ScheduleRow>,
    last: Vec<SlotRow>,
}

impl Kept {
    /// Reads what there is.
    pub(super) fn read(journal: Option<&Journal>) -> Result<Self, JournalError> {
        let Some(journal) = journal else {
            return Ok(Self {
                rows: Vec::new(),
                last: Vec::new(),
            });
        };
        let rows = journal.schedules()?;
        let mut last = Vec::new();
        for row in &rows {
            last.extend(journal.slots(&SlotFilter {
                schedule: Some(row.name.clone()),
                limit: Some(1),
                ..SlotFilter::default()
            })?);
        }
        Ok(Self { rows, last })
    }

    /// Returns what is known of a schedule.
    pub(super) fn of(&self, name: &str) -> Option<&ScheduleRow> {
        self.rows.iter().find(|row| row.name == name)
    }

    fn last(&self, name: &str) -> Option<&SlotRow> {
        self.last.iter().find(|slot| slot.schedule == name)
    }

    fn row(&self, declaration: &Declaration, now: Timestamp) -> Value {
        let (name, zone) = (declaration.name(), &declaration.plan.zone);
        let next = next(declaration, now).map(|next| local(next, zone));
        let last = self.last(name);
        let last = last.map(|slot| format!("{} {}", local(slot.at, zone), slot.fate));
        json!({
            "name": name,
            "state": standing(self.of(name)),
            "runs": declaration.script,
            "when": declaration.plan.timing.to_string(),
            "timezone": zone.iana_name(),
            "next": next.unwrap_or_default(),
            "last": last.unwrap_or_default(),
        })
    }

    /// Returns a schedule for programs.
    pub(super) fn whole(&self, declaration: &Declaration, now: Timestamp) -> Value {
        let name = declaration.name();
        let row = self.of(name);
        json!({
            "name": name,
            "state": standing(row),
            "script": declaration.script,
            "when": declaration.plan.timing.to_string(),
            "timezone": declaration.plan.zone.iana_name(),
            "next": next(declaration, now),
            "last": self.last(name).map(super::kept::whole),
            "paused": row.and_then(|row| row.paused.as_ref()),
            "failures": row.map_or(0, |row| row.failures),
            "decided_until": row.map(|row| row.decided_until),
            "declared": format!("{}:{}", declaration.place.source, declaration.place.line),
        })
    }
}

/// Returns in a word how a schedule stands.
fn standing(row: Option<&ScheduleRow>) -> &'static str {
    match row {
        Some(row) if row.paused.is_some() => "paused",
        Some(row) if !row.fingerprint.is_empty() => "served",
        _ => "not served yet",
    }
}

/// Returns the next slot that runs.
pub(super) fn next(declaration: &Declaration, now: Timestamp) -> Option<Timestamp> {
    let mut slots = declaration.plan.after(now);
    slots
        .find(|slot| slot.excluded.is_none())
        .map(|slot| slot.at)
}
