//! Case approvals: batches that a job opens on its case, one row for each member it asks.
//!
//! The API only shows them. The members decide by themselves, as the scenario says and when it says;
//! a batch is resolved when all have, and cancelled when its job goes on without them or ends.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::rows::Case;
use crate::simulator::scenario::{Decision, ReviewRow, Step, Words};
use crate::simulator::world::{Event, World};

/// What a job asks several members about its case.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Batch {
    pub(super) id: Uuid,
    job_id: Uuid,
    title: String,
    created_at: Timestamp,
    resolved_at: Option<Timestamp>,
    cancelled: Option<Cancellation>,
    rows: Vec<Approval>,
    /// The step that asked, which knows what the members decide and what that leads to.
    step: Arc<Step>,
}

/// What one member is asked; the step has the row to it at the same place.
#[derive(Debug, Serialize, Deserialize)]
struct Approval {
    id: Uuid,
    assignee: Uuid,
    prompt: String,
    decision: Option<Decision>,
    responded_at: Option<Timestamp>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Cancellation {
    at: Timestamp,
    reason: String,
}

impl Batch {
    fn is_open(&self) -> bool {
        self.resolved_at.is_none() && self.cancelled.is_none()
    }

    fn decide_due(&mut self, now: Timestamp) {
        for (row, plan) in self.rows.iter_mut().zip(&self.step.rows) {
            let due = due(self.created_at, plan).filter(|due| *due <= now);
            if row.decision.is_none() && due.is_some() {
                (row.decision, row.responded_at) = (plan.decision, due);
            }
        }
    }

    /// Returns the outcome: whether nobody rejected, once all have decided.
    fn outcome(&self) -> Option<bool> {
        let decisions = self.rows.iter().map(|row| row.decision);
        let decisions = decisions.collect::<Option<Vec<_>>>()?;
        Some(!decisions.contains(&Decision::Rejected))
    }
}

/// Returns when a member decides; none if never.
fn due(asked_at: Timestamp, plan: &ReviewRow) -> Option<Timestamp> {
    plan.decision?;
    asked_at.checked_add(plan.after.0).ok()
}

impl Case {
    /// Returns the batch that its job waits on.
    pub(super) fn open_batch(&self) -> Option<&Batch> {
        let newest = self.approvals.last().filter(|batch| batch.is_open());
        newest.filter(|batch| self.claimed_by == Some(batch.job_id))
    }

