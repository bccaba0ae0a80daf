//! Methods: names that no value has, and calls with the wrong number of arguments.
//!
//! `x.name(…)` also calls a closure that the map `x` holds; where that may be, nothing is told.

use super::library::{is_keyword, library};
use super::names::did_you_mean;
use super::rules::UNKNOWN_FUNCTION;
use super::tree::{Kind, Name, Node};
use super::walk::Walker;
use crate::report::nearest;

impl<'a> Walker<'a> {
    /// Judges the name of a method.
    pub(super) fn check_method(&mut self, of: &'a Node, name: &Name, arguments: &[Node]) {
        let library = library();
        let text = name.text.as_str();
        if is_keyword(text) || !self.script.tree.arities(text).is_empty() {
            return;
        }
        let mut taken: Vec<_> = library
            .core(text)
            .iter()
            .map(|core| core.arguments)
            .collect();
        if let Some(function) = library.function(text) {
            let (least, most) = function.arguments;
            taken.extend(least..=most);
        }
        let count = arguments.len() + 1;
        if taken.contains(&count) || self.may_hold_closure(of, text) {
            return;
        }
        if taken.is_empty() {
            let hint = did_you_mean(nearest(text, library.plain_names()));
            let message = format!("there is no method `{text}`");
            self.findings
                .add_with(UNKNOWN_FUNCTION, name.at, message, hint);
        } else {
            let without_value = taken.iter().filter_map(|taken| taken.checked_sub(1));
            self.wrong_count(text, without_value.collect(), count - 1, name.at);
        }
    }

    /// Returns whether a value may be a map with a closure of this name.
    fn may_hold_closure(&self, of: &Node, name: &str) -> bool {
        self.script.keys.contains(name) || !self.is_plain(of)
    }

    /// Returns whether a value can hold no closures but those that the script itself puts into maps:
    /// it does not come from a parameter or out of a function that nobody knows.
    pub(super) fn is_plain(&self, value: &Node) -> bool {
        match &value.kind {
            Kind::Variable(name) => match self.variable(name) {
                Some(binding) => binding.is_plain,
                None => self.is_arguments(value),
            },
            Kind::Property(of, _) | Kind::Index(of, _) | Kind::Method(of, _, _) => {
                self.is_plain(of)
            }
            Kind::Call(path, _, _) => {
                let first = path.first();
                first.is_some_and(|first| library().is_namespace(&first.text))
            }
            Kind::Text(_) | Kind::Template(_) | Kind::Int(_) | Kind::Float(_) | Kind::Bool(_) => {
                true
            }
            Kind::List(items) => items.iter().all(|item| self.is_plain(item)),
            Kind::Map(entries) => entries.iter().all(|(_, value)| self.is_plain(value)),
            _ => false,
        }
    }
}
