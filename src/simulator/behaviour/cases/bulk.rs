//! Calls on many cases at once: those of a list of ids, or all that fit a filter.

use serde_json::json;
use uuid::Uuid;

use super::ending::{remove, take_from_jobs};
use super::filter::Filter;
use super::rows::{Priority, Status};
use crate::simulator::behaviour::Outcome;
use crate::simulator::behaviour::queues::CONSUMER;
use crate::simulator::reply::{Refusal, Reply};
use crate::simulator::request::Request;
use crate::simulator::settings::Deprecated;
use crate::simulator::world::World;

/// The cases that a call means.
struct Selection {
    queue: Uuid,
    cases: Vec<Uuid>,
    /// Ids that are no case of the queue.
    skipped: usize,
}

fn select(world: &World, request: &Request) -> Result<Selection, Refusal> {
    let queue = world.queue(request.id("queue_id"))?.id;
    let ids = request.body_ids("case_ids");
    let is_all = request.flag("all_matching").unwrap_or(false);
    match (ids, is_all) {
        (Some(_), true) => Err(Refusal::invalid(
            "give `case_ids` or `all_matching`, not both",
        )),
        (None, false) => Err(Refusal::invalid(
            "give `case_ids`, or `all_matching: true` with `filters`",
        )),
        (None, true) => {
            let filter = Filter::of_body(request)?;
            let cases = world
                .cases
                .rows
                .ids(|case| case.queue_id == queue && filter.fits(world, case));
            Ok(Selection {
                queue,
                cases,
                skipped: 0,
            })
        }
        (Some(mut ids), false) => {
            let given = ids.len();
            let mut seen = std::collections::HashSet::new();
            ids.retain(|id| {
                seen.insert(*id)
                    && world
                        .cases
                        .rows
                        .get(*id)
                        .is_some_and(|case| case.queue_id == queue)
            });
            Ok(Selection {
                queue,
                skipped: given - ids.len(),
                cases: ids,
            })
        }
    }
}

pub(super) fn delete_many(world: &mut World, request: &Request) -> Outcome {
    let selection = select(world, request)?;
    let interrupted = remove(world, &selection.cases);
    Ok(json!({ "deletedCount": selection.cases.len(), "interruptedRunIds": interrupted }).into())
}

pub(super) fn update_priority(world: &mut World, request: &Request) -> Outcome {
    let selection = select(world, request)?;
    let priority = match request.text("priority") {
        Some("high") => Priority::High,
        Some("medium") => Priority::Medium,
        _ => Priority::None,
    };
    let now = world.now;
    for id in &selection.cases {
        if let Some(case) = world.cases.rows.get_mut(*id) {
            (case.priority, case.updated_at) = (priority, now);
        }
        world.did("changed", "case", id);
    }
    Ok(json!({ "updatedCount": selection.cases.len(), "skippedCount": selection.skipped }).into())
}

pub(super) fn update_status(world: &mut World, request: &Request) -> Outcome {
    let selection = select(world, request)?;
    let interrupted = take_from_jobs(world, &selection.cases);
    let (status, kind) = match request.text("status") {
        Some("completed") => (Status::Completed, "completed"),
        Some("failed") => (Status::Failed, "failed"),
        _ => (Status::Pending, "reset"),
    };
    let now = world.now;
    for id in &selection.cases {
        if let Some(case) = world.cases.rows.get_mut(*id) {
            case.reset(now);
            case.status = status;
            case.completed_at = (status != Status::Pending).then_some(now);
        }
        world.note_case(*id, kind, None, None);
        world.did("changed", "case", id);
    }
    world.wake_dispatcher();
    Ok(json!({
        "updatedCount": selection.cases.len(),
        "skippedCount": selection.skipped,
        "interruptedRunIds": interrupted,
    })
    .into())
}

pub(super) fn reprocess(world: &mut World, request: &Request) -> Outcome {
    let selection = select(world, request)?;
    let agent = request.body_id("agent_id");
    check_taker(world, selection.queue, agent)?;
    take_from_jobs(world, &selection.cases);
    let (event, alias) = match agent {
        Some(_) => ("delegated", "delegatedCount"),
        None => ("retried", "retriedCount"),
    };
    let now = world.now;
    for id in &selection.cases {
        if let Some(case) = world.cases.rows.get_mut(*id) {
            case.reset(now);
            case.delegated_to = agent;
        }
        world.note_case(*id, event, None, None);
        world.did("reprocessed", "case", id);
    }
    world.wake_dispatcher();
    let (count, skipped) = (selection.cases.len(), selection.skipped);
    let mut answer = json!({ "skippedCount": skipped, alias: count });
    // The old calls know the old name alone.
    if !request.endpoint.deprecated {
        answer["reprocessedCount"] = count.into();
    }
    Ok(answer.into())
}

/// Somebody must be there to take them: the named consumer, or one with a trigger.
fn check_taker(world: &World, queue: Uuid, agent: Option<Uuid>) -> Result<(), Refusal> {
    let Some(agent) = agent else {
        let has_trigger = world
            .triggers
            .rows
            .iter()
            .any(|trigger| trigger.enabled && trigger.case_queue_id == queue);
        return has_trigger.then_some(()).ok_or_else(|| {
            Refusal::conflict(
                "no assignment has an enabled trigger on the queue; name one with `agent_id`",
            )
        });
    };
    let agent = world.agent(agent)?;
    let is_consumer = world
        .wired_to(queue, CONSUMER)
        .iter()
        .any(|(consumer, _)| *consumer == agent.id);
    is_consumer.then_some(()).ok_or_else(|| {
        Refusal::conflict(format!(
            "assignment `{}` is no consumer of the queue",
            agent.name
        ))
    })
}

/// `bulk-retry` and `bulk-delegate` are at `bulk-reprocess` today.
pub(super) fn moved(world: &mut World, request: &Request) -> Outcome {
    match world.deprecated {
        Deprecated::Served => reprocess(world, request),
        Deprecated::Gone => Err(Refusal::new(
            &[404],
            "not_found",
            "this endpoint was removed; use bulk-reprocess",
        )),
        Deprecated::Redirect => Ok(Reply::elsewhere(format!(
            "/v2/queues/{}/cases/bulk-reprocess",
            request.param("queue_id")
        ))),
    }
}
