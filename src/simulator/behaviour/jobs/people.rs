//! What jobs ask people, and what becomes of the answers. A job has one open request at most; a
//! denial does not fail it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::rows::{Job, MessageKind, Request as Asked, Status};
use crate::simulator::behaviour::{Outcome, cases};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::scenario::Step;
use crate::simulator::world::{Event, World};

/// From an answer to the next step.
const PICK_UP: Duration = Duration::from_millis(500);

/// Returns a request as a job shows it.
pub(super) fn view(asked: &Asked) -> Value {
    let mut view = json!({
        "id": asked.id,
        "title": asked.title,
        "description": asked.description,
        "created_at": asked.created_at,
        "type": asked.kind(),
    });
    if !asked.questions.is_empty() {
        view["questions"] = json!(asked.questions);
    }
    view
}

/// Answers the open request of a job.
pub(super) fn respond(world: &mut World, request: &Request) -> Outcome {
    let job = world.job(request.id("run_id"))?;
    let (id, asked_id) = (job.id, request.id("request_id"));
    let asked = job.requests.iter().find(|asked| asked.id == asked_id);
    let asked = asked.ok_or_else(|| Refusal::missing("human request", asked_id))?;
    if asked.response.is_some() || job.status != Status::Waiting {
        return Err(Refusal::state(format!(
            "human request `{asked_id}` is not open any more"
        )));
    }
    let (response, next) = read_answer(asked, request)?;
    let said = format!("{}: {response}", asked.title);
    let shown = record(world, id, response, next);
    world.say(id, MessageKind::User(said));
    pick_up(world, id);
    cases::note_request(world, id, asked_id, "human_request_responded");
    world.did("answered", "human_request", asked_id);
    Ok(json!({ "human_request": shown }).into())
}

/// Lets a job go on once everybody has decided whom it asked to review its case.
pub(super) fn hear(world: &mut World, id: Uuid) {
    let Some(next) = cases::decide(world, id) else {
        return;
    };
    if let Some(job) = world.jobs.rows.get_mut(id) {
        // Decisions of one moment are made together, and the events of the others are left over.
        job.course += 1;
        job.lead_on(next);
    }
    pick_up(world, id);
}

fn pick_up(world: &mut World, id: Uuid) {
    world.turn(id, Status::Running);
    let course = world.jobs.rows.get(id).map_or(0, |job| job.course);
    world.plan(PICK_UP, Event::Step { job: id, course });
}

impl Job {
    /// Puts steps before what is still planned.
    fn lead_on(&mut self, next: Vec<Arc<Step>>) {
        for step in next.into_iter().rev() {
            self.plan.push_front(step);
        }
    }
}

fn record(world: &mut World, id: Uuid, response: String, next: Vec<Arc<Step>>) -> Value {
    let now = world.now;
    let Some(job) = world.jobs.rows.get_mut(id) else {
        return Value::Null;
    };
    job.prompts += 1;
    job.lead_on(next);
    let Some(asked) = job.requests.last_mut() else {
        return Value::Null;
    };
    (asked.response, asked.responded_at) = (Some(response), Some(now));
    json!({
        "id": asked.id,
        "run_id": id,
        "title": asked.title,
        "description": asked.description,
        "response": asked.response,
        "responded_at": asked.responded_at,
        "created_at": asked.created_at,
    })
}

/// Returns the answer as text, and the steps it leads to.
fn read_answer(asked: &Asked, request: &Request) -> Result<(String, Vec<Arc<Step>>), Refusal> {
    let answers = request.body.get("answers").and_then(Value::as_object);
    if asked.questions.is_empty() {
        return match request.flag("approved") {
            Some(true) => Ok(("approved".into(), asked.step.approved.clone())),
            Some(false) => Ok(("denied".into(), asked.step.denied.clone())),
            None => Err(Refusal::invalid(
                "an approval needs `approved`: true or false",
            )),
        };
    }
    let answers = answers
        .ok_or_else(|| Refusal::invalid("a question needs `answers`: question text to answer"))?;
    check_answers(asked, answers)?;
    let given: Vec<_> = asked
        .questions
        .iter()
        .filter_map(|question| answers.get(&question.question)?.as_str())
        .collect();
    let branches = &asked.step.answered;
    let chosen = given
        .iter()
        .find_map(|answer| branches.get(*answer))
        .or_else(|| branches.get("*"));
    Ok((given.join("; "), chosen.cloned().unwrap_or_default()))
}

fn check_answers(asked: &Asked, answers: &Map<String, Value>) -> Result<(), Refusal> {
    let texts: Vec<_> = asked
        .questions
        .iter()
        .map(|question| question.question.as_str())
        .collect();
    if let Some(missing) = texts.iter().find(|text| !answers.contains_key(**text)) {
        return Err(Refusal::invalid(format!(
            "there is no answer to the question `{missing}`"
        )));
    }
    match answers.keys().find(|key| !texts.contains(&key.as_str())) {
        Some(unknown) => Err(Refusal::invalid(format!("nobody asked `{unknown}`"))),
        None => Ok(()),
    }
}
