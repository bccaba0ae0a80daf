//! The endpoints of cases.

use serde_json::{Value, json};
use uuid::Uuid;

use super::filter::Filter;
use super::rows::{Case, Priority, Status, event_view, view};
use super::{approvals, bulk, ending};
use crate::simulator::behaviour::{Outcome, Route, jobs, labels};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::scenario;
use crate::simulator::world::World;

pub(in crate::simulator::behaviour) const ROUTES: &[Route] = &[
    ("cases.list", list),
    ("cases.search", search),
    ("cases.create", create),
    ("cases.clear", clear),
    ("cases.retry", bulk::moved),
    ("cases.delegate", bulk::moved),
    ("cases.update_status", bulk::update_status),
    ("cases.delete_many", bulk::delete_many),
    ("cases.get", get),
    ("cases.delete", delete),
    ("cases.list_jobs", list_jobs),
    ("cases.list_job_messages", list_job_messages),
    ("cases.reprocess", bulk::reprocess),
    ("cases.update_priority", bulk::update_priority),
];

/// Cases that a simulator keeps at most.
const MOST_CASES: usize = 1_000_000;
/// Ownership events that the list of a case's jobs shows at most.
const MOST_HOLDERS: usize = 50;

impl World {
    /// Returns a case that the key sees.
    pub(crate) fn case(&self, id: Uuid) -> Result<&Case, Refusal> {
        let case = self
            .cases
            .rows
            .get(id)
            .filter(|case| self.queue(case.queue_id).is_ok());
        case.ok_or_else(|| Refusal::missing("case", id))
    }
}

fn list(world: &mut World, request: &Request) -> Outcome {
    let queue = world.queue(request.id("queue_id"))?.id;
    let filter = Filter::of_query(request)?;
    let found = filter.sorted(
        world,
        queue,
        request.asked("sort_by"),
        request.asked("sort_order"),
    );
    Ok(shown(world, request, found, &filter.search))
}

fn search(world: &mut World, request: &Request) -> Outcome {
    let queue = world.queue(request.id("queue_id"))?.id;
    let filter = Filter::of_body(request)?;
    let found = filter.sorted(
        world,
        queue,
        request.text("sort_by"),
        request.text("sort_order"),
    );
    Ok(shown(world, request, found, &filter.search))
}

fn shown(
    world: &World,
    request: &Request,
    found: Vec<&Case>,
    search: &str,
) -> crate::simulator::reply::Reply {
    let page = request.page();
    let (part, total) = page.cut(found);
    let rows: Vec<_> = part
        .into_iter()
        .map(|case| view(world, case, search))
        .collect();
    json!({ "cases": rows, "total": total, "limit": page.limit, "offset": page.offset }).into()
}

fn create(world: &mut World, request: &Request) -> Outcome {
    let queue = world.queue(request.id("queue_id"))?.id;
    let inputs = match (
        request.body.get("case"),
        request.body.get("cases").and_then(Value::as_array),
    ) {
        (Some(case), None) => std::slice::from_ref(case),
        (None, Some(cases)) => cases.as_slice(),
        _ => return Err(Refusal::invalid("give either `case` or `cases`")),
    };
    if world.cases.rows.len() + inputs.len() > MOST_CASES {
        return Err(Refusal::invalid(format!(
            "the simulator keeps {MOST_CASES} cases at most; reset it"
        )));
    }
    let mut ids = Vec::with_capacity(inputs.len());
    for input in inputs {
        let id = add_input(world, queue, input);
        world.note_case(id, "created", None, None);
        world.did("created", "case", id);
        ids.push(id);
    }
    world.wake_dispatcher();
    let added: Vec<_> = ids
        .iter()
        .filter_map(|id| world.cases.rows.get(*id))
        .map(|case| view(world, case, ""))
        .collect();
    Ok(json!({ "added_cases": added }).into())
}

fn add_input(world: &mut World, queue: Uuid, input: &Value) -> Uuid {
    let text = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default();
    let priority = match text("priority") {
        "high" => Priority::High,
        "medium" => Priority::Medium,
        _ => Priority::None,
    };
    let wanted = input.get("labels").and_then(Value::as_array);
    let labels = wanted.into_iter().flatten().map(|label| {
        let part = |name: &str| label.get(name).and_then(Value::as_str).unwrap_or_default();
        labels::find_or_add(world, queue, part("key"), part("value"))
    });
    let labels = labels.collect();
    let id = add(world, queue, text("title"), text("data"));
    if let Some(case) = world.cases.rows.get_mut(id) {
        (case.priority, case.labels) = (priority, labels);
    }
    id
}

