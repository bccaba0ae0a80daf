//! What people want of a schedule: a run now, runs for slots that had none, a pause.
//!
//! Slots that a person wants are queued, and whoever keeps the schedule moves them on, with the
//! world, the environment and the secrets of the daemon. So it is the same with and without one.

use jiff::{SignedDuration, Timestamp};

use super::gather::before;
use crate::journal::{
    Deciding, Decision, Fate, Journal, JournalError, NewSlot, Pause, SlotFilter, SlotKind, SlotRow,
};
use crate::schedule::Plan;

/// So often a wish is tried again when others overtake it.
const ROUNDS: usize = 50;

/// Which slots of a plan are to be made up for.
#[derive(Clone, Copy, Debug)]
pub struct Backfill<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// From this instant.
    pub from: Timestamp,
    /// Up to this instant, but not beyond the present.
    pub to: Timestamp,
    /// Who wants it.
    pub by: Option<&'a str>,
    /// At most so many.
    pub most: usize,
}

/// What becomes of a slot that a person wanted to be made up for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Its instant.
    pub at: Timestamp,
    /// Why it is not made up for; none for those that are.
    pub why_not: Option<String>,
}

/// Wants a run of a schedule, now; returns its slot, which waits for its turn.
pub fn trigger(
    journal: &Journal,
    name: &str,
    by: Option<&str>,
    now: Timestamp,
) -> Result<SlotRow, JournalError> {
    let slot = NewSlot {
        at: now,
        kind: SlotKind::Triggered,
        due: now,
        fate: Fate::Queued,
        reason: Some(wanted("triggered", by)),
    };
    // Slots of plans lie on whole seconds: there it would take the place of one.
    let at = if now.subsec_nanosecond() == 0 {
        later(now)
    } else {
        now
    };
    let mut wish = Wish {
        journal,
        name,
        at,
        is_again: false,
    };
    wish.queue(|at| vec![NewSlot { at, ..slot.clone() }])?;
    let slots = journal.slots(&SlotFilter {
        schedule: Some(name.into()),
        from: Some(wish.at),
        to: Some(later(wish.at)),
        ..SlotFilter::default()
    })?;
    slots.into_iter().next().ok_or_else(|| JournalError::Unfit {
        what: format!("a slot of `{name}`: others were quicker each time"),
    })
}

/// Makes up for slots of the past that have not run; only looks at them in a `dry` one.
pub fn backfill(
    journal: &Journal,
    wanted_slots: &Backfill<'_>,
    now: Timestamp,
    dry: bool,
) -> Result<Vec<Made>, JournalError> {
    let mut made = look(journal, wanted_slots, now)?;
    if dry {
        return Ok(made);
    }
    let name = &wanted_slots.plan.name;
    let mut wish = Wish {
        journal,
        name,
        at: now,
        is_again: true,
    };
    let new = |at: &Made| NewSlot {
        at: at.at,
        kind: SlotKind::Backfilled,
        due: at.at,
        fate: Fate::Queued,
        reason: Some(wanted("made up for", wanted_slots.by)),
    };
    let open: Vec<_> = made
        .iter()
        .filter(|made| made.why_not.is_none())
        .map(new)
        .collect();
    if open.is_empty() {
        return Ok(made);
    }
    let taken = wish.queue(|_| open.clone())?;
    // Somebody may have been quicker since the look.
    let mut taken = taken.into_iter();
    for made in made.iter_mut().filter(|made| made.why_not.is_none()) {
        if taken.next() != Some(true) {
            made.why_not = Some("it was decided meanwhile".into());
        }
    }
    Ok(made)
}

/// Puts a schedule on hold; `false` when it is already.
pub fn hold(journal: &Journal, name: &str, pause: &Pause) -> Result<bool, JournalError> {
    journal.enroll(name, pause.at)?;
    journal.pause_schedule(name, pause)
}

/// Ends the pause of a schedule; `false` when it is not on hold.
pub fn release(journal: &Journal, name: &str) -> Result<bool, JournalError> {
    journal.resume_schedule(name)
}

fn look(
    journal: &Journal,
    wanted: &Backfill<'_>,
    now: Timestamp,
) -> Result<Vec<Made>, JournalError> {
    let name = &wanted.plan.name;
    let row = journal.schedule(name)?;
    let until = wanted.to.min(now);
    let known = journal.slots(&SlotFilter {
        schedule: Some(name.clone()),
        from: Some(wanted.from),
        ..SlotFilter::default()
    })?;
    let known = |at: Timestamp| known.iter().find(|slot| slot.at == at);
    let slots = wanted.plan.after(before(wanted.from));
    let slots = slots.take_while(|slot| slot.at <= until).take(wanted.most);
    let made = slots.map(|slot| {
        let why_not = match (&slot.excluded, known(slot.at)) {
            (Some(why), _) => Some(why.to_string()),
            (None, Some(slot)) if slot.fate == Fate::Queued => Some("it is queued".into()),
            (None, Some(slot)) if slot.fate.has_run() => Some("it has run".into()),
            (None, Some(_)) => None,
            (None, None) => row
                .as_ref()
                .filter(|row| row.has_forgotten(slot.at))
                .map(|_| "it was pruned, and may have run".into()),
        };
        Made {
            at: slot.at,
            why_not,
        }
    });
    Ok(made.collect())
}

fn wanted(what: &str, by: Option<&str>) -> String {
    match by {
        Some(by) => format!("{what} by {by}"),
        None => what.into(),
    }
}

fn later(at: Timestamp) -> Timestamp {
    at.checked_add(SignedDuration::from_nanos(1)).unwrap_or(at)
}

/// Slots that a person wants.
struct Wish<'a> {
    journal: &'a Journal,
    name: &'a str,
    /// The present, and the slot that is wanted there.
    at: Timestamp,
    /// Whether slots that were skipped or missed are meant.
    is_again: bool,
}

impl Wish<'_> {
    /// Queues slots; when none can be had, others at a later instant.
    fn queue(
        &mut self,
        slots: impl Fn(Timestamp) -> Vec<NewSlot>,
    ) -> Result<Vec<bool>, JournalError> {
        let mut taken = Vec::new();
        for _ in 0..ROUNDS {
            let row = self.journal.enroll(self.name, self.at)?;
            let decided = slots(self.at).into_iter().map(|slot| Decision {
                slot,
                run: None,
                is_again: self.is_again,
            });
            let deciding = Deciding {
                schedule: self.name.into(),
                version: row.version,
                decided: decided.collect(),
                until: None,
            };
            let mut made = self.journal.decide_slots(&[deciding])?;
            taken = made.pop().unwrap_or_default();
            if taken.contains(&true) {
                // A person is told of it: it must last.
                self.journal.force()?;
                break;
            }
            self.at = later(self.at);
        }
        Ok(taken)
    }
}
