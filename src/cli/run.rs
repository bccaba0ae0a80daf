//! `duvoscript run`: runs a script once, in the foreground.

use std::future::{Future, poll_fn};
use std::io::Write;
use std::path::{Component, Path, PathBuf};
use std::pin::pin;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use clap::Args;
use serde_json::{Map, Value};

use super::command::{Action, Context, Format};
use super::connect::{Choice, World, run_runtime};
use super::console::Terminal;
use super::exit::{self, Exit};
use super::output;
use super::script_help::script_help;
use crate::report::{Problem, nearest};
use crate::run::{LiveHost, Permissions, Project, Surroundings};
use crate::script::{
    self, Control, Ended, Header, Level, Limits, Outcome, Script, Source, Stop, execute,
};

/// How long an interrupted script may take to come back before the process ends without it.
const GRACE: Duration = Duration::from_secs(2);

/// Runs a script
///
/// `duvoscript run SCRIPT --help` shows the arguments that the script declares.
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
            Ok(Some((script, arguments))) => {
                let world = World::enter(&self.choice, context)?;
                let host = Arc::new(self.host(&world, script.header(), project, context)?);
                Ok(finish(
                    Job {
                        script,
                        arguments,
                        limits: self.limits(),
                        host,
                    },
                    &world,
                    context.global.output,
                ))
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

    fn limits(&self) -> Limits {
        let or_none = |limit: u64| if limit == 0 { u64::MAX } else { limit };
        Limits {
            operations: or_none(self.max_operations),
            memory_bytes: or_none(self.max_memory.saturating_mul(1 << 20)),
        }
    }

    fn host(
        &self,
        world: &World,
        header: &Header,
        project: Arc<Project>,
        context: &Context,
    ) -> Result<LiveHost, Problem> {
        let least = if self.verbose {
            Level::Debug
        } else {
            Level::Info
        };
        let only_result = context.global.output == Format::Json;
        Ok(LiveHost::new(Surroundings {
            connect: Box::new(world.connector()),
            clock: Arc::clone(&world.clock),
            chance: Arc::clone(&world.chance),
            runtime: run_runtime()?,
            project,
            console: Arc::new(Terminal::new(Arc::clone(&world.clock), only_result, least)),
            environment: context.environment.all().clone(),
            permissions: Permissions {
                env: header.env.clone(),
                hosts: header.hosts.clone(),
            },
        }))
    }
}

/// A script on its way into a run.
struct Job {
    script: Script,
    arguments: Map<String, Value>,
    limits: Limits,
    host: Arc<LiveHost>,
}

/// What the main thread waits for.
enum News {
    Ended(Box<Ended>),
    Interrupted,
}

/// Runs the script to its end, or until the user interrupts it.
fn finish(job: Job, world: &World, format: Format) -> Exit {
    let control = Arc::new(Control::default());
    let (sender, news) = mpsc::channel();
    let interrupted = sender.clone();
    on_interrupt(world, move || {
        // The run may have ended in the same instant.
        _ = interrupted.send(News::Interrupted);
    });
    let (host, stop) = (Arc::clone(&job.host), Arc::clone(&control));
    std::thread::spawn(move || {
        let ended = execute(&job.script, &job.arguments, job.host, &job.limits, control);
        _ = sender.send(News::Ended(Box::new(ended)));
    });
    let ended = match news.recv() {
        Ok(News::Ended(ended)) => ended,
        Ok(News::Interrupted) => {
            stop.stop(Stop::Interrupted);
            host.stop();
            // Whatever still blocks, such as reading the terminal, ends with the process.
            match news.recv_timeout(GRACE) {
                Ok(News::Ended(ended)) => ended,
                Ok(News::Interrupted) | Err(_) => return exit::INTERRUPTED,
            }
        }
        Err(_) => return exit::BUG,
    };
    conclude(*ended, format)
}

