//! Compares the record of a run with the sources as they are now: every recorded step must be asked
//! for again, and be the same. Nothing is performed, shown or written; what is not recorded ends the
//! comparison.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};
use tokio::runtime::Runtime;

use super::away::Patience;
use super::fault::recorded;
use super::port::{Durable, Parts};
use super::record::Record;
use super::run::{ENGINE, arguments, learn_arguments, limits};
use crate::clock::{Clock, VirtualClock};
use crate::ids::Chance;
use crate::journal::{Journal, JournalError, RunRow, StoredSource};
use crate::report::{Failure, FailureKind, Problem, ProblemKind};
use crate::run::console::Silence;
use crate::run::driver::{Driver, GRACE};
use crate::run::ephemeral::Present;
use crate::run::live::{Live, Permissions, Surroundings};
use crate::run::plan;
use crate::run::port::{Divergence, Stop};
use crate::run::project::Project;
use crate::script::{Control, Outcome, Script, Site, Source, StepKey, execute};
use crate::secret::Veil;

/// What a comparison has shown.
#[derive(Debug)]
pub struct Comparison {
    /// The first difference; `None` when the run can go on with these sources.
    pub difference: Option<Difference>,
    /// The sources as they are now, the script's own first.
    pub sources: Vec<Source>,
}

/// How sources differ from a record.
#[derive(Debug)]
pub enum Difference {
    /// A step asks for something else.
    Changed(Box<Divergence>),
    /// A recorded step is not asked for.
    Missing {
        /// Which one.
        step: StepKey,
        /// The line of the recorded source that asked for it.
        site: Site,
        /// What it asked for.
        recorded: String,
    },
    /// The script fails before it comes to the end of the record, or right there.
    Fails(Box<Problem>),
}

/// Compares a run with the sources that lie in its project now.
pub fn compare(journal: &Journal, row: &RunRow, runtime: Runtime) -> Result<Comparison, Problem> {
    let project = Arc::new(Project::open(row.root.as_str())?);
    let source = read(&project, &row.script)?;
    let fails = |sources, problem| Comparison {
        difference: Some(Difference::Fails(Box::new(problem))),
        sources,
    };
    let script = match Script::load(source.clone()) {
        Ok(script) => script,
        Err(problem) => return Ok(fails(vec![source], problem)),
    };
    let arguments = arguments(journal, row)?;
    if let Some(problem) = lacking(&script, &arguments) {
        return Ok(fails(vec![source], problem));
    }
    let host = host(journal, row, &script, &arguments, (project, runtime))?;
    let limits = limits(&row.limits);
    let control = Arc::new(Control::default());
    let ended = execute(
        &script,
        &arguments,
        Arc::clone(&host) as _,
        &limits,
        control,
    );
    host.wind_down(GRACE);
    Ok(Comparison {
        difference: difference(&host, ended.outcome)?,
        sources: ended.sources,
    })
}

/// Lets a run go on with the sources of a comparison that has shown no difference.
pub fn switch(journal: &Journal, row: &RunRow, sources: &[Source]) -> Result<(), JournalError> {
    let stored: Vec<_> = sources
        .iter()
        .map(|source| StoredSource {
            name: source.name.clone(),
            text: source.text.clone(),
        })
        .collect();
    let known = journal.sources(&row.id)?.into_iter();
    let plan = known.filter(|source| source.name == plan::KEPT);
    let stored: Vec<_> = stored.into_iter().chain(plan).collect();
    journal.replace_sources(&row.id, &stored, ENGINE)
}

fn read(project: &Project, script: &str) -> Result<Source, Problem> {
    let unreadable = |cause: &dyn std::fmt::Display| {
        let folder = project.root().display();
        Problem::usage(format!("cannot read `{script}` in `{folder}`")).cause(cause)
    };
    let content = project
        .read(script)
        .map_err(|failure| unreadable(&failure))?;
    let text = String::from_utf8(content).map_err(|_| unreadable(&"it is not UTF-8 text"))?;
    let name = script.to_owned();
    Ok(Source { name, text })
}

/// Returns why a script cannot do with the arguments of a run.
fn lacking(script: &Script, given: &Map<String, Value>) -> Option<Problem> {
    let declared = script.header().args.iter();
    let new = declared.map(|argument| &argument.name);
    let lacking = new.into_iter().find(|name| !given.contains_key(*name))?;
    let what = format!("the run has no argument `{lacking}`, which the script declares now");
    Some(Problem::new(ProblemKind::Source, what))
}

fn host(
    journal: &Journal,
    row: &RunRow,
    script: &Script,
    arguments: &Map<String, Value>,
    (project, runtime): (Arc<Project>, Runtime),
) -> Result<Arc<Driver<Durable>>, JournalError> {
    let clock: Arc<dyn Clock> = Arc::new(VirtualClock::new(row.created_at));
    let around = surroundings(script, Arc::clone(&clock), Arc::clone(&project));
    learn_arguments(script, arguments, &around);
    let port = Durable::new(Parts {
        journal: journal.clone(),
        run: row.id.clone(),
        record: Record::read(journal, row)?,
        live: Live::new(around, row.id.clone()),
        patience: Patience::InPlace,
        horizon: Some(Stop::EndOfRecord),
        cancel: Arc::default(),
        crash: None,
    });
    let sources = Box::new(Present(project));
    Ok(Arc::new(Driver::new(port, sources, clock, runtime)))
}

/// Returns surroundings that can do nothing.
fn surroundings(script: &Script, clock: Arc<dyn Clock>, project: Arc<Project>) -> Surroundings {
    let header = script.header();
    Surroundings {
        connect: Box::new(|| {
            let what = "a comparison sends nothing";
            Err(Failure::new(FailureKind::Refused, what))
        }),
        clock,
        chance: Arc::new(Chance::from_seed(0)),
        project,
        console: Arc::new(Silence),
        environment: BTreeMap::new(),
        permissions: Permissions {
            env: header.env.clone(),
            hosts: header.hosts.clone(),
        },
        veil: Veil::default(),
    }
}

fn difference(host: &Driver<Durable>, outcome: Outcome) -> Result<Option<Difference>, Problem> {
    match (host.why_stopped(), outcome) {
        (Some(Stop::Diverged(divergence)), _) => return Ok(Some(Difference::Changed(divergence))),
        (Some(Stop::Broken(problem)), _) => return Err(*problem),
        (None, Outcome::Failed(problem)) => return Ok(Some(Difference::Fails(Box::new(problem)))),
        _ => {}
    }
    let port = host.port();
    Ok(port.forgotten().map(|row| Difference::Missing {
        step: StepKey(row.key.clone()),
        site: Site {
            source: row.source.clone(),
            line: row.line as usize,
            column: row.column as usize,
        },
        recorded: recorded(row),
    }))
}
