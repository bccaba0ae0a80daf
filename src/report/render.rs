//! The one renderer of problems: message, source line with caret, call stack, hints.
//!
//! ```text
//! error: duvo::jobs::get: no job `7f3a` in this team (404 not_found)     <- Problem::what; a finding
//!                                                      shows its Problem::code: `error[deprecated]`
//!   --> scripts/close_cases.rhai:12:15                                   <- Problem::at
//!    |
//! 12 |     let job = duvo::jobs::get(id);
//!    |               ^^^^^^^^^^^^^^^
//!    = called: `close` at scripts/close_cases.rhai:40:5                  <- Problem::stack
//!    = hint: `duvo::jobs::list()` shows the jobs this key can see        <- Problem::hints
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::{Place, Problem};

/// The texts of the sources a problem may point into, by name.
#[derive(Clone, Debug, Default)]
pub struct Sources(BTreeMap<String, Arc<str>>);

impl Sources {
    /// Adds the text of a source under the name that places use.
    pub fn insert(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) {
        self.0.insert(name.into(), text.into());
    }

    /// Returns the text of a source.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(AsRef::as_ref)
    }
}

/// Renders a problem for people; `styled` adds terminal colours.
pub fn render(problem: &Problem, sources: &Sources, styled: bool) -> String {
    let renderer = if styled {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let mut title = Level::ERROR.primary_title(problem.what.as_str());
    if let Some(code) = problem.code {
        title = title.id(code);
    }
    let mut group = title.elements(Vec::<annotate_snippets::Element<'_>>::new());
    let located = problem
        .at
        .as_ref()
        .and_then(|place| snippet(place, sources));
    let has_source = located.is_some();
    if let Some(snippet) = located {
        group = group.element(snippet);
    }
    if let (Some(place), false) = (&problem.at, has_source) {
        group = group.element(Level::NOTE.with_name("at").message(describe(place)));
    }
    for cause in &problem.causes {
        group = group.element(Level::NOTE.with_name("cause").message(cause.as_str()));
    }
    for frame in &problem.stack {
        let text = format!("`{}` at {}", frame.function, describe(&frame.at));
        group = group.element(Level::NOTE.with_name("called").message(text));
    }
    for hint in &problem.hints {
        group = group.element(Level::HELP.with_name("hint").message(hint.as_str()));
    }
    renderer.render(&[group])
}

fn describe(place: &Place) -> String {
    match place.column {
        0 => format!("{}:{}", place.source, place.line),
        column => format!("{}:{}:{column}", place.source, place.line),
    }
}

fn snippet<'a>(
    place: &'a Place,
    sources: &'a Sources,
) -> Option<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let text = sources.get(&place.source)?;
    let (start, line) = line_at(text, place.line)?;
    let from = start + byte_of(line, place.column.saturating_sub(1));
    let rest = &text[from..start + line.len()];
    let length = match (place.column, place.length) {
        (0, _) => rest.len(),
        (_, 0) => word(rest),
        (_, characters) => byte_of(rest, characters),
    };
    let span = from..from + length;
    Some(
        Snippet::source(text)
            .path(place.source.as_str())
            .annotation(AnnotationKind::Primary.span(span)),
    )
}

/// Returns the byte offset and the text of a line, without its line end.
fn line_at(text: &str, number: usize) -> Option<(usize, &str)> {
    let mut start = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if index + 1 == number {
            return Some((start, line.trim_end_matches(['\n', '\r'])));
        }
        start += line.len();
    }
    // An error at the end of the file may point just behind the last line end.
    (number > 0).then_some((text.len(), ""))
}

fn byte_of(text: &str, characters: usize) -> usize {
    text.char_indices()
        .nth(characters)
        .map_or(text.len(), |(at, _)| at)
}

/// Returns the length of the path or word a place points at: `duvo::jobs::get`, `total`.
fn word(text: &str) -> usize {
    let end = text
        .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
        .unwrap_or(text.len());
    let end = text[..end].trim_end_matches(':').len();
    match end {
        0 => text.chars().next().map_or(0, char::len_utf8),
        end => end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Frame, ProblemKind};

    fn place(line: usize, column: usize) -> Place {
        Place {
            source: "a.rhai".into(),
            line,
            column,
            length: 0,
        }
    }

    fn sources(text: &str) -> Sources {
        let mut sources = Sources::default();
        sources.insert("a.rhai", text);
        sources
    }

    #[test]
    fn marks_the_whole_call_path_and_shows_stack_and_hints() {
        let mut problem = Problem::new(ProblemKind::Script, "no job `x`")
            .at(place(2, 11))
            .hint("look");
        problem.stack.push(Frame {
            function: "close".into(),
            at: place(1, 1),
        });
        let text = render(
            &problem,
            &sources("close();\nlet job = duvo::jobs::get(id);\n"),
            false,
        );
        let expected = [
            "error: no job `x`",
            " --> a.rhai:2:11",
            "  |",
            "2 | let job = duvo::jobs::get(id);",
            "  |           ^^^^^^^^^^^^^^^",
            "  |",
            "  = called: `close` at a.rhai:1:1",
            "  = hint: look",
        ];
        assert_eq!(text, expected.join("\n"));
    }

    #[test]
    fn survives_places_outside_the_text_wide_characters_and_windows_line_ends() {
        let sources = sources("let ř = \"日本\";\r\nthrow 1;\r\n");
        for line in 0..6 {
            for column in 0..40 {
                render(
                    &Problem::new(ProblemKind::Script, "x").at(place(line, column)),
                    &sources,
                    false,
                );
            }
        }
        let text = render(
            &Problem::new(ProblemKind::Script, "x").at(place(2, 1)),
            &sources,
            false,
        );
        assert!(text.contains("throw 1;\n"), "{text}");
    }
}
