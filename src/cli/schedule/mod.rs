//! `duvoscript schedule`: when things are due, what became of them, and what people want of them.
//!
//! All of it goes through the journal, so it is the same with and without a daemon.

mod backfill;
mod explain;
mod kept;
mod list;
mod named;
mod next;
mod pause;
mod preview;
mod resume;
mod rows;
mod show;
mod trigger;

use clap::ValueEnum;
use clap::builder::PossibleValue;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::command::{Entry, Topic, entry};
use crate::clock::{Clock, SystemClock};
use crate::report::{Problem, Sources};
use crate::schedule::{Fault, Gap, Repeated, When};

/// `duvoscript schedule`.
#[derive(Debug)]
pub(super) struct Schedule;

impl Topic for Schedule {
    const NAME: &'static str = "schedule";
    const ABOUT: &'static str =
        "Shows when schedules are due and what became of their slots, and steers them";
    const EXAMPLE: &'static str = "duvoscript schedule preview nightly";
    const COMMANDS: &'static [Entry] = &[
        entry::<list::List>(),
        entry::<show::Show>(),
        entry::<preview::Preview>(),
        entry::<explain::Explain>(),
        entry::<pause::Pause>(),
        entry::<resume::Resume>(),
        entry::<trigger::Trigger>(),
        entry::<backfill::Backfill>(),
        entry::<next::Next>(),
    ];
}

impl ValueEnum for Gap {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.as_str()))
    }
}

impl ValueEnum for Repeated {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.as_str()))
    }
}

/// Returns what `-n` may be: a million slots fit the memory.
fn counted() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=1_000_000)
}

/// A problem, and the texts that it may point into.
type Shown = (Problem, Sources);

/// Returns what is wrong with the text of an option.
fn wrong(option: &str, text: &str, fault: Fault) -> Shown {
    let mut sources = Sources::default();
    sources.insert(option, text);
    (fault.alone(option, text), sources)
}

/// Returns the instant that `--from` names, or the present.
fn from(text: Option<&str>, zone: &TimeZone) -> Result<Timestamp, Shown> {
    match text {
        Some(text) => instant("--from", text, zone),
        None => Ok(SystemClock::new().now()),
    }
}

/// Returns the instant that an option names: RFC 3339, or a local time of the zone.
fn instant(option: &str, text: &str, zone: &TimeZone) -> Result<Timestamp, Shown> {
    // An instant may have fractions of a second, unlike what schedules are made of.
    if let Ok(instant) = text.parse() {
        return Ok(instant);
    }
    let when = When::parse(text).map_err(|fault| wrong(option, text, fault))?;
    Ok(when.start(zone).unwrap_or(Timestamp::MAX))
}
