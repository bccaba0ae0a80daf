//! Reminders and escalation: what `ask` does while nobody answers.
//!
//! The question waits in several rounds, one after the other, with one identity: an answer that comes
//! between two of them, or while a closure is at work, is taken by the next one. When a round ends
//! follows from when the question was asked, so that a run that slept over some reminders makes up
//! for them with one.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rhai::{Array, Dynamic, FnPtr, Map};

use super::options::Options;
use crate::report::{Failure, FailureKind};
use crate::script::door::{Door, Raise, coming_step};
use crate::script::host::{Answer, Effect, Level, Question, Round};

/// What is done while nobody answers.
#[derive(Default)]
pub(super) struct Nudges {
    remind: Option<Remind>,
    escalate: Option<Escalate>,
}

struct Remind {
    every: Duration,
    to: Option<FnPtr>,
}

struct Escalate {
    after: Duration,
    to: FnPtr,
}

/// One question on the way to its answer.
struct Asking<'a> {
    door: &'a Door<'a>,
    question: Question,
    nudges: &'a Nudges,
    round: Round,
    /// When the next reminder is due.
    remind_at: Option<Timestamp>,
}

impl Nudges {
    /// Reads `remind` and `escalate` from the options of a function.
    pub(super) fn read(options: &Options, function: &str) -> Result<Self, Failure> {
        let remind = match options.get("remind") {
            Some(value) if value.is_map() => {
                let inner = options.inner(function, "remind")?.unwrap_or_default();
                Some(Remind {
                    every: needed(inner.duration("every")?, "remind", "every")?,
                    to: inner.closure("to")?,
                })
            }
            Some(_) => options
                .duration("remind")?
                .map(|every| Remind { every, to: None }),
            None => None,
        };
        let escalate = options.inner(function, "escalate")?;
        let escalate = escalate.map(|inner| {
            Ok::<_, Failure>(Escalate {
                after: needed(inner.duration("after")?, "escalate", "after")?,
                to: needed(inner.closure("to")?, "escalate", "to")?,
            })
        });
        let nudges = Self {
            remind,
            escalate: escalate.transpose()?,
        };
        nudges.check(options)
    }

    fn check(self, options: &Options) -> Result<Self, Failure> {
        let is_restless = |remind: &Remind| remind.every < Duration::from_secs(1);
        if self.remind.as_ref().is_some_and(is_restless) {
            return Err(Failure::invalid("`remind` must be a second at least"));
        }
        if !self.is_empty() && options.get("deadline").is_none() {
            let failure = Failure::invalid("`remind` and `escalate` need `deadline: …`");
            return Err(failure.hint("nobody is reminded for ever"));
        }
        Ok(self)
    }

    /// Returns whether nothing is to be done.
    pub(super) fn is_empty(&self) -> bool {
        self.remind.is_none() && self.escalate.is_none()
    }

    /// Asks, and reminds and escalates until somebody answers; `()` when the deadline has passed.
    pub(super) fn ask(&self, door: &Door<'_>, question: Question) -> Result<Dynamic, Raise> {
        let asked_at = now(door)?;
        let after = |length: Duration| later(asked_at, length);
        let escalates_at = self.escalate.as_ref().map(|escalate| after(escalate.after));
        let asking = Asking {
            door,
            nudges: self,
            round: Round {
                asked: coming_step(),
                asked_at,
                ends_at: after(question.deadline.unwrap_or_default()),
                reminders: 0,
                escalates_at,
                is_escalated: false,
                is_last: false,
            },
            remind_at: self.remind.as_ref().map(|remind| after(remind.every)),
            question,
        };
        asking.until_answered(asked_at)
    }
}

