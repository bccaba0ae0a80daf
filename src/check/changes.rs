//! Which variables a function changes after it has declared them. Names are enough: where two
//! variables share one, both count as changed, so that nothing is concluded too much.

use std::collections::HashSet;

use super::library::library;
use super::tree::{Kind, Node, Tree};

/// Methods that read a value and never change it.
const READING: [&str; 8] = [
    "contains", "get", "is_empty", "keys", "len", "to_json", "type_of", "values",
];

/// The variables that a function, with the closures in it, changes.
#[derive(Debug, Default)]
pub(super) struct Changes<'a> {
    set: HashSet<&'a str>,
    touched: HashSet<&'a str>,
}

impl<'a> Changes<'a> {
    /// Returns what the statements change.
    pub(super) fn of(body: &'a [Node], tree: &'a Tree) -> Self {
        let mut changes = Self::default();
        for node in body {
            changes.look(node, tree);
        }
        changes
    }

    /// Returns whether the kind of a variable's value may be another than it was declared with.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.set.contains(name)
    }

    /// Returns whether a variable's value may not be the one it was declared with, down to its fields.
    pub(super) fn is_touched(&self, name: &str) -> bool {
        self.touched.contains(name)
    }

    fn look(&mut self, node: &'a Node, tree: &'a Tree) {
        match &node.kind {
            Kind::Assign(sides) => self.change(&sides[0], true),
            Kind::Method(of, name, arguments) => {
                let sets = !tree.arities(&name.text).is_empty()
                    || changes_first(&name.text, arguments.len() + 1);
                if sets || !READING.contains(&name.text.as_str()) {
                    self.change(of, sets);
                }
            }
            // A native function changes a variable that stands first in its brackets, too.
            Kind::Call(path, name, arguments) if path.is_empty() => {
                if let [first, ..] = arguments.as_slice()
                    && changes_first(name, arguments.len())
                {
                    self.change(first, true);
                }
            }
            Kind::Closure(name, _) => {
                let body = tree.closure(name).map_or(&[][..], |closure| &closure.body);
                for node in body {
                    self.look(node, tree);
                }
            }
            _ => {}
        }
        node.each(&mut |inside| self.look(inside, tree));
    }

    fn change(&mut self, of: &'a Node, sets: bool) {
        if let Some(name) = of.root() {
            self.touched.insert(name);
            if sets {
                self.set.insert(name);
            }
        }
    }
}

fn changes_first(name: &str, arguments: usize) -> bool {
    let mut core = library().core(name).iter();
    core.any(|function| function.arguments == arguments && function.changes_first)
}
