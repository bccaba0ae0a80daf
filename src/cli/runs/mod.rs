//! `duvoscript runs`: looks at runs and acts on them.
//!
//! A command that executes a run does so in the foreground, in the world that the run began in; all
//! others only read and write the journal.

mod answer;
mod cancel;
mod export;
mod given;
mod going;
mod import;
pub(super) mod list;
mod logs;
mod pause;
mod prune;
mod rerun;
mod resolve;
mod resume;
mod retry;
mod show;
mod signal;
pub(super) mod spans;
mod standing;
mod steps;
mod timeline;
pub(super) mod told;
mod upgrade;
mod watch;
mod which;

use super::command::{Entry, Topic, entry};

/// `duvoscript runs`.
#[derive(Debug)]
pub(super) struct Runs;

impl Topic for Runs {
    const NAME: &'static str = "runs";
    const ABOUT: &'static str = "Shows runs, and resumes, cancels, repeats or settles them";
    const EXAMPLE: &'static str = "duvoscript runs list --only waiting";
    const COMMANDS: &'static [Entry] = &[
        entry::<list::List>(),
        entry::<show::Show>(),
        entry::<logs::Logs>(),
        entry::<resume::Resume>(),
        entry::<pause::Pause>(),
        entry::<cancel::Cancel>(),
        entry::<answer::Answer>(),
        entry::<signal::Signal>(),
        entry::<resolve::Resolve>(),
        entry::<retry::Retry>(),
        entry::<rerun::Rerun>(),
        entry::<upgrade::Upgrade>(),
        entry::<export::Export>(),
        entry::<import::Import>(),
        entry::<prune::Prune>(),
    ];
}
