//! The life of a job, one event at a time: pending, starting, running, and then its course.
//!
//! A job on a case that ends without saying what became of the case leaves it failed.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::people;
use super::rows::{Evaluation, Job, Message, MessageKind, Request, Status};
use crate::simulator::behaviour::{cases, contains, files, memory};
use crate::simulator::scenario::{CaseEnd, Course, JobEnd, On, Step, Words};
use crate::simulator::world::{Callback, Event, World};

/// From `starting` to `running`.
const START_UP: Duration = Duration::from_millis(700);
/// How long a step takes that does not say.
const STEP: Duration = Duration::from_secs(2);
/// From the end of a job to its evaluation.
const EVALUATION: Duration = Duration::from_secs(3);

/// Lets a job take its next step.
pub(crate) fn step(world: &mut World, id: Uuid, course: u32) {
    let Some(job) = world.jobs.rows.get(id).filter(|job| job.course == course) else {
        return;
    };
    match job.status {
        Status::Pending => {
            world.turn(id, Status::Starting);
            world.plan(START_UP, Event::Step { job: id, course });
        }
        Status::Starting => begin(world, id),
        Status::Running => go_on(world, id),
        Status::Waiting => people::hear(world, id),
        Status::Completed | Status::Failed | Status::Interrupted => {}
    }
}

fn begin(world: &mut World, id: Uuid) {
    world.turn(id, Status::Running);
    let now = world.now;
    if let Some(job) = world.jobs.rows.get_mut(id) {
        job.started_at = job.started_at.or(Some(now));
    }
    world.say(id, MessageKind::Started);
    if let Err(why) = cases::claim_for(world, id) {
        return finish(world, id, Status::Failed, Some(why));
    }
    let Some(job) = world.jobs.rows.get(id) else {
        return;
    };
    if job.queue_id.is_some() && job.case_id.is_none() {
        world.say(
            id,
            MessageKind::Text("There is no case left to work on.".into()),
        );
        return finish(world, id, Status::Completed, None);
    }
    if let Some(broken) = world.broken_connection(job.setup_id) {
        return finish(
            world,
            id,
            Status::Failed,
            Some(format!("{broken} is not connected")),
        );
    }
    let on = if job.case_id.is_some() {
        On::Case
    } else {
        On::Message
    };
    choose(world, id, on);
}

/// Chooses the first course that fits, and plans its first step.
fn choose(world: &mut World, id: Uuid, on: On) {
    let (Some(job), scenario) = (world.jobs.rows.get(id), Arc::clone(&world.scenario)) else {
        return;
    };
    let (words, name) = (words(world, job), world.agent_name(job.agent_id).to_owned());
    let courses = scenario
        .assignment
        .iter()
        .filter(|one| one.name == name)
        .flat_map(|one| &one.course);
    let mut chosen = None;
    for course in courses {
        if fits(course, on, &words)
            && course
                .share
                .is_none_or(|share| world.dice.fraction() < share)
        {
            chosen = Some(course);
            break;
        }
    }
    let plan = chosen.map_or_else(|| default_steps(on), |course| course.steps.clone());
    if let Some(job) = world.jobs.rows.get_mut(id) {
        job.plan = plan.into();
        job.finding = chosen
            .and_then(|course| course.evaluation.clone())
            .or_else(|| job.finding.take());
    }
    plan_next(world, id);
}

fn fits(course: &Course, on: On, words: &Words) -> bool {
    let text = || {
        format!(
            "{}\n{}\n{}",
            words.get("title"),
            words.get("message"),
            words.get("data")
        )
    };
    course.on.map_or(on != On::Resume, |wanted| wanted == on)
        && course
            .when
            .as_ref()
            .is_none_or(|wanted| contains(&text(), wanted))
        && course
            .attempt
            .is_none_or(|attempt| words.get("attempt") == attempt)
        && course
            .filter
            .as_ref()
            .is_none_or(|filter| filter.holds(|name| words.get(name)))
}

/// What a job does whose assignment the scenario says nothing about.
fn default_steps(on: On) -> Vec<Arc<Step>> {
    let say = |text: &str| Step {
        say: Some(text.into()),
        ..Step::default()
    };
    let end = Step {
        case: Some(CaseEnd::Complete),
        ..Step::default()
    };
    let steps = match on {
        On::Case => vec![say("Working on {title}."), end, say("Done.")],
        On::Message => vec![say("Working on it."), say("Done.")],
        On::Resume => vec![say("Understood. I have taken this into account.")],
    };
    steps.into_iter().map(Arc::new).collect()
}

