//! The inbox itself: both sorts of items as one list, and one way to answer.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::answer::{Answered, Given, fit};
use super::error::InboxError;
use super::item::{Asker, Item};
use super::{question, request};
use crate::api::Client;
use crate::clock::Clock;
use crate::journal::{Delivered, EventRow, Journal, NewEvent, ResponseRow};
use crate::report::{Failure, FailureKind, nearest};

/// A list of requests is not asked for again so soon.
const FRESH: Duration = Duration::from_secs(3);

/// Everything that waits for a person; clones are the same inbox.
#[derive(Clone)]
pub struct Inbox(Arc<Shared>);

struct Shared {
    journal: Option<Journal>,
    clock: Arc<dyn Clock>,
    duvo: Result<Client, Failure>,
    seen: tokio::sync::Mutex<request::Seen>,
    last: Mutex<Option<(Duration, Vec<Item>)>>,
}

/// What waits, and what could not be looked at.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Listing {
    /// What waits: the nearest deadline first, then the oldest.
    pub items: Vec<Item>,
    /// Why the requests of Jobs are not among them, if they are not.
    #[schemars(with = "Option<serde_json::Value>")]
    pub unseen: Option<Failure>,
}

impl Inbox {
    /// Returns the inbox of a journal, if there is one, and of a team; `duvo` may say why there is no
    /// way to Duvo.
    pub fn new(
        journal: impl Into<Option<Journal>>,
        clock: Arc<dyn Clock>,
        duvo: Result<Client, Failure>,
    ) -> Self {
        Self(Arc::new(Shared {
            journal: journal.into(),
            clock,
            duvo,
            seen: tokio::sync::Mutex::default(),
            last: Mutex::default(),
        }))
    }

    /// Returns everything that waits.
    pub async fn list(&self) -> Result<Listing, InboxError> {
        let mut items = self.questions()?;
        let unseen = match self.requests().await {
            Ok(requests) => {
                items.extend(requests);
                None
            }
            Err(failure) => Some(failure),
        };
        items.sort_by_key(|item| {
            let deadline = item.deadline.unwrap_or(Timestamp::MAX);
            (deadline, item.since, item.id.clone())
        });
        Ok(Listing { items, unseen })
    }

    /// Returns the questions of runs alone, which needs no way to Duvo.
    pub fn questions(&self) -> Result<Vec<Item>, InboxError> {
        let journal = self.0.journal.as_ref();
        Ok(journal.map(question::open).transpose()?.unwrap_or_default())
    }

    /// Finds what waits by its id, or by the start of its id.
    pub async fn find(&self, id: &str) -> Result<Item, InboxError> {
        let Listing { mut items, unseen } = self.list().await?;
        if let Some(at) = items.iter().position(|item| item.id == id) {
            return Ok(items.swap_remove(at));
        }
        let begins = |item: &&Item| !id.is_empty() && item.id.starts_with(id);
        let found: Vec<_> = items.iter().filter(begins).collect();
        match (found.as_slice(), unseen) {
            ([only], _) => Ok((*only).clone()),
            ([], Some(failure)) if question::place(id).is_none() => Err(failure.into()),
            ([], _) => Err(InboxError::Unknown {
                near: nearest(id, items.iter().map(|item| item.id.as_str())).map(str::to_owned),
                id: id.to_owned(),
            }),
            (several, _) => Err(InboxError::Ambiguous {
                id: id.to_owned(),
                ids: several.iter().map(|item| item.id.clone()).collect(),
            }),
        }
    }

    /// Answers what waits. `by` is kept with the answer; it is a name and proves nothing.
    pub async fn answer(
        &self,
        id: &str,
        given: &Given,
        by: Option<&str>,
    ) -> Result<Answered, InboxError> {
        let item = match self.find(id).await {
            Err(InboxError::Unknown { id, near }) => return self.answered_before(id, near),
            found => found?,
        };
        let value = fit(&item, given)?;
        match &item.asked_by {
            Asker::Run { run, .. } => self.deliver(run, &item.id, value, by),
            Asker::Job { job, .. } => self.respond(job, &item.id, value, by).await,
        }
    }

    /// Returns the open requests; a list that was just made serves again.
    async fn requests(&self) -> Result<Vec<Item>, Failure> {
        let client = self.0.duvo.as_ref().map_err(Clone::clone)?;
        let mut seen = self.0.seen.lock().await;
        let now = self.0.clock.elapsed();
        if let Some((at, items)) = &*self.last()
            && now.saturating_sub(*at) < FRESH
        {
            return Ok(items.clone());
        }
        let items = request::open(client, &mut seen).await?;
        *self.last() = Some((now, items.clone()));
        Ok(items)
    }

