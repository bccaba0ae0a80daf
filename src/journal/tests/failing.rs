//! Every way in which the files can be wrong is an error of its own, and never a panic.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::Index;
use rusqlite::Connection;

use crate::clock::SystemClock;
use crate::journal::format::NEWEST;
use crate::journal::trial::{Trial, child, line, new_run, outcome, state_of_child, step};
use crate::journal::{Journal, JournalError, RunFilter, Write};
use crate::report::{Problem, ProblemKind};

fn open(state: &Path) -> Result<Journal, JournalError> {
    Journal::open(state, Arc::new(SystemClock::new()))
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// Makes a state directory whose journal is prepared by somebody else.
fn prepared(statements: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let db = Connection::open(folder.path().join("journal.db")).unwrap();
    db.execute_batch(statements).unwrap();
    drop(db);
    fs::set_permissions(
        folder.path().join("journal.db"),
        fs::Permissions::from_mode(0o600),
    )
    .unwrap();
    folder
}

#[test]
fn opening_makes_what_is_missing_and_open_existing_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("a/b");
    let existing = Journal::open_existing(&state, Arc::new(SystemClock::new()));
    assert!(existing.unwrap().is_none() && !state.exists());
    let journal = open(&state).unwrap();
    assert_eq!(journal.state_directory(), state);
    assert_eq!(fs::read_to_string(state.join(".gitignore")).unwrap(), "*\n");
    let existing = Journal::open_existing(&state, Arc::new(SystemClock::new()));
    assert!(existing.unwrap().is_some());
}

#[test]
fn files_are_private_whatever_the_umask() {
    if let Some(state) = state_of_child() {
        let journal = open(&state).unwrap();
        journal.put(Write::Run(new_run("a"))).unwrap();
        journal.force().unwrap();
        journal.claim("a").unwrap();
        journal.seal(b"x").unwrap();
        for path in [state.clone(), state.join("owners")] {
            assert_eq!(mode(&path), 0o700, "{}", path.display());
        }
        let owner = fs::read_dir(state.join("owners")).unwrap().next().unwrap();
        let owner = owner.unwrap().path();
        for name in ["journal.db", "journal.db-wal", "journal.db-shm", "seal.key"] {
            assert_eq!(mode(&state.join(name)), 0o600, "{name}");
        }
        assert_eq!(mode(&owner), 0o600);
        return;
    }
    for umask in ["000", "022", "077", "277"] {
        let folder = tempfile::tempdir().unwrap();
        let own = child(
            "journal::tests::failing::files_are_private_whatever_the_umask",
            &folder.path().join("state"),
        );
        let mut shell = std::process::Command::new("sh");
        shell
            .arg("-c")
            .arg(format!("umask {umask}; exec \"$0\" \"$@\""));
        shell.arg(own.get_program()).args(own.get_args());
        for (name, value) in own.get_envs() {
            shell.env(name, value.unwrap());
        }
        let output = shell.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && text.contains("1 passed"),
            "{umask}: {text}"
        );
    }
}

#[test]
fn what_others_may_write_to_is_refused_and_what_they_may_read_is_closed() {
    let trial = Trial::new();
    let state = trial.journal.state_directory().to_owned();
    drop(trial.journal);
    let set =
        |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let file = state.join("journal.db");
    for (path, wrong, right) in [(&state, 0o720, 0o700), (&file, 0o602, 0o600)] {
        set(path, wrong);
        let error = open(&state).unwrap_err();
        assert!(matches!(&error, JournalError::Exposed { path: found, .. } if found == path));
        assert_eq!(mode(path), wrong);
        set(path, right);
    }
    set(&file, 0o644);
    let _open = open(&state).unwrap();
    assert_eq!(mode(&file), 0o600);
}

#[test]
fn a_folder_that_may_not_be_written_to_is_told() {
    if let Some(state) = state_of_child() {
        let error = open(&state).unwrap_err();
        assert!(matches!(error, JournalError::ReadOnly { .. }), "{error:?}");
        return;
    }
    let trial = Trial::new();
    let full = trial.journal.state_directory().to_owned();
    drop(trial.journal);
    let empty = trial.folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    fs::set_permissions(trial.folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let is_root = rustix::process::geteuid().is_root();
    for state in [&full, &empty] {
        let below = state.join("below");
        let mut own = child(
            "journal::tests::failing::a_folder_that_may_not_be_written_to_is_told",
            if state == &empty { &below } else { state },
        );
        if is_root {
            // Nothing is read-only for root.
            own.uid(65534).gid(65534);
            for path in [state.clone(), state.join("journal.db")] {
                _ = std::os::unix::fs::chown(path, Some(65534), Some(65534));
            }
        }
        fs::set_permissions(state, fs::Permissions::from_mode(0o500)).unwrap();
        // A folder of root's own may hide this program from others.
        if let Ok(output) = own.output() {
            let text = String::from_utf8_lossy(&output.stdout);
            assert!(
                output.status.success() && text.contains("1 passed"),
                "{text}"
            );
        }
        fs::set_permissions(state, fs::Permissions::from_mode(0o700)).unwrap();
    }
}

#[test]
fn another_database_is_left_as_it_is() {
    let statements = [
        "PRAGMA application_id = 7; CREATE TABLE a (b);",
        "PRAGMA user_version = 1; CREATE TABLE run (b);",
        "CREATE TABLE a (b);",
    ];
    for statements in statements {
        let folder = prepared(statements);
        let file = folder.path().join("journal.db");
        let before = fs::read(&file).unwrap();
        let error = open(folder.path()).unwrap_err();
        assert!(matches!(error, JournalError::Foreign { .. }), "{error:?}");
        assert_eq!(fs::read(&file).unwrap(), before);
    }
}

#[test]
fn a_newer_format_is_refused_with_both_numbers() {
    let trial = Trial::new();
    let state = trial.journal.state_directory().to_owned();
    drop(trial.journal);
    let db = Connection::open(state.join("journal.db")).unwrap();
    db.execute_batch("PRAGMA user_version = 77").unwrap();
    let problem = Problem::from(open(&state).unwrap_err());
    assert_eq!(problem.kind, ProblemKind::Journal);
    assert!(
        problem.what.contains("format 77") && problem.what.contains(&format!("up to {NEWEST}"))
    );
    assert!(!problem.hints.is_empty());
}

#[test]
fn a_file_that_is_no_database_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.db");
    for content in [
        "not a database, but long enough to be taken for one".repeat(50),
        "x".into(),
    ] {
        fs::write(&file, &content).unwrap();
        let error = open(folder.path()).unwrap_err();
        assert!(
            matches!(error, JournalError::NotDatabase { .. }),
            "{error:?}"
        );
        assert_eq!(fs::read_to_string(&file).unwrap(), content);
    }
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    let problem = Problem::from(open(folder.path()).unwrap_err());
    assert_eq!(problem.kind, ProblemKind::Journal);
}

