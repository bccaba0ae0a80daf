//! A keeper in a world whose time stands still until a test moves it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use tempfile::TempDir;

use crate::clock::{Clock, Sleep};
use crate::ids::Chance;
use crate::journal::{Fate, Journal, RunFilter, RunState, SlotFilter, SlotRow, Write};
use crate::run::Project;
use crate::schedule::{Declaration, Keeper, Parts, Reloaded, Turn};
use crate::secret::Veil;

/// A clock that stands where it was set.
#[derive(Debug)]
pub(super) struct Hand(Mutex<Timestamp>);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _: Duration) -> Sleep {
        Box::pin(std::future::ready(()))
    }
}

/// Where the project lies.
pub(super) enum Folder {
    /// In a folder that goes away with the world.
    Own(TempDir),
    /// In somebody else's.
    Given(PathBuf),
}

impl Folder {
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Own(folder) => folder.path(),
            Self::Given(folder) => folder,
        }
    }
}

/// A project on disk, a journal, and a keeper.
pub(super) struct World {
    pub(super) folder: Folder,
    pub(super) clock: Arc<Hand>,
    pub(super) journal: Journal,
    pub(super) keeper: Keeper,
}

pub(super) fn time(text: &str) -> Timestamp {
    let text = match text.len() {
        5 => format!("2026-01-05T{text}:00Z"),
        16 => format!("{text}:00Z"),
        _ => text.into(),
    };
    text.parse().unwrap()
}

/// Returns settings with one schedule, `nightly`, that runs `scripts/a.rhai`.
pub(super) fn settings(keys: &str) -> String {
    format!("[[schedule]]\nname = \"nightly\"\nscript = \"scripts/a.rhai\"\n{keys}\n")
}

impl World {
    /// Begins at a time with a schedule of these keys.
    pub(super) fn new(at: &str, keys: &str) -> Self {
        Self::with(at, &settings(keys))
    }

    /// Begins at a time with these settings.
    pub(super) fn with(at: &str, settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("scripts")).unwrap();
        std::fs::write(folder.path().join("scripts/a.rhai"), "1").unwrap();
        std::fs::write(folder.path().join("duvoscript.toml"), settings).unwrap();
        let clock = Arc::new(Hand(Mutex::new(time(at))));
        let journal = open(folder.path(), &clock);
        let keeper = keeper(folder.path(), &clock, &journal);
        let mut world = Self {
            folder: Folder::Own(folder),
            clock,
            journal,
            keeper,
        };
        assert_eq!(world.reload().faults.len(), 0);
        world
    }

    /// Goes on in a folder that another process has left.
    pub(super) fn resume(folder: PathBuf, at: &str) -> Self {
        let folder = Folder::Given(folder);
        let clock = Arc::new(Hand(Mutex::new(time(at))));
        let journal = open(folder.path(), &clock);
        let keeper = keeper(folder.path(), &clock, &journal);
        let mut world = Self {
            folder,
            clock,
            journal,
            keeper,
        };
        world.reload();
        world
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// Declares the schedule otherwise.
    pub(super) fn declare(&mut self, keys: &str) -> Reloaded {
        self.write("duvoscript.toml", &settings(keys));
        self.reload()
    }

    pub(super) fn reload(&mut self) -> Reloaded {
        self.keeper.reload().unwrap()
    }

    /// Starts another daemon; the one before is gone.
    pub(super) fn restart(&mut self, at: &str) -> Turn {
        self.set(at);
        self.start()
    }

    /// Starts another daemon, now.
    pub(super) fn start(&mut self) -> Turn {
        self.keeper = keeper(self.folder.path(), &self.clock, &self.journal);
        self.reload();
        self.turn()
    }

    pub(super) fn set(&self, at: &str) {
        self.set_to(time(at));
    }

    pub(super) fn set_to(&self, at: Timestamp) {
        *self.clock.0.lock().unwrap() = at;
    }

    pub(super) fn turn(&mut self) -> Turn {
        self.keeper.turn(self.clock.now()).unwrap()
    }

    /// Moves the clock to a time, and takes a turn.
    pub(super) fn turn_at(&mut self, at: &str) -> Turn {
        self.set(at);
        self.turn()
    }

    /// Takes a turn whenever one is due, up to a time.
    pub(super) fn go_to(&mut self, at: &str) {
        let end = time(at);
        let mut next = self.turn().next;
        while let Some(at) = next.filter(|at| *at <= end) {
            self.set_to(at);
            next = self.turn().next;
        }
        self.set_to(end);
        self.turn();
    }

    pub(super) fn slots(&self) -> Vec<SlotRow> {
        let mut slots = self.journal.slots(&SlotFilter::default()).unwrap();
        slots.reverse();
        slots
    }

    /// Returns the time of day of each slot with its fate.
    pub(super) fn fates(&self) -> Vec<(String, Fate)> {
        let slots = self.slots().into_iter();
        let slots = slots.map(|slot| (slot.at.strftime("%H:%M").to_string(), slot.fate));
        slots.collect()
    }

    pub(super) fn reason(&self, at: &str) -> String {
        let slot = self.slots().into_iter().find(|slot| slot.at == time(at));
        slot.unwrap().reason.unwrap_or_default()
    }

    /// Returns the ids of the runs that have not ended, oldest first.
    pub(super) fn open(&self) -> Vec<String> {
        let states = RunState::ALL.into_iter();
        let filter = RunFilter {
            states: states.filter(|state| !state.is_ended()).collect(),
            ..RunFilter::default()
        };
        let runs = self.journal.runs(&filter).unwrap();
        runs.into_iter().rev().map(|run| run.id).collect()
    }

    /// Ends the oldest run that is on.
    pub(super) fn end(&self, state: RunState) {
        self.end_run(self.open().remove(0), state);
    }

    pub(super) fn end_run(&self, run: String, state: RunState) {
        let exit = i32::from(state != RunState::Done);
        let at = self.clock.now();
        self.journal
            .put(Write::End {
                run,
                state,
                at,
                exit,
                result: None,
                problem: None,
            })
            .unwrap();
    }

    pub(super) fn declaration(&self) -> &Declaration {
        self.keeper.declaration("nightly").unwrap()
    }
}

pub(super) fn open(folder: &Path, clock: &Arc<Hand>) -> Journal {
    let clock: Arc<dyn Clock> = Arc::clone(clock) as _;
    Journal::open(&folder.join("state"), clock).unwrap()
}

pub(super) fn keeper(folder: &Path, clock: &Arc<Hand>, journal: &Journal) -> Keeper {
    Keeper::new(Parts {
        journal: journal.clone(),
        clock: Arc::clone(clock) as _,
        chance: Arc::new(Chance::from_system()),
        project: Arc::new(Project::open(folder).unwrap()),
        world: json!({}),
        environment: BTreeMap::new(),
        veil: Veil::default(),
    })
}

pub(super) fn fates(expected: &[(&str, Fate)]) -> Vec<(String, Fate)> {
    let expected = expected.iter();
    expected
        .map(|(at, fate)| ((*at).to_owned(), *fate))
        .collect()
}
