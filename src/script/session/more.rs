//! Whether an input is only the beginning of one: the parser says where it stopped.

use rhai::{Engine, LexError, ParseErrorType, Position};

/// Returns whether more of an input is wanted before it can be judged.
pub(super) fn wants_more(engine: &Engine, text: &str) -> bool {
    let text = text.trim_end();
    if text.is_empty() {
        return false;
    }
    if ends_in_comment(text) {
        return true;
    }
    let Err(error) = engine.compile(text) else {
        return false;
    };
    match error.err_type() {
        ParseErrorType::UnexpectedEOF => true,
        ParseErrorType::BadInput(LexError::UnterminatedString) => has_open_template(text),
        ParseErrorType::BadInput(_) => false,
        // A doc comment that nothing follows yet.
        ParseErrorType::WrongDocComment => last_line(text).starts_with("///"),
        _ if closes_too_much(text) => false,
        _ => is_at_end(text, error.position()) || ends_in_parameters(text),
    }
}

/// Returns whether a position is that of the last character, or behind it.
fn is_at_end(text: &str, position: Position) -> bool {
    let Some(line) = position.line() else {
        return true;
    };
    let lines = text.lines().count();
    let last = last_line(text).chars().count();
    (line, position.position().unwrap_or(0)) >= (lines, last)
}

fn last_line(text: &str) -> &str {
    text.lines().last().unwrap_or_default()
}

/// Returns whether the text ends with a bracket that nothing has opened.
fn closes_too_much(text: &str) -> bool {
    let pairs = [('(', ')'), ('[', ']'), ('{', '}')];
    let pair = pairs.iter().find(|(_, close)| text.ends_with(*close));
    pair.is_some_and(|(open, close)| text.matches(*close).count() > text.matches(*open).count())
}

/// Returns whether the text ends inside a text in backticks, which may go over lines.
fn has_open_template(text: &str) -> bool {
    text.matches('`').count() % 2 == 1
}

/// Returns whether the text ends inside a comment that goes over lines.
fn ends_in_comment(text: &str) -> bool {
    let (mut depth, mut quote, mut rest) = (0_usize, None, text);
    while let Some(first) = rest.chars().next() {
        let mut length = first.len_utf8();
        match (depth, quote, first) {
            (0, Some(_), '\\') => {
                length += rest[1..].chars().next().map_or(0, char::len_utf8);
            }
            (0, Some(open), _) if first == open => quote = None,
            (0, Some(_), _) => {}
            (0, None, '"' | '`') => quote = Some(first),
            (0, None, _) if rest.starts_with("//") => {
                length = rest.find('\n').unwrap_or(rest.len());
            }
            _ if rest.starts_with("/*") => (depth, length) = (depth + 1, 2),
            (1.., _, _) if rest.starts_with("*/") => (depth, length) = (depth - 1, 2),
            _ => {}
        }
        rest = &rest[length..];
    }
    depth > 0
}

/// Returns whether the text ends with the parameters of a closure, such as `|a, b|`.
fn ends_in_parameters(text: &str) -> bool {
    let Some(rest) = text.strip_suffix('|') else {
        return false;
    };
    let is_parameter = |letter: char| letter.is_alphanumeric() || "_, ".contains(letter);
    rest.trim_end_matches(is_parameter).ends_with('|')
}

#[cfg(test)]
mod tests {
    use super::wants_more;
    use crate::script::engine::build::compiler;

    #[test]
    fn knows_what_is_only_begun() {
        let engine = compiler();
        for text in [
            "fn f(a) {",
            "if x {",
            "let a = ",
            "let a = [1,",
            "f(1,\n 2,",
            "duvo::jobs::start(#{",
            "duvo::jobs::start(#{ agent_id: 1,",
            "let t = `two",
            "a.",
            "a +",
            "/* a comment",
            "/* a /* nested */ comment",
            "list.map(|x|",
            "list.map(|x| {",
            "/// What it does",
            "while true {\n  print(1);",
            "switch x {\n  1 => 2,",
            "try { 1 }",
            "if a { 1 } else",
        ] {
            assert!(wants_more(&engine, text), "{text}");
        }
    }

    #[test]
    fn what_is_whole_or_wrong_is_not_begun() {
        let engine = compiler();
        for text in [
            "",
            "  ",
            "1 + 1",
            "let a = 1;",
            "fn f() { 1 }",
            "let a = ;",
            "\"open",
            "1 +* 2",
            "f(1, 2))",
            "let t = `whole`",
            "\"/* no comment\"",
            "// a comment /*",
            "} 1",
            "null",
            "a // b",
            "let x = 1; let y = ); z",
        ] {
            assert!(!wants_more(&engine, text), "{text}");
        }
    }
}
