//! Brings an effect to its end, also one that was cut off: what may have been done is looked for
//! before it is sent again.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::away::{self, Patience};
use super::describe::Description;
use super::fault::broken;
use super::made::Made;
use super::wait::{self, Wait};
use crate::catalog::Call;
use crate::clock::{self, Clock};
use crate::journal::{Delivered, Journal, JournalError, NewEvent};
use crate::report::{Failure, FailureKind};
use crate::run::console::Reply;
use crate::run::live::Live;
use crate::run::port::{News, Outcome, Stop, Ticket};
use crate::run::recover::{self, Found, Lost, Remedy};
use crate::run::transfer;
use crate::script::{Answer, Effect, Question, SignalWait, Step, StepKey, Uncertain, WaitJob};

/// How often a call is sent that is cut off each time before somebody must look at it.
const MOST_SENDS: u32 = 4;

/// How an effect was cut off before, if it was.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cut {
    /// When it was about to be sent.
    pub(super) since: Timestamp,
    /// Whether somebody has said that it shall be sent again.
    pub(super) resend: bool,
    /// Whether it was never sent before.
    pub(super) is_fresh: bool,
}

impl Cut {
    /// Returns the state of an effect that is sent for the first time.
    pub(super) fn fresh(now: Timestamp) -> Self {
        Self {
            since: now,
            resend: false,
            is_fresh: true,
        }
    }
}

/// What became of an effect, and what to note with it.
pub(super) struct Settled {
    pub(super) news: Result<News, Stop>,
    pub(super) way: Way,
}

/// How an effect came to its end.
#[derive(Debug)]
pub(super) struct Way {
    /// How often it was sent.
    pub(super) attempts: u32,
    /// What a person should know about it.
    pub(super) note: Option<String>,
}

impl Default for Way {
    fn default() -> Self {
        Self {
            attempts: 1,
            note: None,
        }
    }
}

impl Way {
    /// Returns the way of an effect of which something is to be said.
    pub(super) fn noted(note: &str) -> Self {
        Self {
            note: Some(note.to_owned()),
            ..Self::default()
        }
    }
}

/// Whoever brings one effect to its end.
pub(super) struct Settler {
    pub(super) live: Arc<Live>,
    pub(super) journal: Journal,
    pub(super) run: String,
    pub(super) step: Step,
    pub(super) patience: Patience,
    pub(super) ticket: Ticket,
    pub(super) made: Made,
}

impl Settler {
    /// Brings an effect to its end.
    pub(super) async fn settle(&self, effect: &Effect, wait: Option<Wait>, cut: Cut) -> Settled {
        let outcome = match (effect, wait) {
            (Effect::Sleep(_), Some(wait)) => {
                clock::until(self.clock(), wait.until).await;
                Ok(Ok(Answer::Nothing))
            }
            (Effect::Signal(signal), Some(wait)) => self.signal(signal, &wait).await,
            (Effect::Ask(question), Some(wait)) => self.ask(question, &wait).await,
            (Effect::WaitJob(job), Some(wait)) => Ok(self.job(job.clone(), &wait).await),
            (effect, _) => return self.send(effect, cut).await,
        };
        Settled {
            news: outcome.map(News::Outcome),
            way: Way::default(),
        }
    }

    /// Sends what talks to the outside; looks first whether it was done, where that is not clear.
    async fn send(&self, effect: &Effect, cut: Cut) -> Settled {
        let mut must_look = !cut.is_fresh && !cut.resend && is_once(effect);
        let mut attempts = 0;
        loop {
            if must_look {
                match self.look_up(effect, cut.since).await {
                    Seen::Done(outcome) => {
                        let note = "was cut off, and found to be done".to_owned();
                        return settled(News::Outcome(outcome), attempts, Some(note));
                    }
                    Seen::NotDone => {}
                    Seen::Unclear(why) => return self.uncertain(effect, cut.since, why, attempts),
                }
            }
            if attempts == MOST_SENDS {
                let why = format!("it was cut off {attempts} times");
                return self.uncertain(effect, cut.since, why, attempts);
            }
            attempts += 1;
            let outcome = self.perform(effect).await;
            if !cut.is_fresh
                && let Err(failure) = &outcome
                && let Some(answer) = recover::done_before(effect, failure)
            {
                let note = "was cut off, and had been done".to_owned();
                return settled(News::Outcome(Ok(answer)), attempts, Some(note));
            }
            if !(is_once(effect) && is_unclear(&outcome)) {
                return settled(News::Outcome(outcome), attempts, None);
            }
            must_look = true;
        }
    }

    async fn perform(&self, effect: &Effect) -> Outcome {
        self.live.perform(&self.step.key.0, effect.clone()).await
    }

    /// Looks what became of an effect that was cut off.
    async fn look_up(&self, effect: &Effect, since: Timestamp) -> Seen {
        let (call, team) = match recover::remedy(effect) {
            Remedy::LookUp { call, team } => (call, team),
            Remedy::Repeat | Remedy::Compare => return Seen::NotDone,
            Remedy::Ask(why) => return Seen::Unclear(why),
        };
        match self.search(&call, team.as_deref(), since).await {
            Ok(Found::Adopt(adopted)) => {
                self.made.add(adopted.made);
                Seen::Done(Ok(match effect {
                    Effect::Call(call) => transfer::answer_of(call.endpoint, adopted.answer),
                    _ => Answer::Json(adopted.answer.body.into()),
                }))
            }
            Ok(Found::Absent) => Seen::NotDone,
            Ok(Found::CannotTell { why, candidates }) => {
                let told = candidates.iter().map(|one| format!("; {}", one.summary));
                Seen::Unclear(format!("{why}{}", told.collect::<String>()))
            }
            Err(failure) => Seen::Unclear(format!("the look-up failed: {failure}")),
        }
    }

