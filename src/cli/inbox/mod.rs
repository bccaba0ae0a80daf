//! `duvoscript inbox`: everything that waits for a person, and how to answer it.
//!
//! It needs no daemon: questions stand in the journal, and requests of Jobs are asked of Duvo.

mod answer;
mod around;
mod list;
mod show;

use super::command::{Entry, Topic, entry};

/// `duvoscript inbox`.
#[derive(Debug)]
pub(super) struct Inbox;

impl Topic for Inbox {
    const NAME: &'static str = "inbox";
    const ABOUT: &'static str = "Shows what waits for a person, and answers it";
    const EXAMPLE: &'static str = "duvoscript inbox list";
    const COMMANDS: &'static [Entry] = &[
        entry::<list::List>(),
        entry::<show::Show>(),
        entry::<answer::Answer>(),
    ];
}