    fn last(&self) -> std::sync::MutexGuard<'_, Option<(Duration, Vec<Item>)>> {
        self.0.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says what became of something that does not wait any more.
    fn answered_before(&self, id: String, near: Option<String>) -> Result<Answered, InboxError> {
        if let Some(first) = self.response(&id)? {
            return Ok(too_late_for(first));
        }
        let (Some(journal), Some((run, name))) = (&self.0.journal, question::place(&id)) else {
            return Err(InboxError::Unknown { id, near });
        };
        let events = journal.events(run)?;
        if let Some(event) = events.into_iter().find(|event| event.name == name) {
            return Ok(too_late(event));
        }
        match journal.run(run)? {
            Some(row) if row.state.is_ended() => Err(InboxError::Ended {
                run: row.id,
                state: row.state.to_string(),
            }),
            _ => Err(InboxError::Unknown { id, near }),
        }
    }

    fn deliver(
        &self,
        run: &str,
        id: &str,
        value: Value,
        by: Option<&str>,
    ) -> Result<Answered, InboxError> {
        let (Some(journal), Some((_, name))) = (&self.0.journal, question::place(id)) else {
            return self.answered_before(id.to_owned(), None);
        };
        let delivered = journal.deliver(NewEvent {
            run: run.to_owned(),
            name,
            value: value.to_string(),
            by: by.map(str::to_owned),
            at: self.0.clock.now(),
        })?;
        match delivered {
            Delivered::Accepted => Ok(Answered::Accepted { value }),
            Delivered::Duplicate(first) => Ok(too_late(first)),
            Delivered::NoRun => self.answered_before(id.to_owned(), None),
        }
    }

    async fn respond(
        &self,
        job: &str,
        request: &str,
        value: Value,
        by: Option<&str>,
    ) -> Result<Answered, InboxError> {
        let client = self.0.duvo.as_ref().map_err(Clone::clone)?;
        let fields = value.as_object().cloned().unwrap_or_default();
        let once = format!("{request}/{}/{value}", by.unwrap_or_default());
        let once = Uuid::new_v5(&Uuid::NAMESPACE_OID, once.as_bytes()).to_string();
        let sent = request::respond(client, (job, request), fields, &once).await;
        // Whatever came of it, the list has changed.
        *self.last() = None;
        match sent {
            Ok(()) => {
                self.note(request, &value, by)?;
                Ok(Answered::Accepted { value })
            }
            Err(failure) if is_refusal(&failure) => {
                if request::is_open(client, job, request).await? {
                    return Err(failure.into());
                }
                let first = self.response(request)?.map(too_late_for);
                Ok(first.unwrap_or(Answered::TooLate {
                    by: None,
                    at: None,
                    value: None,
                }))
            }
            Err(failure) => Err(failure.into()),
        }
    }
}

impl Inbox {
    /// Returns what was answered here to a request of a Job.
    fn response(&self, request: &str) -> Result<Option<ResponseRow>, InboxError> {
        let journal = self.0.journal.as_ref();
        let kept = journal
            .map(|journal| journal.response(request))
            .transpose()?;
        Ok(kept.flatten())
    }

    /// Keeps who answered a request of a Job, and when.
    fn note(&self, request: &str, value: &Value, by: Option<&str>) -> Result<(), InboxError> {
        let Some(journal) = &self.0.journal else {
            return Ok(());
        };
        journal.note_response(&ResponseRow {
            request: request.to_owned(),
            value: value.to_string(),
            by: by.map(str::to_owned),
            at: self.0.clock.now(),
        })?;
        Ok(())
    }
}

/// Returns whether the server has judged the answer, rather than not having got it.
fn is_refusal(failure: &Failure) -> bool {
    matches!(failure.status, Some(400 | 404 | 409)) || failure.kind == FailureKind::Conflict
}

fn too_late(event: EventRow) -> Answered {
    Answered::TooLate {
        by: event.by,
        at: Some(event.at),
        value: serde_json::from_str(&event.value).ok(),
    }
}

fn too_late_for(response: ResponseRow) -> Answered {
    Answered::TooLate {
        by: response.by,
        at: Some(response.at),
        value: serde_json::from_str(&response.value).ok(),
    }
}
