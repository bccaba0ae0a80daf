//! What the journal keeps of a run that begins, whoever begins it: a person in front of it, or a
//! daemon that takes it up later.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::run::ENGINE;
use crate::journal::{FirstRun, Journal, JournalError, NewRun, StoredSource};
use crate::script::{Limits, Script, Source};
use crate::secret::Veil;

/// What a run begins with, as its record needs it.
#[derive(Clone, Copy, Debug)]
pub struct Start<'a> {
    /// The script.
    pub script: &'a Script,
    /// Its arguments, as [`crate::script::Header::arguments`] returns them.
    pub arguments: &'a Map<String, Value>,
    /// Where its effects go.
    pub world: &'a Value,
    /// What it may use up.
    pub limits: &'a Limits,
    /// How long it may take, waits included.
    pub timeout: Option<Duration>,
    /// The run it is a repetition of.
    pub parent: Option<&'a str>,
    /// What it imports, as far as that is settled.
    pub imports: &'a [Source],
}

/// Where and when a run begins.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// Keeps it, and seals what must not lie in clear.
    pub journal: &'a Journal,
    /// Its id.
    pub id: &'a str,
    /// When it is made.
    pub now: Timestamp,
    /// The project's folder.
    pub root: &'a Path,
    /// Learns its secret arguments.
    pub veil: &'a Veil,
}

/// Returns the rows of a run that begins: queued, and that of somebody who sits in front of it.
pub fn rows(start: &Start<'_>, ground: &Ground<'_>) -> Result<FirstRun, JournalError> {
    learn(start.script, start.arguments, ground.veil);
    let (arguments, sealed_arguments) = masked(start.arguments, ground)?;
    let until = |timeout| ground.now.checked_add(timeout).unwrap_or(Timestamp::MAX);
    let script = start.script.source();
    let new = NewRun {
        root: ground.root.display().to_string(),
        arguments,
        sealed_arguments,
        world: start.world.to_string(),
        limits: limits_text(start.limits),
        deadline: start.timeout.map(until),
        parent: start.parent.map(Into::into),
        ..NewRun::queued(ground.id, &*script.name, ENGINE, ground.now)
    };
    let sources = [script].into_iter().chain(start.imports);
    let stored = |source: &Source| StoredSource {
        name: source.name.clone(),
        text: source.text.clone(),
    };
    Ok((new, sources.map(stored).collect()))
}

/// Makes the values of secret arguments known.
pub(super) fn learn(script: &Script, given: &Map<String, Value>, veil: &Veil) {
    for argument in &script.header().args {
        if let (true, Some(Value::String(value))) = (argument.secret, given.get(&argument.name)) {
            veil.add(value);
        }
    }
}

/// Returns the arguments as they may lie in clear, and sealed as a whole where that hides some.
fn masked(
    arguments: &Map<String, Value>,
    ground: &Ground<'_>,
) -> Result<(String, Option<Vec<u8>>), JournalError> {
    let whole = Value::Object(arguments.clone());
    let mut shown = whole.clone();
    ground.veil.hide_in(&mut shown);
    let sealed = if shown == whole {
        None
    } else {
        Some(ground.journal.seal(whole.to_string().as_bytes())?)
    };
    Ok((shown.to_string(), sealed))
}

fn limits_text(limits: &Limits) -> String {
    json!({ "operations": limits.operations, "memory_bytes": limits.memory_bytes }).to_string()
}
