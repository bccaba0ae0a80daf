//! The port of a durable run: answers from the record as far as it goes, then performs effects and
//! records them.
//!
//! The intent of what changes the world is on disk before anything is sent, with everything that was
//! recorded before; one forced write serves all intents that were handed over since the last one.

mod replay;

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::append;
use super::away::{self, Patience};
use super::cancel::Cancel;
use super::crash::Crash;
use super::describe::{self, Description};
use super::fault::{broken, cut_off, nothing_to_wait_for, uncertain_append};
use super::made::Made;
use super::outcome;
use super::record::Record;
use super::settle::{Cut, Settled, Settler, Way};
use super::wait::{self, Wait, needs_wait};
use crate::clock::{Clock, Sleep};
use crate::journal::{Journal, NewLine, NewStep, RunState, StepRow, Write, crash_point};
use crate::report::{Failure, FailureKind};
use crate::run::in_flight::{Flown, InFlight};
use crate::run::live::Live;
use crate::run::port::{Landed, News, Outcome, Port, Stop, Submitted, Ticket};
use crate::script::{Answer, Decision, Effect, Step, StepKey, Uncertain};
use crate::secret::Veil;

/// The effects of one durable run.
pub(super) struct Durable {
    journal: Journal,
    run: String,
    live: Arc<Live>,
    veil: Veil,
    clock: Arc<dyn Clock>,
    patience: Patience,
    /// Why the run stops when its record ends; `None`: it goes on with new effects.
    horizon: Option<Stop>,
    cancel: Arc<Cancel>,
    record: Record,
    /// Handed over, and not yet set on their way: their intents may not be on disk.
    held: Vec<(Ticket, Cut)>,
    flights: InFlight<Settled>,
    made: Made,
    active: HashMap<Ticket, Active>,
    /// Cut-off effects that somebody must decide about.
    undecided: HashMap<StepKey, (Ticket, Box<Uncertain>)>,
    /// Whether an intent must be on disk before anything is sent.
    must_force: bool,
    /// Whether the outcome of a change, or a line that was shown, is not committed yet.
    must_flush: bool,
    is_waiting: bool,
    crash: Option<Arc<Crash>>,
    is_dead: bool,
    /// The newest wait for what is waited for in several rounds.
    rounds: HashMap<StepKey, Ticket>,
}

/// An effect under way.
struct Active {
    step: Step,
    effect: Arc<Effect>,
    mutates: bool,
    wait: Option<Wait>,
}

/// What a run's port is made of.
pub(super) struct Parts {
    pub(super) journal: Journal,
    pub(super) run: String,
    pub(super) live: Live,
    pub(super) patience: Patience,
    pub(super) horizon: Option<Stop>,
    pub(super) cancel: Arc<Cancel>,
    pub(super) record: Record,
    pub(super) crash: Option<Arc<Crash>>,
}

impl Durable {
    /// Returns the port of a run that this process has claimed.
    pub(super) fn new(parts: Parts) -> Self {
        let clock = Arc::clone(&parts.live.around().clock);
        if parts.record.is_repeated() {
            parts.cancel.go_live();
        }
        Self {
            journal: parts.journal,
            run: parts.run,
            veil: parts.live.around().veil.clone(),
            live: Arc::new(parts.live),
            flights: InFlight::new(Arc::clone(&clock)),
            clock,
            patience: parts.patience,
            horizon: parts.horizon,
            cancel: parts.cancel,
            record: parts.record,
            held: Vec::new(),
            made: Made::default(),
            active: HashMap::new(),
            undecided: HashMap::new(),
            must_force: false,
            must_flush: false,
            is_waiting: false,
            crash: parts.crash,
            is_dead: false,
            rounds: HashMap::new(),
        }
    }

    /// Returns whether a test has the run dead.
    pub(super) fn is_dead(&self) -> bool {
        self.is_dead
    }

    /// Passes a border of an effect, where a test may have the run die.
    fn pass(&mut self, point: &str) -> Result<(), Stop> {
        self.is_dead = Crash::pass(self.crash.as_deref(), point);
        if self.is_dead {
            return Err(Stop::Killed);
        }
        Ok(())
    }

    /// Returns what the run waits for, and nothing else.
    pub(super) fn waits(&self) -> Option<Vec<&Wait>> {
        let waits: Option<Vec<_>> = self.active.values().map(|one| one.wait.as_ref()).collect();
        waits.filter(|waits| !waits.is_empty())
    }

