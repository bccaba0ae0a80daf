//! Runs that go on, or begin anew, in the foreground: in the world that they began in.

use std::sync::Arc;

use serde_json::Value;

use crate::cli::command::Context;
use crate::cli::connect::{World, run_runtime};
use crate::cli::exit::Exit;
use crate::cli::run::{Look, finish_durable};
use crate::journal::{Journal, RunRow};
use crate::report::Problem;
use crate::run::{Around, DurableRun, Patience, Project};
use crate::script::Script;

/// How a run is gone on with.
#[derive(Clone, Copy, Debug)]
pub(super) enum How {
    /// It is taken up where it stands.
    TakeUp,
    /// A new run begins with its sources and arguments.
    Retry,
    /// A new run keeps what it completed below a ticket.
    Rerun(u32),
}

/// A run in hand, and what it needs.
pub(super) struct Going {
    pub(super) run: DurableRun,
    pub(super) journal: Journal,
    pub(super) world: World,
}

impl Going {
    /// Takes a run in hand.
    pub(super) fn start(
        journal: &Journal,
        run: &RunRow,
        how: How,
        (look, context): (Look, &Context),
    ) -> Result<Self, Problem> {
        let identity: Value = serde_json::from_str(&run.world).unwrap_or_default();
        let world = World::enter_again(&identity, context)?;
        // The same journal, in the time of the run.
        let journal = Journal::open(journal.state_directory(), Arc::clone(&world.clock))?;
        let surround = |run: &RunRow, script: &Script| {
            let project = Arc::new(Project::open(run.root.as_str())?);
            Ok(Around {
                surroundings: look.surroundings(&world, script.header(), project, context),
                runtime: run_runtime()?,
                patience: Patience::InPlace,
                crash: None,
            })
        };
        let run = match how {
            How::TakeUp => DurableRun::take_up(&journal, &run.id, surround),
            How::Retry => DurableRun::retry(&journal, run, surround),
            How::Rerun(ticket) => DurableRun::rerun(&journal, run, ticket, surround),
        }?;
        Ok(Self {
            run,
            journal,
            world,
        })
    }

    /// Runs it until it ends or stops, shows how it stands, and returns its exit code.
    pub(super) fn finish(self, look: Look) -> Result<Exit, Problem> {
        finish_durable(self.run, &self.journal, &self.world, look.format)
    }
}

/// Returns how a run shows itself.
pub(super) fn look(context: &Context, verbose: bool) -> Look {
    Look {
        format: context.global.output,
        verbose,
    }
}
