//! `duvoscript plan`: tells what a script would change, and changes nothing.

use std::fmt::Write as _;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde_json::Value;

use super::command::{Action, Context, Format};
use super::connect::{Choice, World, run_runtime};
use super::exit::{self, Exit};
use super::output;
use super::run::{Look, pairs, project_root, read};
use crate::catalog::{self, Endpoint};
use crate::report::Problem;
use crate::run::{Change, EphemeralHost, Plan as Planned, PlanHost, Project};
use crate::script::{self, Control, Ended, Limits, Outcome, Script, execute};
use crate::simulator;

/// Tells what a script would change, in order, and changes nothing
///
/// Reads are answered by Duvo, or by the simulator; changes are answered with what is documented.
/// What only the real system can tell is said to be known afterwards, or assumed.
#[derive(Args, Debug)]
#[command(
    after_help = "Example: duvoscript plan --sim scripts/triage_cases.rhai --json > plan.json"
)]
pub(super) struct Plan {
    /// Script to plan
    script: PathBuf,
    /// Argument of the script
    #[arg(long = "arg", short = 'a', value_name = "NAME=VALUE")]
    arguments: Vec<String>,
    #[command(flatten)]
    choice: Choice,
}

impl Action for Plan {
    const NAME: &'static str = "plan";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        // What the script writes is read again by it, and gone afterwards.
        let scratch = tempfile::tempdir().map_err(|fault| {
            Problem::usage("cannot make a folder for what the script writes").cause(&fault)
        })?;
        let root = project_root(&self.script)?;
        let project = Arc::new(Project::open_below(root, scratch.path())?);
        let source = read(&self.script, &project)?;
        let texts = script::texts(std::slice::from_ref(&source));
        match Script::load(source) {
            Ok(script) => self.plan(&script, project, context),
            Err(problem) => {
                super::show(&problem, &texts);
                Ok(exit::of(problem.kind))
            }
        }
    }
}

impl Plan {
    fn plan(
        &self,
        script: &Script,
        project: Arc<Project>,
        context: &Context,
    ) -> Result<Exit, Problem> {
        let environment = |name: &str| context.environment.get(name).map(str::to_owned);
        let given = pairs(&self.arguments)?;
        let arguments = script.header().arguments(&given, &environment)?;
        let world = World::enter(&self.choice, context)?;
        let look = Look {
            // What the script prints is no part of its plan.
            format: Format::Json,
            verbose: false,
        };
        let around = look.surroundings(&world, script.header(), project, context);
        let inner = EphemeralHost::new(around, run_runtime()?);
        let clock = Arc::clone(&world.clock);
        let understudy = Box::new(move |call: &_| simulator::documented(call, clock.now()));
        let name = script.source().name.clone();
        let host = PlanHost::new(&name, inner, understudy, world.veil.clone());
        let host = Arc::new(match self.choice.sim {
            // Such a simulator ends with this process.
            Some(None) => host.rehearsing(),
            Some(Some(_)) | None => host,
        });
        let control = Arc::new(Control::default());
        let ended = execute(
            script,
            &arguments,
            Arc::clone(&host) as _,
            &Limits::default(),
            control,
        );
        let plan = host.conclude(outcome(&ended));
        show(&plan, context.global.output);
        if let (Outcome::Failed(problem), Some(_)) = (&ended.outcome, &plan.ends) {
            super::show_veiled(problem, &ended.texts(), &world.veil);
            return Ok(exit::of(problem.kind));
        }
        Ok(exit::OK)
    }
}

fn outcome(ended: &Ended) -> Result<Value, String> {
    match &ended.outcome {
        Outcome::Done(value) => Ok(value.clone()),
        Outcome::Failed(problem) => Err(problem.to_string()),
        Outcome::Stopped(_) => Err("the script was stopped".into()),
    }
}

fn show(plan: &Planned, format: Format) {
    if format == Format::Json {
        let value = serde_json::to_value(plan).unwrap_or_default();
        return output::show(value, None, Format::Json);
    }
    // A closed pipe is the reader's choice.
    _ = write!(anstream::stdout(), "{}", text(plan));
}

/// Returns a plan as people read it.
fn text(plan: &Planned) -> String {
    let mut text = match plan.changes.len() {
        0 => format!("{} would change nothing\n", plan.script),
        1 => format!("{} would make 1 change:\n", plan.script),
        many => format!("{} would make {many} changes:\n", plan.script),
    };
    for change in &plan.changes {
        text += &told(change);
    }
    if !plan.assumed.is_empty() {
        text += "\nassumed, for only the real system can tell:\n";
        for line in &plan.assumed {
            _ = writeln!(text, "  {line}");
        }
    }
    if let Some(why) = &plan.ends {
        _ = writeln!(text, "\nthe plan ends before the script does: {why}");
    }
    text
}

fn told(change: &Change) -> String {
    let mut text = String::new();
    let branch = match change.branch.as_str() {
        "" => String::new(),
        branch => format!(", branch {}", branch.trim_end_matches('.')),
    };
    let kind = match change.kind.as_str() {
        "call" => String::new(),
        kind => format!("{} ", kind.replace('_', " ")),
    };
    let destroys = if change.destroys { "  (destroys)" } else { "" };
    // Writing to a text cannot fail.
    _ = writeln!(
        text,
        "\n{}. {kind}{}{destroys}   at {}{branch}",
        change.number, change.name, change.at
    );
    for (name, value) in shown(change) {
        _ = writeln!(text, "     {name}: {value}");
    }
    if !change.needs.is_empty() {
        let numbers: Vec<_> = change.needs.iter().map(usize::to_string).collect();
        let numbers = numbers.join(", ");
        _ = writeln!(
            text,
            "     (needs the answer to change {numbers}, which only the real system can give)"
        );
    }
    text
}

/// Returns what a change is made with, by name.
fn shown(change: &Change) -> Vec<(String, &Value)> {
    let endpoint = catalog::by_name(&change.name);
    let mut names = endpoint.into_iter().flat_map(Endpoint::given_params);
    let mut shown = Vec::new();
    for (name, value) in change.request.as_object().into_iter().flatten() {
        match value {
            Value::Null => {}
            Value::Array(ids) if name == "path" => shown.extend(ids.iter().map(|id| {
                let name = names.next().map_or("id", |param| param.name);
                (name.to_owned(), id)
            })),
            Value::Object(fields) => {
                shown.extend(fields.iter().map(|(name, value)| (name.clone(), value)));
            }
            value => shown.push((name.clone(), value)),
        }
    }
    shown
}
