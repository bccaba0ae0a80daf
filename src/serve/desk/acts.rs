//! What people do: answers, signals, orders, starts, triggers, pauses.
//!
//! Each act is a row in the journal; the daemon finds it there like anybody else's.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::Desk;
use crate::journal::{Delivered, NewEvent, Order, RunRow};
use crate::run::answer_name;
use crate::script::StepKey;
use crate::serve::refused::{Refused, Why};
use crate::serve::view::{RunBrief, Time, parsed};

/// What became of a signal.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "became", rename_all = "snake_case")]
pub enum Signalled {
    /// It counts.
    Accepted,
    /// Somebody was faster.
    TooLate {
        /// What they answered.
        value: Value,
        /// Who.
        by: Option<String>,
        /// When.
        #[schemars(with = "Time")]
        at: Timestamp,
    },
}

impl Desk {
    /// Sends a run a signal; of several with one name the first counts.
    pub fn signal(
        &self,
        run: &str,
        name: &str,
        value: &Value,
        by: Option<String>,
    ) -> Result<Signalled, Refused> {
        if name.is_empty() || name.starts_with(&answer_name(&StepKey(String::new()))) {
            return Err(Refused::new(
                Why::Invalid,
                format!("`{name}` is no name of a signal"),
            ));
        }
        let row = self.open_row(run)?;
        self.deliver(&row, name.to_owned(), value, by)
    }

    /// Tells a run what a person wants of it.
    pub fn order(&self, run: &str, order: Order) -> Result<RunBrief, Refused> {
        let row = self.open_row(run)?;
        self.journal().order(&row.id, order)?;
        Ok(self.brief(&self.row(&row.id)?))
    }

    /// Begins a new run with the sources and arguments of another.
    pub fn retry(&self, run: &str) -> Result<RunBrief, Refused> {
        _ = self.row(run)?;
        Err(later())
    }

    /// Begins a run of a script of the project.
    pub fn start(
        &self,
        _script: &str,
        _arguments: &Map<String, Value>,
    ) -> Result<RunBrief, Refused> {
        Err(later())
    }

    /// Fires a schedule now, whatever its plan says.
    pub fn trigger(&self, name: &str, _by: Option<String>) -> Result<RunBrief, Refused> {
        _ = self.schedule(name)?;
        Err(later())
    }

    /// Keeps a schedule from firing.
    pub fn pause(
        &self,
        name: &str,
        _reason: Option<String>,
        _by: Option<String>,
    ) -> Result<(), Refused> {
        _ = self.schedule(name)?;
        Err(later())
    }

    /// Lets a paused schedule fire again.
    pub fn resume(&self, name: &str) -> Result<(), Refused> {
        _ = self.schedule(name)?;
        Err(later())
    }

    fn deliver(
        &self,
        row: &RunRow,
        name: String,
        value: &Value,
        by: Option<String>,
    ) -> Result<Signalled, Refused> {
        let delivered = self.journal().deliver(NewEvent {
            run: row.id.clone(),
            name,
            value: value.to_string(),
            by,
            at: self.0.clock.now(),
        })?;
        match delivered {
            Delivered::Accepted => Ok(Signalled::Accepted),
            Delivered::Duplicate(first) => Ok(Signalled::TooLate {
                value: parsed(&first.value),
                by: first.by,
                at: first.at,
            }),
            Delivered::NoRun => Err(ended(&row.id)),
        }
    }

    /// Finds a run that has not ended.
    fn open_row(&self, run: &str) -> Result<RunRow, Refused> {
        let row = self.row(run)?;
        if row.state.is_ended() {
            return Err(ended(&row.id));
        }
        Ok(row)
    }
}

fn ended(run: &str) -> Refused {
    Refused::new(Why::Conflict, format!("the run `{run}` has ended"))
}

fn later() -> Refused {
    Refused::new(Why::Unavailable, "the daemon cannot do this yet")
}
