//! The endpoints of jobs.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::people::{self, respond};
use super::rows::{Job, Message, MessageKind, Status};
use super::{Start, life, start};
use crate::simulator::behaviour::{Outcome, Route, contains};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

pub(in crate::simulator::behaviour) const ROUTES: &[Route] = &[
    ("jobs.list", list),
    ("jobs.start", start_job),
    ("jobs.get", get),
    ("jobs.list_messages", list_messages),
    ("jobs.send_message", send_message),
    ("jobs.respond", respond),
    ("jobs.stop", stop),
    ("jobs.get_evaluation", get_evaluation),
];

impl World {
    /// Returns a job that the key sees: one of its user's teams.
    pub(crate) fn job(&self, id: Uuid) -> Result<&Job, Refusal> {
        let job = self.jobs.rows.get(id).filter(|job| self.sees(job.team_id));
        job.ok_or_else(|| Refusal::missing("job", id))
    }
}

fn view(job: &Job) -> Value {
    json!({
        "id": job.id,
        "agent_id": job.agent_id,
        "build_id": job.setup_id,
        "status": job.status,
        "source": job.source,
        "sandbox_id": job.sandbox_id,
        "started_at": job.started_at,
        "completed_at": job.completed_at,
        "created_at": job.created_at,
        "updated_at": job.updated_at,
        "human_in_the_loop_enabled": true,
    })
}

fn row(world: &World, job: &Job) -> Value {
    let case = job.case_id.and_then(|id| world.cases.rows.get(id));
    let queue = case.map(|case| case.queue_id).or(job.queue_id);
    let mut row = json!({
        "id": job.id,
        "created_at": job.created_at,
        "updated_at": job.updated_at,
        "started_at": job.started_at,
        "completed_at": job.completed_at,
        "status": job.status,
        "source": job.source,
        "title": job.title,
        "run_number": job.number,
        "agent_id": job.agent_id,
        "agent_name": world.agent_name(job.agent_id),
        "build_id": job.setup_id,
        "user_id": job.user_id,
        "case_queue_item_id": job.case_id,
        "case_queue_id": queue,
        "case_queue_name": queue.and_then(|id| world.queue_name(id)),
        "case_title": case.map(|case| &case.title),
        "postponed_to": case.and_then(|case| case.postponed_to),
        "submitted_prompt_count": job.prompts,
    });
    if let Some(summary) = evaluation_summary(job) {
        row["eval_summaries"] = summary;
    }
    row
}

/// Returns the summary of an evaluation: of one that is ready, or on its way.
pub(crate) fn evaluation_summary(job: &Job) -> Option<Value> {
    let is_finished = matches!(job.status, Status::Completed | Status::Failed);
    let Some(found) = &job.evaluation else {
        return is_finished.then(|| json!({ "passed": 0, "total": 0, "status": "in_progress" }));
    };
    let mut summary = json!({
        "passed": found.passed,
        "total": found.total,
        "status": "ready",
        "severityCounts": { "critical": found.critical, "medium": found.medium, "low": found.low },
    });
    if let Some(comment) = &found.comment {
        summary["final_comment"] = comment.clone().into();
    }
    Some(summary)
}

fn list(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    if request
        .asked_id("user_id")
        .is_some_and(|user| user != world.me)
    {
        return Err(Refusal::invalid("only superadmins see the jobs of others"));
    }
    let wanted = Wanted::of(request);
    let mut found: Vec<_> = world
        .jobs
        .rows
        .iter()
        .filter(|job| job.team_id == team && wanted.fits(world, job))
        .collect();
    if request.asked("sort_order") != Some("asc") {
        found.reverse();
    }
    let (part, total) = request.page().cut(found);
    let rows: Vec<_> = part.into_iter().map(|job| row(world, job)).collect();
    Ok(json!({ "data": rows, "total": total }).into())
}

/// The filters of the list.
struct Wanted<'a> {
    status: Option<&'a str>,
    agent: Option<Uuid>,
    queue: Option<Uuid>,
    source: Option<&'a str>,
    search: &'a str,
    has_issues: Option<bool>,
    severity: Option<&'a str>,
    since: Option<Timestamp>,
    digest: Option<Uuid>,
}

impl<'a> Wanted<'a> {
    fn of(request: &'a Request) -> Self {
        Self {
            status: request.asked("status"),
            agent: request.asked_id("agent_id"),
            queue: request.asked_id("case_queue_id"),
            source: request.asked("source"),
            search: request.asked("search").unwrap_or_default(),
            has_issues: request.asked("has_issues").map(|text| text == "true"),
            severity: request.asked("issue_severity"),
            since: request.asked("since").and_then(|text| text.parse().ok()),
            digest: request.asked_id("digest_id"),
        }
    }

    fn fits(&self, world: &World, job: &Job) -> bool {
        let case = || job.case_id.and_then(|id| world.cases.rows.get(id));
        job.user_id.is_none_or(|user| user == world.me)
            && self.digest.is_none()
            && self.status.is_none_or(|status| has_status(job, status))
            && self.agent.is_none_or(|agent| job.agent_id == agent)
            && self.queue.is_none_or(|queue| {
                case().map(|case| case.queue_id).or(job.queue_id) == Some(queue)
            })
            && self.source.is_none_or(|source| job.source == source)
            && self.since.is_none_or(|since| job.created_at >= since)
            && (contains(&job.title, self.search)
                || case().is_some_and(|case| contains(&case.title, self.search)))
            && self
                .has_issues
                .is_none_or(|wanted| has_issues(job) == wanted)
            && self
                .severity
                .is_none_or(|severity| has_issue(job, severity))
    }
}

