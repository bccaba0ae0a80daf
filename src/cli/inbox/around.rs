//! What the commands of the inbox share: the inbox itself, and words for what stands in it.

use std::future::Future;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use crate::cli::command::Context;
use crate::cli::connect::{Choice, World};
use crate::cli::state;
use crate::clock::Participant;
use crate::clock::length;
use crate::inbox::{Asker, Form, Inbox, InboxError, Item};
use crate::journal::Journal;
use crate::report::{Failure, Problem};

/// An inbox, and the world that it looks into.
pub(super) struct Around {
    inbox: Inbox,
    world: World,
    _awake: Participant,
}

impl Around {
    /// Opens the journal that is meant, and finds the way to Duvo as far as there is one.
    pub(super) fn open(context: &Context) -> Result<Self, Problem> {
        // Nothing can wait in a simulator that begins with this command.
        let choice = Choice {
            sim: None,
            scenario: None,
            seed: 1,
        };
        let world = World::enter(&choice, context)?;
        let folder = state::folder(context)?;
        let journal = Journal::open_existing(&folder, Arc::clone(&world.clock))?;
        let duvo = world.connector()().map(|link| link.client);
        let inbox = Inbox::new(journal, Arc::clone(&world.clock), duvo);
        let awake = world.clock.join();
        Ok(Self {
            inbox,
            world,
            _awake: awake,
        })
    }

    /// Returns the inbox.
    pub(super) fn inbox(&self) -> &Inbox {
        &self.inbox
    }

    /// Returns the present time.
    pub(super) fn now(&self) -> Timestamp {
        self.world.clock.now()
    }

    /// Waits for what the inbox does.
    pub(super) fn wait<T>(
        &self,
        work: impl Future<Output = Result<T, InboxError>>,
    ) -> Result<T, Problem> {
        Ok(self.world.runtime.block_on(work)?)
    }
}

/// Returns an item for programs.
pub(super) fn whole(item: &Item) -> Value {
    serde_json::to_value(item).unwrap_or_default()
}

/// Returns who asks, in few words.
pub(super) fn asker(item: &Item) -> String {
    match &item.asked_by {
        Asker::Run { script, .. } => script.clone(),
        Asker::Job { agent, title, .. } if title.is_empty() => agent.clone(),
        Asker::Job { agent, title, .. } => format!("{agent}: {title}"),
    }
}

/// Returns until when an item waits, from now.
pub(super) fn until(item: &Item, now: Timestamp) -> Option<String> {
    let left = item.deadline?.duration_since(now);
    let left = std::time::Duration::try_from(left).ok();
    Some(left.map_or_else(|| "now".to_owned(), |left| format!("in {}", length(left))))
}

/// Returns what can be answered, in few words.
pub(super) fn answers(item: &Item) -> String {
    match &item.form {
        Form::Text => "any text".to_owned(),
        Form::Choice { choices } => choices.join(", "),
        Form::Approval => "approve, deny".to_owned(),
        Form::Questions { questions } if questions.len() == 1 => {
            let labels: Vec<_> = questions[0].options.iter().map(|one| &*one.label).collect();
            match labels.as_slice() {
                [] => "any text".to_owned(),
                labels => labels.join(", "),
            }
        }
        Form::Questions { questions } => format!("{} questions", questions.len()),
    }
}

/// Says why the requests of Jobs are not shown.
pub(super) fn unseen(failure: &Failure) -> String {
    format!("requests of Jobs are not shown: {failure}")
}