#[test]
fn a_lock_of_another_process_passes() {
    let trial = Trial::new();
    let journal = &trial.journal;
    let path = journal.state_directory().join("journal.db");
    journal
        .queue()
        .with_writer(|writer| writer.wait_at_most(std::time::Duration::from_millis(50)));
    let other = Connection::open(path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    journal.put(Write::Run(new_run("a"))).unwrap();
    let error = journal.force().unwrap_err();
    assert!(matches!(error, JournalError::Locked { .. }), "{error:?}");
    let error = journal.claim("a").unwrap_err();
    assert!(matches!(error, JournalError::Locked { .. }), "{error:?}");
    journal.put(Write::Step(step("a", 0))).unwrap();
    other.execute_batch("ROLLBACK").unwrap();
    journal.force().unwrap();
    assert_eq!(journal.steps("a").unwrap().len(), 1);
}

#[test]
fn a_full_disk_breaks_the_journal_and_loses_nothing_that_was_committed() {
    let trial = Trial::new();
    let journal = &trial.journal;
    journal.put(Write::Run(new_run("a"))).unwrap();
    journal.force().unwrap();
    let limit = |pages: u32| format!("PRAGMA max_page_count = {pages}");
    journal
        .queue()
        .decide(|db| db.query_row(&limit(1), [], |_| Ok(())))
        .unwrap();
    let text = "x".repeat(100_000);
    journal.put(line("a", "0", &text)).unwrap();
    let error = journal.force().unwrap_err();
    assert!(matches!(error, JournalError::Full { .. }), "{error:?}");
    let error = journal.put(line("a", "1", "x")).unwrap_err();
    let problem = Problem::from(error);
    assert!(problem.causes[0].contains("no room is left"), "{problem:?}");
    assert!(problem.hints[0].contains("free some disk"));
    assert!(journal.claim("a").is_err() && journal.flush().is_err());
    assert!(journal.run("a").unwrap().is_some());
    let state = journal.state_directory().to_owned();
    drop(trial.journal);
    let journal = open(&state).unwrap();
    assert_eq!(journal.lines("a", None).unwrap(), []);
    journal.put(line("a", "0", &text)).unwrap();
    journal.force().unwrap();
}

/// Returns the bytes of a journal that holds a bit of everything.
fn sample() -> Vec<u8> {
    let trial = Trial::new();
    trial.put([Write::Run(new_run("a"))]);
    for ticket in 0..60 {
        let body: String = (0..2000).map(|at| (at * ticket).to_string()).collect();
        trial.put([
            Write::Step(step("a", ticket)),
            outcome("a", ticket, ticket, body.as_bytes()),
            line("a", &ticket.to_string(), &body[..200]),
        ]);
    }
    let path = trial.journal.state_directory().join("journal.db");
    let Trial { journal, folder } = trial;
    drop(journal);
    let bytes = fs::read(path).unwrap();
    drop(folder);
    bytes
}

/// Opens a journal of these bytes and asks it everything; returns the first error.
fn ask(bytes: &[u8]) -> Result<(), JournalError> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("journal.db"), bytes).unwrap();
    let journal = open(folder.path())?;
    let inspection = journal.inspect();
    journal.runs(&RunFilter::default())?;
    let steps = journal.steps("a");
    let lines = journal.lines("a", None);
    journal.sources("a")?;
    let export = journal.export("a", &mut std::io::sink());
    journal.put(Write::Step(step("a", 1000)))?;
    journal.force()?;
    inspection?;
    steps?;
    lines?;
    export
}

#[test]
fn a_damaged_page_is_told() {
    let mut bytes = sample();
    ask(&bytes).unwrap();
    let pages = bytes.len() / 4096;
    for page in 1..pages {
        bytes[page * 4096..][..64].fill(0xff);
    }
    let error = ask(&bytes).unwrap_err();
    assert!(matches!(error, JournalError::Corrupt { .. }), "{error:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_damage_makes_it_panic(
        damages in proptest::collection::vec((any::<Index>(), any::<u8>()), 1..200),
        length in any::<Index>(),
        cut in any::<bool>(),
    ) {
        static SAMPLE: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(sample);
        let mut bytes = SAMPLE.clone();
        for (at, value) in damages {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if cut {
            bytes.truncate(length.index(bytes.len()));
        }
        _ = ask(&bytes);
    }
}