/// Adds a case that a scenario describes.
pub(crate) fn add_described(world: &mut World, queue: Uuid, described: &scenario::Case) -> Uuid {
    let data = match &described.data {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let labels: Vec<_> = described
        .labels
        .iter()
        .map(|(key, value)| labels::find_or_add(world, queue, key, value))
        .collect();
    let id = add(world, queue, &described.title, &data);
    let (created, now) = (
        described.age.map_or(world.now, |age| world.before(age.0)),
        world.now,
    );
    let postponed_to = described.postponed.map(|span| world.after(span.0));
    if let Some(case) = world.cases.rows.get_mut(id) {
        (case.priority, case.labels, case.status) = (described.priority, labels, described.status);
        (case.created_at, case.updated_at, case.postponed_to) = (created, created, postponed_to);
        case.completed_at = (described.status != Status::Pending).then_some(now);
        case.attempts = u32::from(described.status != Status::Pending);
    }
    id
}

/// Adds a case; who creates it notes that it did.
fn add(world: &mut World, queue_id: Uuid, title: &str, data: &str) -> Uuid {
    let id = world.dice.id();
    world.cases.rows.add(Case {
        id,
        queue_id,
        title: title.into(),
        data: data.into(),
        status: Status::Pending,
        priority: Priority::None,
        claimed_at: None,
        claimed_by: None,
        completed_at: None,
        postponed_to: None,
        created_at: world.now,
        updated_at: world.now,
        created_by: Some(world.me),
        delegated_to: None,
        attempts: 0,
        misses: 0,
        labels: Vec::new(),
        holders: Vec::new(),
        // Most cases never have more than their creation; four would be reserved for it.
        events: Vec::with_capacity(1),
        approvals: Vec::new(),
    });
    world.wake_dispatcher();
    id
}

fn clear(world: &mut World, request: &Request) -> Outcome {
    let queue = world.queue(request.id("queue_id"))?.id;
    let ids = world.cases.rows.ids(|case| case.queue_id == queue);
    let interrupted = ending::remove(world, &ids);
    Ok(
        json!({ "success": true, "deletedCount": ids.len(), "interruptedRunIds": interrupted })
            .into(),
    )
}

fn get(world: &mut World, request: &Request) -> Outcome {
    let case = world.case(request.id("case_id"))?;
    let events: Vec<_> = case
        .events
        .iter()
        .map(|event| event_view(world, case.id, event))
        .collect();
    let batches = approvals::batches_view(world, case);
    Ok(
        json!({ "case": view(world, case, ""), "events": events, "approvalBatches": batches })
            .into(),
    )
}

fn delete(world: &mut World, request: &Request) -> Outcome {
    let id = world.case(request.id("case_id"))?.id;
    let interrupted = ending::remove(world, &[id]);
    Ok(json!({ "success": true, "interruptedRunIds": interrupted }).into())
}

fn list_jobs(world: &mut World, request: &Request) -> Outcome {
    let case = world.case(request.id("case_id"))?;
    let rows = case
        .holders
        .iter()
        .rev()
        .take(MOST_HOLDERS)
        .filter_map(|holder| {
            let job = world.jobs.rows.get(holder.job_id)?;
            let open = job.open_request();
            Some(json!({
                "id": job.id,
                "case_queue_item_id": case.id,
                "agent_id": job.agent_id,
                "agent_name": world.agent_name(job.agent_id),
                "status": job.status,
                "source": job.source,
                "created_at": job.created_at,
                "started_at": job.started_at,
                "completed_at": job.completed_at,
                "claimed_at": holder.claimed_at,
                "has_pending_human_request": open.is_some(),
                "pending_human_request_title": open.map(|request| &request.title),
                "evaluation": jobs::evaluation_summary(job)
                    .unwrap_or_else(|| json!({ "passed": 0, "total": 0, "status": "unavailable" })),
                "user_id": job.user_id,
                "user_name": job.user_id.and_then(|id| world.teams.name_of(id)),
                "user_email": job.user_id.and_then(|id| world.teams.email_of(id)),
            }))
        });
    Ok(json!({ "runs": rows.collect::<Vec<_>>() }).into())
}

fn list_job_messages(world: &mut World, request: &Request) -> Outcome {
    let case = world.case(request.id("case_id"))?;
    let run = request.id("run_id");
    let held = case.holders.iter().any(|holder| holder.job_id == run);
    let job = world
        .jobs
        .rows
        .get(run)
        .filter(|_| held)
        .ok_or_else(|| Refusal::missing("job of the case", run))?;
    let limit = request
        .query
        .get("limit")
        .and_then(Value::as_u64)
        .unwrap_or(3);
    let skip = job
        .messages
        .len()
        .saturating_sub(usize::try_from(limit).unwrap_or(3));
    let rows: Vec<_> = job
        .messages
        .iter()
        .skip(skip)
        .map(|message| recent_view(job.id, message))
        .collect();
    Ok(json!({ "messages": rows }).into())
}

/// These rows have a few fields more than those of the job's own list.
fn recent_view(job: Uuid, message: &jobs::Message) -> Value {
    let mut view = jobs::message_view(message);
    view["runtime"] = "terminal-agent".into();
    let is_event = view["role"] == "duvo";
    let text = view.as_object_mut().and_then(|view| {
        if is_event {
            view.shift_remove("text_content")
        } else {
            None
        }
    });
    match &message.kind {
        jobs::MessageKind::Created => view["agent_run_id"] = job.to_string().into(),
        jobs::MessageKind::Error(_) => view["error"] = text.unwrap_or_default(),
        _ if is_event => {}
        _ => view["raw_message"] = json!({ "session_id": job, "uuid": message.id }),
    }
    view
}