    /// Returns whether the journal says already that the run only waits.
    pub(super) fn is_noted(&self) -> bool {
        self.is_waiting
    }

    /// Returns a step of the record that the script did not ask for again.
    pub(super) fn forgotten(&self) -> Option<&StepRow> {
        self.record.forgotten()
    }

    /// Returns the secrets that the run knows.
    pub(super) fn veil(&self) -> &Veil {
        &self.veil
    }

    fn show(&mut self, step: &Step, effect: &Effect) -> Result<(), Stop> {
        let (level, text) = match effect {
            Effect::Log(level, text) => (Some(level.as_str().to_owned()), text),
            Effect::Print(text) => (None, text),
            _ => return Ok(()),
        };
        if !self.record.show(&step.key) || self.horizon.is_some() {
            return Ok(());
        }
        let line = NewLine {
            run: self.run.clone(),
            key: step.key.0.clone(),
            level,
            text: self.veil.hide(text).into_owned(),
            at: self.clock.now(),
        };
        self.put(Write::Line(line))?;
        self.must_flush = true;
        // Showing it needs no wait, and no answer.
        _ = self.live.at_once(effect.clone());
        Ok(())
    }

    /// Goes beyond the record, where the run may.
    fn leave_record(&self) -> Result<(), Stop> {
        match &self.horizon {
            Some(stop) => Err(stop.clone()),
            None if self.cancel.leave_record() => Err(Stop::Cancelled),
            None => Ok(()),
        }
    }

    /// Takes up an effect whose intent is recorded and whose outcome is not.
    fn take_up(
        &mut self,
        step: &Step,
        effect: &Effect,
        (ticket, request): (Ticket, &str),
        cut: Cut,
    ) -> Result<Submitted, Stop> {
        if needs_wait(effect) {
            self.activate(ticket, step, effect, cut.since);
            self.held.push((ticket, cut));
            return Ok(Submitted::Pending(ticket));
        }
        self.leave_record()?;
        let outcome = match effect {
            Effect::WriteFile {
                file,
                content,
                append: true,
            } if !cut.resend => {
                match append::go_on(&self.live.around().project, file, content, request) {
                    Some(outcome) => outcome,
                    None => return Err(uncertain_append(step, file, cut.since)),
                }
            }
            effect => self.at_once(effect.clone()),
        };
        self.record_outcome(ticket, effect, &outcome, Way::default())?;
        Ok(Submitted::Done(outcome))
    }

    /// Takes an effect that the record does not know.
    fn begin(
        &mut self,
        step: &Step,
        effect: &Effect,
        told: Description,
    ) -> Result<Submitted, Stop> {
        self.leave_record()?;
        let ticket = self.record.next_ticket;
        self.record.next_ticket += 1;
        let now = self.clock.now();
        let mutates = told.mutates;
        let request = match effect {
            Effect::WriteFile { file, append, .. } if *append => {
                append::with_size(&self.live.around().project, file, told.request)
            }
            _ => told.request,
        };
        self.put(Write::Step(NewStep {
            run: self.run.clone(),
            ticket,
            key: step.key.0.clone(),
            kind: told.kind.into(),
            name: self.veil.hide(&told.name).into_owned(),
            fingerprint: told.fingerprint,
            source: step.site.source.clone(),
            line: u32::try_from(step.site.line).unwrap_or(u32::MAX),
            column: u32::try_from(step.site.column).unwrap_or(u32::MAX),
            request: request.to_string(),
            mutates,
            at: now,
        }))?;
        if needs_wait(effect) {
            self.must_force |= mutates;
            self.activate(ticket, step, effect, now);
            self.held.push((ticket, Cut::fresh(now)));
            return Ok(Submitted::Pending(ticket));
        }
        // What was read before a file was written cannot be read again after it.
        if mutates || matches!(effect, Effect::WriteFile { .. }) {
            self.journal.force().map_err(broken)?;
        }
        self.pass("run::at_once::before")?;
        let outcome = self.at_once(effect.clone());
        self.pass("run::at_once::after")?;
        self.record_outcome(ticket, effect, &outcome, Way::default())?;
        Ok(Submitted::Done(outcome))
    }

    fn at_once(&self, effect: Effect) -> Outcome {
        self.live.at_once(effect).unwrap_or_else(|effect| {
            let what = format!("`{effect:?}` needs a wait");
            Err(Failure::new(FailureKind::Protocol, what))
        })
    }