    async fn search(
        &self,
        call: &Call,
        team: Option<&str>,
        since: Timestamp,
    ) -> Result<Found, Failure> {
        let client = self.live.client()?;
        if let Some(team) = team
            && client.team().await? != team
        {
            let what = format!("the request went to another team, `{team}`");
            return Err(Failure::new(FailureKind::Refused, what));
        }
        let taken = self.made.known();
        let lost = Lost {
            call,
            intent_at: since,
            taken: &taken,
        };
        recover::look_up(client, &lost, self.clock()).await
    }

    fn uncertain(&self, effect: &Effect, since: Timestamp, why: String, attempts: u32) -> Settled {
        let told = Description::of(effect, &self.live.around().veil);
        let uncertain = Uncertain {
            step: self.step.clone(),
            endpoint: told.name,
            request: told.request,
            since,
            why,
        };
        settled(News::Uncertain(Box::new(uncertain)), attempts, None)
    }

    /// Waits for a Job, unless what it came to was brought.
    async fn job(&self, mut job: WaitJob, wait: &Wait) -> Outcome {
        if let Patience::Suspend(away) = &self.patience {
            if let Some(outcome) = away.take(self.ticket) {
                return outcome.map(Answer::Json);
            }
            // A run that is put away in a moment need not look.
            self.clock().sleep(2 * away::MOMENT).await;
        }
        job.timeout = left(self.clock(), wait.until);
        self.perform(&Effect::WaitJob(job)).await
    }

    async fn signal(&self, signal: &SignalWait, wait: &Wait) -> Result<Outcome, Stop> {
        tokio::select! {
            biased;
            event = wait::event(&self.journal, &self.run, &signal.name) => {
                let value = event.map_err(broken)?.value;
                Ok(Ok(Answer::Json(format!("{{\"value\":{value}}}").into_bytes())))
            }
            () = clock::until(self.clock(), wait.until) => Ok(Ok(nobody_came())),
        }
    }

    /// Asks at the terminal, and waits for an answer from elsewhere too; the first one counts.
    async fn ask(&self, question: &Question, wait: &Wait) -> Result<Outcome, Stop> {
        let name = answer_name(question.identity(&self.step.key));
        // Simulated time must not run to the deadline while somebody thinks.
        let thinking = self.clock().join();
        let asked = &name;
        let in_front = async move {
            if matches!(self.patience, Patience::Suspend(_)) {
                drop(thinking);
                return std::future::pending().await;
            }
            match self.live.ask(question).await {
                // Nor while it is heard: the sleep until the deadline ends after this.
                Reply::Answered(text) => (self.answered(asked, &text), thinking),
                // The deadline ends the wait, and may be long in coming.
                Reply::TooLate | Reply::Nobody => {
                    drop(thinking);
                    std::future::pending().await
                }
            }
        };
        let answer = tokio::select! {
            biased;
            event = wait::event(&self.journal, &self.run, &name) => event.map_err(broken)?.value,
            (answer, _thinking) = in_front => answer.map_err(broken)?,
            () = clock::until(self.clock(), wait.until) => return Ok(Ok(nobody_came())),
        };
        Ok(Ok(Answer::Json(answer.into_bytes())))
    }

    /// Keeps the answer of the terminal, unless another one was faster; returns the one that counts.
    fn answered(&self, name: &str, text: &str) -> Result<String, JournalError> {
        let value = Value::from(text).to_string();
        let delivered = self.journal.deliver(NewEvent {
            run: self.run.clone(),
            name: name.to_owned(),
            value: value.clone(),
            by: Some("terminal".into()),
            at: self.clock().now(),
        })?;
        Ok(match delivered {
            Delivered::Duplicate(first) => first.value,
            Delivered::Accepted | Delivered::NoRun => value,
        })
    }

    fn clock(&self) -> &dyn Clock {
        self.live.around().clock.as_ref()
    }
}

/// What a look-up has shown.
enum Seen {
    Done(Outcome),
    NotDone,
    Unclear(String),
}

/// Returns the name of the event that answers the question of a step.
pub fn answer_name(step: &StepKey) -> String {
    format!("answer:{}", step.0)
}

fn settled(news: News, attempts: u32, note: Option<String>) -> Settled {
    Settled {
        news: Ok(news),
        way: Way { attempts, note },
    }
}

fn nobody_came() -> Answer {
    Answer::Json(b"null".to_vec())
}

fn left(clock: &dyn Clock, until: Timestamp) -> Duration {
    Duration::try_from(until.duration_since(clock.now())).unwrap_or_default()
}

/// Returns whether a repeat of the effect may do the work twice.
fn is_once(effect: &Effect) -> bool {
    !matches!(recover::remedy(effect), Remedy::Repeat)
}

/// Returns whether an outcome leaves open what the server has done: nothing was answered, or a
/// gateway answered for it.
fn is_unclear(outcome: &Outcome) -> bool {
    let Err(failure) = outcome else {
        return false;
    };
    if failure.retryable {
        return false;
    }
    match failure.kind {
        FailureKind::Network | FailureKind::Timeout => true,
        FailureKind::Protocol => failure.status.is_none_or(|status| status < 300),
        _ => matches!(failure.status, Some(502 | 504)),
    }
}
