//! Serves the schedules of a project: each turn decides what is due, moves on what is queued, and
//! draws the consequences of what has ended. It runs no script: it writes run rows.
//!
//! All that lasts is in the journal. Two keepers at once do no harm: a decision that another one has
//! overtaken is made anew.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use url::Url;

use super::gather::{Due, at_boot, gather, next_due};
use super::known::Known;
use super::lane::Choice;
use super::start::{For, Loaded, Scripts, make};
use super::verdict::{Case, Verdict, drop_queued, verdict};
use crate::clock::Clock;
use crate::ids::Chance;
use crate::journal::{Deciding, Decision, Journal, JournalError, Order, Served, Standing};
use crate::report::{Problem, Sources};
use crate::run::Project;
use crate::schedule::{Declaration, Found, Slot, declared};
use crate::secret::Veil;

/// So many schedules are decided in one transaction.
pub(super) const PORTION: usize = 64;

/// So many slots of one schedule are decided at once.
pub(super) const MOST: usize = 4096;

/// So often a decision is made anew when others overtake it; the next turn tries again.
const ROUNDS: usize = 8;

/// What a keeper works with.
#[derive(Debug)]
pub struct Parts {
    /// Where schedules, slots and runs are kept.
    pub journal: Journal,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub chance: Arc<Chance>,
    /// Whose schedules are served.
    pub project: Arc<Project>,
    /// Where the effects of its runs go.
    pub world: Value,
    /// The environment, for arguments that come from there.
    pub environment: BTreeMap<String, String>,
    /// Learns secret arguments.
    pub veil: Veil,
}

/// What a reload has found.
#[derive(Debug, Default)]
pub struct Reloaded {
    /// Names of schedules that are new, or come back.
    pub added: Vec<String>,
    /// Names of those that were declared otherwise before.
    pub changed: Vec<String>,
    /// Names of those that are no longer served.
    pub removed: Vec<String>,
    /// What is wrong; what was right in the same file before is still served.
    pub faults: Vec<Problem>,
    /// The texts that places point into.
    pub sources: Sources,
}

/// What a turn has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// How many runs were made, further attempts included.
    pub fired: usize,
    /// How many slots got a fate, or another one.
    pub decided: usize,
    /// The addresses to tell; one that is lost harms nothing.
    pub pings: Vec<Url>,
    /// When the next slot is due. Runs that want to be woken up are the journal's to tell.
    pub next: Option<Timestamp>,
}

/// Serves the schedules of a project.
pub struct Keeper {
    pub(super) parts: Parts,
    pub(super) served: BTreeMap<String, Declaration>,
    agenda: Agenda,
    known: Known,
    pub(super) scripts: Scripts,
    /// The instant of this start, until the schedules that wait for it have had their slot.
    boot: Option<Timestamp>,
}

impl Keeper {
    /// Returns a keeper that serves nothing yet.
    pub fn new(parts: Parts) -> Self {
        Self {
            boot: Some(parts.clock.now()),
            parts,
            served: BTreeMap::new(),
            agenda: Agenda::default(),
            known: Known::default(),
            scripts: Scripts::default(),
        }
    }

    /// Returns the schedules that are served, by name.
    pub fn declarations(&self) -> impl Iterator<Item = &Declaration> {
        self.served.values()
    }

    /// Returns a schedule that is served.
    pub fn declaration(&self, name: &str) -> Option<&Declaration> {
        self.served.get(name)
    }

    /// Returns when the next slot of a schedule is due.
    pub fn next_due(&self, name: &str) -> Option<Timestamp> {
        self.agenda.of(name)
    }

    /// Reads the declarations, and serves them from now on. A plan that is new or has changed begins
    /// now: nothing is fired for its past. A turn before it decides what is due by the old ones.
    pub fn reload(&mut self) -> Result<Reloaded, JournalError> {
        let now = self.parts.clock.now();
        let Found {
            declarations,
            faults,
            sources,
        } = declared(&self.parts.project);
        let mut reloaded = Reloaded {
            faults,
            sources,
            ..Reloaded::default()
        };
        let mut served: BTreeMap<String, Declaration> = declarations
            .into_iter()
            .map(|declaration| (declaration.name().to_owned(), declaration))
            .collect();
        for (name, declaration) in std::mem::take(&mut self.served) {
            match served.get(&name) {
                Some(new) if new.is_same(&declaration) => {}
                Some(_) => reloaded.changed.push(name),
                None if is_hidden(&declaration, &reloaded.faults) => {
                    served.insert(name, declaration);
                }
                None => reloaded.removed.push(name),
            }
        }
        let known = |name: &&String| self.agenda.knows(name) || reloaded.changed.contains(name);
        let added = served.keys().filter(|name| !known(name)).cloned();
        reloaded.added = added.collect();
        self.serve(served, reloaded.faults.is_empty(), now)?;
        Ok(reloaded)
    }

