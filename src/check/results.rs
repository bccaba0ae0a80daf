//! What is done with values: fields of answers that are not there, comparisons that cannot hold, and
//! results of functions that have none.

use super::library::library;
use super::names::{did_you_mean, joined};
use super::rules::{NEVER_EQUAL, NO_RESULT, UNKNOWN_RESULT};
use super::tree::{Kind, Name, Node, Spot};
use super::types::{Field, Type};
use super::walk::Walker;
use crate::report::nearest;
use crate::script::ArgumentKind;

/// Methods that return a list of the same items.
const SAME_ITEMS: [&str; 4] = ["filter", "order", "sort_by", "unique"];
/// Methods whose closures do not get the item first.
const OTHER_ITEMS: [&str; 2] = ["reduce", "reduce_rev"];
const COMPARISONS: [&str; 6] = ["==", "!=", "<", "<=", ">", ">="];

impl<'a> Walker<'a> {
    /// Returns what is known of a value.
    pub(super) fn type_of(&self, node: &Node) -> Option<Type> {
        match &node.kind {
            Kind::Text(_) | Kind::Template(_) => Some(Type::Text),
            Kind::Int(_) | Kind::Float(_) => Some(Type::Number),
            Kind::Variable(name) => self.variable(name)?.known,
            Kind::Property(of, name) if self.is_arguments(of) => self.type_of_argument(&name.text),
            Kind::Property(of, name) => match self.type_of(of)?.field(&name.text) {
                Field::Known(known) => known,
                Field::Missing(_) | Field::Unsure => None,
            },
            Kind::Index(of, index) => match (&index.kind, self.type_of(of)?) {
                (Kind::Int(_), list) => list.item(),
                (Kind::Text(name), thing) => match thing.field(name) {
                    Field::Known(known) => known,
                    Field::Missing(_) | Field::Unsure => None,
                },
                _ => None,
            },
            Kind::Method(of, name, _) if SAME_ITEMS.contains(&name.text.as_str()) => {
                let list = self.type_of(of)?;
                list.item().map(|_| list)
            }
            Kind::Method(of, name, _) if name.text == "find" => self.type_of(of)?.item(),
            Kind::Call(path, name, _) if !path.is_empty() => {
                let full = format!("{}::{name}", joined(path));
                let function = library().function(&full)?;
                match (function.endpoint, function.how) {
                    (Some(endpoint), Some(how)) => Type::of_call(endpoint, how),
                    _ => Type::of_builtin(&full),
                }
            }
            Kind::Block(nodes) => match nodes.as_slice() {
                [only] => self.type_of(only),
                _ => None,
            },
            _ => None,
        }
    }

    fn type_of_argument(&self, name: &str) -> Option<Type> {
        let mut declared = self.script.header.args.iter();
        let argument = declared.find(|argument| argument.name == name)?;
        match argument.kind {
            ArgumentKind::Text | ArgumentKind::Duration | ArgumentKind::Date => Some(Type::Text),
            ArgumentKind::Integer | ArgumentKind::Float => Some(Type::Number),
            ArgumentKind::Boolean | ArgumentKind::List => None,
        }
    }

    /// Returns the type of the items that closures get from a function on a list.
    pub(super) fn items_for(&self, function: &str, list: &Node) -> Option<Type> {
        let is_own = !self.script.tree.arities(function).is_empty();
        if is_own || OTHER_ITEMS.contains(&function) {
            return None;
        }
        self.type_of(list)?.item()
    }

    /// Tells a field of an answer that is not there.
    pub(super) fn check_field(&mut self, of: &Node, name: &str, at: Spot) {
        let Some(Field::Missing(known)) = self.type_of(of).map(|of| of.field(name)) else {
            return;
        };
        let hint = did_you_mean(nearest(name, known.iter().copied()))
            .unwrap_or_else(|| format!("it has `{}`", known.join("`, `")));
        let message = format!("the answer has no field `{name}`, so this is `()`");
        self.findings
            .add_with(UNKNOWN_RESULT, at, message, Some(hint));
    }

    /// Tells a comparison of text with a number.
    pub(super) fn check_comparison(&mut self, operator: &str, sides: &[Node], at: Spot) {
        let ([left, right], true) = (sides, COMPARISONS.contains(&operator)) else {
            return;
        };
        let (Some(a), Some(b)) = (self.type_of(left), self.type_of(right)) else {
            return;
        };
        if (a.is_text() && b.is_number()) || (a.is_number() && b.is_text()) {
            let always = operator == "!=";
            let message = format!("text is compared with a number: this is always {always}");
            let hint = "make both of one kind: `parse_int(…)`, `parse_float(…)`, or quotes";
            self.findings
                .add_with(NEVER_EQUAL, at, message, Some(hint.into()));
        }
    }

    /// Tells each value inside a node that a function without a result is to give.
    pub(super) fn check_used_results(&mut self, node: &'a Node) {
        match &node.kind {
            Kind::Let(_, _, value) | Kind::Property(value, _) => self.check_result(value),
            Kind::Method(of, _, arguments) => {
                self.check_result(of);
                for value in arguments {
                    self.check_result(value);
                }
            }
            Kind::Assign(sides) => self.check_result(&sides[1]),
            Kind::For(_, _, parts) => self.check_result(&parts[0]),
            Kind::Call(_, _, values) | Kind::Operator(_, values) | Kind::List(values) => {
                for value in values {
                    self.check_result(value);
                }
            }
            Kind::Map(entries) => {
                for (_, value) in entries {
                    self.check_result(value);
                }
            }
            Kind::Template(parts) => {
                for part in parts {
                    if let Kind::Block(nodes) = &part.kind
                        && let [only] = nodes.as_slice()
                    {
                        self.check_result(only);
                    }
                }
            }
            _ => {}
        }
    }

    fn check_result(&mut self, value: &Node) {
        let Kind::Method(_, name, arguments) = &value.kind else {
            return;
        };
        if !self.has_no_result(name, arguments.len() + 1) {
            return;
        }
        let name_text = &name.text;
        let message = format!("`{name_text}` changes the value itself and returns `()`");
        let hint = format!(
            "call it in a line of its own, and use the value after it: `x.{name_text}(…); x`"
        );
        self.findings
            .add_with(NO_RESULT, name.at, message, Some(hint));
    }

    fn has_no_result(&self, name: &Name, arguments: usize) -> bool {
        let text = name.text.as_str();
        let is_other = library().function(text).is_some()
            || self.script.keys.contains(text)
            || !self.script.tree.arities(text).is_empty();
        let mut core = library().core(text).iter();
        !is_other && core.any(|core| core.arguments == arguments && core.changes_first)
    }
}
