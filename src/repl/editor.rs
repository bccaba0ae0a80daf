//! What the line editor asks: what completes, whether an input is whole, how it is coloured.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use rustyline::completion::{Completer, Pair};
use rustyline::highlight::{CmdKind, Highlighter, MatchingBracketHighlighter};
use rustyline::hint::{Hint, Hinter, HistoryHinter};
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Result};

use super::complete::{complete, signature_at};
use super::read::lexer::{Kind, tokens};
use super::shell::Shell;
use crate::script::Session;

/// Answers the line editor, from the session.
pub(super) struct Helper {
    shell: Rc<RefCell<Shell>>,
    brackets: MatchingBracketHighlighter,
    history: HistoryHinter,
    is_styled: bool,
}

impl Helper {
    pub(super) fn new(shell: Rc<RefCell<Shell>>, is_styled: bool) -> Self {
        Self {
            shell,
            brackets: MatchingBracketHighlighter::new(),
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
        // The bracket is marked first: its marks are no part of the language, and so stay as they are.
        match self.brackets.highlight(line, pos) {
            Cow::Borrowed(plain) => Cow::Owned(coloured(plain)),
            marked @ Cow::Owned(_) => marked,
        }
    }

    fn highlight_char(&self, line: &str, pos: usize, kind: CmdKind) -> bool {
        self.is_styled
            && (self.brackets.highlight_char(line, pos, kind) || kind != CmdKind::MoveCursor)
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

/// Returns an input with the colours of its pieces.
fn coloured(line: &str) -> String {
    let colour = |kind: Kind| match kind {
        Kind::Keyword => "\u{1b}[35m",
        Kind::Text => "\u{1b}[32m",
        Kind::Number => "\u{1b}[36m",
        Kind::Comment => "\u{1b}[90m",
        Kind::Name | Kind::Sign | Kind::Blank => "",
    };
    let pieces = tokens(line)
        .into_iter()
        .map(|token| match colour(token.kind) {
            "" => token.text.to_owned(),
            // Each line of a text has its own colour: the editor shows lines one by one.
            colour => format!("{colour}{}\u{1b}[0m", token.text),
        });
    pieces.collect()
}
