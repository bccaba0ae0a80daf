//! What a run in the foreground has around it: the terminal, the project, the world.

use std::sync::Arc;

use crate::cli::command::{Context, Format};
use crate::cli::connect::World;
use crate::cli::console::Terminal;
use crate::run::{Permissions, Project, Surroundings};
use crate::script::{Header, Level};

/// How a run shows itself.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct Look {
    /// How its result is shown.
    pub(in crate::cli) format: Format,
    /// Whether it shows the lines of `log::debug` too.
    pub(in crate::cli) verbose: bool,
}

impl Look {
    /// Returns what a run of a script has around it.
    pub(in crate::cli) fn surroundings(
        self,
        world: &World,
        header: &Header,
        project: Arc<Project>,
        context: &Context,
    ) -> Surroundings {
        let least = if self.verbose {
            Level::Debug
        } else {
            Level::Info
        };
        let only_result = self.format == Format::Json;
        Surroundings {
            connect: Box::new(world.connector()),
            clock: Arc::clone(&world.clock),
            chance: Arc::clone(&world.chance),
            project,
            console: Arc::new(Terminal::new(Arc::clone(&world.clock), only_result, least)),
            environment: context.environment.all().clone(),
            permissions: Permissions {
                env: header.env.clone(),
                hosts: header.hosts.clone(),
            },
            veil: world.veil.clone(),
        }
    }
}
