//! Answers from the record: what a step came to before, and in which order answers came.

use super::Durable;
use crate::run::durable::describe::{self, Description};
use crate::run::durable::fault::{broken, diverged, unreadable};
use crate::run::durable::outcome;
use crate::run::durable::settle::Cut;
use crate::run::durable::wait::needs_wait;
use crate::run::port::{Landed, News, Outcome, Stop, Submitted, Ticket};
use crate::script::{Answer, Effect, Step};

impl Durable {
    /// Answers from the record; `None` where it knows no outcome.
    pub(super) fn replay(
        &mut self,
        step: &Step,
        effect: &Effect,
        told: &Description,
    ) -> Result<Option<Submitted>, Stop> {
        let Some(row) = self.record.find(&step.key) else {
            return Ok(None);
        };
        if row.fingerprint != told.fingerprint {
            return Err(diverged(step, row, told));
        }
        let ticket = row.ticket;
        let Some(stored) = &row.outcome else {
            let cut = Cut {
                since: row.at,
                resend: row.resend,
                is_fresh: false,
            };
            let request = row.request.clone();
            return self
                .take_up(step, effect, (ticket, &request), cut)
                .map(Some);
        };
        let (since, stored) = (row.at, stored.clone());
        if needs_wait(effect) {
            self.activate(ticket, step, effect, since);
            return Ok(Some(Submitted::Pending(ticket)));
        }
        let outcome = outcome::from_row(&self.journal, &stored).map_err(broken)?;
        let outcome = outcome.ok_or_else(|| unreadable(&step.key))?;
        if let (Effect::Env(_), Ok(Answer::Text(text))) = (effect, &outcome) {
            self.veil.add(text);
        }
        Ok(Some(Submitted::Done(outcome)))
    }

    /// Returns the next completion of the record.
    pub(super) fn landed_before(&mut self) -> Result<Option<Landed>, Stop> {
        let active = &self.active;
        let Some(row) = self.record.next(|row| active.contains_key(&row.ticket)) else {
            return Ok(None);
        };
        let ticket = row.ticket;
        let stored = row.outcome.clone();
        let Some(active) = self.active.remove(&ticket) else {
            return Ok(None);
        };
        let read = stored.map(|stored| outcome::from_row(&self.journal, &stored));
        let outcome = read.transpose().map_err(broken)?.flatten();
        let outcome = outcome.ok_or_else(|| unreadable(&active.step.key))?;
        self.remember(&active.effect, &outcome);
        Ok(Some(self.landed(ticket, News::Outcome(outcome))))
    }

    /// What a recorded answer meant for the process that had it, it means for this one.
    fn remember(&self, effect: &Effect, outcome: &Outcome) {
        self.made.learn(effect, outcome);
        let Ok(Answer::Json(body)) = outcome else {
            return;
        };
        if let Effect::Call(call) = effect {
            self.live.remember_signed(call, body);
            if let Ok(value) = serde_json::from_slice(body) {
                describe::learn_fields(&value, &self.veil);
            }
        }
    }

    fn landed(&self, ticket: Ticket, news: News) -> Landed {
        Landed {
            ticket,
            news,
            awake: self.clock.join(),
        }
    }
}
