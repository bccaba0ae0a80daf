//! `duvo::jobs::wait` and `duvo::jobs::finish`: see a Job to where it stops, or to its end.

use std::time::Duration;

use jiff::Timestamp;
use rhai::{Dynamic, FnPtr, Map};
use serde_json::Value;

use crate::catalog::{self, Call, Endpoint, LifeCycle};
use crate::report::{Failure, FailureKind, nearest};
use crate::script::binding;
use crate::script::builtin::Builtin;
use crate::script::door::{Door, Raise, decode};
use crate::script::host::{Effect, WaitJob};
use crate::script::native::human;
use crate::script::native::options::Options;
use crate::script::native::remind;
use crate::script::native::response::{fields, text};

/// How long a wait lasts when the script does not say.
const TIMEOUT: Duration = Duration::from_secs(3600);
/// The pause before a Job is looked at again that waits for a person, but for no one in particular.
const PAUSE: Duration = Duration::from_secs(5);

/// The builtins of this file.
pub(in crate::script) const ALL: &[Builtin] = &[
    Builtin {
        name: "duvo::jobs::wait",
        params: &[
            "job: uuid | Map",
            "options?: #{ until: job state | Array, timeout: duration }",
        ],
        returns: "Map",
        doc: "Waits until a Job has ended, and returns it.\n\nOptions: `until` (a state or a list of \
              states that end the wait, too, such as `waiting`), `timeout` (such as `1h30m`, or \
              seconds; default 1 h), after which it fails with kind `timeout`; the Job goes on.",
        examples: &[],
        run: wait,
    },
    Builtin {
        name: "duvo::jobs::finish",
        params: &[
            "job: uuid | Map",
            "options?: #{ on_human: Fn, timeout: duration }",
        ],
        returns: "Map",
        doc: "Sees a Job to its end, answers what it asks on the way, and returns it.\n\n\
              Options: `on_human`, a closure that gets each human request (with the Job as `job`) \
              and returns `approve()`, `deny()`, `answer(…)`, or what `ask(request)` returned; \
              without it, each request is asked at the terminal. `timeout` (default 1 h) is for all \
              of it, the time that people take included.",
        examples: &[],
        run: finish,
    },
];

fn life() -> Result<&'static LifeCycle, Failure> {
    catalog::life_cycle("job")
        .ok_or_else(|| Failure::invalid("the catalog has no life cycle of jobs"))
}

fn endpoint(name: &str) -> Result<&'static Endpoint, Failure> {
    catalog::by_name(name).ok_or_else(|| Failure::invalid(format!("the catalog has no `{name}`")))
}

fn wait(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let fail = |failure| door.fail(failure);
    let job = job_id(args[0]).map_err(fail)?;
    let options = args.get(1).map(|options| &**options);
    let options = Options::read(options, door.function).map_err(fail)?;
    let until = options
        .texts("until")
        .and_then(known_states)
        .map_err(fail)?;
    let timeout = options.duration("timeout").map_err(fail)?;
    let timeout = timeout.unwrap_or(TIMEOUT);
    let life = life().map_err(fail)?;
    let is_waited_for = |state: &&str| until.iter().any(|until| until == state);
    if !door.run.host.answers_people() || life.waiting.iter().any(is_waited_for) {
        return wait_for(door, &job, until, timeout);
    }
    let now = remind::now(door)?;
    let finish = Finish {
        door,
        job,
        life,
        until,
        on_human: None,
        end: now.checked_add(timeout).unwrap_or(Timestamp::MAX),
    };
    finish.run(now)
}

fn known_states(states: Vec<String>) -> Result<Vec<String>, Failure> {
    let known = life()?.known;
    match states.iter().find(|state| !known.contains(&state.as_str())) {
        None => Ok(states),
        Some(state) => {
            let failure = Failure::invalid(format!("`until`: a Job has no state `{state}`"));
            Err(match nearest(state, known.iter().copied()) {
                Some(near) => failure.hint(format!("did you mean `{near}`?")),
                None => failure.hint(format!("the states are {}", known.join(", "))),
            })
        }
    }
}

fn wait_for(
    door: &Door<'_>,
    job: &str,
    until: Vec<String>,
    timeout: Duration,
) -> Result<Dynamic, Raise> {
    let answer = door.value(Effect::WaitJob(WaitJob {
        job: job.into(),
        until,
        timeout,
    }))?;
    let job = endpoint("jobs.get").and_then(|endpoint| binding::unwrap(endpoint, answer));
    job.map_err(|failure| door.fail(failure))
}

fn finish(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let fail = |failure| door.fail(failure);
    let options = args.get(1).map(|options| &**options);
    let options = Options::read(options, door.function).map_err(fail)?;
    let timeout = options
        .duration("timeout")
        .map_err(fail)?
        .unwrap_or(TIMEOUT);
    let now = remind::now(door)?;
    let finish = Finish {
        door,
        job: job_id(args[0]).map_err(fail)?,
        life: life().map_err(fail)?,
        until: Vec::new(),
        on_human: options.closure("on_human").map_err(fail)?,
        end: now.checked_add(timeout).unwrap_or(Timestamp::MAX),
    };
    finish.run(now)
}

