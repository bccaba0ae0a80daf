//! What people do: answers, signals, orders, starts, triggers, pauses.
//!
//! Each act is a row in the journal; the daemon finds it there like anybody else's.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::Desk;
use crate::journal::{Delivered, FirstRun, NewEvent, NewRun, Order, Pause, RunRow};
use crate::report::nearest;
use crate::run::{Ground, Start, answer_name, rows};
use crate::schedule::{Declaration, hold, release, trigger};
use crate::script::{Script, Source, StepKey};
use crate::serve::refused::{Refused, Why};
use crate::serve::view::{RunBrief, ScheduleView, SlotView, Time, parsed};

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
        self.brief_of(&row.id)
    }

    /// Begins a new run with the sources and arguments of another.
    pub fn retry(&self, run: &str) -> Result<RunBrief, Refused> {
        let row = self.row(run)?;
        let id = self.0.chance.uuid().to_string();
        let new = NewRun {
            unattended: true,
            ..row.again(id.clone(), self.0.clock.now())
        };
        self.journal().copy_until(&row.id, new, 0)?;
        self.brief_of(&id)
    }

    /// Begins a run of a script of the project, that nobody sits in front of.
    pub fn start(
        &self,
        script: &str,
        given: &BTreeMap<String, String>,
    ) -> Result<RunBrief, Refused> {
        let id = self.0.chance.uuid().to_string();
        let (mut new, sources) = self.first(script, given, &id)?;
        new.unattended = true;
        self.journal().begin(&(new, sources))?;
        self.brief_of(&id)
    }

    /// Returns the rows of a run that begins.
    fn first(
        &self,
        script: &str,
        given: &BTreeMap<String, String>,
        id: &str,
    ) -> Result<FirstRun, Refused> {
        let shared = &self.0;
        let content = shared.project.read(script)?;
        let text = String::from_utf8(content)
            .map_err(|_| Refused::new(Why::Invalid, format!("`{script}` is not UTF-8 text")))?;
        let name = script.to_owned();
        let script = Script::load(Source { name, text })?;
        let given: Vec<_> = given.clone().into_iter().collect();
        let environment = |name: &str| shared.environment.get(name).cloned();
        let arguments = script.header().arguments(&given, &environment)?;
        let start = Start {
            script: &script,
            arguments: &arguments,
            world: &shared.world,
            limits: &shared.limits,
            timeout: None,
            parent: None,
            imports: &[],
        };
        let ground = Ground {
            journal: &shared.journal,
            id,
            now: shared.clock.now(),
            root: shared.project.root(),
            veil: &shared.veil,
        };
        Ok(rows(&start, &ground)?)
    }

    fn brief_of(&self, id: &str) -> Result<RunBrief, Refused> {
        Ok(self.brief(&self.row(id)?))
    }

    /// Fires a schedule now, whatever its plan says; its slot waits for its turn.
    pub fn trigger(&self, name: &str, by: Option<&str>) -> Result<SlotView, Refused> {
        self.served(name)?;
        let slot = trigger(self.journal(), name, by, self.0.clock.now())?;
        self.slot_view(slot)
    }

    /// Keeps a schedule from firing.
    pub fn pause(
        &self,
        name: &str,
        reason: String,
        by: Option<String>,
    ) -> Result<ScheduleView, Refused> {
        self.served(name)?;
        if reason.trim().is_empty() {
            let refused = Refused::new(Why::Invalid, "a pause wants a reason");
            return Err(refused.hint("it is shown to whoever wonders why nothing runs"));
        }
        let at = self.0.clock.now();
        if hold(self.journal(), name, &Pause { at, by, reason })? {
            return self.schedule(name);
        }
        let what = format!("the schedule `{name}` is paused already");
        Err(Refused::new(Why::Conflict, what))
    }

    /// Lets a paused schedule fire again.
    pub fn resume(&self, name: &str) -> Result<ScheduleView, Refused> {
        self.served(name)?;
        if release(self.journal(), name)? {
            return self.schedule(name);
        }
        let what = format!("the schedule `{name}` is not paused");
        Err(Refused::new(Why::Conflict, what))
    }

    /// Errs when a schedule is not declared.
    fn served(&self, name: &str) -> Result<(), Refused> {
        let keeper = self.0.keeper();
        if keeper.declaration(name).is_some() {
            return Ok(());
        }
        let names = keeper.declarations().map(Declaration::name);
        let refused = Refused::new(Why::NotFound, format!("there is no schedule `{name}`"));
        Err(match nearest(name, names) {
            Some(near) => refused.hint(format!("did you mean `{near}`?")),
            None => refused,
        })
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
