//! `duvoscript doctor`: what the program finds here, and whether the journal is sound.
//!
//! It never shows a key: only where it would come from.

use std::path::Path;
use std::sync::Arc;

use clap::Args;
use serde_json::{Value, json};

use super::command::{Action, Context, Format};
use super::connect::sources;
use super::exit::{self, Exit};
use super::{output, state};
use crate::api;
use crate::clock::SystemClock;
use crate::journal::{Inspection, Journal, JournalError, RunFilter, RunState};
use crate::report::{Problem, ProblemKind};
use crate::run::ENGINE;

/// Shows what the program finds here, and whether the journal is sound; exits with 6 when it is not
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript doctor --state .duvoscript")]
pub(super) struct Doctor {}

impl Action for Doctor {
    const NAME: &'static str = "doctor";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let folder = state::folder(context)?;
        let seen = Seen {
            folder: folder.display().to_string(),
            permissions: permissions(&folder),
            access: Access::of(context),
            found: examine(&folder).map_err(Problem::from),
        };
        match context.global.output {
            Format::Json => output::show(seen.for_programs(), None, Format::Json),
            Format::Text | Format::Table => {
                // A closed pipe is the reader's choice.
                _ = std::io::Write::write_all(
                    &mut anstream::stdout(),
                    output::columns(seen.facts()).as_bytes(),
                );
            }
        }
        match seen.fault() {
            None => Ok(exit::OK),
            Some(fault) => Err(fault),
        }
    }
}

/// Looks at the journal of a folder; `None` when there is none.
fn examine(folder: &Path) -> Result<Option<Found>, JournalError> {
    let Some(journal) = Journal::open_existing(folder, Arc::new(SystemClock::new()))? else {
        return Ok(None);
    };
    let inspection = journal.inspect()?;
    let hands = if inspection.faults.is_empty() {
        Some(Hands::count(&journal)?)
    } else {
        None
    };
    Ok(Some(Found { inspection, hands }))
}

/// All that was found.
struct Seen {
    folder: String,
    permissions: Option<String>,
    access: Access,
    /// `None` where there is no journal.
    found: Result<Option<Found>, Problem>,
}

/// What was found in the journal.
struct Found {
    inspection: Inspection,
    /// Cannot be counted in a damaged journal.
    hands: Option<Hands>,
}

/// In whose hands the runs are that have not ended.
struct Hands {
    alive: usize,
    dead: usize,
}

impl Hands {
    fn count(journal: &Journal) -> Result<Self, JournalError> {
        let open = RunState::ALL.into_iter().filter(|state| !state.is_ended());
        let runs = journal.runs(&RunFilter {
            states: open.collect(),
            ..RunFilter::default()
        })?;
        let owned = runs.iter().filter(|run| run.owner.is_some());
        let (alive, dead): (Vec<_>, Vec<_>) = owned.partition(|run| journal.is_owned(run));
        Ok(Self {
            alive: alive.len(),
            dead: dead.len(),
        })
    }
}

/// Which key would be used, and where.
struct Access {
    key: String,
    server: Option<String>,
    team: Option<String>,
    is_usable: bool,
}

impl Access {
    fn of(context: &Context) -> Self {
        match api::resolve(&sources(context)) {
            Ok(access) => Self {
                key: format!("from {}", access.key_source),
                server: Some(access.base_url.to_string()),
                team: access.team,
                is_usable: true,
            },
            Err(failure) => Self {
                key: failure.to_string(),
                server: None,
                team: None,
                is_usable: false,
            },
        }
    }
}

impl Seen {
    /// Returns what is wrong with the journal.
    fn fault(&self) -> Option<Problem> {
        let inspection = match &self.found {
            Ok(found) => &found.as_ref()?.inspection,
            Err(problem) => return Some(problem.clone()),
        };
        if inspection.faults.is_empty() {
            return None;
        }
        let what = format!("the journal `{}` is damaged", inspection.path.display());
        let problem = Problem::new(ProblemKind::Journal, what);
        let faults = inspection.faults.iter();
        Some(
            faults
                .fold(problem, |problem, fault| problem.cause(fault))
                .hint("`duvoscript runs export` saves what is readable of a run")
                .hint("`--state DIR` begins a new journal; this one is left as it is"),
        )
    }

