//! What a person is told about a source that does not parse.

use rhai::{LexError, ParseErrorType, Position};

use crate::report::{Place, Problem, ProblemKind};
use crate::script::engine::build;
use crate::script::engine::limits;
use crate::script::host::Source;
use crate::script::problem::describe::place;

/// Returns what a person is told about a syntax error.
pub(in crate::script) fn of_parsing(
    kind: &ParseErrorType,
    position: Position,
    source: &Source,
) -> Problem {
    let (what, hint) = words(kind);
    let mut problem = Problem::new(ProblemKind::Source, what);
    problem.hints.extend(hint.map(String::from));
    let at = place(&source.name, position, std::slice::from_ref(source));
    problem.at(at.unwrap_or_else(|| end_of(source)))
}

fn words(kind: &ParseErrorType) -> (String, Option<&'static str>) {
    match kind {
        ParseErrorType::ExprTooDeep => (
            "an expression is nested too deeply".into(),
            Some("give parts of it names with `let`"),
        ),
        ParseErrorType::TooManyFunctions => (
            format!("the source has more than {} functions", limits::FUNCTIONS),
            Some("move some of them into modules"),
        ),
        ParseErrorType::BadInput(LexError::ImproperSymbol(word, _)) if word == "eval" => (
            "`eval` is switched off".into(),
            Some("a closure or a function does the same, and can be checked before it runs"),
        ),
        ParseErrorType::BadInput(LexError::ImproperSymbol(word, _)) if word == "=" => (
            "`=` sets a variable and cannot stand here".into(),
            Some("did you mean `==`?"),
        ),
        ParseErrorType::AssignmentToConstant(name) if !name.is_empty() => (
            format!("`{name}` is a constant and cannot be set"),
            Some("declare it with `let`"),
        ),
        ParseErrorType::Reserved(name) if build::is_namespace(name) => (
            format!("an import cannot have the name `{name}`: there is a `{name}::` already"),
            Some("give it another name behind `as`"),
        ),
        ParseErrorType::WrongDocComment => (
            "a `///` comment must stand before a function".into(),
            Some("use `//` here"),
        ),
        other => (lowered(&other.to_string()), advice(other)),
    }
}

fn advice(kind: &ParseErrorType) -> Option<&'static str> {
    match kind {
        ParseErrorType::Reserved(word) => match word.as_str() {
            "null" | "nil" => Some("nothing is written `()`"),
            "var" => Some("variables are declared with `let`"),
            "async" | "await" => Some("calls wait for their results by themselves"),
            "++" | "--" => Some("write `+= 1` or `-= 1`"),
            "===" | "!==" => Some("write `==` or `!=`"),
            word if word.starts_with(char::is_alphabetic) => {
                Some("the language keeps this word for itself: take another name")
            }
            _ => None,
        },
        ParseErrorType::UnknownOperator(operator) if operator == "?" => {
            Some("there is no `a ? b : c`; write `if a { b } else { c }`")
        }
        ParseErrorType::MissingToken(token, _) if token == "," => {
            Some("is a comma missing, or a closing bracket?")
        }
        ParseErrorType::MissingToken(token, _) if token == ";" => {
            Some("is a `;` missing before this?")
        }
        _ => None,
    }
}

/// Brings the interpreter's wording into ours: a lower-case start, values in backticks.
pub(in crate::script) fn lowered(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_lowercase().to_string());
    let text = first.unwrap_or_default() + letters.as_str();
    // Quotes come in pairs around names; an apostrophe inside a word stays.
    if text.matches('\'').count().is_multiple_of(2) {
        text.replace('\'', "`")
    } else {
        text
    }
}

fn end_of(source: &Source) -> Place {
    let last = source.text.lines().last().unwrap_or_default();
    Place {
        source: source.name.clone(),
        line: source.text.lines().count().max(1),
        column: last.chars().count().max(1),
        length: 0,
    }
}
