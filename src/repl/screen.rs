//! Where the words of a session go, and how much room there is.

use std::io::Write;
use std::sync::atomic::{AtomicU16, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::tz::TimeZone;

use super::lines::read_line;
use super::{Interrupt, show};

/// The place where results are shown.
pub struct Screen {
    out: Mutex<Box<dyn Write + Send>>,
    width: AtomicU16,
    height: AtomicU16,
    /// Whether somebody sits there.
    pub(super) is_interactive: bool,
    /// Whether colours may be used.
    pub(super) is_styled: bool,
    /// The zone in which times are shown.
    pub(super) zone: TimeZone,
}

impl Screen {
    /// Returns a screen for a person, or for a pipe.
    pub fn new(
        out: Box<dyn Write + Send>,
        is_interactive: bool,
        is_styled: bool,
        zone: TimeZone,
    ) -> Self {
        Self {
            out: Mutex::new(out),
            width: AtomicU16::new(80),
            height: AtomicU16::new(24),
            is_interactive,
            is_styled,
            zone,
        }
    }

    /// Notes how many columns and rows there are.
    pub(super) fn resize(&self, columns: u16, rows: u16) {
        self.width.store(columns, Relaxed);
        self.height.store(rows, Relaxed);
    }

    /// Returns how many columns there are; a pipe takes any.
    pub(super) fn width(&self) -> usize {
        match self.is_interactive {
            true => self.width.load(Relaxed).max(20).into(),
            false => usize::MAX,
        }
    }

    /// Shows lines, as they are.
    pub(super) fn write(&self, text: &str) {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // A closed pipe is the reader's choice.
        _ = writeln!(out, "{text}");
        _ = out.flush();
    }

    /// Shows text, page by page where it is longer than the screen.
    pub(super) fn show(&self, text: &str, interrupt: &Arc<Interrupt>) {
        if text.is_empty() {
            return;
        }
        if !self.is_interactive {
            return self.write(text);
        }
        let text = &harmless(text);
        let height: usize = self.height.load(Relaxed).max(4).into();
        let pages = show::pages(text, height - 1, self.width());
        if pages.len() < 2 {
            return self.write(text);
        }
        let mut left: usize = pages.iter().map(|page| page.lines().count()).sum();
        for page in pages {
            left -= page.lines().count();
            self.write(&page);
            if left == 0 {
                return;
            }
            self.write(&format!("-- {left} more lines: Enter goes on, q ends --"));
            let answer = read_line(interrupt, None);
            if answer.is_ok_and(|answer| answer.is_empty()) {
                continue;
            }
            return interrupt.forget();
        }
    }
}

/// Returns a text that moves no cursor and sets no colour: what is shown was written by others.
fn harmless(text: &str) -> String {
    let shown = |letter: char| match letter {
        '\n' | '\t' => letter,
        _ if letter.is_control() => ' ',
        _ => letter,
    };
    text.replace("\r\n", "\n").chars().map(shown).collect()
}