    fn facts(&self) -> Vec<Vec<String>> {
        let mut facts = vec![fact("program", ENGINE), fact("state in", &self.folder)];
        facts.extend(
            self.permissions
                .iter()
                .map(|mode| fact("permissions", mode)),
        );
        match &self.found {
            Ok(Some(found)) => facts.extend(found.facts()),
            Ok(None) => facts.push(fact("journal", "there is none yet")),
            Err(_) => facts.push(fact("journal", "cannot be read")),
        }
        facts.push(fact("API key", &self.access.key));
        facts.extend(self.access.server.iter().map(|url| fact("server", url)));
        facts.extend(self.access.team.iter().map(|team| fact("team", team)));
        facts
    }

    fn for_programs(&self) -> Value {
        let found = self.found.as_ref().ok().and_then(Option::as_ref);
        json!({
            "program": ENGINE,
            "state": self.folder,
            "permissions": self.permissions,
            "journal": found.map(Found::for_programs),
            "fault": self.fault().map(|fault| fault.to_string()),
            "access": {
                "is_usable": self.access.is_usable, "source": self.access.key,
                "server": self.access.server, "team": self.access.team,
            },
        })
    }
}

impl Found {
    fn facts(&self) -> Vec<Vec<String>> {
        let Self { inspection, hands } = self;
        let counts = |counts: Vec<String>| {
            if counts.is_empty() {
                "none".to_owned()
            } else {
                counts.join(", ")
            }
        };
        let runs = inspection.runs.iter();
        let rows = inspection.rows.iter();
        let health = match inspection.faults.len() {
            0 => "sound",
            _ => "damaged",
        };
        let format = format!(
            "format {}, SQLite {}, {} KiB",
            inspection.format,
            inspection.sqlite,
            inspection.bytes.div_ceil(1024)
        );
        let mut facts = vec![
            fact("journal", health),
            fact("file", &inspection.path.display().to_string()),
            fact("", &format),
            fact(
                "runs",
                &counts(
                    runs.map(|(state, count)| format!("{count} {state}"))
                        .collect(),
                ),
            ),
            fact(
                "rows",
                &counts(
                    rows.map(|(table, count)| format!("{count} {table}"))
                        .collect(),
                ),
            ),
        ];
        if let Some(Hands { alive, dead }) = hands {
            let told = format!("{alive} in the hand of a living process, {dead} of one that died");
            facts.push(fact("executed", &told));
        }
        facts
    }

    fn for_programs(&self) -> Value {
        let Self { inspection, hands } = self;
        let runs = inspection.runs.iter();
        let rows = inspection.rows.iter();
        json!({
            "path": inspection.path,
            "format": inspection.format,
            "sqlite": inspection.sqlite,
            "bytes": inspection.bytes,
            "runs": runs.map(|(state, count)| (state.as_str().to_owned(), json!(count)))
                .collect::<serde_json::Map<_, _>>(),
            "rows": rows.map(|(table, count)| (table.clone(), json!(count)))
                .collect::<serde_json::Map<_, _>>(),
            "owners": hands.as_ref().map(|hands| json!({
                "alive": hands.alive, "dead": hands.dead,
            })),
            "faults": inspection.faults,
        })
    }
}

fn fact(name: &str, text: &str) -> Vec<String> {
    vec![name.to_owned(), text.to_owned()]
}

/// Returns who may enter a folder; `None` where it is not there, or the system does not tell.
#[cfg(unix)]
fn permissions(folder: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(folder).ok()?.permissions().mode() & 0o777;
    Some(match mode & 0o077 {
        0 => format!("{mode:o}: for its owner alone"),
        _ if mode & 0o022 != 0 => format!("{mode:o}: others may write to it"),
        _ => format!("{mode:o}: others may read it"),
    })
}

#[cfg(not(unix))]
fn permissions(_: &Path) -> Option<String> {
    None
}
