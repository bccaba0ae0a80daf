//! From the interpreter's errors to problems that a person can act on.
//!
//! The interpreter nests an error in one layer for each call; the layers become the call stack.
//! A layer's position lies in the source of the layer around it.

use rhai::{Dynamic, EvalAltResult, Map, Position};

use crate::catalog;
use crate::report::{Failure, FailureKind, Frame, Place, Problem, ProblemKind};
use crate::script::engine::limits;
use crate::script::host::Source;
use crate::script::problem::hint;
use crate::script::source::compile::{CLOSURE, Library};

pub(in crate::script) use crate::script::problem::syntax::of_parsing;

/// The code of the failure that `assert` raises.
const ASSERTION: &str = "assertion";

/// Returns what a person is told about an error that nobody caught.
pub(in crate::script) fn of_error(error: EvalAltResult, main: &str, library: &Library) -> Problem {
    let (error, source, stack) = unwind(error, main, library);
    let mut problem = described(error, &source, &stack, &library.all());
    // A few errors of the interpreter know no position: the call that led to them is the nearest.
    problem.at = problem.at.or_else(|| Some(stack.first()?.at.clone()));
    problem.stack = stack;
    problem
}

/// Returns where an error happened.
pub(in crate::script) fn place_of(
    error: EvalAltResult,
    main: &str,
    library: &Library,
) -> Option<Place> {
    let (error, source, _) = unwind(error, main, library);
    place(&source, error.position(), &library.all())
}

/// Takes off the layers: returns the innermost error, its source, and the calls, innermost first.
fn unwind(
    mut error: EvalAltResult,
    main: &str,
    library: &Library,
) -> (EvalAltResult, String, Vec<Frame>) {
    let sources = library.all();
    let mut source = main.to_owned();
    let mut stack = Vec::new();
    loop {
        let (function, inside, inner, position) = match error {
            EvalAltResult::ErrorInFunctionCall(name, inside, inner, position) => {
                let (function, closure) = called(&name);
                let home = closure.and_then(|name| library.home(name, &inside));
                (function, home.unwrap_or(inside), inner, position)
            }
            EvalAltResult::ErrorInModule(name, inner, position) => {
                (format!("import \"{name}\""), name, inner, position)
            }
            other => {
                stack.reverse();
                return (other, source, stack);
            }
        };
        // Builtins that call closures add a layer without a position: it tells nothing.
        if let Some(at) = place(&source, position, &sources) {
            stack.push(Frame { function, at });
        }
        if !inside.is_empty() {
            source = inside;
        }
        error = *inner;
    }
}

/// Returns what was called, in words, and the interpreter's name of the closure behind it.
fn called(name: &str) -> (String, Option<&str>) {
    match name.rfind(CLOSURE) {
        Some(0) => ("closure".into(), Some(name)),
        Some(at) => (name[..at].trim_end().into(), Some(&name[at..])),
        None => (name.into(), None),
    }
}

fn described(error: EvalAltResult, source: &str, stack: &[Frame], sources: &[Source]) -> Problem {
    let position = error.position();
    let at = place(source, position, sources);
    let problem = match error {
        EvalAltResult::ErrorRuntime(value, _) => return thrown(&value, (at, position), sources),
        EvalAltResult::ErrorParsing(kind, position) => {
            let empty = Source {
                name: source.into(),
                text: String::new(),
            };
            let source = sources.iter().find(|known| known.name == source);
            return of_parsing(&kind, position, source.unwrap_or(&empty));
        }
        EvalAltResult::ErrorFunctionNotFound(call, _) => hint::unknown_function(&call, sources),
        EvalAltResult::ErrorModuleNotFound(name, _) => hint::unknown_module(&name),
        EvalAltResult::ErrorVariableNotFound(name, _) => {
            hint::unknown_variable(&name, stack, sources)
        }
        EvalAltResult::ErrorStackOverflow(_) => {
            let what = format!(
                "more than {} calls are open inside each other",
                limits::CALL_LEVELS
            );
            script(what)
                .hint("does a function call itself without an end? A loop has no such limit")
        }
        EvalAltResult::ErrorTooManyVariables(_) => script(format!(
            "more than {} variables are open at once",
            limits::VARIABLES
        )),
        EvalAltResult::ErrorTooManyModules(_) => script(format!(
            "more than {} modules are imported",
            limits::MODULES
        ))
        .hint("is an `import` inside a loop? It belongs to the top of the script"),
        other => hint::plain(other),
    };
    match at {
        Some(at) => problem.at(at),
        None => problem,
    }
}

fn script(what: impl Into<String>) -> Problem {
    Problem::new(ProblemKind::Script, what)
}

