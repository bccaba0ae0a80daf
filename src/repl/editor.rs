//! What the line editor asks: what completes, whether an input is whole, how it is coloured.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rustyline::completion::{Completer, Pair};
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hint, Hinter, HistoryHinter};
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Result};

use super::colours::coloured;
use super::complete::{complete, signature_at};
use super::read::lexer::{Kind, tokens};
use super::shell::Shell;
use crate::script::Session;

/// Answers the line editor, from the session.
pub(super) struct Helper {
    shell: Rc<RefCell<Shell>>,
    /// Whether the input is being typed; one that is done has no cursor.
    is_typed: Cell<bool>,
    history: HistoryHinter,
    is_styled: bool,
}

impl Helper {
    pub(super) fn new(shell: Rc<RefCell<Shell>>, is_styled: bool) -> Self {
        Self {
            shell,
            is_typed: Cell::new(true),
            history: HistoryHinter::new(),
            is_styled,
        }
    }
}

impl rustyline::Helper for Helper {}

impl Completer for Helper {
    type Candidate = Pair;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> Result<(usize, Vec<Pair>)> {
        let shell = self.shell.borrow();
        let completion = complete(&line[..pos], &shell.known());
        let pairs = completion.candidates.into_iter().map(|candidate| Pair {
            display: candidate.shown,
            replacement: candidate.text,
        });
        Ok((completion.start, pairs.collect()))
    }
}

/// What stands behind the cursor, pale.
pub(super) struct Pale {
    shown: String,
    /// Whether it is typed when the user goes on into it.
    is_input: bool,
}

impl Hint for Pale {
    fn display(&self) -> &str {
        &self.shown
    }

    fn completion(&self) -> Option<&str> {
        self.is_input.then_some(self.shown.as_str())
    }
}

impl Hinter for Helper {
    type Hint = Pale;

    fn hint(&self, line: &str, pos: usize, context: &Context<'_>) -> Option<Pale> {
        if pos < line.len() || line.is_empty() {
            return None;
        }
        let shell = self.shell.borrow();
        // Names are fetched before they are asked for.
        _ = complete_text(line, &shell);
        if let Some(shown) = signature_at(line, &shell.session.functions()) {
            let is_input = false;
            return Some(Pale { shown, is_input });
        }
        let shown = self.history.hint(line, pos, context)?;
        let is_input = true;
        Some(Pale { shown, is_input })
    }
}

/// Completes where a text is typed, for what may be fetched for it.
fn complete_text(line: &str, shell: &Shell) -> Option<()> {
    let last = tokens(line).pop()?;
    (last.kind == Kind::Text && last.is_open).then(|| _ = complete(line, &shell.known()))
}

impl Validator for Helper {
    fn validate(&self, context: &mut ValidationContext<'_>) -> Result<ValidationResult> {
        let input = context.input();
        let is_command = input.starts_with([':', '?']);
        Ok(if !is_command && Session::wants_more(input) {
            ValidationResult::Incomplete
        } else {
            ValidationResult::Valid(None)
        })
    }
}

impl Highlighter for Helper {
    fn highlight<'l>(&self, line: &'l str, pos: usize) -> Cow<'l, str> {
        if !self.is_styled || line.starts_with([':', '?']) {
            return Cow::Borrowed(line);
        }
        Cow::Owned(coloured(line, self.is_typed.get().then_some(pos)))
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.is_typed.set(kind != CmdKind::ForcedRefresh);
        self.is_styled
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        match self.is_styled {
            true => Cow::Owned(format!("\u{1b}[90m{hint}\u{1b}[0m")),
            false => Cow::Borrowed(hint),
        }
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        match self.is_styled {
            true => Cow::Owned(format!("\u{1b}[1m{prompt}\u{1b}[0m")),
            false => Cow::Borrowed(prompt),
        }
    }
}
