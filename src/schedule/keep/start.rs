//! The run of a slot, made from the script as it is at that moment.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::keeper::Parts;
use crate::journal::{FirstRun, JournalError};
use crate::report::Problem;
use crate::run::{Ground, Project, Start, rows};
use crate::schedule::Declaration;
use crate::script::{Limits, Script, Source};

/// A script that can run, with its arguments.
#[derive(Clone)]
pub(super) struct Loaded {
    script: Arc<Script>,
    arguments: Map<String, Value>,
}

/// The slot that a run is made for.
#[derive(Clone, Copy, Debug)]
pub(super) struct For<'a> {
    pub(super) schedule: &'a Declaration,
    pub(super) slot: Timestamp,
    pub(super) attempt: u32,
    /// When it wants to begin, if not at once.
    pub(super) wake_at: Option<Timestamp>,
}

/// A script, or why it cannot run, in one line.
type Compiled = Result<Arc<Script>, String>;

/// The scripts of a project: read once a turn, and compiled again when they have changed.
#[derive(Default)]
pub(super) struct Scripts {
    compiled: HashMap<String, (String, Compiled)>,
    /// Those that were read in this turn.
    read: HashMap<String, Compiled>,
}

impl Scripts {
    /// Reads all scripts anew from now on.
    pub(super) fn look_anew(&mut self) {
        self.read.clear();
    }

    /// Returns the script of a schedule with its arguments; says in one line why it cannot run.
    pub(super) fn load(&mut self, parts: &Parts, schedule: &Declaration) -> Result<Loaded, String> {
        let script = self.script(&parts.project, &schedule.script)?;
        let environment = |name: &str| parts.environment.get(name).cloned();
        let arguments = script
            .header()
            .arguments(&schedule.args, &environment)
            .map_err(|problem| problem.what)?;
        Ok(Loaded { script, arguments })
    }

    fn script(&mut self, project: &Project, name: &str) -> Compiled {
        if let Some(read) = self.read.get(name) {
            return read.clone();
        }
        let script = match text(project, name) {
            Ok(text) => self.compile(name, text),
            Err(why) => Err(why),
        };
        self.read.insert(name.into(), script.clone());
        script
    }

    fn compile(&mut self, name: &str, text: String) -> Compiled {
        if let Some((known, compiled)) = self.compiled.get(name)
            && *known == text
        {
            return compiled.clone();
        }
        let script = Script::load(Source {
            name: name.into(),
            text: text.clone(),
        });
        let script = script.map(Arc::new).map_err(|problem| told(&problem));
        self.compiled.insert(name.into(), (text, script.clone()));
        script
    }
}

fn text(project: &Project, name: &str) -> Result<String, String> {
    let bytes = project.read(name).map_err(|failure| failure.message)?;
    String::from_utf8(bytes).map_err(|_| format!("`{name}` is not UTF-8 text"))
}

/// Makes the run of a slot.
pub(super) fn make(parts: &Parts, loaded: &Loaded, of: For<'_>) -> Result<FirstRun, JournalError> {
    let start = Start {
        script: &loaded.script,
        arguments: &loaded.arguments,
        world: &parts.world,
        limits: &Limits::default(),
        timeout: of.schedule.policy.deadline,
        parent: None,
        imports: &[],
    };
    let ground = Ground {
        journal: &parts.journal,
        id: &parts.chance.uuid().to_string(),
        now: parts.clock.now(),
        root: Path::new(parts.project.root()),
        veil: &parts.veil,
    };
    let (mut new, sources) = rows(&start, &ground)?;
    // Its time counts from when it begins.
    if let (Some(begin), Some(deadline)) = (of.wake_at, start.timeout) {
        new.deadline = begin.checked_add(deadline).ok();
    }
    new.unattended = true;
    new.schedule = Some(of.schedule.name().into());
    new.slot = Some(of.slot);
    new.attempt = of.attempt;
    new.wake_at = of.wake_at;
    Ok((new, sources))
}

fn told(problem: &Problem) -> String {
    match &problem.at {
        Some(at) => format!("{}:{}: {}", at.source, at.line, problem.what),
        None => problem.what.clone(),
    }
}
