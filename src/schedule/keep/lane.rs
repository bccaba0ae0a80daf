//! Which slot runs and which waits, while runs of the same schedule are on.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::verdict::{AWAY, Case, PUNCTUAL, is_planned};
use crate::journal::{Fate, NewSlot, SlotKind, SlotRow};
use crate::schedule::{Overlap, Slot};

/// A slot that gets a fate, or another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) slot: NewSlot,
    /// Whether its run starts now.
    pub(super) is_fired: bool,
}

/// The runs of a schedule that are on, and the slots that wait for them.
pub(super) struct Lane<'a> {
    case: &'a Case<'a>,
    running: Vec<&'a SlotRow>,
    /// The slots that start now, in the order in which they do.
    fired: Vec<Timestamp>,
    queued: Vec<NewSlot>,
    choices: BTreeMap<Timestamp, Choice>,
}

impl<'a> Lane<'a> {
    pub(super) fn new(case: &'a Case<'a>) -> Self {
        let open = case.standing.open.iter();
        let (queued, running): (Vec<_>, Vec<_>) = open.partition(|row| row.fate == Fate::Queued);
        let waiting = |row: &SlotRow| NewSlot {
            at: row.at,
            kind: row.kind,
            due: row.due,
            fate: Fate::Queued,
            reason: row.reason.clone(),
        };
        Self {
            case,
            running,
            fired: Vec::new(),
            queued: queued.into_iter().map(waiting).collect(),
            choices: BTreeMap::new(),
        }
    }

    /// Gives a slot of the plan a fate for good.
    pub(super) fn set(&mut self, slot: &Slot, fate: Fate, reason: &str) {
        self.choose(planned(slot), fate, Some(reason.into()));
    }

    /// Skips the slots of the plan that wait.
    pub(super) fn clear(&mut self, reason: &str) {
        let (planned, others) = self
            .queued
            .drain(..)
            .partition(|slot| is_planned(slot.kind));
        self.queued = others;
        let planned: Vec<NewSlot> = planned;
        for slot in planned {
            self.choose(slot, Fate::Skipped, Some(reason.into()));
        }
    }

    /// Starts those that wait, as far as it is their turn.
    pub(super) fn advance(&mut self) {
        while self.is_idle() && !self.queued.is_empty() {
            let next = self.queued.remove(0);
            self.fire(next);
        }
        if self.case.policy.overlap == Overlap::Allow {
            let at_once = |slot: &mut NewSlot| slot.kind == SlotKind::Triggered;
            let triggered: Vec<_> = self.queued.extract_if(.., at_once).collect();
            for slot in triggered {
                self.fire(slot);
            }
        }
    }

    /// Lets a slot wait for its turn.
    pub(super) fn wait(&mut self, slot: &Slot, reason: &str) {
        self.queue(planned(slot), reason.into());
    }

    /// Starts a slot, or what the policy says while others are on.
    pub(super) fn arrive(&mut self, slot: &Slot) {
        let new = planned(slot);
        let overlap = self.case.policy.overlap;
        if overlap == Overlap::Allow || (self.is_idle() && self.queued.is_empty()) {
            return self.fire(new);
        }
        match overlap {
            Overlap::Allow | Overlap::Skip => {
                let reason = self.busy();
                self.choose(new, Fate::Skipped, Some(reason));
            }
            Overlap::Queue { depth } => {
                let waiting = self.queued.iter();
                let waiting = waiting.filter(|slot| is_planned(slot.kind)).count();
                if waiting < depth as usize {
                    let reason = self.busy();
                    self.queue(new, reason);
                } else {
                    let reason = format!("{}, and {waiting} wait already", self.busy());
                    self.choose(new, Fate::Skipped, Some(reason));
                }
            }
            Overlap::CancelPrevious => {
                self.clear(&replaced(&new));
                self.unfire(&replaced(&new));
                if self.is_idle() {
                    return self.fire(new);
                }
                let reason = format!("{}, and is cancelled for it", self.busy());
                self.queue(new, reason);
            }
            Overlap::ReplaceQueued => {
                self.clear(&replaced(&new));
                let reason = self.busy();
                self.queue(new, reason);
            }
        }
    }

    /// Returns the ids of the runs that must end for those that wait.
    pub(super) fn cancels(&self) -> Vec<String> {
        let made_up = |slot: &&NewSlot| slot.kind != SlotKind::Backfilled;
        let is_wanted = self.case.policy.overlap == Overlap::CancelPrevious
            && self.queued.iter().any(|slot| made_up(&slot));
        let runs = self.running.iter().filter_map(|row| row.run.clone());
        runs.filter(|_| is_wanted).collect()
    }

    /// Returns all slots that get another fate than they had, by their instants.
    pub(super) fn into_choices(self) -> Vec<Choice> {
        self.choices.into_values().collect()
    }

    fn is_idle(&self) -> bool {
        self.running.is_empty() && self.fired.is_empty()
    }

    fn fire(&mut self, slot: NewSlot) {
        if let Some(obstacle) = self.case.obstacle {
            return self.choose(slot, Fate::Missed, Some(obstacle.into()));
        }
        let is_late = self.case.now.duration_since(slot.due) > PUNCTUAL;
        let reason = slot.reason.clone();
        let (fate, reason) = match (is_late, is_planned(slot.kind)) {
            (true, true) => (Fate::Late, reason.or_else(|| Some(AWAY.into()))),
            (true, false) => (Fate::Late, reason),
            (false, true) => (Fate::Ran, None),
            (false, false) => (Fate::Ran, reason),
        };
        self.fired.push(slot.at);
        self.keep(slot, fate, reason, true);
    }

    /// Takes back what was to start now.
    fn unfire(&mut self, reason: &str) {
        for at in std::mem::take(&mut self.fired) {
            let fired = self.choices.get(&at).map(|choice| choice.slot.clone());
            if let Some(slot) = fired {
                self.choose(slot, Fate::Skipped, Some(reason.into()));
            }
        }
    }

    fn queue(&mut self, mut slot: NewSlot, reason: String) {
        slot.reason = Some(reason);
        self.choose(slot.clone(), Fate::Queued, slot.reason.clone());
        self.queued.push(slot);
    }

    fn choose(&mut self, slot: NewSlot, fate: Fate, reason: Option<String>) {
        self.keep(slot, fate, reason, false);
    }

    fn keep(&mut self, mut slot: NewSlot, fate: Fate, reason: Option<String>, is_fired: bool) {
        (slot.fate, slot.reason) = (fate, reason);
        self.choices.insert(slot.at, Choice { slot, is_fired });
    }

    /// Says which run is on.
    fn busy(&self) -> String {
        match (self.running.first(), self.fired.first()) {
            (Some(row), _) => {
                let run = row.run.as_deref().unwrap_or("?");
                format!("the run {run} of the slot {} is on", row.at)
            }
            (None, Some(at)) => format!("the run of the slot {at} is on"),
            (None, None) => "other slots wait before it".into(),
        }
    }
}

fn planned(slot: &Slot) -> NewSlot {
    NewSlot {
        at: slot.at,
        kind: SlotKind::Planned,
        due: slot.due,
        fate: Fate::Ran,
        reason: None,
    }
}

fn replaced(by: &NewSlot) -> String {
    format!("the slot of {} took its place", by.at)
}
