//! The Host of a plan: reads go to the world, changes are noted and answered by an understudy.
//!
//! Nothing is sent that changes anything, and nothing is waited for: time passes at once. Where the
//! world is a simulator that is thrown away afterwards, it answers the changes itself.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use super::branches::Branches;
use super::made::{self, Made};
use super::model::{Change, Plan};
use super::understudy;
use crate::api::Response;
use crate::catalog::{self, Call};
use crate::run::durable::Description;
use crate::run::ephemeral::EphemeralHost;
use crate::run::transfer;
use crate::script::{Answer, Branch, Effect, Halt, Host, Question, Step, WaitJob, pass_on_to};
use crate::secret::Veil;

/// Answers calls in the place of the API: with what is documented.
pub type Understudy = Box<dyn Fn(&Call) -> Option<Value> + Send + Sync>;

/// The Host of a plan.
pub struct PlanHost {
    inner: EphemeralHost,
    understudy: Understudy,
    veil: Veil,
    /// Whether the world is thrown away, so that all may happen in it.
    rehearses: bool,
    notes: Mutex<Notes>,
}

struct Notes {
    plan: Plan,
    branches: Branches,
    made: Made,
    /// How far time has passed that nobody waited for.
    ahead: Duration,
    /// How often something was waited for, now and at the time of each change.
    waits: usize,
    waits_at: Vec<usize>,
    /// Why the plan ends before the script.
    end: Option<String>,
}

impl PlanHost {
    /// Returns the Host of a plan of a script; other effects go to `inner`.
    pub fn new(script: &str, inner: EphemeralHost, understudy: Understudy, veil: Veil) -> Self {
        Self {
            inner,
            understudy,
            veil,
            rehearses: false,
            notes: Mutex::new(Notes {
                plan: Plan::new(script),
                branches: Branches::default(),
                made: Made::default(),
                ahead: Duration::ZERO,
                waits: 0,
                waits_at: Vec::new(),
                end: None,
            }),
        }
    }

    /// Lets all happen in the world, which is a simulator that is thrown away.
    #[must_use]
    pub fn rehearsing(mut self) -> Self {
        self.rehearses = true;
        self
    }

