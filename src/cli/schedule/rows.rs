//! Slots as people and programs see them.

use std::io::Write;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::cli::command::Format;
use crate::cli::output;
use crate::report::Problem;
use crate::schedule::{Plan, Slot, Timing};

/// Returns an instant in RFC 3339, with the offset of the zone.
pub(super) fn rfc3339(at: Timestamp, zone: &TimeZone) -> String {
    at.display_with_offset(zone.to_offset(at)).to_string()
}

/// Shows slots, each with the rule that moved it and the reason why it does not run.
pub(super) fn show(slots: &[Slot], plan: &Plan, format: Format) {
    let row = |slot: &Slot| match format {
        Format::Json => described(slot, plan),
        Format::Text | Format::Table => row(slot, plan),
    };
    let rows: Vec<Value> = slots.iter().map(row).collect();
    if rows.is_empty() && format != Format::Json {
        let why = match plan.timing {
            Timing::Reboot => "`@reboot` fires when the daemon starts, at no time of its own",
            Timing::Cron(_) | Timing::Every { .. } | Timing::Once(_) => "it fires no more",
        };
        // A closed pipe is the reader's choice.
        _ = writeln!(anstream::stderr(), "{why}");
        return;
    }
    output::show(Value::Array(rows), None, format);
}

/// Tells on stderr what is odd.
pub(super) fn warn<'a>(warnings: impl IntoIterator<Item = &'a Problem>) {
    for warning in warnings {
        let place = warning.at.as_ref();
        let place = place.map_or(String::new(), |at| {
            format!("{}:{}:{}: ", at.source, at.line, at.column)
        });
        let hint = warning
            .hints
            .iter()
            .fold(String::new(), |all, hint| format!("{all}; {hint}"));
        // A closed pipe is the reader's choice.
        _ = writeln!(anstream::stderr(), "warning: {place}{}{hint}", warning.what);
    }
}

fn described(slot: &Slot, plan: &Plan) -> Value {
    json!({
        "at": slot.at.to_string(),
        "local": rfc3339(slot.at, &plan.zone),
        "due": slot.due.to_string(),
        "moved": slot.moved.map(|moved| moved.to_string()),
        "excluded": slot.excluded.as_ref().map(ToString::to_string),
    })
}

fn row(slot: &Slot, plan: &Plan) -> Value {
    let moved = slot.moved.map(|moved| moved.to_string());
    let excluded = slot
        .excluded
        .as_ref()
        .map(|why| format!("does not run: {why}"));
    let notes: Vec<String> = moved.into_iter().chain(excluded).collect();
    let local = rfc3339(slot.at, &plan.zone);
    let offset = local.get("2026-12-24T18:00:00".len()..).unwrap_or_default();
    let mut row = json!({
        "local": format!("{} {offset}", slot.local.strftime("%a %Y-%m-%d %H:%M:%S")),
        "utc": slot.at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
    });
    if !plan.jitter.is_zero() {
        row["starts"] = slot.due.strftime("%H:%M:%S").to_string().into();
    }
    row["note"] = notes.join("; ").into();
    row
}