fn words(world: &World, job: &Job) -> Words {
    let case = job.case_id.and_then(|id| world.cases.rows.get(id));
    let queue = case.and_then(|case| world.queue_name(case.queue_id));
    let answer = job
        .requests
        .last()
        .and_then(|request| request.response.clone());
    Words::new(case.map_or("", |case| &case.data))
        .with("title", case.map_or(job.title.as_str(), |case| &case.title))
        .with("message", job.message.clone())
        .with("attempt", case.map_or(1, |case| case.attempts))
        .with("queue", queue)
        .with("number", job.number)
        .with("priority", case.map(|case| case.priority.as_str()))
        .with("answer", answer)
}

/// Plans the next step; with none left, the job is done.
pub(super) fn plan_next(world: &mut World, id: Uuid) {
    let Some(job) = world.jobs.rows.get(id) else {
        return;
    };
    let course = job.course;
    let takes = job.plan.front().map_or(Duration::ZERO, |step| {
        step.takes.map_or(STEP, |span| span.0)
    });
    world.plan(takes, Event::Step { job: id, course });
}

fn go_on(world: &mut World, id: Uuid) {
    let Some(step) = world
        .jobs
        .rows
        .get_mut(id)
        .and_then(|job| job.plan.pop_front())
    else {
        return finish(world, id, Status::Completed, None);
    };
    perform(world, id, &step);
    let is_running = world
        .jobs
        .rows
        .get(id)
        .is_some_and(|job| job.status == Status::Running);
    if is_running {
        plan_next(world, id);
    }
}

fn perform(world: &mut World, id: Uuid, step: &Arc<Step>) {
    let Some(job) = world.jobs.rows.get(id) else {
        return;
    };
    let (words, case) = (words(world, job), job.case_id);
    let filled = |text: &Option<String>| text.as_deref().map(|text| words.fill(text));
    if let Some(text) = filled(&step.say) {
        world.say(id, MessageKind::Text(text));
    } else if let Some(text) = filled(&step.think) {
        world.say(id, MessageKind::Thinking(text));
    } else if let Some(name) = &step.tool {
        use_tool(world, id, name, step, &words);
    } else if let Some(title) = filled(&step.approve).or_else(|| filled(&step.ask)) {
        ask(world, id, title, step, &words);
    } else if let Some(title) = filled(&step.review) {
        if cases::open_batch(world, id, title, step, &words) {
            world.turn(id, Status::Waiting);
        }
    } else if let Some(end) = step.case {
        let until = step.until.map(|span| world.after(span.0));
        if let Some(case) = case {
            cases::settle(
                world,
                case,
                id,
                &cases::Ending {
                    end,
                    until,
                    reason: filled(&step.reason),
                },
            );
        }
    } else if let Some(queue) = &step.add_to {
        cases::add_from_job(world, id, queue, &step.cases, &words);
    } else if let Some(path) = filled(&step.write) {
        files::write_for_job(world, id, &path, filled(&step.content).unwrap_or_default());
    } else if let Some(path) = filled(&step.remember) {
        memory::write_for_job(world, id, &path, filled(&step.content).unwrap_or_default());
    } else if let Some(end) = step.end {
        match end {
            JobEnd::Completed => finish(world, id, Status::Completed, None),
            JobEnd::Failed => {
                let why = filled(&step.reason).unwrap_or_else(|| "the job failed".into());
                finish(world, id, Status::Failed, Some(why));
            }
        }
    }
}

fn use_tool(world: &mut World, id: Uuid, name: &str, step: &Step, words: &Words) {
    let call = world.dice.id();
    let arguments = words.fill_value(&Value::Object(step.arguments.clone()));
    world.say(
        id,
        MessageKind::ToolCall {
            call,
            name: name.into(),
            arguments,
        },
    );
    let error = step.error.as_deref().map(|error| words.fill(error));
    let result = match &step.result {
        Some(result) => Some(words.fill_value(result)),
        None => error.is_none().then(|| json!({ "ok": true })),
    };
    world.say(
        id,
        MessageKind::ToolResult {
            call,
            result,
            error,
        },
    );
}

fn ask(world: &mut World, id: Uuid, title: String, step: &Arc<Step>, words: &Words) {
    let request = Request {
        id: world.dice.id(),
        title,
        description: step.description.as_deref().map(|text| words.fill(text)),
        created_at: world.now,
        questions: questions(step, words),
        step: Arc::clone(step),
        response: None,
        responded_at: None,
    };
    let (request_id, shown) = (request.id, people::view(&request));
    if let Some(job) = world.jobs.rows.get_mut(id) {
        job.requests.push(request);
    }
    world.turn(id, Status::Waiting);
    cases::note_request(world, id, request_id, "human_request_created");
    world.call_back(id, "human_request", Some(shown));
}

