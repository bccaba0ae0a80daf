//! The program in a pseudo-terminal.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use expectrl::process::unix::WaitStatus;
use expectrl::{ControlCode, Eof, Expect, Regex, Session};
use tempfile::TempDir;

/// A prompt that somebody sits at.
pub(crate) struct Prompt {
    session: expectrl::session::OsSession,
    /// What stands before each input.
    prompt: String,
    pub(crate) folder: TempDir,
}

/// Returns the program in a folder, without anything of the environment.
pub(crate) fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_duvoscript"));
    command
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("TERM", "xterm")
        .env("NO_COLOR", "1")
        .env("TZ", "UTC");
    command
}

impl Prompt {
    pub(crate) fn sim() -> Self {
        Self::open(tempfile::tempdir().unwrap())
    }

    /// Opens a prompt in a folder.
    pub(crate) fn open(folder: TempDir) -> Self {
        let mut command = program(folder.path());
        command.args(["repl", "--sim"]);
        Self::of(folder, command, "sim> ")
    }

    pub(crate) fn of(folder: TempDir, command: Command, prompt: &str) -> Self {
        let mut session = Session::spawn(command).unwrap();
        session.get_process_mut().set_window_size(80, 24).unwrap();
        session.set_expect_timeout(Some(Duration::from_secs(60)));
        let mut opened = Self {
            session,
            prompt: prompt.into(),
            folder,
        };
        opened.ready();
        opened
    }

    /// Waits for the prompt; returns what was shown before it.
    pub(crate) fn ready(&mut self) -> String {
        let prompt = self.prompt.clone();
        self.until(&prompt)
    }

    /// Waits for a text; returns what was shown before it, without what moves the cursor.
    pub(crate) fn until(&mut self, text: &str) -> String {
        match self.session.expect(text) {
            Ok(found) => plain(&String::from_utf8_lossy(found.before())),
            Err(fault) => panic!("waiting for {text:?}: {fault}"),
        }
    }

    /// Types, without the end of the line.
    pub(crate) fn types(&mut self, text: &str) {
        self.session.send(text).unwrap();
    }

    /// Types an input, and returns what it shows.
    pub(crate) fn input(&mut self, text: &str) -> String {
        self.types(text);
        self.types("\r");
        // The editor shows the line again when it is done with it.
        self.until("\r\n");
        self.ready()
    }

    pub(crate) fn interrupt(&mut self) {
        self.session.send(ControlCode::EndOfText).unwrap();
    }

    /// Leaves with Ctrl-D, and returns the exit code.
    pub(crate) fn leave(mut self) -> (i32, TempDir) {
        self.session.send(ControlCode::EndOfTransmission).unwrap();
        self.session.expect(Eof).unwrap();
        match self.session.get_process().wait().unwrap() {
            WaitStatus::Exited(_, code) => (code, self.folder),
            other => panic!("it ended with {other:?}"),
        }
    }

    /// Waits for something that matches.
    pub(crate) fn matches(&mut self, pattern: &str) -> String {
        let found = self.session.expect(Regex(pattern)).unwrap();
        plain(&String::from_utf8_lossy(found.get(0).unwrap()))
    }
}

/// Returns what is shown, without what moves the cursor.
fn plain(shown: &str) -> String {
    let mut plain = String::new();
    let mut letters = shown.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\u{1b}' => {
                if letters.next_if_eq(&'[').is_some() {
                    while letters
                        .next_if(|next| !next.is_ascii_alphabetic())
                        .is_some()
                    {}
                }
                letters.next();
            }
            '\r' => {}
            other => plain.push(other),
        }
    }
    plain
}
