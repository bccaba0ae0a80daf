//! Why a slot ran, or did not, or is none at all.

use jiff::Timestamp;

use super::gather::before;
use crate::journal::{Fate, Journal, JournalError, RunRow, ScheduleRow, SlotFilter, SlotRow};
use crate::schedule::{Plan, Slot};

/// What there is to say about a moment of a schedule.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The moment that was asked for.
    pub asked: Timestamp,
    /// What there is at that moment.
    pub account: Account,
    /// The slot as the plan has it.
    pub planned: Option<Slot>,
    /// The slot as it is kept.
    pub slot: Option<SlotRow>,
    /// Its newest run.
    pub run: Option<RunRow>,
    /// The slots of the plan around the moment.
    pub before: Option<Timestamp>,
    /// The first one behind it.
    pub after: Option<Timestamp>,
}

/// What there is at a moment of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    /// A slot with its fate.
    Decided,
    /// A slot whose time is still to come.
    Ahead,
    /// A slot whose time has passed, and that nobody has decided: no daemon runs.
    Undecided,
    /// A slot of the time before a daemon served the plan.
    Before,
    /// A slot whose run was pruned, or a time of which nothing is known any more.
    Forgotten,
    /// No slot.
    None,
}

/// Returns what there is to say about a moment of a schedule.
///
/// A slot is meant by its instant, or by any moment of its minute where that has one only.
pub fn explain(
    journal: Option<&Journal>,
    plan: &Plan,
    asked: Timestamp,
    now: Timestamp,
) -> Result<Explanation, JournalError> {
    let row = match journal {
        Some(journal) => journal.schedule(&plan.name)?,
        None => None,
    };
    let kept = match journal {
        Some(journal) => kept(journal, &plan.name, asked)?,
        None => None,
    };
    let around = plan.after(before(minute(asked)));
    let within: Vec<Slot> = around.take_while(|slot| slot.at <= end(asked)).collect();
    let exact = within.iter().find(|slot| slot.at == asked);
    let planned = exact.or(within.first()).cloned();
    let at = kept
        .as_ref()
        .map(|slot| slot.at)
        .or(planned.as_ref().map(|slot| slot.at));
    let planned = planned.filter(|slot| at == Some(slot.at));
    let run = match (journal, kept.as_ref().and_then(|slot| slot.run.as_ref())) {
        (Some(journal), Some(run)) => journal.run(run)?,
        _ => None,
    };
    let account = match (&kept, &planned) {
        (Some(_), _) => Account::Decided,
        (None, Some(slot)) => undecided(slot, row.as_ref(), now),
        (None, None) => Account::None,
    };
    let middle = at.unwrap_or(asked);
    Ok(Explanation {
        asked,
        account,
        before: previous(plan, middle),
        after: plan.after(middle).next().map(|slot| slot.at),
        planned,
        slot: kept,
        run,
    })
}

impl Explanation {
    /// Says it in a sentence.
    pub fn sentence(&self) -> String {
        match (&self.slot, self.account) {
            (Some(slot), _) => {
                let reason = slot.reason.as_ref().map(|why| format!(": {why}"));
                let reason = reason.unwrap_or_default();
                let run = slot.run.as_ref().map(|run| format!(", run {run}"));
                let run = run.unwrap_or_default();
                match slot.fate {
                    Fate::Queued => format!("it waits for its turn{reason}"),
                    Fate::Ran => format!("it ran{run}{reason}"),
                    Fate::Late => format!("it ran late, at {}{run}{reason}", slot.decided_at),
                    Fate::Skipped => format!("it was skipped{reason}"),
                    Fate::Missed => format!("it was missed{reason}"),
                }
            }
            (None, Account::Ahead) => match self.planned.as_ref().map(|slot| &slot.excluded) {
                Some(Some(why)) => format!("it will be skipped: {why}"),
                _ => "its time is still to come".into(),
            },
            (None, Account::Undecided) => {
                "nobody has decided it yet: `duvoscript serve` does when it runs".into()
            }
            (None, Account::Before) => {
                "it lies before the time from which the schedule is served".into()
            }
            (None, Account::Forgotten) => "it was pruned".into(),
            (None, Account::Decided | Account::None) => {
                "the schedule has no slot at that time".into()
            }
        }
    }
}

fn undecided(slot: &Slot, row: Option<&ScheduleRow>, now: Timestamp) -> Account {
    match row {
        _ if slot.due > now => Account::Ahead,
        Some(row) if row.has_forgotten(slot.at) => Account::Forgotten,
        Some(row) if !row.fingerprint.is_empty() && slot.at > row.decided_until => {
            Account::Undecided
        }
        _ => Account::Before,
    }
}

fn kept(journal: &Journal, name: &str, asked: Timestamp) -> Result<Option<SlotRow>, JournalError> {
    let slots = journal.slots(&SlotFilter {
        schedule: Some(name.into()),
        from: Some(minute(asked)),
        to: Some(
            end(asked)
                .max(asked)
                .checked_add(jiff::SignedDuration::from_nanos(1))
                .unwrap_or(asked),
        ),
        ..SlotFilter::default()
    })?;
    let exact = slots.iter().find(|slot| slot.at == asked);
    Ok(exact.or(slots.last()).cloned())
}

/// Returns the start of the minute of an instant.
fn minute(at: Timestamp) -> Timestamp {
    let second = at.as_second();
    Timestamp::from_second(second - second.rem_euclid(60)).unwrap_or(at)
}

/// Returns the last instant of the minute.
fn end(at: Timestamp) -> Timestamp {
    let next = minute(at).checked_add(jiff::SignedDuration::from_secs(60));
    next.map_or(at, before)
}

/// Returns the last slot of a plan before an instant, if there is one within some years.
fn previous(plan: &Plan, at: Timestamp) -> Option<Timestamp> {
    // Twice as far each time: a plan tells only what comes after a moment.
    let mut hours = 1_i64;
    while hours < 24 * 366 * 30 {
        let from = at
            .checked_sub(jiff::SignedDuration::from_hours(hours))
            .ok()?;
        let slots = plan.after(from).take_while(|slot| slot.at < at);
        if let Some(last) = slots.last() {
            return Some(last.at);
        }
        hours *= 8;
    }
    None
}