fn questions(step: &Step, words: &Words) -> Vec<crate::simulator::scenario::Question> {
    let mut questions = step.questions.clone();
    for question in &mut questions {
        question.question = words.fill(&question.question);
    }
    if step.ask.is_some() && questions.is_empty() {
        let question = words.fill(step.ask.as_deref().unwrap_or_default());
        questions.push(crate::simulator::scenario::Question {
            question,
            header: None,
            options: Vec::new(),
            multi_select: false,
        });
    }
    questions
}

/// Ends a job: its case is let go, it is evaluated unless it was interrupted, and told about.
pub(crate) fn finish(world: &mut World, id: Uuid, status: Status, why: Option<String>) {
    let now = world.now;
    let Some(job) = world
        .jobs
        .rows
        .get_mut(id)
        .filter(|job| !job.status.is_final())
    else {
        return;
    };
    job.completed_at = Some(now);
    job.course += 1;
    job.plan.clear();
    if let Some(open) = job
        .requests
        .last_mut()
        .filter(|request| request.response.is_none())
    {
        open.response = Some("withdrawn".into());
    }
    world.turn(id, status);
    world.say(
        id,
        match (status, &why) {
            (Status::Completed, _) => MessageKind::Completed,
            (Status::Failed, why) => MessageKind::Error(why.clone().unwrap_or_default()),
            _ => MessageKind::Interrupted,
        },
    );
    cases::release(world, id, why);
    if status != Status::Interrupted {
        world.plan(EVALUATION, Event::Evaluate { job: id });
    }
    world.call_back(id, &format!("run_{}", status.as_str()), None);
    world.wake_dispatcher();
}

/// Interrupts a job that has not ended; returns whether there was one.
pub(crate) fn interrupt(world: &mut World, id: Uuid) -> bool {
    let is_active = world
        .jobs
        .rows
        .get(id)
        .is_some_and(|job| !job.status.is_final());
    if is_active {
        finish(
            world,
            id,
            Status::Interrupted,
            Some("the job was interrupted".into()),
        );
        world.did("interrupted", "job", id);
    }
    is_active
}

/// Evaluates a finished job.
pub(crate) fn evaluate(world: &mut World, id: Uuid) {
    let evaluation = world.dice.id();
    let now = world.now;
    let Some(job) = world
        .jobs
        .rows
        .get_mut(id)
        .filter(|job| job.status.is_final())
    else {
        return;
    };
    let has_failed = job.status == Status::Failed;
    let found = job.finding.clone();
    let passed = found
        .as_ref()
        .map_or(if has_failed { 2 } else { 3 }, |found| found.passed);
    job.evaluation = Some(Evaluation {
        id: evaluation,
        created_at: now,
        passed,
        total: found.as_ref().map_or(3, |found| found.total),
        comment: found.as_ref().and_then(|found| found.comment.clone()),
        critical: found
            .as_ref()
            .map_or(u32::from(has_failed), |found| found.critical),
        medium: found.as_ref().map_or(0, |found| found.medium),
        low: found.as_ref().map_or(0, |found| found.low),
    });
}

/// Takes a job up again after a message: with what it had planned, or with what a message leads to.
pub(super) fn resume(world: &mut World, id: Uuid) {
    let now = world.now;
    let Some(job) = world.jobs.rows.get_mut(id) else {
        return;
    };
    let has_ended = job.status.is_final();
    job.course += 1;
    job.completed_at = None;
    if let Some(open) = job
        .requests
        .last_mut()
        .filter(|request| request.response.is_none())
    {
        (open.response, open.responded_at) = (Some("answered by a message".into()), Some(now));
    }
    cases::cancel_batch(world, id, "answered by a message");
    world.turn(id, Status::Running);
    if has_ended {
        choose(world, id, On::Resume);
    } else {
        plan_next(world, id);
    }
}

impl World {
    /// Gives a job its next state.
    pub(super) fn turn(&mut self, id: Uuid, status: Status) {
        self.jobs.turn(id, status, self.now);
    }

    /// Adds a message to a job.
    pub(super) fn say(&mut self, id: Uuid, kind: MessageKind) -> Uuid {
        let message = Message {
            id: self.dice.id(),
            at: self.now,
            kind,
        };
        let message_id = message.id;
        if let Some(job) = self.jobs.rows.get_mut(id) {
            job.messages.push(message);
        }
        message_id
    }

    /// Tells the `webhook_url` of a job, if it has one.
    fn call_back(&mut self, id: Uuid, event: &str, request: Option<Value>) {
        let Some(job) = self.jobs.rows.get(id) else {
            return;
        };
        let Some(url) = job.webhook_url.clone() else {
            return;
        };
        let mut body = json!({
            "event": event,
            "run_id": id,
            "status": job.status,
            "timestamp": self.now,
        });
        if let Some(request) = request {
            body["human_request"] = request;
        }
        self.outbox.push(Callback { url, body });
    }
}
