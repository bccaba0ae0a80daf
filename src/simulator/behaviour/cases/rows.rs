//! What is kept of a case. Ten thousand of them must stay small.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::approvals::{Batch, pending_assignees};
use crate::simulator::behaviour::{jobs, labels};
use crate::simulator::scenario::Decision;
use crate::simulator::world::{Row, Table, World};

/// Cases.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) rows: Table<Case>,
}

/// A piece of work.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Case {
    pub(crate) id: Uuid,
    pub(crate) queue_id: Uuid,
    pub(crate) title: Box<str>,
    pub(crate) data: Box<str>,
    pub(crate) status: Status,
    pub(crate) priority: Priority,
    pub(crate) claimed_at: Option<Timestamp>,
    pub(crate) claimed_by: Option<Uuid>,
    pub(crate) completed_at: Option<Timestamp>,
    pub(crate) postponed_to: Option<Timestamp>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) created_by: Option<Uuid>,
    /// The assignment that shall take it, in the place of the trigger's.
    pub(crate) delegated_to: Option<Uuid>,
    /// How often it was claimed.
    pub(crate) attempts: u32,
    /// How often a job was started for it and could not claim it.
    pub(crate) misses: u32,
    pub(crate) labels: Vec<Uuid>,
    pub(crate) holders: Vec<Holder>,
    pub(crate) events: Vec<CaseEvent>,
    pub(crate) approvals: Vec<Batch>,
}

/// A job that has held the case.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Holder {
    pub(crate) job_id: Uuid,
    pub(crate) claimed_at: Timestamp,
}

/// Something that happened to a case.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CaseEvent {
    pub(crate) id: Uuid,
    pub(crate) at: Timestamp,
    pub(crate) kind: std::borrow::Cow<'static, str>,
    pub(crate) reason: Option<Box<str>>,
    pub(crate) job_id: Option<Uuid>,
    pub(crate) request_id: Option<Uuid>,
    pub(crate) user_id: Option<Uuid>,
}

/// The stored state of a case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    #[default]
    Pending,
    Completed,
    Failed,
}

/// How urgent a case is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Priority {
    #[default]
    None,
    Medium,
    High,
}

impl Priority {
    /// Returns the API's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl Row for Case {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl Case {
    /// Returns whether it is put off beyond a time.
    pub(crate) fn is_postponed(&self, now: Timestamp) -> bool {
        self.postponed_to.is_some_and(|until| until > now)
    }

    /// Returns whether a job may take it.
    pub(crate) fn is_free(&self, now: Timestamp) -> bool {
        self.status == Status::Pending && self.claimed_by.is_none() && !self.is_postponed(now)
    }

    /// Returns the state as people see it.
    pub(crate) fn display_status(&self, world: &World) -> &'static str {
        let holder = || self.claimed_by.and_then(|id| world.jobs.rows.get(id));
        match self.status {
            Status::Completed => "completed",
            Status::Failed => "failed",
            Status::Pending if self.is_postponed(world.now) => "postponed",
            Status::Pending
                if self.open_batch().is_some()
                    || holder().is_some_and(|job| job.open_request().is_some()) =>
            {
                "needs_input"
            }
            Status::Pending if self.claimed_by.is_some() => "in_progress",
            Status::Pending => "pending",
        }
    }

    /// Puts it back among the pending ones.
    pub(crate) fn reset(&mut self, now: Timestamp) {
        self.status = Status::Pending;
        self.claimed_at = None;
        self.claimed_by = None;
        self.completed_at = None;
        self.postponed_to = None;
        self.misses = 0;
        self.updated_at = now;
    }
}

/// Returns a case as the API shows it; `search` is the text it was found by.
pub(super) fn view(world: &World, case: &Case, search: &str) -> Value {
    let holder = case
        .claimed_by
        .or_else(|| Some(case.holders.last()?.job_id));
    let job = holder.and_then(|id| world.jobs.rows.get(id));
    let open = case.claimed_by.and(job).and_then(jobs::Job::open_request);
    let batch = case.open_batch();
    let creator = case.created_by;
    let mut view = json!({
        "id": case.id,
        "queue_id": case.queue_id,
        "title": case.title,
        "data": case.data,
        "status": case.status,
        "priority": case.priority,
        "display_status": case.display_status(world),
        "claimed_at": case.claimed_at,
        "claimed_by_run_id": case.claimed_by,
        "completed_at": case.completed_at,
        "postponed_to": case.postponed_to,
        "created_at": case.created_at,
        "updated_at": case.updated_at,
        "created_by_user_id": creator,
        "created_by_user_name": creator.and_then(|id| world.teams.name_of(id)),
        "created_by_user_email": creator.and_then(|id| world.teams.email_of(id)),
        "agent_run_status": job.map(|job| job.status),
        "agent_run_user_id": job.and_then(|job| job.user_id),
        "pending_human_request_id": open.map(|request| request.id),
        "pending_approval_batch_id": batch.map(|batch| batch.id),
        "pending_approval_assignee_user_ids": batch.map(pending_assignees).unwrap_or_default(),
        "approval_approved_count": case.decided(Decision::Approved),
        "approval_rejected_count": case.decided(Decision::Rejected),
        "eval_summary": job.and_then(jobs::evaluation_summary),
        "labels": case.labels.iter().filter_map(|id| world.labels.rows.get(*id)).map(labels::view).collect::<Vec<_>>(),
    });
    if let Some(snippet) = super::filter::snippet(&case.data, search) {
        view["search_match_data_snippet"] = snippet;
    }
    view
}

impl World {
    /// Notes something that happened to a case.
    pub(crate) fn note_case(
        &mut self,
        case: Uuid,
        kind: &'static str,
        reason: Option<&str>,
        job: Option<Uuid>,
    ) {
        let event = CaseEvent {
            id: self.dice.id(),
            at: self.now,
            kind: kind.into(),
            reason: reason.map(Into::into),
            job_id: job,
            request_id: None,
            user_id: job.is_none().then_some(self.me),
        };
        if let Some(case) = self.cases.rows.get_mut(case) {
            case.events.push(event);
        }
    }
}

/// Returns an event of a case as the API shows it.
pub(super) fn event_view(world: &World, case: Uuid, event: &CaseEvent) -> Value {
    let job = event.job_id.and_then(|id| world.jobs.rows.get(id));
    let request = event
        .request_id
        .and_then(|id| job?.requests.iter().find(|request| request.id == id));
    json!({
        "id": event.id,
        "case_queue_item_id": case,
        "agent_run_id": event.job_id,
        "human_request_id": event.request_id,
        "type": event.kind,
        "reason": event.reason,
        "created_at": event.at,
        "agent_id": job.map(|job| job.agent_id),
        "agent_name": job.map(|job| world.agent_name(job.agent_id)),
        "user_id": event.user_id,
        "user_name": event.user_id.and_then(|id| world.teams.name_of(id)),
        "user_email": event.user_id.and_then(|id| world.teams.email_of(id)),
        "human_request_title": request.map(|request| &request.title),
    })
}
