//! What to do about errors of the interpreter: the name that was meant, the value that was missing.

use rhai::EvalAltResult;

use crate::catalog::{self, Endpoint};
use crate::report::{Frame, Problem, ProblemKind, nearest};
use crate::script::binding;
use crate::script::engine::build;
use crate::script::engine::register;
use crate::script::host::Source;
use crate::script::problem::declared::{Declared, functions, imported};
use crate::script::problem::syntax::lowered;
use crate::script::reference;
use crate::script::source::compile::CLOSURE;

const MISSING: &str =
    "a value is `()`: a property that does not exist is `()`, so is its name misspelt?";

/// How many functions of a namespace are told at most.
const OFFERED: usize = 12;

fn script(what: impl Into<String>) -> Problem {
    Problem::new(ProblemKind::Script, what)
}

/// Describes a call of a function that does not exist, or not for such values.
pub(in crate::script) fn unknown_function(call: &str, sources: &[Source]) -> Problem {
    let (name, types) = call.split_once(" (").unwrap_or((call, ""));
    let types = types.strip_suffix(')').unwrap_or(types);
    let types = types
        .replace("&str | ImmutableString | String", "string")
        .replace("range=", "range");
    if name.starts_with(CLOSURE) {
        return script(format!("the closure does not take ({types})"))
            .hint("it has another number of parameters than it is called with");
    }
    if let Some(problem) = unknown_in_module(name, &types, sources) {
        return problem;
    }
    let declared: Vec<Declared> = sources.iter().flat_map(functions).collect();
    if let Some(own) = declared.iter().find(|own| own.name == name) {
        let hint = format!("call it as `{}`", own.signature);
        return missing_or(with_types(name, &types), &types, Some(hint));
    }
    let own: Vec<String> = declared.into_iter().map(|own| own.name).collect();
    if let Some(signature) = signature(name) {
        return with_types(name, &types).hint(format!("call it as `{signature}`"));
    }
    let is_operator = !name.contains(|c: char| c.is_alphanumeric() || c == '_');
    let known = names();
    if is_operator || known.iter().any(|other| other == name) {
        return missing_or(with_types(name, &types), &types, None);
    }
    let problem = script(format!("there is no function `{name}`"));
    let candidates = own.iter().chain(&known).map(String::as_str);
    match nearest_path(name, candidates) {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None => match offered(name, &known) {
            Some(offer) => problem.hint(offer),
            None => problem,
        },
    }
}

/// Describes the call of a function that an imported module does not have, or not for such values.
fn unknown_in_module(name: &str, types: &str, sources: &[Source]) -> Option<Problem> {
    let (alias, function) = name.split_once("::")?;
    let mut declared = functions(imported(alias, sources)?);
    declared.retain(|own| !own.is_private);
    let path = |inside: &str| format!("{alias}::{inside}");
    if let Some(own) = declared.iter().find(|own| own.name == function) {
        let hint = format!("call it as `{}`", path(&own.signature));
        return Some(missing_or(with_types(name, types), types, Some(hint)));
    }
    let problem = script(format!("there is no function `{name}`"));
    let names = || declared.iter().map(|own| own.name.as_str());
    Some(match nearest(function, names()) {
        Some(near) => problem.hint(format!("did you mean `{}`?", path(near))),
        None if declared.is_empty() => problem,
        None => problem.hint(format!("there are {}", quoted(names().map(path)))),
    })
}

/// Adds what to do about a call with such values.
fn missing_or(problem: Problem, types: &str, otherwise: Option<String>) -> Problem {
    match otherwise {
        _ if types.contains("()") => problem.hint(MISSING),
        _ if types.starts_with("range") => {
            problem.hint("a range is no list: go through it with `for`")
        }
        Some(hint) => problem.hint(hint),
        None => problem,
    }
}

/// Says what the namespace of a function that does not exist has, when that is not much.
fn offered(name: &str, known: &[String]) -> Option<String> {
    let (path, _) = name.rsplit_once("::")?;
    let prefix = format!("{path}::");
    let names = known.iter().filter(|other| other.starts_with(&prefix));
    let names: Vec<String> = names.cloned().collect();
    let is_short = !names.is_empty() && names.len() <= OFFERED;
    is_short.then(|| format!("there are {}", quoted(names)))
}

fn quoted(names: impl IntoIterator<Item = String>) -> String {
    let names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

fn with_types(name: &str, types: &str) -> Problem {
    script(match types {
        "" => format!("`{name}` wants arguments"),
        _ => format!("`{name}` does not take ({types})"),
    })
}

/// Compares the last name alone when everything before it is right.
fn nearest_path<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let known: Vec<&str> = known.collect();
    let inside = name.rsplit_once("::").and_then(|(path, last)| {
        let prefix = format!("{path}::");
        let names = known.iter().filter_map(|other| other.strip_prefix(&prefix));
        let near = format!("{prefix}{}", nearest(last, names)?);
        known.iter().copied().find(|other| *other == near)
    });
    inside.or_else(|| nearest(name, known))
}