impl Asking<'_> {
    fn until_answered(mut self, mut now: Timestamp) -> Result<Dynamic, Raise> {
        loop {
            let ends_at = self.next();
            self.round.is_last = ends_at == self.round.ends_at;
            let length = Duration::try_from(ends_at.duration_since(now)).unwrap_or_default();
            let answer = self.door.value(Effect::Ask(Question {
                deadline: Some(length),
                round: Some(self.round.clone()),
                ..self.question.clone()
            }))?;
            if !answer.is_unit() || self.round.is_last {
                return Ok(answer);
            }
            now = self::now(self.door)?;
            if now < self.round.ends_at {
                self.nudge(now)?;
                now = self::now(self.door)?;
            }
        }
    }

    /// Returns when something is to be done next.
    fn next(&self) -> Timestamp {
        let due = [self.remind_at, self.round.escalates_at];
        let first = due.into_iter().flatten().min();
        first.map_or(self.round.ends_at, |at| at.min(self.round.ends_at))
    }

    /// Does what is due: of reminders that were slept over, one is made.
    fn nudge(&mut self, now: Timestamp) -> Result<(), Raise> {
        if let Some(remind) = &self.nudges.remind
            && self.remind_at.is_some_and(|at| at <= now)
        {
            self.remind_at = Some(next_beat(self.round.asked_at, remind.every, now));
            self.round.reminders += 1;
            self.tell("reminder", remind.to.as_ref())?;
        }
        if let Some(escalate) = &self.nudges.escalate
            && self.round.escalates_at.is_some_and(|at| at <= now)
        {
            self.round.escalates_at = None;
            self.round.is_escalated = true;
            self.tell("escalation", Some(&escalate.to))?;
        }
        Ok(())
    }

    /// Has the script tell somebody, or the log where it has no way of its own. A way that fails must
    /// not take the question with it: whoever was asked first can still answer.
    fn tell(&self, what: &str, to: Option<&FnPtr>) -> Result<(), Raise> {
        let text = &self.question.text;
        let Some(to) = to else {
            return self.log(Level::Warn, format!("still unanswered: `{text}`"));
        };
        match self.door.call(to, (self.told(),)) {
            Err(raise)
                if raise.unwrap_inner().is_catchable() && !self.door.run.control.is_stopped() =>
            {
                let why = why(&raise);
                self.log(
                    Level::Error,
                    format!("the {what} of `{text}` failed: {why}"),
                )
            }
            outcome => outcome.map(|_| ()),
        }
    }

    fn log(&self, level: Level, line: String) -> Result<(), Raise> {
        self.door.perform(Effect::Log(level, line)).map(|_| ())
    }

    /// Returns the question as closures are told it.
    fn told(&self) -> Map {
        let text = |text: &str| Dynamic::from(text.to_owned());
        let choices: Array = self.question.choices.iter().map(|one| text(one)).collect();
        let details = self.question.details.as_deref();
        Map::from_iter([
            ("text".into(), text(&self.question.text)),
            ("details".into(), details.map_or(Dynamic::UNIT, text)),
            ("choices".into(), choices.into()),
            ("step".into(), text(&self.round.asked.0)),
            ("asked_at".into(), text(&self.round.asked_at.to_string())),
            ("deadline".into(), text(&self.round.ends_at.to_string())),
            ("reminders".into(), i64::from(self.round.reminders).into()),
            ("is_escalated".into(), self.round.is_escalated.into()),
        ])
    }
}

/// Returns what an error says, in one line.
fn why(raise: &Raise) -> String {
    match raise.unwrap_inner() {
        rhai::EvalAltResult::ErrorRuntime(value, _) => match value.as_map_ref() {
            Ok(map) => map
                .get("message")
                .map_or_else(String::new, ToString::to_string),
            Err(_) => value.to_string(),
        },
        other => other.to_string(),
    }
}

fn needed<T>(value: Option<T>, option: &str, name: &str) -> Result<T, Failure> {
    value.ok_or_else(|| Failure::invalid(format!("`{option}` needs `{name}: …`")))
}

fn later(at: Timestamp, length: Duration) -> Timestamp {
    at.checked_add(length).unwrap_or(Timestamp::MAX)
}

/// Returns the first whole multiple of a length after `from` that is later than `now`.
fn next_beat(from: Timestamp, every: Duration, now: Timestamp) -> Timestamp {
    let passed = now.duration_since(from).as_nanos().max(0);
    let every = SignedDuration::try_from(every).map_or(i128::MAX, |every| every.as_nanos());
    let beats = passed / every.max(1) + 1;
    let length = i64::try_from(beats.saturating_mul(every)).unwrap_or(i64::MAX);
    from.checked_add(SignedDuration::from_nanos(length))
        .unwrap_or(Timestamp::MAX)
}

/// Returns the time, as the run sees it.
pub(super) fn now(door: &Door<'_>) -> Result<Timestamp, Raise> {
    match door.perform(Effect::Now)? {
        Answer::Time(time) => Ok(time),
        _ => Err(door.fail(Failure::new(FailureKind::Protocol, "there is no time"))),
    }
}