    /// Returns the plan, with the script's result, or why it ended before.
    pub fn conclude(&self, ended: Result<Value, String>) -> Plan {
        let notes = self.notes();
        let mut plan = notes.plan.clone();
        let ended = match &notes.end {
            Some(why) => Err(why.clone()),
            None => ended,
        };
        match ended {
            Ok(mut result) => {
                notes.made.tell(&mut result);
                self.veil.hide_in(&mut result);
                plan.result = result;
            }
            Err(why) => plan.ends = Some(self.veil.hide(&why).into_owned()),
        }
        plan
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a change, and answers it.
    fn change(&self, step: &Step, effect: Effect, told: Description) -> Result<Answer, Halt> {
        let request = told.request.clone();
        let number = self.note(step, &effect, told)?;
        // What a script writes goes to a folder that is thrown away.
        let is_scratch = self.rehearses || matches!(effect, Effect::WriteFile { .. });
        if is_scratch && !matches!(effect, Effect::Http(_)) {
            let answer = self.inner.perform(step, effect)?;
            if let Answer::Json(text) = &answer {
                let value = serde_json::from_slice(text).unwrap_or_default();
                self.notes().made.note(number, &request, &value);
            }
            return Ok(answer);
        }
        Ok(match &effect {
            Effect::Call(call) => {
                let mut answer = self.answer(call).unwrap_or_default();
                self.notes().made.stand_in(number, &request, &mut answer);
                in_its_form(call, &answer)
            }
            Effect::Request(_) => json_answer(&Value::Null),
            Effect::Http(_) => {
                self.assume(step, "that the other host answers 200 and nothing");
                json_answer(&json!({ "status": 200, "headers": {}, "body": "" }))
            }
            Effect::Download { .. } => Answer::Bits(0),
            _ => Answer::Nothing,
        })
    }

    /// Adds a change to the plan; returns its number.
    ///
    /// A change that is made again after a wait shows that the script waits for what only the real
    /// system does: the plan ends there.
    fn note(&self, step: &Step, effect: &Effect, told: Description) -> Result<usize, Halt> {
        let mut notes = self.notes();
        let number = notes.plan.changes.len() + 1;
        let mut request = told.request;
        notes.made.tell(&mut request);
        if let Effect::WriteFile { content, .. } = effect {
            notes.made.tell_content(content, &mut request);
        }
        let change = Change {
            number,
            branch: notes.branches.name(&step.branch),
            kind: told.kind.to_owned(),
            name: told.name,
            needs: made::needed(&request),
            request,
            destroys: matches!(effect, Effect::Call(call) if call.endpoint.destructive),
            at: format!("{}:{}", step.site.source, step.site.line),
        };
        let changes = notes.plan.changes.iter().zip(&notes.waits_at);
        let mut again = changes.filter(|(made, waits)| {
            let is_same = (&made.branch, &made.name) == (&change.branch, &change.name);
            is_same && made.request == change.request && **waits < notes.waits
        });
        if let Some((made, _)) = again.next().filter(|_| !self.rehearses) {
            notes.end = Some(format!(
                "at {} it waits for what follows from change {}, which only the real system can tell",
                change.at, made.number
            ));
            return Err(Halt::Stopped);
        }
        let waits = notes.waits;
        notes.waits_at.push(waits);
        notes.plan.changes.push(change);
        Ok(number)
    }

    /// Answers a call with what is documented, and what the request says of it.
    fn answer(&self, call: &Call) -> Option<Value> {
        Some(understudy::told(call, (self.understudy)(call)?))
    }

    /// Answers a read of what a change of the plan would make.
    fn read_made(&self, step: &Step, effect: &Effect) -> Answer {
        match effect {
            Effect::Call(call) => {
                let mut answer = self.answer(call).unwrap_or_default();
                if let Some(Value::Array(items)) =
                    call.endpoint.list.and_then(|list| answer.get_mut(list))
                {
                    items.clear();
                    self.assume(step, "that what was just made has nothing in it");
                }
                in_its_form(call, &answer)
            }
            Effect::WaitJob(wait) => self.finished(step, wait),
            _ => json_answer(&Value::Null),
        }
    }

    /// Answers the wait for a Job that cannot be waited for: it completes.
    fn finished(&self, step: &Step, wait: &WaitJob) -> Answer {
        self.assume(step, "that the Job completes, and asks nobody");
        let Some(endpoint) = catalog::by_name("jobs.get") else {
            return json_answer(&Value::Null);
        };
        let call = Call {
            endpoint,
            path: vec![wait.job.clone()],
            fields: serde_json::Map::new(),
        };
        let mut answer = self.answer(&call).unwrap_or_default();
        if let Some(Value::Object(job)) = answer.get_mut(endpoint.resource.unwrap_or("run")) {
            job.insert("id".into(), wait.job.clone().into());
            job.insert("status".into(), "completed".into());
        }
        json_answer(&answer)
    }

    fn ask(&self, step: &Step, question: &Question) -> Answer {
        let (assumed, answer) = match question.choices.first() {
            Some(choice) => (format!("that the answer is `{choice}`"), json!(choice)),
            None if question.deadline.is_some() => ("that nobody answers".into(), Value::Null),
            None => ("that the answer is empty".into(), json!("")),
        };
        self.assume(step, &format!("`{}`: {assumed}", question.text));
        json_answer(&answer)
    }

    /// Notes what was assumed at a line, once.
    fn assume(&self, step: &Step, what: &str) {
        let line = format!("{}:{}: {what}", step.site.source, step.site.line);
        let mut notes = self.notes();
        if !notes.plan.assumed.contains(&line) {
            notes.plan.assumed.push(line);
        }
    }

    /// Waits for nothing: what the wait is for is assumed.
    fn wait(&self, step: &Step, effect: Effect) -> Result<Answer, Halt> {
        let is_wait = matches!(effect, Effect::Sleep(_) | Effect::WaitJob(_));
        self.notes().waits += usize::from(is_wait);
        match effect {
            Effect::Sleep(duration) if !self.rehearses => {
                self.notes().ahead += duration;
                Ok(Answer::Nothing)
            }
            Effect::Now => {
                let now = self.inner.perform(step, Effect::Now)?;
                Ok(match now {
                    Answer::Time(now) => {
                        let ahead = self.notes().ahead;
                        Answer::Time(now.checked_add(ahead).unwrap_or(now))
                    }
                    other => other,
                })
            }
            Effect::Ask(question) => Ok(self.ask(step, &question)),
            Effect::Signal(wait) => {
                let what = format!("that the signal `{}` does not come", wait.name);
                self.assume(step, &what);
                Ok(json_answer(&Value::Null))
            }
            Effect::WaitJob(wait) if !self.rehearses => Ok(self.finished(step, &wait)),
            effect => self.inner.perform(step, effect),
        }
    }
}

fn in_its_form(call: &Call, answer: &Value) -> Answer {
    let body = answer.to_string();
    let response = Response {
        status: 200,
        media: call.endpoint.answer_media.to_owned(),
        request_id: None,
        date: None,
        body: body.into(),
    };
    transfer::answer_of(call.endpoint, response)
}

fn json_answer(value: &Value) -> Answer {
    Answer::Json(value.to_string().into_bytes())
}

impl Host for PlanHost {
    pass_on_to!(inner);

    fn perform(&self, step: &Step, effect: Effect) -> Result<Answer, Halt> {
        let told = Description::of(&effect, &self.veil);
        if super::changes(&effect, &told) {
            return self.change(step, effect, told);
        }
        if Made::mentioned(&told.request) {
            return Ok(self.read_made(step, &effect));
        }
        self.wait(step, effect)
    }

    fn fork(&self, parent: &Branch, first: &[Branch]) {
        self.notes().branches.fork(first);
        self.inner.fork(parent, first);
    }
}
