//! The program in a pseudo-terminal of 80 columns, and what a person sees there.
//!
//! Everything waits for what the screen shows, however long that takes: nothing sleeps and hopes.

use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use expectrl::process::Process;
use expectrl::process::unix::{UnixProcess, WaitStatus};
use tempfile::TempDir;
use unicode_width::UnicodeWidthStr;

/// The screen that is looked at is higher than that of the program, so that nothing leaves it.
const ROWS: NonZeroU16 = NonZeroU16::new(400).unwrap();
const COLUMNS: NonZeroU16 = NonZeroU16::new(80).unwrap();
/// How long nothing may happen.
const PATIENCE: Duration = Duration::from_secs(60);

/// A prompt that somebody sits at.
pub(crate) struct Prompt {
    process: UnixProcess,
    keys: File,
    written: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    /// What stands before each input.
    name: String,
    /// The row of the last prompt.
    row: u16,
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
    /// Opens a prompt on the simulator, in a folder of its own.
    pub(crate) fn sim() -> Self {
        Self::open(tempfile::tempdir().unwrap())
    }

    /// Opens a prompt on the simulator, in a folder.
    pub(crate) fn open(folder: TempDir) -> Self {
        let mut command = program(folder.path());
        command.args(["repl", "--sim"]);
        Self::of(folder, command, "sim> ")
    }

    /// Opens the prompt of a command.
    pub(crate) fn of(folder: TempDir, command: Command, name: &str) -> Self {
        let mut process = UnixProcess::spawn_command(command).unwrap();
        process.set_window_size(80, 24).unwrap();
        let keys = process.get_raw_handle().unwrap();
        let mut terminal = process.get_raw_handle().unwrap();
        let (writes, written) = channel();
        // It ends when the program does: the terminal is gone then.
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = terminal.read(&mut bytes) {
                if writes.send(bytes[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        let mut prompt = Self {
            process,
            keys,
            written,
            screen: vt100::Parser::new(ROWS, COLUMNS, 0),
            name: name.into(),
            row: 0,
            folder,
        };
        prompt.until("the first prompt", Self::stands_at_prompt);
        prompt
    }

    /// Types, without the end of the line.
    pub(crate) fn types(&mut self, text: &str) {
        self.keys.write_all(text.as_bytes()).unwrap();
    }

    /// Types an input on an empty screen, and returns what it shows.
    pub(crate) fn input(&mut self, text: &str) -> String {
        self.clear();
        self.types(text);
        let end = self.name.width() + text.width();
        self.until(text, |prompt| prompt.cursor() == end);
        self.enter()
    }

    /// Ends what was typed, and returns what it shows.
    pub(crate) fn enter(&mut self) -> String {
        let first = self.screen.screen().cursor_position().0 + 1;
        self.types("\r");
        self.ready(first)
    }

    /// Answers a question, and returns what is shown from it on.
    pub(crate) fn enter_with(&mut self, answer: &str) -> String {
        // The answer itself is not shown: what comes next stands behind the question.
        let first = self.screen.screen().cursor_position().0;
        self.types(answer);
        self.types("\r");
        self.ready(first)
    }

    /// Waits for a prompt that calls itself something else from now on.
    pub(crate) fn now(&mut self, name: &str) {
        self.name = name.into();
        self.ready(0);
    }

    /// Types something again and again until a text is shown.
    pub(crate) fn again(&mut self, keys: &str, text: &str) {
        loop {
            self.types(keys);
            if self.seen().contains(text) {
                return;
            }
            if let Ok(bytes) = self.written.recv_timeout(Duration::from_millis(50)) {
                self.screen.process(&bytes);
            }
        }
    }

    /// Stops what is under way, or what is typed; returns what was shown from some row on.
    pub(crate) fn interrupt(&mut self) -> String {
        let first = self.screen.screen().cursor_position().0;
        self.types("\u{3}");
        self.ready(first)
    }

    /// Waits for a text, and returns the screen.
    pub(crate) fn shows(&mut self, text: &str) -> String {
        self.until(text, |prompt| prompt.seen().contains(text));
        self.seen()
    }

    /// Returns the screen.
    pub(crate) fn seen(&self) -> String {
        let rows = self.screen.screen().rows(0, COLUMNS.get());
        let rows: Vec<_> = rows.map(|row| row.trim_end().to_owned()).collect();
        rows.join("\n").trim_end().to_owned()
    }

    /// Returns the colour of a text in the first row.
    pub(crate) fn colour(&self, text: &str) -> vt100::Color {
        let seen = self.seen();
        let at = seen.find(text).unwrap().try_into().unwrap();
        let cell = self.screen.screen().cell(0, at).unwrap();
        cell.fgcolor()
    }

    /// Makes the screen empty but for the prompt, and what is typed there.
    pub(crate) fn clear(&mut self) {
        self.types("\u{c}");
        let at_top = |prompt: &Self| {
            let rows = prompt.seen();
            rows.starts_with(prompt.name.trim_end()) && rows.lines().count() == 1
        };
        self.until("an empty screen", at_top);
        self.row = 0;
    }

    /// Leaves with Ctrl-D, and returns the exit code.
    pub(crate) fn leave(mut self) -> (i32, TempDir) {
        self.types("\u{4}");
        while self.written.recv_timeout(PATIENCE).is_ok() {}
        match self.process.wait().unwrap() {
            WaitStatus::Exited(_, code) => (code, self.folder),
            other => panic!("it ended with {other:?}"),
        }
    }

    /// Waits for a prompt below the last one; returns what stands before it, from some row on.
    fn ready(&mut self, first: u16) -> String {
        let last = self.row;
        self.until("a new prompt", |prompt| {
            prompt.stands_at_prompt() && prompt.screen.screen().cursor_position().0 > last
        });
        self.row = self.screen.screen().cursor_position().0;
        let rows = self.screen.screen().rows(0, COLUMNS.get());
        let (from, to) = (usize::from(first), usize::from(self.row));
        let rows = rows.take(to).skip(from);
        let rows: Vec<_> = rows.map(|row| row.trim_end().to_owned()).collect();
        rows.join("\n")
    }

    fn stands_at_prompt(&self) -> bool {
        let (row, column) = self.screen.screen().cursor_position();
        let row = self.screen.screen().rows(0, COLUMNS.get()).nth(row.into());
        row.is_some_and(|row| row.trim_end() == self.name.trim_end())
            && usize::from(column) == self.name.width()
    }

    /// Returns how many cells lie between the beginning of the last prompt and the cursor.
    fn cursor(&self) -> usize {
        let (row, column) = self.screen.screen().cursor_position();
        usize::from(row.saturating_sub(self.row)) * usize::from(COLUMNS.get()) + usize::from(column)
    }

    fn until(&mut self, what: &str, is_there: impl Fn(&Self) -> bool) {
        while !is_there(self) {
            match self.written.recv_timeout(PATIENCE) {
                Ok(bytes) => self.screen.process(&bytes),
                Err(fault) => panic!("waiting for {what:?}: {fault}\n{}", self.seen()),
            }
        }
    }
}
