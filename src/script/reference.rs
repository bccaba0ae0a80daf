//! What a script can call, as data: for help, completion, checks and the reference page.
//!
//! Made from the builtins, the catalog and the interpreter's own library; there is no further list.

use crate::catalog::{self, Endpoint, Paging};
use crate::script::binding::{self, How};
use crate::script::builtin::{self, Builtin};
use crate::script::engine::build;
use crate::script::engine::register;

/// A function that scripts can call.
#[derive(Clone, Debug)]
pub struct Function {
    /// Full name, such as `duvo::jobs::start`, `time::now` or `parallel`.
    pub name: String,
    /// How it is called, with the names of its parameters.
    pub signature: String,
    /// What it does: first sentence first.
    pub doc: String,
    /// Code and its result as JSON.
    pub examples: Vec<(&'static str, &'static str)>,
    /// The endpoint behind it, if there is one.
    pub endpoint: Option<&'static Endpoint>,
    /// What it does with the endpoint.
    pub how: Option<How>,
    /// How many arguments it takes, at least and at most.
    pub arguments: (usize, usize),
    /// What it takes, one parameter after the other.
    pub parameters: Vec<Parameter>,
    /// Type of the result, such as `Array`.
    pub returns: String,
}

/// One parameter of a function.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// The types it takes, in words: `string | Map`. Beside those of the language there are
    /// `duration`, `uuid`, words in quotes, and states of a life cycle (`job state`).
    pub types: &'static str,
    /// Whether it can be left out.
    pub is_optional: bool,
    /// The options it takes when it is a map of options: names and types.
    pub options: Vec<(&'static str, &'static str)>,
}

/// Returns all functions of builtins and endpoints.
pub fn functions() -> Vec<Function> {
    let endpoints = catalog::endpoints().flat_map(binding::functions);
    let endpoints = endpoints.map(|function| of_endpoint(&function));
    build::builtins().map(of_builtin).chain(endpoints).collect()
}

/// A function that the language itself brings, with one of the numbers of arguments that it takes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CoreFunction {
    /// Its name.
    pub name: String,
    /// How many arguments it takes; the value of a method is the first of them.
    pub arguments: usize,
    /// Whether it changes its first argument and returns `()`, whatever it is given.
    pub changes_first: bool,
}

/// Returns the functions that the language itself brings.
pub fn core_functions() -> Vec<CoreFunction> {
    let mut all: Vec<CoreFunction> = Vec::new();
    let mut signatures: Vec<_> = build::core_signatures()
        .iter()
        .filter_map(|signature| core_function(signature))
        .collect();
    signatures.sort();
    for function in signatures {
        match all.last_mut() {
            Some(last) if last.name == function.name && last.arguments == function.arguments => {
                last.changes_first &= function.changes_first;
            }
            _ => all.push(function),
        }
    }
    all
}

/// Reads `sort(list: &mut Array, comparer: FnPtr) -> Result<(), …>`.
fn core_function(signature: &str) -> Option<CoreFunction> {
    let (name, rest) = signature.split_once('(')?;
    let (mut depth, mut commas, mut end) = (0_u32, 0, rest.len());
    for (at, letter) in rest.char_indices() {
        match letter {
            ')' if depth == 0 => {
                end = at;
                break;
            }
            '(' | '<' | '[' => depth += 1,
            ')' | '>' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => commas += 1,
            _ => {}
        }
    }
    let returns = rest.get(end + 1..).unwrap_or_default().trim();
    let takes_reference = rest.split(',').next()?.contains("&mut ");
    let nothing = ["", "-> ()"].contains(&returns) || returns.starts_with("-> Result<(),");
    name.starts_with(char::is_alphabetic).then(|| CoreFunction {
        name: name.into(),
        arguments: if end == 0 { 0 } else { commas + 1 },
        changes_first: nothing && takes_reference,
    })
}

/// Returns the definition files of what the language itself brings: names and texts.
pub fn language_definitions() -> Vec<(String, String)> {
    build::language_engine()
        .definitions()
        .iter_files()
        .collect()
}

/// Returns the options that an option takes as a map of its own: names and types.
pub fn inner_options(types: &'static str) -> Vec<(&'static str, &'static str)> {
    register::options(types).collect()
}

/// Says what is wrong with a text that stands for a duration.
pub fn judge_duration(text: &str) -> Result<(), String> {
    builtin::duration(&text.into()).map(|_| ())
}

