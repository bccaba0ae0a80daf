//! How a case ends, and what ends with it.

use jiff::Timestamp;
use uuid::Uuid;

use super::approvals::cancel_batch;
use super::rows::{CaseEvent, Status};
use crate::simulator::behaviour::jobs;
use crate::simulator::scenario::{self, CaseEnd, Words};
use crate::simulator::world::{Event, World};

/// What a job says became of its case.
#[derive(Debug)]
pub(crate) struct Ending {
    pub(crate) end: CaseEnd,
    pub(crate) until: Option<Timestamp>,
    pub(crate) reason: Option<String>,
}

/// Ends a case, or puts it off, for the job that holds it.
pub(crate) fn settle(world: &mut World, id: Uuid, job: Uuid, ending: &Ending) {
    let now = world.now;
    let Some(case) = world
        .cases
        .rows
        .get_mut(id)
        .filter(|case| case.claimed_by == Some(job))
    else {
        return;
    };
    (case.claimed_by, case.claimed_at, case.updated_at) = (None, None, now);
    case.delegated_to = None;
    let kind = match ending.end {
        CaseEnd::Complete => {
            (case.status, case.completed_at) = (Status::Completed, Some(now));
            "completed"
        }
        CaseEnd::Fail => {
            (case.status, case.completed_at) = (Status::Failed, Some(now));
            "failed"
        }
        CaseEnd::Postpone => {
            let until = ending.until.unwrap_or(now);
            case.postponed_to = Some(until);
            world.plan_at(until, Event::Dispatch);
            "postponed"
        }
    };
    world.note_case(id, kind, ending.reason.as_deref(), Some(job));
}

/// Takes the case from a job that has ended. One that it left open has failed.
pub(crate) fn release(world: &mut World, job: Uuid, why: Option<String>) {
    // The case may be taken from it already, but what it asked is still to be withdrawn.
    cancel_batch(world, job, why.as_deref().unwrap_or("the job ended"));
    let case = world.jobs.rows.get(job).and_then(|job| job.case_id);
    let held = case.filter(|id| {
        world
            .cases
            .rows
            .get(*id)
            .is_some_and(|case| case.claimed_by == Some(job))
    });
    if let Some(case) = held {
        let (end, until, reason) = (CaseEnd::Fail, None, why);
        settle(world, case, job, &Ending { end, until, reason });
    }
}

/// Removes cases and interrupts the jobs that hold them; returns those jobs.
pub(crate) fn remove(world: &mut World, ids: &[Uuid]) -> Vec<Uuid> {
    let interrupted = take_from_jobs(world, ids);
    for id in ids {
        world.cases.rows.remove(*id);
        world.did("deleted", "case", id);
    }
    interrupted
}

/// Interrupts the jobs that hold cases; returns those jobs.
pub(super) fn take_from_jobs(world: &mut World, ids: &[Uuid]) -> Vec<Uuid> {
    let mut interrupted = Vec::new();
    for id in ids {
        let Some(case) = world.cases.rows.get_mut(*id) else {
            continue;
        };
        // Let go of it first, so that the end of the job does not fail it.
        if let Some(job) = case.claimed_by.take()
            && jobs::interrupt(world, job)
        {
            interrupted.push(job);
        }
    }
    interrupted
}

/// Adds the cases that a job produces.
pub(crate) fn add_from_job(
    world: &mut World,
    job: Uuid,
    queue: &str,
    cases: &[scenario::Case],
    words: &Words,
) {
    let Some(team) = world.jobs.rows.get(job).map(|job| job.team_id) else {
        return;
    };
    let queue = world
        .queues
        .rows
        .iter()
        .find(|one| one.team_id == team && one.name == queue)
        .map(|one| one.id);
    let Some(queue) = queue else { return };
    for case in cases {
        let mut case = case.clone();
        case.title = words.fill(&case.title);
        case.data = words.fill_value(&case.data);
        let id = super::add_described(world, queue, &case);
        if let Some(case) = world.cases.rows.get_mut(id) {
            case.created_by = None;
        }
        world.note_case(id, "created", None, Some(job));
    }
}

/// Notes on the case of a job that a person is asked, or has answered.
pub(crate) fn note_request(world: &mut World, job: Uuid, request: Uuid, kind: &'static str) {
    let Some(case) = world.jobs.rows.get(job).and_then(|job| job.case_id) else {
        return;
    };
    let event = CaseEvent {
        id: world.dice.id(),
        at: world.now,
        kind: kind.into(),
        reason: None,
        job_id: Some(job),
        request_id: Some(request),
        user_id: (kind == "human_request_responded").then_some(world.me),
    };
    let now = world.now;
    if let Some(case) = world.cases.rows.get_mut(case) {
        case.updated_at = now;
        case.events.push(event);
    }
}
