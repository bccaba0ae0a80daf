//! The dispatcher: starts jobs for cases that wait, and lets each job claim one case.

use std::cmp::Reverse;

use uuid::Uuid;

use super::rows::{Case, Holder, Status};
use crate::simulator::behaviour::jobs;
use crate::simulator::behaviour::queues::CONSUMER;
use crate::simulator::behaviour::triggers::Trigger;
use crate::simulator::world::World;

/// How many jobs a trigger may have at a time when it sets no limit of its own.
pub(crate) const CONCURRENCY: usize = 10;
/// After so many jobs that could not claim it, a case has failed.
const MOST_MISSES: u32 = 3;

/// Returns how many jobs a trigger may have at a time.
pub(crate) fn limit(trigger: &Trigger) -> usize {
    trigger
        .concurrency
        .map_or(CONCURRENCY, |limit| limit as usize)
}

/// Returns how many jobs an assignment has that work on cases, or are about to.
pub(crate) fn active_jobs(world: &World, agent: Uuid) -> usize {
    world
        .jobs
        .active()
        .filter(|job| job.agent_id == agent && job.queue_id.is_some())
        .count()
}

/// Starts jobs for the cases that wait, as far as the triggers allow.
pub(crate) fn dispatch(world: &mut World) {
    let enabled = world.triggers.rows.ids(|trigger| trigger.enabled);
    let mut turns: Vec<(Uuid, Uuid, usize)> = enabled
        .into_iter()
        .filter_map(|id| world.triggers.rows.get(id))
        .map(|trigger| (trigger.agent_id, trigger.case_queue_id, limit(trigger)))
        .collect();
    // A delegated case goes to its assignment whether that one's trigger is on or not.
    for (agent, queue) in delegations(world) {
        if !turns
            .iter()
            .any(|(known, on, _)| *known == agent && *on == queue)
        {
            turns.push((agent, queue, CONCURRENCY));
        }
    }
    for (agent, queue, limit) in turns {
        start_jobs(world, agent, queue, limit);
    }
}

fn delegations(world: &World) -> Vec<(Uuid, Uuid)> {
    let free = world
        .cases
        .rows
        .iter()
        .filter(|case| case.is_free(world.now));
    let mut wanted: Vec<_> = free
        .filter_map(|case| Some((case.delegated_to?, case.queue_id)))
        .collect();
    wanted.sort_unstable();
    wanted.dedup();
    wanted
}

fn start_jobs(world: &mut World, agent_id: Uuid, queue: Uuid, limit: usize) {
    let free = world
        .cases
        .rows
        .iter()
        .filter(|case| fits(world, case, agent_id, queue))
        .count();
    let coming = world
        .jobs
        .active()
        .filter(|job| job.queue_id == Some(queue) && job.started_at.is_none())
        .count();
    let room = limit.saturating_sub(active_jobs(world, agent_id));
    for _ in 0..room.min(free.saturating_sub(coming)) {
        let start = jobs::Start {
            agent_id,
            source: "case_trigger",
            user_id: None,
            message: None,
            sandbox_id: None,
            webhook_url: None,
            queue_id: Some(queue),
        };
        if jobs::start(world, start).is_err() {
            return;
        }
    }
}

/// Whether an assignment may take a case now: its own delegated ones, and any other if its trigger
/// is on.
fn fits(world: &World, case: &Case, agent: Uuid, queue: Uuid) -> bool {
    let is_meant = match case.delegated_to {
        Some(delegate) => delegate == agent,
        None => world.enabled_trigger(agent, queue).is_some(),
    };
    case.queue_id == queue && case.is_free(world.now) && is_meant
}

/// Has a job that was started for a queue claim a case; an error is why it cannot.
pub(crate) fn claim_for(world: &mut World, job_id: Uuid) -> Result<(), String> {
    let Some(job) = world.jobs.rows.get(job_id) else {
        return Ok(());
    };
    let (Some(queue), agent, setup) = (job.queue_id, job.agent_id, job.setup_id) else {
        return Ok(());
    };
    if job.case_id.is_some() {
        return Ok(());
    }
    let free = world
        .cases
        .rows
        .iter()
        .filter(|case| fits(world, case, agent, queue));
    let Some(case) = free.min_by_key(|case| urgency(case)).map(|case| case.id) else {
        return Ok(());
    };
    let is_wired = world
        .setups
        .rows
        .get(setup)
        .is_some_and(|setup| setup.covers(queue, CONSUMER));
    if !is_wired {
        miss(world, case);
        return Err("no queue is linked to the case queue slot of the setup".into());
    }
    let now = world.now;
    if let Some(case) = world.cases.rows.get_mut(case) {
        (case.claimed_by, case.claimed_at, case.updated_at) = (Some(job_id), Some(now), now);
        case.postponed_to = None;
        case.attempts += 1;
        case.holders.push(Holder {
            job_id,
            claimed_at: now,
        });
    }
    let title = world
        .cases
        .rows
        .get(case)
        .map(|case| case.title.to_string());
    if let (Some(job), Some(title)) = (world.jobs.rows.get_mut(job_id), title) {
        (job.case_id, job.title) = (Some(case), title);
    }
    world.note_case(case, "claimed", None, Some(job_id));
    Ok(())
}

/// Put off and due comes first, the earliest of them before; then priority, then age.
fn urgency(case: &Case) -> (bool, Option<jiff::Timestamp>, Reverse<super::Priority>) {
    (
        case.postponed_to.is_none(),
        case.postponed_to,
        Reverse(case.priority),
    )
}

fn miss(world: &mut World, id: Uuid) {
    let now = world.now;
    let Some(case) = world.cases.rows.get_mut(id) else {
        return;
    };
    case.misses += 1;
    if case.misses >= MOST_MISSES {
        (case.status, case.completed_at, case.updated_at) = (Status::Failed, Some(now), now);
        world.note_case(id, "failed", Some("no job could claim the case"), None);
    }
}