/// Two words exist as filters only: `stopped` is an interrupted job, `needs_attention` one that
/// failed or waits for a person.
fn has_status(job: &Job, wanted: &str) -> bool {
    match wanted {
        "stopped" => job.status == Status::Interrupted,
        "needs_attention" => matches!(job.status, Status::Waiting | Status::Failed),
        other => job.status.as_str() == other,
    }
}

fn has_issues(job: &Job) -> bool {
    job.evaluation
        .as_ref()
        .is_some_and(|found| found.passed < found.total)
}

fn has_issue(job: &Job, severity: &str) -> bool {
    job.evaluation.as_ref().is_some_and(|found| match severity {
        "critical" => found.critical > 0,
        "medium" => found.medium > 0,
        _ => found.low > 0,
    })
}

fn start_job(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let agent = world.agent(request.body_id("agent_id").unwrap_or_default())?;
    let (agent_id, agent_team) = (agent.id, agent.team_id);
    if agent_team != team {
        return Err(Refusal::missing("assignment", agent_id));
    }
    let sandbox_id = request.text("sandbox_id").map(str::to_owned);
    if let Some(id) = &sandbox_id {
        world.sandbox(id)?;
    }
    let id = start(
        world,
        Start {
            agent_id,
            source: "api",
            user_id: Some(world.me),
            message: request.text("message").map(Into::into),
            sandbox_id,
            webhook_url: request.text("webhook_url").map(Into::into),
            queue_id: None,
        },
    )?;
    world.did("created", "job", id);
    Ok(json!({ "run": view(world.job(id)?) }).into())
}

fn get(world: &mut World, request: &Request) -> Outcome {
    let job = world.job(request.id("run_id"))?;
    let pending = job.open_request().map_or(Value::Null, people::view);
    Ok(json!({ "run": view(job), "pending_human_request": pending }).into())
}

/// Returns a message as the list of a job shows it.
pub(crate) fn message_view(message: &Message) -> Value {
    let (kind, role, more) = match &message.kind {
        MessageKind::Created => ("agent_run_created", "duvo", Value::Null),
        MessageKind::Started => ("session_started", "duvo", Value::Null),
        MessageKind::User(text) => ("text", "user", json!({ "text_content": text })),
        MessageKind::Text(text) => ("text", "assistant", json!({ "text_content": text })),
        MessageKind::Thinking(text) => ("thinking", "assistant", json!({ "text_content": text })),
        MessageKind::ToolCall {
            call,
            name,
            arguments,
        } => (
            "tool_call",
            "assistant",
            json!({ "tool_call": { "id": call, "name": name, "arguments": arguments } }),
        ),
        MessageKind::ToolResult {
            call,
            result,
            error,
        } => {
            let mut tool_result = json!({ "tool_call_id": call });
            if let Some(result) = result {
                tool_result["result"] = result.clone();
            }
            if let Some(error) = error {
                tool_result["error"] = error.clone().into();
            }
            (
                "tool_result",
                "assistant",
                json!({ "tool_result": tool_result }),
            )
        }
        MessageKind::Completed => ("session_completed", "duvo", Value::Null),
        MessageKind::Interrupted => ("session_interrupted", "duvo", Value::Null),
        MessageKind::Error(why) => ("session_error", "duvo", json!({ "text_content": why })),
    };
    let mut view = json!({ "id": message.id, "type": kind, "role": role, "timestamp": message.at });
    if let (Value::Object(view), Value::Object(more)) = (&mut view, more) {
        view.extend(more);
    }
    view
}

fn list_messages(world: &mut World, request: &Request) -> Outcome {
    let job = world.job(request.id("run_id"))?;
    let page = request.page();
    let (part, total) = page.cut(job.messages.iter().collect());
    let messages: Vec<_> = part.into_iter().map(message_view).collect();
    Ok(
        json!({ "messages": messages, "total": total, "limit": page.limit, "offset": page.offset })
            .into(),
    )
}

fn send_message(world: &mut World, request: &Request) -> Outcome {
    let job = world.job(request.id("run_id"))?;
    let (id, status) = (job.id, job.status);
    if status == Status::Failed {
        return Err(Refusal::state(format!(
            "job `{id}` has failed and cannot be taken up again"
        )));
    }
    let text = request.text("message").unwrap_or_default();
    let message = world.say(id, MessageKind::User(text.into()));
    if let Some(job) = world.jobs.rows.get_mut(id) {
        job.prompts += 1;
    }
    if matches!(
        status,
        Status::Waiting | Status::Completed | Status::Interrupted
    ) {
        life::resume(world, id);
    }
    world.did("messaged", "job", id);
    let shown = json!({ "id": message, "type": "text", "role": "user", "timestamp": world.now, "text_content": text });
    Ok(json!({ "message": shown }).into())
}

fn stop(world: &mut World, request: &Request) -> Outcome {
    let id = world.job(request.id("run_id"))?.id;
    if life::interrupt(world, id) {
        Ok(json!({ "success": true }).into())
    } else {
        Ok(json!({ "success": true, "message": "the job was not running" }).into())
    }
}

fn get_evaluation(world: &mut World, request: &Request) -> Outcome {
    let agent = world.agent(request.id("agentId"))?.id;
    let job = world.job(request.id("runId"))?;
    if job.agent_id != agent {
        return Err(Refusal::missing("job", job.id));
    }
    let shown = job.evaluation.as_ref().map(|found| {
        let output = json!({
            "schemaId": "default",
            "schemaVersion": "1",
            "data": { "passed": found.passed == found.total, "comment": found.comment },
        });
        json!({ "id": found.id, "created_at": found.created_at, "run_id": job.id, "source": "automatic", "output": output })
    });
    Ok(json!({ "data": shown }).into())
}