/// Calls back when the user interrupts; it returns only when that is made sure, for a signal that
/// comes before would end the process without a word.
fn on_interrupt(world: &World, call: impl FnOnce() + Send + 'static) {
    let (armed, is_armed) = mpsc::channel();
    world.runtime.spawn(async move {
        let mut signal = pin!(tokio::signal::ctrl_c());
        let mut armed = Some(armed);
        let interrupted = poll_fn(|context| {
            let polled = signal.as_mut().poll(context);
            armed.take();
            polled
        });
        if interrupted.await.is_ok() {
            call();
        }
    });
    // It ends when the sender is dropped: nothing is ever sent.
    _ = is_armed.recv() as Result<(), _>;
}

fn conclude(ended: Ended, format: Format) -> Exit {
    let texts = ended.texts();
    match ended.outcome {
        Outcome::Done(value) => {
            output::show(value, None, format);
            exit::OK
        }
        Outcome::Failed(problem) => {
            super::show(&problem, &texts);
            exit::of(problem.kind)
        }
        Outcome::Stopped(Stop::Interrupted) => exit::INTERRUPTED,
        Outcome::Stopped(_) => exit::SCRIPT,
    }
}

/// Returns the project's directory: the nearest one above the working directory that has a
/// `duvoscript.toml`, or the working directory; a script from elsewhere brings its own.
pub(super) fn project_root(script: &Path) -> Result<PathBuf, Problem> {
    let broken = |fault: std::io::Error| unreadable(script, &fault);
    let script = script.canonicalize().map_err(broken)?;
    let here = std::env::current_dir().map_err(broken)?;
    let marked = here
        .ancestors()
        .find(|folder| folder.join("duvoscript.toml").is_file());
    let root = marked.unwrap_or(&here).canonicalize().map_err(broken)?;
    let own = script.parent().map(Path::to_path_buf).unwrap_or_default();
    Ok(if script.starts_with(&root) { root } else { own })
}

/// Describes a script that cannot be read; one that is not there may be misspelt.
fn unreadable(script: &Path, fault: &std::io::Error) -> Problem {
    let problem = Problem::usage(format!("cannot read `{}`", script.display())).cause(fault);
    if fault.kind() != std::io::ErrorKind::NotFound {
        return problem;
    }
    let folder = script.parent().filter(|path| !path.as_os_str().is_empty());
    let entries = std::fs::read_dir(folder.unwrap_or(Path::new(".")));
    let names: Vec<String> = entries
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(PathBuf::from(entry.ok()?.file_name())))
        .filter(|name| name.extension().is_some_and(|end| end == "rhai"))
        .filter_map(|name| name.into_os_string().into_string().ok())
        .collect();
    let given = script.file_name().unwrap_or_default().to_string_lossy();
    match nearest(&given, names.iter().map(String::as_str)) {
        Some(near) => {
            let near = script.with_file_name(near);
            problem.hint(format!("did you mean `{}`?", near.display()))
        }
        None => problem,
    }
}

/// Reads a script; its name is its path within the project.
pub(super) fn read(script: &Path, project: &Project) -> Result<Source, Problem> {
    let broken = |fault: std::io::Error| unreadable(script, &fault);
    let path = script.canonicalize().map_err(broken)?;
    let root = project.root().canonicalize().map_err(broken)?;
    let below = path.strip_prefix(&root).unwrap_or(&path);
    let parts = below.components().filter_map(|part| match part {
        Component::Normal(part) => Some(part.to_string_lossy().into_owned()),
        _ => None,
    });
    let name = parts.collect::<Vec<_>>().join("/");
    let text = String::from_utf8(std::fs::read(&path).map_err(broken)?)
        .map_err(|_| Problem::usage(format!("`{}` is not UTF-8 text", script.display())))?;
    Ok(Source { name, text })
}

fn pairs(words: &[String]) -> Result<Vec<(String, String)>, Problem> {
    let pair = |word: &String| match word.split_once('=') {
        Some((name, value)) => Ok((name.trim().to_owned(), value.to_owned())),
        None => Err(Problem::usage(format!(
            "`--arg {word}` is not of the form NAME=VALUE"
        ))),
    };
    words.iter().map(pair).collect()
}