    /// Serves these schedules, and no others where they are `all`.
    fn serve(
        &mut self,
        served: BTreeMap<String, Declaration>,
        all: bool,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        let plans: Vec<_> = served.values().map(fingerprinted).collect();
        let rows = self.parts.journal.adopt(&plans, now, all)?;
        self.agenda = Agenda::default();
        self.known = Known::default();
        for row in rows {
            if let Some(declaration) = served.get(&row.name) {
                let plan = &declaration.plan;
                // A slot of the past is due now; for jitter the turn looks again.
                let next = plan.after(row.decided_until).next();
                self.agenda
                    .set(&row.name, next.map(|slot| slot.at.max(now)));
            }
        }
        self.served = served;
        Ok(())
    }

    /// Does all that is to be done by now.
    pub fn turn(&mut self, now: Timestamp) -> Result<Turn, JournalError> {
        let mut turn = Turn::default();
        self.scripts.look_anew();
        let mut names = self.settle(now, &mut turn)?;
        names.extend(self.parts.journal.queued_schedules()?);
        names.extend(self.agenda.due(now));
        let boot = self.boot.take();
        if boot.is_some() {
            let waiting = self.served.values();
            let waiting = waiting.filter(|declaration| declaration.plan.is_at_boot());
            names.extend(waiting.map(|declaration| declaration.name().to_owned()));
        }
        let names: Vec<String> = names.into_iter().collect();
        for portion in names.chunks(PORTION) {
            self.decide(portion.to_vec(), (now, boot), &mut turn)?;
        }
        turn.next = self.agenda.first();
        Ok(turn)
    }

    /// Decides about some schedules.
    fn decide(
        &mut self,
        mut names: Vec<String>,
        (now, boot): (Timestamp, Option<Timestamp>),
        turn: &mut Turn,
    ) -> Result<(), JournalError> {
        let mut rounds = ROUNDS;
        while !names.is_empty() && rounds > 0 {
            let mut works = Vec::new();
            for standing in self.known.take(&self.parts.journal, &names)? {
                match self.work(&standing, now, boot)? {
                    Some(work) => works.push(work),
                    None => self.known.keep(standing),
                }
            }
            let (works, decidings): (Vec<Work>, Vec<Deciding>) = works.into_iter().unzip();
            let made = self.parts.journal.decide_slots(&decidings)?;
            names.clear();
            let mut is_overtaken = false;
            for ((work, deciding), made) in works.into_iter().zip(decidings).zip(made) {
                let is_made = made.iter().all(|is_made| *is_made);
                is_overtaken |= !is_made;
                if is_made {
                    self.count(&work, &deciding, turn)?;
                }
                if work.has_more || !is_made {
                    names.push(deciding.schedule);
                } else {
                    self.plan_next(&deciding, now);
                }
            }
            rounds -= usize::from(is_overtaken);
        }
        // Whoever overtakes so often is busy with these very schedules.
        let soon = now.checked_add(jiff::SignedDuration::from_secs(1)).ok();
        for name in &names {
            self.agenda.set(name, soon);
        }
        Ok(())
    }

    /// Works out what is to be decided about a schedule.
    fn work(
        &mut self,
        standing: &Standing,
        now: Timestamp,
        boot: Option<Timestamp>,
    ) -> Result<Option<(Work, Deciding)>, JournalError> {
        let name = &standing.row.name;
        let deciding = |decided, until| Deciding {
            schedule: name.clone(),
            version: standing.row.version,
            decided,
            until,
        };
        let Some(declaration) = self.served.get(name) else {
            let dropped = drop_queued(standing, "the schedule is no longer declared");
            let decided: Vec<_> = dropped.into_iter().map(without_run).collect();
            return Ok((!decided.is_empty()).then(|| (Work::default(), deciding(decided, None))));
        };
        let mut due = gather(&declaration.plan, standing, now, MOST);
        add_boot(&mut due, declaration, boot);
        let loaded = self.scripts.load(&self.parts, declaration);
        let case = Case {
            policy: &declaration.policy,
            standing,
            now,
            obstacle: loaded.as_ref().err().map(String::as_str),
        };
        let Verdict {
            choices,
            until,
            cancels,
        } = verdict(&case, &due);
        if choices.is_empty() && due.slots.is_empty() {
            self.cancel(&cancels)?;
            self.plan_next(&deciding(Vec::new(), Some(until)), now);
            return Ok(None);
        }
        let fired = choices.iter().filter(|choice| choice.is_fired).count();
        let decided = choices
            .into_iter()
            .map(|choice| decision(&self.parts, declaration, loaded.as_ref().ok(), choice));
        let decided = decided.collect::<Result<Vec<_>, _>>()?;
        let work = Work {
            fired,
            cancels,
            has_more: due.has_more,
        };
        Ok(Some((work, deciding(decided, Some(until)))))
    }