    fn activate(&mut self, ticket: Ticket, step: &Step, effect: &Effect, since: Timestamp) {
        let mut wait = Wait::of(effect, &step.key, since);
        if let Some(wait) = &mut wait {
            wait.follow(&mut self.rounds, ticket);
        }
        let active = Active {
            step: step.clone(),
            wait,
            effect: Arc::new(effect.clone()),
            mutates: describe::mutates(effect),
        };
        self.active.insert(ticket, active);
    }

    /// Sets everything on its way that was handed over; what changes the world only when its intent
    /// is on disk.
    fn set_out(&mut self) -> Result<(), Stop> {
        // What was done or shown must not be lost while the run waits for something else.
        let is_long = self.held.iter().any(|(ticket, _)| {
            let active = self.active.get(ticket);
            active.is_some_and(|active| active.wait.is_some())
        });
        let must_flush = std::mem::take(&mut self.must_flush) || is_long;
        if std::mem::take(&mut self.must_force) {
            self.journal.force().map_err(broken)?;
        } else if must_flush {
            self.journal.flush().map_err(broken)?;
        }
        match self.held.is_empty() {
            true => crash_point("run::send::before"),
            false => self.pass("run::send::before")?,
        }
        for (ticket, cut) in std::mem::take(&mut self.held) {
            let Some(active) = self.active.get(&ticket) else {
                continue;
            };
            let settler = Settler {
                live: Arc::clone(&self.live),
                journal: self.journal.clone(),
                run: self.run.clone(),
                step: active.step.clone(),
                patience: self.patience.clone(),
                ticket,
                made: self.made.clone(),
            };
            let effect = Arc::clone(&active.effect);
            let wait = active.wait.clone();
            if let Some(wait) = &wait {
                self.put(Write::Wait(wait.row(&self.run, ticket, &self.veil)))?;
                wait.replaces
                    .map_or(Ok(()), |earlier| self.end_wait(earlier))?;
            }
            self.flights.start(
                ticket,
                async move { settler.settle(&effect, wait, cut).await },
            );
        }
        Ok(())
    }

    /// Notes that the run only waits, or that it goes on.
    fn note_waiting(&mut self) -> Result<(), Stop> {
        let state = self.waits().map(|waits| wait::summary(&waits));
        if state.is_some() == self.is_waiting {
            return Ok(());
        }
        self.is_waiting = state.is_some();
        let (state, wake_at, reason) = match state {
            Some((wake_at, reason)) => (RunState::Waiting, wake_at, Some(reason)),
            None => (RunState::Running, None, None),
        };
        self.put(Write::State {
            run: self.run.clone(),
            state,
            wake_at,
            reason,
        })
    }

    /// Records what came of an effect under way.
    fn land(&mut self, flown: Flown<Settled>) -> Result<Landed, Stop> {
        let Flown {
            ticket,
            result,
            awake,
        } = flown;
        self.pass("run::answer::before")?;
        let Some(active) = self.active.remove(&ticket) else {
            return Err(nothing_to_wait_for());
        };
        let news = result.news?;
        // What is waited for in rounds stays to be seen until the next one has begun.
        let goes_on =
            |wait: &Wait| matches!(&news, News::Outcome(outcome) if wait.goes_on(outcome));
        if active.wait.as_ref().is_some_and(|wait| !goes_on(wait)) {
            self.end_wait(ticket)?;
        }
        let news = match news {
            News::Outcome(outcome) => {
                self.must_flush |= active.mutates;
                self.record_outcome(ticket, &active.effect, &outcome, result.way)?;
                News::Outcome(outcome)
            }
            News::Uncertain(uncertain) => {
                let key = active.step.key.clone();
                self.undecided.insert(key, (ticket, uncertain.clone()));
                self.active.insert(ticket, active);
                News::Uncertain(uncertain)
            }
        };
        Ok(Landed {
            ticket,
            news,
            awake,
        })
    }

    fn record_outcome(
        &mut self,
        ticket: Ticket,
        effect: &Effect,
        outcome: &Outcome,
        way: Way,
    ) -> Result<(), Stop> {
        self.made.learn(effect, outcome);
        let row = outcome::to_row(&self.journal, &self.veil, effect, outcome).map_err(broken)?;
        let done_seq = self.record.next_done;
        self.record.next_done += 1;
        self.put(Write::Outcome {
            run: self.run.clone(),
            ticket,
            done_seq,
            at: self.clock.now(),
            attempts: way.attempts,
            note: way.note,
            outcome: row,
        })
    }