    /// Counts the rows of all batches that were decided in a way.
    pub(super) fn decided(&self, decision: Decision) -> usize {
        let rows = self.approvals.iter().flat_map(|batch| &batch.rows);
        rows.filter(|row| row.decision == Some(decision)).count()
    }
}

/// Opens a batch on the case that a job holds; returns whether the job has one to hold.
pub(crate) fn open_batch(
    world: &mut World,
    job: Uuid,
    title: String,
    step: &Arc<Step>,
    words: &Words,
) -> bool {
    let Some(id) = held_case(world, job) else {
        return false;
    };
    let course = world.jobs.rows.get(job).map_or(0, |job| job.course);
    let mut rows = Vec::with_capacity(step.rows.len());
    for plan in &step.rows {
        rows.push(Approval {
            id: world.dice.id(),
            assignee: assignee(world, &plan.member),
            prompt: words.fill(&plan.prompt),
            decision: None,
            responded_at: None,
        });
        if let Some(due) = due(world.now, plan) {
            world.plan_at(due, Event::Step { job, course });
        }
    }
    let batch = Batch {
        id: world.dice.id(),
        job_id: job,
        title,
        created_at: world.now,
        resolved_at: None,
        cancelled: None,
        rows,
        step: Arc::clone(step),
    };
    let title = batch.title.clone();
    if let Some(case) = world.cases.rows.get_mut(id) {
        case.approvals.push(batch);
        case.updated_at = world.now;
    }
    world.note_case(id, "approvals_requested", Some(&title), Some(job));
    true
}

fn held_case(world: &World, job: Uuid) -> Option<Uuid> {
    let case = world.cases.rows.get(world.jobs.rows.get(job)?.case_id?)?;
    (case.claimed_by == Some(job)).then_some(case.id)
}

/// Who is not known any more is stood in for by the user of the key.
fn assignee(world: &World, name: &str) -> Uuid {
    let mut people = world.teams.people.iter();
    let named = people.find(|person| person.name.as_deref() == Some(name));
    named.map_or(world.me, |person| person.id)
}

/// Lets the members decide whose time has come; once all have, returns the steps that follow.
pub(crate) fn decide(world: &mut World, job: Uuid) -> Option<Vec<Arc<Step>>> {
    let (id, now) = (held_case(world, job)?, world.now);
    let case = world.cases.rows.get_mut(id)?;
    let batch = case.approvals.last_mut().filter(|batch| batch.is_open())?;
    batch.decide_due(now);
    case.updated_at = now;
    let is_approved = batch.outcome()?;
    batch.resolved_at = Some(now);
    let title = batch.title.clone();
    let next = if is_approved {
        batch.step.approved.clone()
    } else {
        batch.step.rejected.clone()
    };
    world.note_case(id, "approvals_resolved", Some(&title), Some(job));
    Some(next)
}

/// Cancels what a job still has open on its case.
pub(crate) fn cancel_batch(world: &mut World, job: Uuid, reason: &str) {
    let case = world.jobs.rows.get(job).and_then(|job| job.case_id);
    let Some(case) = case.and_then(|id| world.cases.rows.get_mut(id)) else {
        return;
    };
    let newest = case.approvals.last_mut();
    let Some(batch) = newest.filter(|batch| batch.job_id == job && batch.is_open()) else {
        return;
    };
    let (at, id, batch_id) = (world.now, case.id, batch.id);
    let reason = reason.to_owned();
    batch.cancelled = Some(Cancellation { at, reason });
    let title = batch.title.clone();
    case.updated_at = at;
    world.note_case(id, "approvals_cancelled", Some(&title), Some(job));
    world.did("cancelled", "approval_batch", batch_id);
}

/// Returns the people who are still to decide about a batch, each once.
pub(super) fn pending_assignees(batch: &Batch) -> Vec<Uuid> {
    let open = batch.rows.iter().filter(|row| row.decision.is_none());
    let mut people: Vec<_> = open.map(|row| row.assignee).collect();
    people.sort_unstable();
    people.dedup();
    people
}

/// Returns the batches of a case as the API shows them, newest first.
pub(super) fn batches_view(world: &World, case: &Case) -> Vec<Value> {
    let newest_first = case.approvals.iter().rev();
    newest_first
        .map(|batch| {
            let rows = batch.rows.iter();
            json!({
                "id": batch.id,
                "case_queue_item_id": case.id,
                "agent_run_id": batch.job_id,
                "title": batch.title,
                "created_at": batch.created_at,
                "resolved_at": batch.resolved_at,
                "cancelled_at": batch.cancelled.as_ref().map(|cancelled| cancelled.at),
                "cancellation_reason": batch.cancelled.as_ref().map(|cancelled| &cancelled.reason),
                "rows": rows.map(|row| row_view(world, batch, row)).collect::<Vec<_>>(),
            })
        })
        .collect()
}

fn row_view(world: &World, batch: &Batch, row: &Approval) -> Value {
    // A decision stands, also when its batch is cancelled later.
    let cancelled = batch.cancelled.as_ref().filter(|_| row.decision.is_none());
    let responder = row.decision.map(|_| row.assignee);
    json!({
        "id": row.id,
        "assignee_user_id": row.assignee,
        "assignee_name": world.teams.name_of(row.assignee),
        "assignee_email": world.teams.email_of(row.assignee),
        "prompt": row.prompt,
        "decision": row.decision,
        "responded_at": row.responded_at,
        "responded_by_user_id": responder,
        "responded_by_name": responder.and_then(|id| world.teams.name_of(id)),
        "responded_by_email": responder.and_then(|id| world.teams.email_of(id)),
        "cancelled_at": cancelled.map(|cancelled| cancelled.at),
        "cancellation_reason": cancelled.map(|cancelled| &cancelled.reason),
    })
}

#[cfg(test)]
mod tests;