/// Returns the id of a Job, judged as the call would that looks at it.
fn job_id(given: &Dynamic) -> Result<String, Failure> {
    let mut job = Value::from(binding::id_of(given, "job")?);
    if let Some(param) = endpoint("jobs.get")?.given_params().next() {
        catalog::check_value(&param.shape, &mut job, "job")
            .map_err(|fault| Failure::invalid(fault.to_string()))?;
    }
    Ok(job.as_str().unwrap_or_default().to_owned())
}

/// One Job on the way to its end.
struct Finish<'a> {
    door: &'a Door<'a>,
    job: String,
    life: &'static LifeCycle,
    /// States that end it early.
    until: Vec<String>,
    on_human: Option<FnPtr>,
    end: Timestamp,
}

impl Finish<'_> {
    fn run(&self, mut now: Timestamp) -> Result<Dynamic, Raise> {
        let mut answered: Option<Answered> = None;
        loop {
            let left = Duration::try_from(self.end.duration_since(now)).unwrap_or_default();
            let waiting = self.life.waiting.iter().map(|state| (*state).into());
            let until = waiting.chain(self.until.iter().cloned()).collect();
            let job = wait_for(self.door, &self.job, until, left)?;
            if !self.waits(&job) {
                return Ok(job);
            }
            match (pending(&job), &mut answered) {
                (Some(request), Some(last)) if last.request == id(&request) => {
                    last.still_pending(self.door)?;
                    self.door.perform(Effect::Sleep(PAUSE))?;
                }
                (Some(request), _) => answered = Some(self.answer(&request, job)?),
                (None, _) => _ = self.door.perform(Effect::Sleep(PAUSE))?,
            }
            now = remind::now(self.door)?;
            if now >= self.end {
                let failure = Failure::new(
                    FailureKind::Timeout,
                    format!("the Job `{}` has not ended in time", self.job),
                );
                return Err(self
                    .door
                    .fail(failure.hint("it goes on; `timeout: …` waits longer")));
            }
        }
    }

    fn waits(&self, job: &Dynamic) -> bool {
        let status = job.as_map_ref().ok().and_then(|job| text(&job, "status"));
        status.is_some_and(|status| self.life.waiting.contains(&status.as_str()))
    }

    /// Has a request answered by the script, or by the person at the terminal.
    fn answer(&self, request: &Map, job: Dynamic) -> Result<Answered, Raise> {
        let door = self.door;
        let response = match &self.on_human {
            None => human::ask_person(door, request)?,
            Some(closure) => {
                let mut given = request.clone();
                given.insert("job".into(), without_request(job));
                door.call(closure, (given,))?
            }
        };
        let fields = fields(request, &response).map_err(|failure| door.fail(failure))?;
        let refused = self.respond(&id(request), fields)?;
        Ok(Answered {
            request: id(request),
            refused,
            looks: 0,
        })
    }

    /// Sends a response; a refusal may mean that somebody else was faster, so it is kept for later.
    fn respond(
        &self,
        request: &str,
        mut fields: serde_json::Map<String, Value>,
    ) -> Result<Option<Failure>, Raise> {
        let fail = |failure| self.door.fail(failure);
        let endpoint = endpoint("jobs.respond").map_err(fail)?;
        let path = vec![self.job.clone(), request.to_owned()];
        binding::check(endpoint, &path, &mut fields).map_err(fail)?;
        let call = Call {
            endpoint,
            path,
            fields,
        };
        match self.door.try_perform(Effect::Call(call))? {
            Ok(answer) => decode(answer).map(|_| None).map_err(fail),
            Err(failure) if matches!(failure.status, Some(400 | 404 | 409)) => Ok(Some(failure)),
            Err(failure) => Err(fail(failure)),
        }
    }
}

/// A request that was answered, and what came of it.
struct Answered {
    request: String,
    refused: Option<Failure>,
    looks: u32,
}

impl Answered {
    /// Raises the refusal of a response when the request is still there: so nobody else was faster.
    fn still_pending(&mut self, door: &Door<'_>) -> Result<(), Raise> {
        self.looks += 1;
        match self.refused.take() {
            Some(failure) if self.looks > 1 => Err(door.fail(failure)),
            refused => {
                self.refused = refused;
                Ok(())
            }
        }
    }
}

fn id(request: &Map) -> String {
    text(request, "id").map_or_else(String::new, Into::into)
}

fn pending(job: &Dynamic) -> Option<Map> {
    let job = job.as_map_ref().ok()?;
    let request = job.get("pending_human_request")?;
    Some(request.as_map_ref().ok()?.clone())
}

fn without_request(mut job: Dynamic) -> Dynamic {
    if let Some(mut job) = job.write_lock::<Map>() {
        job.remove("pending_human_request");
    }
    job
}