fn thrown(
    value: &Dynamic,
    (at, position): (Option<Place>, Position),
    sources: &[Source],
) -> Problem {
    let Ok(map) = value.as_map_ref() else {
        let problem = script(plain_value(value));
        return match at {
            Some(at) => problem.at(at),
            None => problem,
        };
    };
    let mut problem = match failure(&map) {
        Some(failure) => of_failure(failure),
        None => script(plain_map(&map)),
    };
    // A failure that was caught and thrown again still knows the line where it happened.
    problem.at = match first_place(&map) {
        Some((source, first)) if first != position => place(&source, first, sources).or(at),
        _ => at,
    };
    problem
}

fn plain_value(value: &Dynamic) -> String {
    match value.as_immutable_string_ref() {
        Ok(text) if !text.trim().is_empty() => text.trim().replace('\n', " "),
        _ if value.is_unit() => "the script threw `()`".into(),
        _ => format!("the script threw `{value}`"),
    }
}

fn plain_map(map: &Map) -> String {
    match map.get("message").map(Dynamic::as_immutable_string_ref) {
        Some(Ok(message)) => message.to_string(),
        _ => format!("the script threw `{}`", Dynamic::from(map.clone())),
    }
}

/// Reads back the failure that a script caught and threw again.
fn failure(map: &Map) -> Option<Failure> {
    let text = |key: &str| -> Option<String> {
        Some(map.get(key)?.as_immutable_string_ref().ok()?.to_string())
    };
    let kind = serde_json::from_value::<FailureKind>(text("kind")?.into()).ok()?;
    let mut failure = Failure::new(kind, text("message")?);
    failure.status = map
        .get("status")
        .and_then(|status| u16::try_from(status.as_int().ok()?).ok());
    failure.code = text("code");
    failure.endpoint = text("endpoint");
    failure.request_id = text("request_id");
    failure.retryable = map
        .get("retryable")
        .is_some_and(|flag| flag.as_bool() == Ok(true));
    failure.hint = text("hint");
    Some(failure)
}

fn of_failure(failure: Failure) -> Problem {
    let endpoint = failure.endpoint.as_deref();
    let entry = endpoint.and_then(catalog::by_name).or_else(|| {
        let name = endpoint?.strip_prefix("duvo::")?.replacen("::", ".", 1);
        catalog::by_name(&name)
    });
    let mut shown = failure.clone();
    let path = endpoint.and_then(|name| name.split_once('.'));
    if let Some((section, verb)) = path.filter(|(section, _)| catalog::section(section).is_some()) {
        shown.endpoint = Some(format!("duvo::{section}::{verb}"));
    }
    let mut problem = script(shown.to_string());
    problem.hints.extend(failure.hint.clone());
    if let (Some(entry), FailureKind::NotFound, None) = (entry, failure.kind, &failure.hint) {
        problem.hints.extend(hint::where_to_look(entry));
    }
    if let Some(request) = &failure.request_id {
        problem
            .hints
            .push(format!("the server's id of the request is `{request}`"));
    }
    if failure.code.as_deref() == Some(ASSERTION) {
        problem.kind = ProblemKind::Test;
    }
    problem.failure = Some(failure);
    problem
}

fn first_place(map: &Map) -> Option<(String, Position)> {
    let number = |key: &str| u16::try_from(map.get(key)?.as_int().ok()?).ok();
    let source = map.get("source")?.as_immutable_string_ref().ok()?;
    let position = Position::new(number("line")?, number("position")?);
    Some((source.to_string(), position))
}

/// Returns the place of a position; a call's place starts where its namespace does.
pub(in crate::script) fn place(
    source: &str,
    position: Position,
    sources: &[Source],
) -> Option<Place> {
    let line = position.line()?;
    let column = position.position().unwrap_or(0);
    let known = sources.iter().find(|known| known.name == source);
    let text = known.and_then(|known| known.text.lines().nth(line - 1));
    Some(Place {
        source: source.into(),
        line,
        column: text.map_or(column, |text| start_of_path(text, column)),
        length: 0,
    })
}

/// Goes back from a function's name over the namespaces before it: `duvo::jobs::get`.
fn start_of_path(line: &str, column: usize) -> usize {
    let before: Vec<char> = line.chars().take(column.saturating_sub(1)).collect();
    let mut start = before.len();
    while before[..start].ends_with(&[':', ':']) {
        let name = before[..start - 2]
            .iter()
            .rev()
            .take_while(|c| c.is_alphanumeric() || **c == '_')
            .count();
        start -= name + 2;
    }
    match column {
        0 => 0,
        _ => start + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::start_of_path;

    #[test]
    fn finds_the_start_of_a_path() {
        assert_eq!(start_of_path("let a = duvo::jobs::get(1);", 21), 9);
        assert_eq!(start_of_path("get(1)", 1), 1);
        assert_eq!(start_of_path("x.get(1)", 3), 3);
        assert_eq!(start_of_path("::get(1)", 3), 1);
        assert_eq!(start_of_path("", 90), 1);
        assert_eq!(start_of_path("abc", 0), 0);
    }
}
