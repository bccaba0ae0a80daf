//! Names: variables, functions, methods and namespaces that are not there, and calls with the wrong
//! number of arguments.

use std::sync::Arc;

use super::arguments::ARGUMENTS;
use super::library::{is_keyword, library};
use super::modules::Module;
use super::rules::{ARGUMENT_COUNT, UNKNOWN_FUNCTION, UNKNOWN_NAMESPACE, UNKNOWN_VARIABLE};
use super::tree::{Kind, Name, Node, Spot};
use super::walk::Walker;
use crate::report::nearest;
use crate::script::TEST_ENDING;

/// The path under which functions see the script's constants.
const GLOBAL: &str = "global";

impl Walker<'_> {
    /// Tells a variable that is not to be seen here.
    pub(super) fn check_variable(&mut self, name: &str, at: Spot) {
        let is_known = self.variable(name).is_some()
            || name == ARGUMENTS
            || !self.script.tree.arities(name).is_empty()
            || (self.is_in_function && self.script.lends_variables);
        if is_known {
            return;
        }
        let hint = match self.declared_outside(name) {
            Some(true) => Some(format!("a function sees a constant as `{GLOBAL}::{name}`")),
            Some(false) => Some(
                "a function sees no variables from outside: hand it over as an argument".into(),
            ),
            None => {
                let known = self.scope.iter().map(|binding| binding.name);
                did_you_mean(nearest(name, known.chain([ARGUMENTS])))
            }
        };
        let message = format!("there is no variable `{name}` here");
        self.findings.add_with(UNKNOWN_VARIABLE, at, message, hint);
    }

    /// Returns whether a variable at the top, which this function cannot see, is a constant.
    fn declared_outside(&self, name: &str) -> Option<bool> {
        let mut body = self.script.tree.body.iter().filter(|_| self.is_in_function);
        body.find_map(|node| match &node.kind {
            Kind::Let(own, declared, _) if own.text == name => Some(declared.is_constant),
            _ => None,
        })
    }

    /// Tells a constant of a module that is not there.
    pub(super) fn check_constant(&mut self, path: &[Name], name: &str, at: Spot) {
        let Some(first) = path.first() else { return };
        if first.text == GLOBAL {
            if !self.is_declared_anywhere(name) {
                let message = format!("there is no constant `{GLOBAL}::{name}`");
                self.findings.add(UNKNOWN_VARIABLE, first.at, message);
            }
            return;
        }
        let Some(module) = self.module(path) else {
            return;
        };
        if module.constants.contains(name) {
            return;
        }
        let known = module.constants.iter().map(String::as_str);
        let hint = did_you_mean(nearest(name, known));
        let message = format!("`{}` exports no variable `{name}`", joined(path));
        self.findings.add_with(UNKNOWN_VARIABLE, at, message, hint);
    }

    fn is_declared_anywhere(&self, name: &str) -> bool {
        let mut found = false;
        self.script.tree.each_node(&mut |node| {
            found |= matches!(&node.kind, Kind::Let(own, ..) if own.text == name);
        });
        found
    }

    /// Judges the name of a function without a path.
    pub(super) fn check_plain_call(&mut self, name: &str, arguments: &[Node], at: Spot) {
        let library = library();
        let own = self.script.tree.arities(name);
        let count = arguments.len();
        if own.contains(&count) || is_keyword(name) {
            return;
        }
        let mut taken = own.to_vec();
        taken.extend(library.core(name).iter().map(|function| function.arguments));
        if let Some(function) = library.function(name) {
            let (least, most) = function.arguments;
            taken.extend(least..=most);
        }
        if taken.is_empty() {
            let hint = if self.variable(name).is_some() {
                Some(format!(
                    "a closure in a variable is called with `{name}.call(…)`"
                ))
            } else {
                let names = self
                    .script
                    .tree
                    .named()
                    .map(|function| function.name.as_str());
                did_you_mean(nearest(name, names.chain(library.plain_names())))
            };
            let message = format!("there is no function `{name}`");
            self.findings.add_with(UNKNOWN_FUNCTION, at, message, hint);
        } else if !taken.contains(&count) {
            self.wrong_count(name, taken, count, at);
        }
    }

    /// Judges the name of a function behind a path.
    pub(super) fn check_call(&mut self, path: &[Name], name: &str, count: usize) {
        let Some(start) = path.first().map(|first| first.at) else {
            return;
        };
        let library = library();
        let place = joined(path);
        if library.is_namespace(&place) {
            let full = format!("{place}::{name}");
            match library.function(&full) {
                Some(_) if library.is_of_tests(&full) && !self.script.is_test => {
                    let message = format!("only tests have `{full}`");
                    let hint = format!("tests stand in a file of their own, `*{TEST_ENDING}`");
                    self.findings
                        .add_with(UNKNOWN_FUNCTION, start, message, Some(hint));
                }
                None => self.unknown_function(&full, library.functions_in(&place), start),
                Some(function) => {
                    let (least, most) = function.arguments;
                    if !(least..=most).contains(&count) {
                        self.wrong_count(&full, (least..=most).collect(), count, start);
                    }
                }
            }
        } else if let Some(module) = self.module(path) {
            let full = format!("{place}::{name}");
            match module.functions.get(name) {
                None => {
                    let known = module.functions.keys().map(String::as_str);
                    self.unknown_function(&full, known, start);
                }
                Some(taken) if !taken.contains(&count) => {
                    self.wrong_count(&full, taken.clone(), count, start);
                }
                Some(_) => {}
            }
        }
    }

    /// Returns the module that a path means. An unknown one is told, one that cannot be known is not.
    fn module(&mut self, path: &[Name]) -> Option<Arc<Module>> {
        let (first, inner) = path.split_first()?;
        let Some(import) = self.script.imports.get(first.text.as_str()) else {
            self.unknown_namespace(path);
            return None;
        };
        let mut module = import.clone()?;
        for name in inner {
            let next = module.modules.get(name.text.as_str()).cloned();
            let Some(next) = next else {
                let message = format!("`{}` has no module `{}`", first.text, name.text);
                self.findings.add(UNKNOWN_NAMESPACE, first.at, message);
                return None;
            };
            module = next;
        }
        Some(module)
    }

    fn unknown_namespace(&mut self, path: &[Name]) {
        let library = library();
        let (mut known_to, mut rest) = (String::new(), path);
        while let [next, behind @ ..] = rest {
            let longer = match known_to.as_str() {
                "" => next.text.to_string(),
                known => format!("{known}::{}", next.text),
            };
            if !library.is_namespace(&longer) {
                break;
            }
            (known_to, rest) = (longer, behind);
        }
        let (Some(first), Some(unknown)) = (path.first(), rest.first()) else {
            return;
        };
        let imports = self.script.imports.keys().copied();
        let imports = imports.filter(|_| known_to.is_empty());
        let near = nearest(
            &unknown.text,
            library.namespaces_in(&known_to).chain(imports),
        );
        let (message, near) = if known_to.is_empty() {
            let hint = near.map(str::to_owned);
            (format!("there is no namespace `{}`", unknown.text), hint)
        } else {
            let hint = near.map(|near| format!("{known_to}::{near}"));
            (
                format!("`{known_to}` has no section `{}`", unknown.text),
                hint,
            )
        };
        let hint = did_you_mean(near.as_deref()).or_else(|| {
            Some("is an `import \"…\" as name;` missing?".into()).filter(|_| known_to.is_empty())
        });
        self.findings
            .add_with(UNKNOWN_NAMESPACE, first.at, message, hint);
    }

    fn unknown_function<'n>(&mut self, full: &str, known: impl Iterator<Item = &'n str>, at: Spot) {
        let (path, name) = full.rsplit_once("::").unwrap_or(("", full));
        let near = nearest(name, known).map(|near| format!("{path}::{near}"));
        let message = format!("there is no function `{full}`");
        let hint = did_you_mean(near.as_deref());
        self.findings.add_with(UNKNOWN_FUNCTION, at, message, hint);
    }

    /// Tells a wrong number of arguments.
    pub(super) fn wrong_count(
        &mut self,
        name: &str,
        mut taken: Vec<usize>,
        given: usize,
        at: Spot,
    ) {
        taken.sort_unstable();
        taken.dedup();
        let message = format!("`{name}` takes {}, not {given}", counts(&taken));
        let signature = library().function(name).map(|function| &function.signature);
        let hint = signature.map(|signature| format!("call it as `{signature}`"));
        self.findings.add_with(ARGUMENT_COUNT, at, message, hint);
    }
}

/// Returns a path as it is written.
pub(super) fn joined(path: &[Name]) -> String {
    let names: Vec<_> = path.iter().map(|name| name.text.as_str()).collect();
    names.join("::")
}

/// Returns the hint with the name that was meant.
pub(super) fn did_you_mean(near: Option<&str>) -> Option<String> {
    near.map(|near| format!("did you mean `{near}`?"))
}

/// Returns numbers of arguments in words: `no arguments`, `1 argument`, `1 or 2 arguments`.
fn counts(taken: &[usize]) -> String {
    let numbers: Vec<_> = taken.iter().map(usize::to_string).collect();
    match (taken, numbers.as_slice()) {
        ([0], _) => "no arguments".into(),
        ([1], _) => "1 argument".into(),
        (_, [first @ .., last]) if !first.is_empty() => {
            format!("{} or {last} arguments", first.join(", "))
        }
        _ => format!("{} arguments", numbers.join("")),
    }
}
