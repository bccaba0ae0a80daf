//! What follows from runs that have ended: further attempts, failures, pauses.

use std::collections::BTreeSet;

use jiff::Timestamp;
use url::Url;

use super::aftermath::aftermath;
use super::keeper::{Keeper, MOST, PORTION, Turn};
use super::start::{For, make};
use crate::journal::{JournalError, RunRow, ScheduleRow, Settlement, SlotRow};
use crate::schedule::Policy;

impl Keeper {
    /// Draws the consequences of what has ended; returns the schedules that may go on for it.
    pub(super) fn settle(
        &mut self,
        now: Timestamp,
        turn: &mut Turn,
    ) -> Result<BTreeSet<String>, JournalError> {
        let mut touched = BTreeSet::new();
        loop {
            let ended = self.parts.journal.unsettled(MOST)?;
            let has_more = ended.len() == MOST;
            touched.extend(ended.iter().map(|(slot, _)| slot.schedule.clone()));
            for wave in waves(ended) {
                self.settle_wave(&wave, now, turn)?;
            }
            if !has_more {
                return Ok(touched);
            }
        }
    }

    fn settle_wave(
        &mut self,
        wave: &[(SlotRow, RunRow)],
        now: Timestamp,
        turn: &mut Turn,
    ) -> Result<(), JournalError> {
        let mut settlements = Vec::with_capacity(wave.len());
        let mut pings = Vec::with_capacity(wave.len());
        for (slot, run) in wave {
            let Some(row) = self.parts.journal.schedule(&slot.schedule)? else {
                continue;
            };
            let (settlement, ping) = self.settlement(&row, run, now)?;
            settlements.push(settlement);
            pings.push(ping);
        }
        let settled = self.parts.journal.settle_slots(&settlements)?;
        for ((settlement, ping), is_settled) in settlements.iter().zip(pings).zip(settled) {
            if is_settled {
                turn.fired += usize::from(settlement.next.is_some());
                turn.pings.extend(ping);
            }
        }
        Ok(())
    }

    /// Returns what the end of a run means, and whom to tell.
    fn settlement(
        &mut self,
        row: &ScheduleRow,
        run: &RunRow,
        now: Timestamp,
    ) -> Result<(Settlement, Option<Url>), JournalError> {
        let declaration = self.served.get(&row.name);
        let none = Policy::default();
        let policy = declaration.map_or(&none, |declaration| &declaration.policy);
        let wants_more = policy.retries.delay(run.attempt).is_some();
        let loaded = match declaration.filter(|_| wants_more) {
            Some(declaration) => self.scripts.load(&self.parts, declaration).ok(),
            None => None,
        };
        let after = aftermath(policy, row, run, now, loaded.is_some());
        let next = match (declaration, loaded, run.slot) {
            (Some(schedule), Some(loaded), Some(slot)) if after.again_at.is_some() => {
                let of = For {
                    schedule,
                    slot,
                    attempt: run.attempt.saturating_add(1),
                    wake_at: after.again_at,
                };
                Some(make(&self.parts, &loaded, of)?)
            }
            _ => None,
        };
        let settlement = Settlement {
            run: run.id.clone(),
            count: after.count,
            pause: after.pause,
            next,
        };
        Ok((settlement, after.ping))
    }
}

/// Parts ended runs so that no wave holds two of one schedule: what the first one's end means must
/// be known before the second one's is.
fn waves(ended: Vec<(SlotRow, RunRow)>) -> Vec<Vec<(SlotRow, RunRow)>> {
    let mut waves: Vec<Vec<(SlotRow, RunRow)>> = Vec::new();
    let mut names = BTreeSet::new();
    for (slot, run) in ended {
        let is_new = names.insert(slot.schedule.clone());
        match waves.last_mut() {
            Some(wave) if is_new && wave.len() < PORTION => wave.push((slot, run)),
            _ => {
                names = BTreeSet::from([slot.schedule.clone()]);
                waves.push(vec![(slot, run)]);
            }
        }
    }
    waves
}
