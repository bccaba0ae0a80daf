//! The Host of a plan: reads go to the world, changes are noted and answered by an understudy.
//!
//! Nothing is sent that changes anything, and nothing is waited for: time passes at once.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use super::branches::Branches;
use super::made::Made;
use super::model::{Change, Plan};
use crate::api::Response;
use crate::catalog::{self, Call};
use crate::report::Failure;
use crate::run::durable::Description;
use crate::run::ephemeral::EphemeralHost;
use crate::run::transfer;
use crate::script::{
    Answer, Branch, Decision, Effect, Halt, Host, Question, Source, Step, WaitJob,
};
use crate::secret::Veil;

/// Answers calls in the place of the API: with what is documented.
pub type Understudy = Box<dyn Fn(&Call) -> Option<Value> + Send + Sync>;

/// The Host of a plan.
pub struct PlanHost {
    inner: EphemeralHost,
    understudy: Understudy,
    veil: Veil,
    /// Whether time is the simulator's, so that a wait may pass in it.
    waits: bool,
    notes: Mutex<Notes>,
}

struct Notes {
    plan: Plan,
    branches: Branches,
    made: Made,
    /// How far time has passed that nobody waited for.
    ahead: Duration,
}

impl PlanHost {
    /// Returns the Host of a plan of a script; other effects go to `inner`.
    pub fn new(script: &str, inner: EphemeralHost, understudy: Understudy, veil: Veil) -> Self {
        Self {
            inner,
            understudy,
            veil,
            waits: false,
            notes: Mutex::new(Notes {
                plan: Plan::new(script),
                branches: Branches::default(),
                made: Made::default(),
                ahead: Duration::ZERO,
            }),
        }
    }

    /// Lets waits pass in the time of the world, which is simulated.
    #[must_use]
    pub fn waiting(mut self) -> Self {
        self.waits = true;
        self
    }

    /// Stops whatever goes on.
    pub fn stop(&self) {
        self.inner.stop();
    }

    /// Returns the plan, with the script's result, or why it ended before.
    pub fn conclude(&self, ended: Result<Value, String>) -> Plan {
        let notes = self.notes();
        let mut plan = notes.plan.clone();
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
    fn change(&self, step: &Step, effect: &Effect, told: Description) -> Result<Answer, Failure> {
        let answer = match effect {
            Effect::Call(call) => self.answer(call),
            _ => None,
        };
        let mut notes = self.notes();
        let number = notes.plan.changes.len() + 1;
        let mut request = told.request;
        let answer = answer.map(|mut answer| {
            notes.made.stand_in(number, &request, &mut answer);
            answer
        });
        notes.made.tell(&mut request);
        let branch = notes.branches.name(&step.branch);
        notes.plan.changes.push(Change {
            number,
            branch,
            kind: told.kind.to_owned(),
            name: told.name,
            request,
            destroys: matches!(effect, Effect::Call(call) if call.endpoint.destructive),
            at: format!("{}:{}", step.site.source, step.site.line),
        });
        drop(notes);
        Ok(match (effect, answer) {
            (Effect::Call(call), answer) => in_its_form(call, answer),
            (Effect::Request(_), _) => json_answer(&Value::Null),
            (Effect::Http(_), _) => {
                self.assume(step, "that the other host answers 200 and nothing");
                json_answer(&json!({ "status": 200, "headers": {}, "body": "" }))
            }
            (Effect::Download { .. }, _) => Answer::Bits(0),
            _ => Answer::Nothing,
        })
    }

    /// Answers a call with what is documented, and what the request says of it.
    fn answer(&self, call: &Call) -> Option<Value> {
        let mut answer = (self.understudy)(call)?;
        for (name, given) in &call.fields {
            if let (Value::Array(items), Some(Value::Array(made))) = (given, answer.get_mut(name))
                && let Some(sample) = made.first().cloned()
            {
                *made = items.iter().map(|item| merged(&sample, item)).collect();
            }
        }
        let whole = call.endpoint.resource;
        let resource = match whole {
            Some(name) => answer.get_mut(name),
            None => Some(&mut answer),
        };
        if let Some(resource) = resource {
            *resource = merged(resource, &Value::Object(call.fields.clone()));
        }
        Some(answer)
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
                in_its_form(call, Some(answer))
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
        match effect {
            Effect::Sleep(duration) if !self.waits => {
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
            Effect::WaitJob(wait) if !self.waits => Ok(self.finished(step, &wait)),
            effect => self.inner.perform(step, effect),
        }
    }
}

/// Puts what a request says over a sample, where both have a field of a name and a type.
fn merged(sample: &Value, given: &Value) -> Value {
    match (sample, given) {
        (Value::Object(sample), Value::Object(given)) => {
            let fields = sample.iter().map(|(name, value)| {
                let given = given.get(name).filter(|given| {
                    std::mem::discriminant(*given) == std::mem::discriminant(value)
                });
                let value = given.map_or_else(|| value.clone(), |given| merged(value, given));
                (name.clone(), value)
            });
            Value::Object(fields.collect())
        }
        (Value::Object(_), _) => sample.clone(),
        (_, given) => given.clone(),
    }
}

fn in_its_form(call: &Call, answer: Option<Value>) -> Answer {
    let body = answer.unwrap_or_default().to_string();
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
    fn perform(&self, step: &Step, effect: Effect) -> Result<Answer, Halt> {
        let told = Description::of(&effect, &self.veil);
        if super::changes(&effect, &told) {
            return Ok(self.change(step, &effect, told)?);
        }
        if Made::mentioned(&told.request) {
            return Ok(self.read_made(step, &effect));
        }
        self.wait(step, effect)
    }

    fn decide(&self, step: &Step, decision: Decision) -> Result<Answer, Halt> {
        self.inner.decide(step, decision)
    }

    fn fork(&self, parent: &Branch, first: &[Branch]) {
        self.notes().branches.fork(first);
        self.inner.fork(parent, first);
    }

    fn enter(&self, branch: &Branch) -> Result<(), Halt> {
        self.inner.enter(branch)
    }

    fn leave(&self, branch: &Branch, next: Option<&Branch>) {
        self.inner.leave(branch, next);
    }

    fn join(&self, parent: &Branch) -> Result<(), Halt> {
        self.inner.join(parent)
    }

    fn import(&self, importer: &str, path: &str) -> Result<Source, Failure> {
        self.inner.import(importer, path)
    }
}
