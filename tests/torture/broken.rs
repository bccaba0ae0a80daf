//! A journal that cannot be written or read: a clear error, nothing sent that is not recorded, and
//! nothing lost that was.

use std::io::{Seek, SeekFrom, Write};
use std::process::{Command, Output};

use rusqlite::Connection;

use crate::kills::{CASES, Unbroken};
use crate::world::{Case, World, result};

/// Fails unless the program said in words that the journal is the trouble.
fn told(output: &Output, words: &[&str]) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(6), "{stderr}");
    for word in words {
        assert!(stderr.contains(word), "`{word}`: {stderr}");
    }
    assert!(stderr.contains("hint"), "{stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
}

/// Starts a run that may write files of so many KiB at most: as on a disk that is full.
fn start_cramped(world: &World, case: &Case, kib: u32) -> Output {
    let program = env!("CARGO_BIN_EXE_duvoscript");
    let script = format!(
        "trap '' XFSZ; ulimit -f {kib}; exec {program} run {} {} --output json",
        world.option(),
        case.name
    );
    Command::new("bash")
        .args(["-c", &script])
        .current_dir(world.folder.path())
        .env("NO_COLOR", "1")
        .env("DUVO_API_KEY", world.simulator.key())
        .output()
        .unwrap()
}

#[test]
fn a_full_disk_stops_the_run_and_loses_nothing() {
    let case = &CASES[0];
    let unbroken = Unbroken::of(case);
    let mut stopped = 0;
    for kib in [8, 64, 120, 160, 180, 200, 220, 240, 260, 280, 300, 340, 400] {
        let world = World::new(case);
        let cramped = start_cramped(&world, case, kib);
        if cramped.status.success() {
            continue;
        }
        told(&cramped, &["journal"]);
        let sent = world.mutations();
        let resumed = world.go_on("");
        let resumed = match resumed.status.code() {
            Some(0) => resumed,
            // It had no room for the run's first row: then nothing was sent either.
            code => {
                assert!(sent.is_empty(), "{kib} KiB: {code:?} {sent:?}");
                world.start(case, "")
            }
        };
        assert_eq!(result(&resumed), unbroken.result, "{kib} KiB");
        assert_eq!(world.mutations(), unbroken.mutations, "{kib} KiB");
        stopped += usize::from(!sent.is_empty());
    }
    assert!(stopped > 0, "no disk was full in the middle of a run");
}

#[test]
fn a_state_directory_that_is_none_is_told() {
    let case = &CASES[1];
    let world = World::new(case);
    std::fs::write(world.folder.path().join(".duvoscript"), "a file").unwrap();
    told(&world.start(case, ""), &[".duvoscript"]);
    assert!(world.mutations().is_empty());
}

#[test]
fn a_journal_of_a_newer_format_is_left_alone() {
    let case = &CASES[1];
    let world = World::new(case);
    assert!(world.start(case, "").status.success());
    let sent = world.mutations();
    let file = world.folder.path().join(".duvoscript/journal.db");
    let db = Connection::open(&file).unwrap();
    db.pragma_update(None, "user_version", 999).unwrap();
    drop(db);
    told(&world.start(case, ""), &["999"]);
    told(&world.program(&["runs", "list"], ""), &["999"]);
    assert_eq!(world.mutations(), sent);
}

#[test]
fn a_damaged_page_is_found() {
    let case = &CASES[1];
    let world = World::new(case);
    assert!(world.start(case, "").status.success());
    let path = world.folder.path().join(".duvoscript/journal.db");
    let mut file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    for page in 1..24 {
        file.seek(SeekFrom::Start(page * 4096)).unwrap();
        file.write_all(&[0xAB; 4096]).unwrap();
    }
    let sent = world.mutations();
    told(&world.start(case, ""), &["journal"]);
    told(&world.program(&["doctor"], ""), &[]);
    assert_eq!(world.mutations(), sent);
}

#[test]
fn a_journal_that_another_process_keeps_locked_is_told() {
    let case = &CASES[1];
    let world = World::new(case);
    assert!(world.start(case, "").status.success());
    let sent = world.mutations();
    let file = world.folder.path().join(".duvoscript/journal.db");
    let db = Connection::open(&file).unwrap();
    db.execute_batch("BEGIN EXCLUSIVE").unwrap();
    told(&world.start(case, ""), &["locked"]);
    assert_eq!(world.mutations(), sent);
}