    /// Counts what was decided, and orders what must end.
    fn count(&self, work: &Work, deciding: &Deciding, turn: &mut Turn) -> Result<(), JournalError> {
        turn.fired += work.fired;
        turn.decided += deciding.decided.len();
        let declaration = self.served.get(&deciding.schedule);
        if let Some(ping) = declaration.and_then(|known| known.policy.ping.start.as_ref()) {
            turn.pings
                .extend(std::iter::repeat_n(ping.clone(), work.fired));
        }
        self.cancel(&work.cancels)
    }

    /// Orders runs to end, each once.
    fn cancel(&self, runs: &[String]) -> Result<(), JournalError> {
        for run in runs {
            let row = self.parts.journal.run(run)?;
            if row.is_some_and(|row| row.ordered != Some(Order::Cancel)) {
                self.parts.journal.order(run, Order::Cancel)?;
            }
        }
        Ok(())
    }

    fn plan_next(&mut self, deciding: &Deciding, now: Timestamp) {
        let (name, until) = (&deciding.schedule, deciding.until.unwrap_or(now));
        if let Some(declaration) = self.served.get(name) {
            let next = next_due(&declaration.plan, until, now);
            self.agenda.set(name, next);
        }
    }
}

/// What a decision brings with it.
#[derive(Default)]
struct Work {
    fired: usize,
    cancels: Vec<String>,
    has_more: bool,
}

fn without_run(choice: Choice) -> Decision {
    Decision {
        slot: choice.slot,
        run: None,
        is_again: false,
    }
}

fn decision(
    parts: &Parts,
    schedule: &Declaration,
    loaded: Option<&Loaded>,
    choice: Choice,
) -> Result<Decision, JournalError> {
    let of = For {
        schedule,
        slot: choice.slot.at,
        attempt: 1,
        wake_at: None,
    };
    let run = match loaded.filter(|_| choice.is_fired) {
        Some(loaded) => Some(make(parts, loaded, of)?),
        None => None,
    };
    Ok(Decision {
        run,
        ..without_run(choice)
    })
}

fn add_boot(due: &mut Due, declaration: &Declaration, boot: Option<Timestamp>) {
    let slot: Option<Slot> = boot.and_then(|boot| at_boot(&declaration.plan, boot));
    due.slots.extend(slot);
}

/// Returns whether a declaration may only be missing because its file is wrong at present.
fn is_hidden(declaration: &Declaration, faults: &[Problem]) -> bool {
    let source = &declaration.place.source;
    let mut places = faults.iter().map(|fault| fault.at.as_ref());
    places.any(|at| at.is_none_or(|at| at.source == *source))
}

fn fingerprinted(declaration: &Declaration) -> Served {
    Served {
        name: declaration.name().into(),
        fingerprint: declaration.plan.fingerprint(),
    }
}

/// When each schedule has something to decide.
#[derive(Default)]
struct Agenda {
    by_name: BTreeMap<String, Option<Timestamp>>,
    by_time: BTreeSet<(Timestamp, String)>,
}

impl Agenda {
    fn set(&mut self, name: &str, next: Option<Timestamp>) {
        if let Some(Some(before)) = self.by_name.insert(name.into(), next) {
            self.by_time.remove(&(before, name.to_owned()));
        }
        if let Some(next) = next {
            self.by_time.insert((next, name.into()));
        }
    }

    fn of(&self, name: &str) -> Option<Timestamp> {
        self.by_name.get(name).copied().flatten()
    }

    fn knows(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    fn first(&self) -> Option<Timestamp> {
        self.by_time.first().map(|(at, _)| *at)
    }

    fn due(&self, now: Timestamp) -> impl Iterator<Item = String> {
        let due = self.by_time.iter().take_while(move |(at, _)| *at <= now);
        due.map(|(_, name)| name.clone())
    }
}
