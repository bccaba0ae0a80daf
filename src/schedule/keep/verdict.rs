//! What becomes of the slots of a schedule, by its policy: no clock and no disk are looked at.

use jiff::{SignedDuration, Timestamp};

use super::gather::{Due, before};
use super::lane::{Choice, Lane};
use crate::journal::{Fate, NewSlot, Pause, ScheduleRow, SlotKind, Standing};
use crate::schedule::{CatchUp, Overlap, Policy, Slot};

/// A slot that starts later than this is late.
pub(super) const PUNCTUAL: SignedDuration = SignedDuration::from_secs(60);

/// Says of a late slot why it is.
pub(super) const AWAY: &str = "nobody was there at its time";

/// What is decided about a schedule.
#[derive(Debug, PartialEq)]
pub(super) struct Verdict {
    /// The slots that get a fate, or another one.
    pub(super) choices: Vec<Choice>,
    /// Every slot up to here has its fate then.
    pub(super) until: Timestamp,
    /// Ids of the runs that must end first.
    pub(super) cancels: Vec<String>,
}

/// What a verdict is based on.
pub(super) struct Case<'a> {
    pub(super) policy: &'a Policy,
    pub(super) standing: &'a Standing,
    pub(super) now: Timestamp,
    /// Why no run can be made at all.
    pub(super) obstacle: Option<&'a str>,
}

/// Decides about slots that are due, and those that are queued.
pub(super) fn verdict(case: &Case<'_>, due: &Due) -> Verdict {
    let mut lane = Lane::new(case);
    let mut until = due.until;
    if let Some(pause) = &case.standing.row.paused {
        lane.clear(&resting(pause));
    }
    lane.advance();
    let catch_up = Late::of(case, due);
    for slot in &due.slots {
        match catch_up.ruling(case, slot) {
            Ruling::Fate(fate, reason) => lane.set(slot, fate, &reason),
            Ruling::Arrive => lane.arrive(slot),
            Ruling::Wait => lane.wait(slot, AWAY),
            // Whether it is the latest will be seen.
            Ruling::Later => until = until.min(before(slot.at)),
        }
    }
    lane.advance();
    Verdict {
        cancels: lane.cancels(),
        choices: lane.into_choices(),
        until,
    }
}

/// Decides that queued slots come to nothing.
pub(super) fn drop_queued(standing: &Standing, reason: &str) -> Vec<Choice> {
    let queued = standing.open.iter();
    let queued = queued.filter(|row| row.fate == Fate::Queued);
    let missed = queued.map(|row| Choice {
        slot: NewSlot {
            at: row.at,
            kind: row.kind,
            due: row.due,
            fate: Fate::Missed,
            reason: Some(reason.into()),
        },
        is_fired: false,
    });
    missed.collect()
}

/// What becomes of one slot.
enum Ruling {
    /// This, for good.
    Fate(Fate, String),
    /// It is its turn now.
    Arrive,
    /// It is made up for, when its turn comes.
    Wait,
    /// Nothing yet.
    Later,
}

/// Which of the slots whose time has passed is made up for, when only one is.
struct Late {
    /// The last one that could run.
    latest: Option<Timestamp>,
    has_more: bool,
}

impl Late {
    fn of(case: &Case<'_>, due: &Due) -> Self {
        let mut slots = due.slots.iter().rev();
        let latest = slots.find(|slot| rest(&case.standing.row, slot).is_none());
        Self {
            latest: latest.map(|slot| slot.at),
            has_more: due.has_more,
        }
    }

    fn ruling(&self, case: &Case<'_>, slot: &Slot) -> Ruling {
        if let Some(reason) = rest(&case.standing.row, slot) {
            return Ruling::Fate(Fate::Skipped, reason);
        }
        let delay = case.now.duration_since(slot.due);
        if delay <= PUNCTUAL {
            return Ruling::Arrive;
        }
        let missed = |why: String| Ruling::Fate(Fate::Missed, format!("{AWAY}, and {why}"));
        let is_too_late = |window: std::time::Duration| {
            SignedDuration::try_from(window).is_ok_and(|window| delay > window)
        };
        match case.policy.catch_up {
            CatchUp::None => missed("`catch_up` is `none`".into()),
            CatchUp::Latest {
                window: Some(window),
            }
            | CatchUp::All { window }
                if is_too_late(window) =>
            {
                let window = SignedDuration::try_from(window).unwrap_or(SignedDuration::MAX);
                missed(format!("it is later than the `window` of {window:#}"))
            }
            CatchUp::Latest { .. } => match self.latest {
                Some(latest) if latest > slot.at => missed(format!("the slot of {latest} runs")),
                _ if self.has_more => Ruling::Later,
                _ => Ruling::Arrive,
            },
            CatchUp::All { .. } => match case.policy.overlap {
                Overlap::CancelPrevious | Overlap::ReplaceQueued => Ruling::Arrive,
                Overlap::Skip | Overlap::Queue { .. } | Overlap::Allow => Ruling::Wait,
            },
        }
    }
}

/// Returns why a slot does not run whatever the policy says: its day is left out, or the schedule is
/// or was on hold.
fn rest(row: &ScheduleRow, slot: &Slot) -> Option<String> {
    if let Some(why) = &slot.excluded {
        return Some(why.to_string());
    }
    if let Some(pause) = &row.paused {
        return Some(resting(pause));
    }
    let (pause, until) = row.rested.as_ref()?;
    (pause.at <= slot.due && slot.due <= *until)
        .then(|| format!("{}, until {until}", resting(pause)))
}

fn resting(pause: &Pause) -> String {
    let by = pause.by.as_ref().map(|by| format!(" by {by}"));
    let by = by.unwrap_or_default();
    format!("paused since {}{by}: {}", pause.at, pause.reason)
}

/// Returns whether the plan, and not a person, wants a slot.
pub(super) fn is_planned(kind: SlotKind) -> bool {
    kind == SlotKind::Planned
}
