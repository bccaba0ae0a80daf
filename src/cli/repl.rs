//! `duvoscript repl`: a prompt, or inputs from a pipe.

use std::future::{Future, poll_fn};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use clap::Args;
use jiff::tz::TimeZone;

use super::command::{Action, Context, Format};
use super::connect::{Choice, World};
use super::console::Terminal;
use super::exit::Exit;
use crate::clock::{Clock, SystemClock};
use crate::repl::{self, Face, Form, Interrupt, Place, Screen, Shell, Worlds, read_line};
use crate::report::{Problem, ProblemKind};
use crate::run::{Permissions, Project, Reply};
use crate::script::Level;

/// Evaluates inputs one after the other, at a prompt or from a pipe
///
/// What an input declares stays for the next ones. `:help` at the prompt tells the rest. From a pipe,
/// inputs are evaluated line by line up to the first that fails, whose exit code it is.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example: duvoscript repl --sim")]
pub(super) struct Repl {
    #[command(flatten)]
    choice: Choice,
    /// Does not ask before a call that destroys something in Duvo
    #[arg(long)]
    yes: bool,
    /// Variable of the environment that inputs may read
    #[arg(long = "env", value_name = "NAME")]
    env: Vec<String>,
    /// Host that inputs may send requests to
    #[arg(long = "host", value_name = "HOST")]
    hosts: Vec<String>,
    /// Shows the lines of `log::debug` too
    #[arg(long, short)]
    verbose: bool,
}

impl Action for Repl {
    const NAME: &'static str = "repl";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let interrupt = Arc::new(Interrupt::default());
        let runtime = super::connect::runtime()?;
        on_interrupt(&runtime, &interrupt);
        let place = match self.choice.sim {
            Some(_) => Place::Simulator,
            None => Place::Live,
        };
        let history = context.environment.state_folder();
        let shell = Shell::new(self.face(context, interrupt)?, place)?;
        let history = history.map(|folder| folder.join("history"));
        Ok(repl::work(shell, history.as_deref()))
    }
}

impl Repl {
    fn face(self, context: &Context, interrupt: Arc<Interrupt>) -> Result<Face, Problem> {
        let is_interactive = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
        let is_styled = is_interactive && context.environment.get("NO_COLOR").is_none();
        let form = match context.global.output {
            Format::Text => Form::Words,
            Format::Json => Form::Json,
            Format::Table => Form::Table,
        };
        let least = if self.verbose {
            Level::Debug
        } else {
            Level::Info
        };
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let typed = Arc::clone(&interrupt);
        let terminal =
            Terminal::new(clock, form == Form::Json, least).reading(Box::new(move |patience| {
                match is_interactive {
                    true => read_line(&typed, patience),
                    // The lines of a pipe are inputs, and no answers.
                    false => Err(Reply::Nobody),
                }
            }));
        let screen = Screen::new(
            Box::new(anstream::stdout()),
            is_interactive,
            is_styled,
            TimeZone::system(),
        );
        Ok(Face {
            screen: Arc::new(screen),
            console: Arc::new(terminal),
            interrupt,
            project: Arc::new(Project::open(root()?)?),
            environment: context.environment.all().clone(),
            permissions: Permissions {
                env: self.env.clone(),
                hosts: self.hosts.clone(),
            },
            form,
            assumes_yes: self.yes,
            team: context.global.team.clone(),
            worlds: Box::new(Doors {
                choice: self.choice,
                context: context.clone(),
            }),
        })
    }
}

/// Returns the project's directory: the nearest one that has a `duvoscript.toml`, or the working one.
fn root() -> Result<PathBuf, Problem> {
    let here = std::env::current_dir().map_err(|fault| {
        Problem::new(ProblemKind::Usage, "there is no working directory").cause(&fault)
    })?;
    let marked = here
        .ancestors()
        .find(|folder| folder.join("duvoscript.toml").is_file());
    Ok(marked.unwrap_or(&here).to_path_buf())
}

/// Has Ctrl-C stop what is under way; from here on it does not end the process.
fn on_interrupt(runtime: &tokio::runtime::Runtime, interrupt: &Arc<Interrupt>) {
    let interrupt = Arc::clone(interrupt);
    let (armed, is_armed) = std::sync::mpsc::channel::<()>();
    runtime.spawn(async move {
        let mut armed = Some(armed);
        loop {
            let mut signal = pin!(tokio::signal::ctrl_c());
            // It listens from the first look on. The line editor must find that, to put it back later.
            let looked = poll_fn(|context| Poll::Ready(signal.as_mut().poll(context))).await;
            armed.take();
            let heard = match looked {
                Poll::Ready(heard) => heard,
                Poll::Pending => signal.await,
            };
            if heard.is_err() {
                return;
            }
            interrupt.raise();
        }
    });
    // It ends when the sender is dropped: nothing is ever sent.
    _ = is_armed.recv();
}

/// The ways into worlds.
struct Doors {
    choice: Choice,
    context: Context,
}

impl Worlds for Doors {
    fn enter(&self, place: Place) -> Result<repl::World, Problem> {
        let mut choice = self.choice.clone();
        match place {
            Place::Live => choice.sim = None,
            Place::Simulator => choice.sim = choice.sim.or(Some(None)),
        }
        let world = World::enter(&choice, &self.context)?;
        Ok(repl::World {
            place,
            name: world.name(),
            connect: Arc::new(world.connector_to_team()),
            clock: Arc::clone(&world.clock),
            chance: Arc::clone(&world.chance),
            veil: world.veil.clone(),
            keeps: Box::new(world),
        })
    }
}
