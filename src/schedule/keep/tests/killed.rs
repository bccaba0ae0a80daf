//! Killed anywhere while it decides, a keeper leaves no slot without a fate and none with two; nor do
//! two keepers at once.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use jiff::SignedDuration;

use super::world::{Folder, World, settings, time};
use crate::journal::{RunFilter, RunState, SlotFilter};

const KEYS: &str = "every = \"1m\"\ncatch_up = \"all\"\nwindow = \"9h\"\noverlap = \"allow\"\n\
    retries = { attempts = 1, backoff = \"1s\" }";

/// Tells a test that it runs in a process of its own, and in which folder.
const CHILD: &str = "KEEPER_FOLDER";

#[expect(clippy::disallowed_methods, reason = "a test speaks to itself here")]
fn folder_of_child() -> Option<PathBuf> {
    std::env::var_os(CHILD).map(Into::into)
}

fn child(test: &str, folder: &Path, fail_points: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", test, "--nocapture"])
        .env(CHILD, folder)
        .env("FAILPOINTS", fail_points)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// Makes the project, as a first daemon would leave it.
fn project() -> Folder {
    let World {
        folder,
        mut keeper,
        journal,
        ..
    } = World::with("00:00", &settings(KEYS));
    keeper.turn(time("00:00")).unwrap();
    drop(keeper);
    drop(journal);
    folder
}

/// Keeps the schedule for some minutes, and lets each run fail.
fn keep(world: &mut World, minutes: std::ops::RangeInclusive<i64>) {
    for minute in minutes {
        world.set_to(time("00:00") + SignedDuration::from_mins(minute));
        world.turn();
        for run in world.open() {
            // Another keeper may have ended it in the same moment.
            world.end_run(run, RunState::Failed);
        }
        world.journal.flush().unwrap();
    }
}

/// Leaves the folder to somebody else.
fn in_folder(folder: &Path, at: &str) -> World {
    World::resume(folder.to_owned(), at)
}

/// Checks that each minute has its fate, with one first run and at most one more.
fn check(world: &World, minutes: i64) {
    let slots = world.journal.slots(&SlotFilter::default()).unwrap();
    let instants: BTreeSet<_> = slots.iter().map(|slot| slot.at).collect();
    let minutes = (1..=minutes).map(|minute| time("00:00") + SignedDuration::from_mins(minute));
    assert_eq!(instants, minutes.collect());
    assert_eq!(slots.len(), instants.len());
    let runs = world.journal.runs(&RunFilter::default()).unwrap();
    for slot in &slots {
        assert!(slot.fate.has_run(), "{slot:?}");
        let of_slot = runs.iter().filter(|run| run.slot == Some(slot.at));
        let mut attempts: Vec<_> = of_slot.map(|run| run.attempt).collect();
        attempts.sort_unstable();
        assert!(
            attempts == [1] || attempts == [1, 2],
            "{slot:?} {attempts:?}"
        );
    }
    for run in &runs {
        assert_eq!(world.journal.sources(&run.id).unwrap().len(), 1);
        assert!(run.slot.is_some_and(|slot| instants.contains(&slot)));
    }
    assert_eq!(world.journal.inspect().unwrap().faults, [""; 0]);
}

#[test]
fn a_keeper_that_is_killed_leaves_each_slot_its_fate() {
    if let Some(folder) = folder_of_child() {
        let _fail_points = fail::FailScenario::setup();
        keep(&mut in_folder(&folder, "00:00"), 1..=6);
        return;
    }
    let test = "schedule::keep::tests::killed::a_keeper_that_is_killed_leaves_each_slot_its_fate";
    let mut killed = 0;
    for point in [
        "journal::slots::written",
        "journal::slots::after",
        "journal::slots::settled",
        "journal::commit::written",
        "journal::commit::after",
    ] {
        for passed in [0, 1, 3, 6] {
            let folder = project();
            let fail_point = format!("{point}={passed}*off->return");
            let status = child(test, folder.path(), &fail_point).status().unwrap();
            killed += u32::from(!status.success());
            let mut world = in_folder(folder.path(), "00:00");
            keep(&mut world, 1..=8);
            keep(&mut world, 8..=10);
            check(&world, 10);
        }
    }
    assert!(killed >= 16, "{killed}");
}

#[test]
fn two_keepers_at_once_give_each_slot_one_fate() {
    if let Some(folder) = folder_of_child() {
        keep(&mut in_folder(&folder, "00:00"), 1..=40);
        return;
    }
    let test = "schedule::keep::tests::killed::two_keepers_at_once_give_each_slot_one_fate";
    let folder = project();
    let start = || child(test, folder.path(), "").spawn().unwrap();
    for mut process in [start(), start(), start()] {
        assert!(process.wait().unwrap().success());
    }
    let mut world = in_folder(folder.path(), "00:40");
    keep(&mut world, 40..=42);
    check(&world, 42);
}