    fn end_wait(&self, ticket: Ticket) -> Result<(), Stop> {
        self.put(Write::EndWait {
            run: self.run.clone(),
            ticket,
        })
    }

    fn put(&self, write: Write) -> Result<(), Stop> {
        self.journal.put(write).map_err(broken)
    }
}

impl Port for Durable {
    fn submit(&mut self, step: &Step, effect: Effect) -> Result<Submitted, Stop> {
        if matches!(effect, Effect::Print(_) | Effect::Log(..)) {
            self.show(step, &effect)?;
            return Ok(Submitted::Done(Ok(Answer::Nothing)));
        }
        let told = Description::of(&effect, &self.veil);
        let replayed = self.replay(step, &effect, &told)?;
        if self.record.is_repeated() {
            self.cancel.go_live();
        }
        match replayed {
            Some(submitted) => Ok(submitted),
            None => self.begin(step, &effect, told),
        }
    }

    fn decide(&mut self, step: &Step, decision: Decision) -> Result<Submitted, Stop> {
        let Some((ticket, uncertain)) = self.undecided.remove(&step.key) else {
            return Err(nothing_to_wait_for());
        };
        let Some(active) = self.active.remove(&ticket) else {
            return Err(nothing_to_wait_for());
        };
        let outcome = match decision {
            Decision::Ask => return Err(Stop::Uncertain(uncertain)),
            Decision::Retry => {
                let mut cut = Cut::fresh(self.clock.now());
                cut.resend = true;
                self.active.insert(ticket, active);
                self.held.push((ticket, cut));
                return Ok(Submitted::Pending(ticket));
            }
            Decision::Fail => Err(cut_off()),
            Decision::Done(value) => Ok(Answer::Json(value.to_string().into_bytes())),
        };
        let way = Way::noted("decided by the script");
        self.record_outcome(ticket, &active.effect, &outcome, way)?;
        Ok(Submitted::Done(outcome))
    }

    async fn next(&mut self) -> Result<Landed, Stop> {
        if let Some(landed) = self.landed_before()? {
            return Ok(landed);
        }
        self.leave_record()?;
        self.set_out()?;
        self.note_waiting()?;
        if let (true, Patience::Suspend(_)) = (self.is_waiting, &self.patience) {
            // What has come already is taken before the run is put away.
            tokio::select! {
                biased;
                flown = self.flights.next() => return self.arrive(flown),
                () = self.clock.sleep(away::MOMENT) => return Err(Stop::Suspended),
            }
        }
        let flown = self.flights.next().await;
        self.arrive(flown)
    }

    fn begin_clean_up(&mut self) -> Result<(), Stop> {
        if !matches!(self.horizon, Some(Stop::Cancelled)) {
            self.put(Write::CancelledAt {
                run: self.run.clone(),
                done_seq: self.record.next_done,
            })?;
        }
        self.horizon = None;
        // Whatever is ordered now, the clean-up comes to its end.
        self.cancel.order();
        self.cancel = Arc::default();
        Ok(())
    }

    async fn wind_down(&mut self, mut patience: Sleep) {
        for (ticket, _) in std::mem::take(&mut self.held) {
            if self.is_dead {
                self.active.remove(&ticket);
            }
        }
        while self.active.values().any(|one| one.mutates) {
            let flown = tokio::select! {
                biased;
                () = &mut patience => None,
                flown = self.flights.next() => flown,
            };
            let Some(flown) = flown else { break };
            if self.is_dead {
                // What was sent is done by whoever got it; nobody is left to note it.
                self.active.remove(&flown.ticket);
            } else if self.land(flown).is_err() {
                break;
            }
        }
        self.flights.clear();
    }
}

impl Durable {
    fn arrive(&mut self, flown: Option<Flown<Settled>>) -> Result<Landed, Stop> {
        let flown = flown.ok_or_else(nothing_to_wait_for)?;
        let landed = self.land(flown)?;
        if self.is_waiting {
            self.is_waiting = false;
            self.put(Write::State {
                run: self.run.clone(),
                state: RunState::Running,
                wake_at: None,
                reason: None,
            })?;
        }
        Ok(landed)
    }
}
