//! Goes through a script with the variables in sight, and has each node judged.
//!
//! A function sees its parameters alone; a closure sees what stands around it, too.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::arguments::ARGUMENTS;
use super::changes::Changes;
use super::finding::Findings;
use super::modules::Module;
use super::tree::{Function, Kind, Name, Node, Tree};
use super::types::Type;
use crate::script::Header;

/// A variable in sight.
#[derive(Clone, Copy, Debug)]
pub(super) struct Binding<'a> {
    pub(super) name: &'a str,
    /// What it was declared with, when nothing has changed it since.
    pub(super) value: Option<&'a Node>,
    /// What is known of it.
    pub(super) known: Option<Type>,
    /// Whether it can hold no closure but those that the script itself puts into maps.
    pub(super) is_plain: bool,
}

/// What stays the same while a script is gone through.
pub(super) struct Script<'a> {
    pub(super) header: &'a Header,
    pub(super) tree: &'a Tree,
    /// The imported modules by the names they have here; `None` for one that is not known.
    pub(super) imports: HashMap<&'a str, Option<Arc<Module>>>,
    /// Names of properties that the script itself gives to maps: a method may be a closure there.
    pub(super) keys: HashSet<&'a str>,
    /// Whether it holds tests.
    pub(super) is_test: bool,
    /// Whether a call such as `f!()` lets functions see the variables of their callers.
    pub(super) lends_variables: bool,
}

/// The state of going through a script.
pub(super) struct Walker<'a> {
    pub(super) script: &'a Script<'a>,
    pub(super) findings: Findings,
    pub(super) scope: Vec<Binding<'a>>,
    changes: Changes<'a>,
    /// Whether it is inside a function that has a name.
    pub(super) is_in_function: bool,
}

impl<'a> Walker<'a> {
    /// Goes through the whole script.
    pub(super) fn run(script: &'a Script<'a>, findings: Findings) -> Findings {
        let mut walker = Self {
            script,
            findings,
            scope: Vec::new(),
            changes: Changes::of(&script.tree.body, script.tree),
            is_in_function: false,
        };
        walker.all(&script.tree.body);
        walker.is_in_function = true;
        for function in script.tree.named() {
            walker.scope.clear();
            walker.changes = Changes::of(&function.body, script.tree);
            walker.enter(function, &[], None);
        }
        walker.findings
    }

    /// Returns the nearest variable of a name.
    pub(super) fn variable(&self, name: &str) -> Option<&Binding<'a>> {
        self.scope.iter().rev().find(|binding| binding.name == name)
    }

    /// Returns whether a name means the arguments of the script.
    pub(super) fn is_arguments(&self, node: &Node) -> bool {
        matches!(&node.kind, Kind::Variable(name) if name == ARGUMENTS)
            && self.variable(ARGUMENTS).is_none()
    }

    fn all(&mut self, nodes: &'a [Node]) {
        for node in nodes {
            self.visit(node);
        }
    }

    fn block(&mut self, nodes: &'a [Node]) {
        let before = self.scope.len();
        self.all(nodes);
        self.scope.truncate(before);
    }

    fn visit(&mut self, node: &'a Node) {
        if self.findings.is_full() {
            return;
        }
        self.judge_node(node);
        match &node.kind {
            Kind::Block(nodes) => self.block(nodes),
            Kind::Let(name, _, value) => {
                self.visit(value);
                let known = self.type_of(value);
                self.declare(name, Some(value), known);
            }
            Kind::For(item, counter, parts) => {
                let [over, body] = &**parts;
                self.visit(over);
                let before = self.scope.len();
                let known = self.type_of(over).and_then(Type::item);
                self.declare(item, None, known);
                if let Some(counter) = counter {
                    self.declare(counter, None, Some(Type::Number));
                }
                self.visit(body);
                self.scope.truncate(before);
            }
            Kind::Try(parts, caught) => {
                let [body, otherwise] = &**parts;
                self.visit(body);
                let before = self.scope.len();
                if let Some(caught) = caught {
                    self.declare(caught, None, None);
                }
                self.visit(otherwise);
                self.scope.truncate(before);
            }
            Kind::Closure(name, captured) => self.closure(name, captured, None),
            Kind::Call(path, name, arguments) if path.is_empty() => {
                let item = arguments
                    .first()
                    .and_then(|list| self.items_for(name, list));
                self.arguments(arguments, item);
            }
            Kind::Method(of, name, arguments) => {
                self.visit(of);
                let item = self.items_for(&name.text, of);
                self.arguments(arguments, item);
            }
            _ => node.each(&mut |inside| self.visit(inside)),
        }
    }

    /// Visits arguments; closures among them get items of this type.
    fn arguments(&mut self, arguments: &'a [Node], item: Option<Type>) {
        for argument in arguments {
            match &argument.kind {
                Kind::Closure(name, captured) => self.closure(name, captured, item),
                _ => self.visit(argument),
            }
        }
    }

    fn closure(&mut self, name: &str, captured: &'a [Name], item: Option<Type>) {
        for variable in captured {
            self.check_variable(&variable.text, variable.at);
        }
        if let Some(function) = self.script.tree.closure(name) {
            let before = self.scope.len();
            self.enter(function, captured, item);
            self.scope.truncate(before);
        }
    }

    /// Goes through the body of a function; what a closure captures is in sight already.
    fn enter(&mut self, function: &'a Function, captured: &[Name], first: Option<Type>) {
        let own = function.parameters.iter().skip(captured.len());
        for (index, name) in own.enumerate() {
            let known = first.filter(|_| index == 0 && !self.changes.is_set(name));
            self.scope.push(Binding {
                name,
                value: None,
                known,
                is_plain: known.is_some(),
            });
        }
        self.all(&function.body);
    }

    fn declare(&mut self, name: &'a Name, value: Option<&'a Node>, known: Option<Type>) {
        let text = name.text.as_str();
        let is_set = self.changes.is_set(text);
        let is_plain = known.is_some() || value.is_some_and(|value| self.is_plain(value));
        self.scope.push(Binding {
            name: text,
            value: value.filter(|_| !self.changes.is_touched(text)),
            known: known.filter(|_| !is_set),
            is_plain: is_plain && !is_set,
        });
    }
}