/// Returns how a builtin or a function of an endpoint is called.
fn signature(name: &str) -> Option<String> {
    let builtin = build::builtins().find(|builtin| builtin.name == name);
    builtin.map(register::signature).or_else(|| {
        let functions = catalog::endpoints().flat_map(binding::functions);
        let mut functions = functions.filter(|function| function.name == name);
        functions.next().map(|function| function.signature())
    })
}

fn names() -> Vec<String> {
    let endpoints = catalog::endpoints().flat_map(binding::functions);
    let builtins = build::builtins().map(|builtin| builtin.name.to_owned());
    let core = reference::core_functions().into_iter();
    endpoints
        .map(|function| function.name)
        .chain(builtins)
        .chain(core.map(|function| function.name))
        .collect()
}

/// Describes the use of a module that does not exist.
pub(in crate::script) fn unknown_module(name: &str) -> Problem {
    let problem = script(format!("there is no module `{name}`"));
    let (first, rest) = name.split_once("::").unwrap_or((name, ""));
    match nearest(first, build::namespaces()) {
        Some(near) if rest.is_empty() => problem.hint(format!("did you mean `{near}`?")),
        Some(near) => problem.hint(format!("did you mean `{near}::{rest}`?")),
        None => problem.hint("is an `import \"…\" as name;` missing?"),
    }
}

/// Describes the use of a variable that does not exist, or not here.
pub(in crate::script) fn unknown_variable(
    name: &str,
    stack: &[Frame],
    sources: &[Source],
) -> Problem {
    let problem = script(format!("there is no variable `{name}`"));
    let declared: Vec<String> = ["let", "const", "for"]
        .iter()
        .flat_map(|word| names_after(sources, word))
        .chain(["args".into()])
        .collect();
    let is_inside = stack
        .iter()
        .any(|frame| !frame.function.starts_with("import "));
    if is_inside && declared.iter().any(|other| other == name) {
        return problem
            .hint("a function sees no variables from outside: hand it over as an argument");
    }
    match nearest(name, declared.iter().map(String::as_str)) {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None => problem,
    }
}

/// Describes any other error, in the interpreter's own words where they are good.
pub(in crate::script) fn plain(mut error: EvalAltResult) -> Problem {
    error.clear_position();
    match &error {
        EvalAltResult::ErrorDotExpr(text, _) => property(text),
        EvalAltResult::ErrorIndexingType(text, _) => {
            let of = text.split(" [").next().unwrap_or_default();
            with_missing(
                script(format!("a value of type `{of}` cannot be indexed")),
                of,
            )
        }
        EvalAltResult::ErrorFor(_) => script("`for` cannot go through this value")
            .hint("it goes through lists, ranges and texts; through a map by `map.keys()`"),
        EvalAltResult::ErrorDataRace(..) => script(lowered(&error.to_string()))
            .hint("a variable whose method is running cannot be used by the closure given to it: keep the result in a variable first, as in `let keys = map.keys(); keys.map(|key| map[key])`"),
        EvalAltResult::ErrorMismatchDataType(wanted, given, _) => {
            script(format!("a value of type `{}` is wanted here, not `{}`", short(wanted), short(given)))
        }
        other => script(lowered(&other.to_string())),
    }
}

/// Names a type as scripts do: the interpreter's own types come with their whole path.
fn short(type_name: &str) -> &str {
    match type_name.split('<').next().unwrap_or_default() {
        path if path.contains("::ops::range::") => "range",
        path => path.rsplit("::").next().unwrap_or(path),
    }
}

/// Describes the use of a property that a value of some type does not have.
fn property(text: &str) -> Problem {
    let names: Vec<&str> = text.split(['\'', '`']).skip(1).step_by(2).collect();
    match names.as_slice() {
        // What could be written is told with the type of the value behind it.
        [name, of] | [name, of, _] => {
            with_missing(script(format!("`{of}` has no property `{name}`")), of)
        }
        _ => script(lowered(text)),
    }
}

fn with_missing(problem: Problem, type_name: &str) -> Problem {
    if type_name == "()" {
        problem.hint(MISSING)
    } else {
        problem
    }
}

/// Returns where the things of an endpoint's section are listed.
pub(in crate::script) fn where_to_look(entry: &Endpoint) -> Option<String> {
    let list = catalog::by_name(&format!("{}.list", entry.section))?;
    let is_simple = list.given_params().next().is_none() && list.name != entry.name;
    is_simple.then(|| {
        let things = catalog::section(entry.section).map_or("things", |section| section.name);
        format!(
            "`duvo::{}::list()` shows the {things} this key can see",
            entry.section
        )
    })
}

/// Returns the names that stand behind a word in the sources: `let total`, `fn amount`.
fn names_after(sources: &[Source], word: &str) -> Vec<String> {
    let mut names = Vec::new();
    for source in sources {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let mut words = source
            .text
            .split(|c: char| !is_part(c))
            .filter(|part| !part.is_empty());
        while let Some(part) = words.next() {
            if part == word {
                names.extend(words.next().map(String::from));
            }
        }
    }
    names
}
