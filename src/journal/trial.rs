//! What the tests of the journal share: a journal in a folder of its own, and rows to put.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use tempfile::TempDir;

use super::{Journal, NewLine, NewRun, NewStep, OutcomeRow, RunState, StoredSource, Write};
use crate::clock::SystemClock;

/// A journal in a folder that goes away with it.
pub(super) struct Trial {
    pub(super) journal: Journal,
    pub(super) folder: TempDir,
}

impl Trial {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let journal = open(&folder.path().join("state"));
        Self { journal, folder }
    }

    /// Opens the same journal once more, as another process would.
    pub(super) fn again(&self) -> Journal {
        open(self.journal.state_directory())
    }

    /// Opens the database behind the journal's back.
    pub(super) fn database(&self) -> rusqlite::Connection {
        let path = self.journal.state_directory().join("journal.db");
        rusqlite::Connection::open(path).unwrap()
    }

    /// Puts changes, one after the other.
    pub(super) fn put(&self, writes: impl IntoIterator<Item = Write>) {
        for write in writes {
            self.journal.put(write).unwrap();
        }
    }
}

pub(super) fn open(state: &Path) -> Journal {
    Journal::open(state, Arc::new(SystemClock::new())).unwrap()
}

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

pub(super) fn new_run(id: &str) -> NewRun {
    NewRun {
        unattended: true,
        ..NewRun::queued(id, "scripts/close.rhai", "1", at(0))
    }
}

pub(super) fn source(name: &str, text: &str) -> StoredSource {
    StoredSource {
        name: name.into(),
        text: text.into(),
    }
}

pub(super) fn step(run: &str, ticket: u32) -> NewStep {
    NewStep {
        run: run.into(),
        ticket,
        key: ticket.to_string(),
        kind: "call".into(),
        name: "jobs.start".into(),
        fingerprint: [7; 16],
        source: "scripts/close.rhai".into(),
        line: 3,
        column: 5,
        request: r#"{"message":"go"}"#.into(),
        mutates: true,
        at: at(ticket.into()),
    }
}

pub(super) fn value(body: &[u8]) -> OutcomeRow {
    OutcomeRow {
        ok: true,
        form: "json".into(),
        body: body.to_vec(),
        sealed: None,
    }
}

pub(super) fn outcome(run: &str, ticket: u32, done_seq: u32, body: &[u8]) -> Write {
    Write::Outcome {
        run: run.into(),
        ticket,
        done_seq,
        at: at(ticket.into()),
        attempts: 1,
        note: None,
        outcome: value(body),
    }
}

pub(super) fn state(run: &str, state: RunState, wake_at: Option<Timestamp>) -> Write {
    Write::State {
        run: run.into(),
        state,
        wake_at,
        reason: None,
    }
}

pub(super) fn end(run: &str, state: RunState, second: i64) -> Write {
    Write::End {
        run: run.into(),
        state,
        at: at(second),
        exit: 0,
        result: Some("1".into()),
        problem: None,
    }
}

pub(super) fn line(run: &str, key: &str, text: &str) -> Write {
    Write::Line(NewLine {
        run: run.into(),
        key: key.into(),
        level: None,
        text: text.into(),
        at: at(0),
    })
}

/// Tells a test that it runs in a process of its own, and which state directory to use.
const CHILD: &str = "JOURNAL_STATE";

/// Returns the command that runs a test in a process of its own.
pub(super) fn child(test: &str, state: &Path) -> std::process::Command {
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", test, "--nocapture"])
        .env(CHILD, state);
    command
}

/// Returns the state directory, in a process that [`child`] has started.
#[expect(clippy::disallowed_methods, reason = "a test speaks to itself here")]
pub(super) fn state_of_child() -> Option<std::path::PathBuf> {
    std::env::var_os(CHILD).map(Into::into)
}
