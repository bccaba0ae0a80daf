//! `duvoscript run`: runs a script once, in the foreground.

mod around;
mod foreground;
mod source;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use serde_json::{Map, Value};

pub(super) use around::Look;
pub(super) use foreground::{conclude, finish_durable, see_through};

pub(super) use source::{pairs, project_root, read};

use super::command::{Action, Context};
use super::connect::{Choice, World, run_runtime};
use super::exit::{self, Exit};
use super::script_help::script_help;
use super::state;
use crate::journal::Journal;
use crate::report::Problem;
use crate::run::{Around, Beginning, DurableRun, EphemeralHost, Patience, Plan, Project};
use crate::script::{self, Limits, Script, Source};

/// Runs a script
///
/// The run is recorded in the project's `.duvoscript`: killed anywhere, it goes on with
/// `duvoscript runs resume`. `duvoscript run SCRIPT --help` shows the arguments that the script
/// declares.
#[derive(Args, Debug)]
#[command(
    disable_help_flag = true,
    after_help = "Example: duvoscript run --sim scripts/process_invoices.rhai --arg limit=500"
)]
pub(super) struct Run {
    /// Script to run
    script: Option<PathBuf>,
    /// Argument of the script
    #[arg(long = "arg", short = 'a', value_name = "NAME=VALUE")]
    arguments: Vec<String>,
    #[command(flatten)]
    choice: Choice,
    /// Keep no record: the run ends with the process. So it is with `--sim` without a URL
    #[arg(long)]
    ephemeral: bool,
    /// Refuse every change that is not in the plan, which `duvoscript plan --json` has made
    #[arg(long, value_name = "PLAN.json")]
    approve: Option<PathBuf>,
    /// How long the run may take, waits included, such as `2h`
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    timeout: Option<Duration>,
    /// Operations the script may use up; 0 for no limit
    #[arg(long, value_name = "NUMBER", default_value_t = Limits::default().operations)]
    max_operations: u64,
    /// Memory the script may use up, in MiB; 0 for no limit
    #[arg(long, value_name = "MIB", default_value_t = Limits::default().memory_bytes >> 20)]
    max_memory: u64,
    /// Shows the lines of `log::debug` too
    #[arg(long, short)]
    verbose: bool,
    /// Shows this help, or with SCRIPT what the script does and takes
    #[arg(long, short)]
    help: bool,
}

/// A script and its arguments.
type Loaded = (Script, Map<String, Value>);

impl Action for Run {
    const NAME: &'static str = "run";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let Some(path) = &self.script else {
            return self.without_script();
        };
        let project = Arc::new(Project::open(project_root(path)?)?);
        let source = read(path, &project)?;
        let texts = script::texts(std::slice::from_ref(&source));
        match self.load(path, source, context) {
            Ok(Some(loaded)) => {
                let world = World::enter(&self.choice, context)?;
                self.go(loaded, project, &world, context)
            }
            Ok(None) => Ok(exit::OK),
            Err(problem) => {
                super::show(&problem, &texts);
                Ok(exit::of(problem.kind))
            }
        }
    }
}

impl Run {
    /// Loads the script and its arguments; `None` when only its help was wanted.
    fn load(
        &self,
        path: &Path,
        source: Source,
        context: &Context,
    ) -> Result<Option<Loaded>, Problem> {
        let script = Script::load(source)?;
        if self.help {
            // A closed pipe is the reader's choice.
            _ = write!(anstream::stdout(), "{}", script_help(path, script.header()));
            return Ok(None);
        }
        let given = pairs(&self.arguments)?;
        let environment = |name: &str| context.environment.get(name).map(str::to_owned);
        let arguments = script
            .header()
            .arguments(&given, &environment)
            .map_err(|problem| {
                problem.hint(format!(
                    "`duvoscript run {} --help` shows its arguments",
                    path.display()
                ))
            })?;
        Ok(Some((script, arguments)))
    }

    fn without_script(&self) -> Result<Exit, Problem> {
        if !self.help {
            return Err(Problem::usage("which script shall run?").hint("duvoscript run SCRIPT"));
        }
        let mut program = super::program();
        // Only then does the command know the program's name and the options of all commands.
        program.build();
        let command = program.find_subcommand_mut(Self::NAME);
        // A closed pipe is the reader's choice.
        _ = command.map(clap::Command::print_long_help);
        Ok(exit::OK)
    }

    /// Reads the plan that the run shall be held to.
    fn plan(&self, script: &Script) -> Result<Option<Plan>, Problem> {
        let Some(file) = &self.approve else {
            return Ok(None);
        };
        let text = std::fs::read_to_string(file).map_err(|fault| {
            Problem::usage(format!("cannot read `{}`", file.display())).cause(&fault)
        })?;
        let plan = Plan::read(&file.display().to_string(), &text)?;
        let name = &script.source().name;
        match plan.script == *name {
            true => Ok(Some(plan)),
            false => Err(Problem::usage(format!(
                "the plan is one of `{}`, not of `{name}`",
                plan.script
            ))),
        }
    }

    fn limits(&self) -> Limits {
        let or_none = |limit: u64| if limit == 0 { u64::MAX } else { limit };
        Limits {
            operations: or_none(self.max_operations),
            memory_bytes: or_none(self.max_memory.saturating_mul(1 << 20)),
        }
    }

    fn go(
        &self,
        (script, arguments): Loaded,
        project: Arc<Project>,
        world: &World,
        context: &Context,
    ) -> Result<Exit, Problem> {
        let look = Look {
            format: context.global.output,
            verbose: self.verbose,
        };
        let plan = self.plan(&script)?;
        let state = state::directory(context, project.root());
        let surroundings = look.surroundings(world, script.header(), project, context);
        let runtime = run_runtime()?;
        let identity = world.lasting_identity().filter(|_| !self.ephemeral);
        let Some(identity) = identity else {
            let host = EphemeralHost::new(surroundings, runtime)
                .approved(plan)
                .ending(self.timeout);
            return Ok(foreground::finish_ephemeral(
                (script, arguments),
                self.limits(),
                host,
                world,
                look.format,
            ));
        };
        let journal = Journal::open(&state, Arc::clone(&world.clock))?;
        let beginning = Beginning {
            script,
            arguments,
            world: identity,
            limits: self.limits(),
            timeout: self.timeout,
            parent: None,
            plan,
            imports: Vec::new(),
        };
        let around = Around {
            surroundings,
            runtime,
            patience: Patience::InPlace,
            crash: None,
        };
        let run = DurableRun::begin(&journal, beginning, around)?;
        finish_durable(run, &journal, world, look.format)
    }
}

/// Reads a duration of the command line, as scripts write them.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    script::duration(text)
}