/// Returns the functions that only tests have.
pub fn test_functions() -> Vec<Function> {
    build::test_builtins().map(of_builtin).collect()
}

fn of_builtin(builtin: &'static Builtin) -> Function {
    Function {
        name: builtin.name.into(),
        signature: format!("{} -> {}", register::signature(builtin), builtin.returns),
        doc: builtin.doc.into(),
        examples: builtin.examples.to_vec(),
        endpoint: None,
        how: None,
        arguments: register::arguments(builtin),
        parameters: builtin.params.iter().map(|text| parameter(text)).collect(),
        returns: builtin.returns.into(),
    }
}

fn parameter(text: &'static str) -> Parameter {
    let (name, types) = text.split_once(':').unwrap_or((text, "any"));
    let options: Vec<_> = register::options(text).collect();
    Parameter {
        name: name.trim().trim_end_matches('?'),
        types: if options.is_empty() {
            types.trim()
        } else {
            "Map"
        },
        is_optional: name.trim().ends_with('?'),
        options,
    }
}

fn of_endpoint(function: &binding::Function) -> Function {
    let endpoint = function.endpoint;
    let doc = endpoint.doc;
    Function {
        name: function.name.clone(),
        signature: function.signature(),
        doc: match function.how {
            How::Call => doc.into(),
            How::List if endpoint.paging == Paging::None => doc.into(),
            How::List => format!("{doc} Follows the pages, up to `limit`."),
            How::Each => {
                format!("{doc} Gives them one by one, for `for`; pages are fetched as needed.")
            }
            How::Page => format!("{doc} Gives one page as the API answers it."),
            How::Find => format!("{doc} Gives the one of this id, name, or part of a name."),
        },
        examples: Vec::new(),
        endpoint: Some(endpoint),
        how: Some(function.how),
        arguments: function.arities(),
        parameters: parameters(function),
        returns: match function.how {
            How::List => "Array".into(),
            How::Each => "Each".into(),
            How::Page | How::Find => "Map".into(),
            How::Call => "any".into(),
        },
    }
}

fn parameters(function: &binding::Function) -> Vec<Parameter> {
    let needed = |name, types| Parameter {
        name,
        types,
        is_optional: false,
        options: Vec::new(),
    };
    let ids = function.endpoint.given_params();
    let mut all: Vec<_> = ids
        .map(|param| needed(param.name, "string | Map"))
        .collect();
    if function.how == How::Find {
        all.push(needed("text", "string"));
    }
    let alone = function.endpoint.shorthand.map(|name| (name, "any"));
    let (least, most) = function.arities();
    let further = alone.into_iter().chain([("fields", "Map")]);
    all.extend(further.map(|(name, types)| needed(name, types)));
    all.truncate(most);
    for parameter in all.iter_mut().skip(least) {
        parameter.is_optional = true;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::{CoreFunction, core_functions, functions};

    #[test]
    fn every_function_is_there_and_told_about() {
        let all = functions();
        for name in [
            "duvo::jobs::start",
            "duvo::jobs::each_messages",
            "duvo::queues::find",
            "duvo::jobs::finish",
            "parallel",
            "ask",
        ] {
            assert!(all.iter().any(|function| function.name == name), "{name}");
        }
        for function in &all {
            assert!(!function.doc.is_empty(), "{} has no doc", function.name);
            assert!(
                function.signature.starts_with(&function.name),
                "{}",
                function.signature
            );
            let (least, most) = function.arguments;
            let parameters = &function.parameters;
            let needed = parameters.iter().filter(|parameter| !parameter.is_optional);
            assert_eq!(parameters.len(), most, "{}", function.name);
            assert_eq!(needed.count(), least, "{}", function.name);
        }
    }

    #[test]
    fn options_are_told_with_their_types() {
        let all = functions();
        let wait = all
            .iter()
            .find(|function| function.name == "duvo::jobs::wait");
        let options = &wait.unwrap().parameters[1].options;
        assert_eq!(
            options,
            &[("until", "job state | Array"), ("timeout", "duration")]
        );
    }

    #[test]
    fn the_language_brings_functions_of_its_own() {
        let core = core_functions();
        for (name, arguments, changes_first) in [
            ("len", 1, false),
            ("filter", 2, false),
            ("exit", 0, false),
            ("pad", 3, true),
            ("sort", 1, true),
            ("remove", 2, false),
        ] {
            let wanted = CoreFunction {
                name: name.into(),
                arguments,
                changes_first,
            };
            assert!(core.contains(&wanted), "{wanted:?}");
        }
    }
}
