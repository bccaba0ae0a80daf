//! Destructive calls whose reach is everything, where they run unasked.
//!
//! Such a call is guarded when it stands inside an `if`, a `switch` or a loop with a condition, or
//! behind something that may leave: an `assert`, an `if` or `switch`, a function that throws or exits, a
//! function of a module of the project. What a function does is as guarded as the calls of it; one that
//! the script never calls itself is left to those who do.

use std::collections::HashSet;

use super::finding::Findings;
use super::library::library;
use super::names::joined;
use super::rules::UNGUARDED;
use super::tree::{Kind, Leave, Name, Node, Tree};
use crate::catalog::{Endpoint, Kind as ShapeKind, Method};

/// Tells the unguarded destruction of everything.
pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    let mut destroys = false;
    tree.each_node(&mut |node| destroys = destroys || reach(node).is_some());
    if !destroys {
        return;
    }
    let mut guards = Guards {
        tree,
        modules: modules(tree),
        findings,
        unguarded: Vec::new(),
        seen: HashSet::new(),
    };
    guards.statements(&tree.body, false);
    while let Some(name) = guards.unguarded.pop() {
        for function in tree.named().filter(|function| function.name == name) {
            guards.statements(&function.body, false);
        }
    }
}

struct Guards<'a, 'f> {
    tree: &'a Tree,
    /// The names of imports from the project: what they do is not known here.
    modules: HashSet<&'a str>,
    findings: &'f mut Findings,
    /// Functions that are called without a guard, and not gone through yet.
    unguarded: Vec<&'a str>,
    seen: HashSet<&'a str>,
}

impl<'a> Guards<'a, '_> {
    fn statements(&mut self, nodes: &'a [Node], mut is_guarded: bool) {
        for node in nodes {
            self.node(node, is_guarded);
            is_guarded |= self.may_leave(node);
        }
    }

    /// Returns whether a statement may leave, so that what follows runs only if it does not.
    fn may_leave(&self, node: &Node) -> bool {
        // Inside of a loop, `break` and `continue` leave no more than the loop.
        let is_open = matches!(node.kind, Kind::If(_) | Kind::Switch(..));
        node.any(&|inside| match &inside.kind {
            Kind::Leave(..) => is_open,
            Kind::If(_) | Kind::Switch(..) => inside.any(&leaves_function),
            Kind::Call(path, ..) => {
                let first = path.first();
                first.is_some_and(|first| self.modules.contains(first.text.as_str()))
                    || ends(inside, self.tree)
            }
            _ => false,
        })
    }

    fn node(&mut self, node: &'a Node, is_guarded: bool) {
        if is_guarded {
            return;
        }
        if let Some(reach) = reach(node) {
            let message = format!("{reach}, and nothing stands before it");
            let hint = "put it inside an `if`, for example on an argument, or ask a person first: `ask(…)`";
            self.findings
                .add_with(UNGUARDED, node.start(), message, Some(hint.into()));
        }
        match &node.kind {
            Kind::Block(nodes) => self.statements(nodes, false),
            Kind::If(parts) => self.node(&parts[0], false),
            Kind::Switch(value, _) => self.node(value, false),
            Kind::Loop(parts) if !is_endless(&parts[0]) => self.node(&parts[0], false),
            // What stands behind the first may be left out.
            Kind::Logic(parts) => self.node(&parts[0], false),
            Kind::Closure(name, _) => {
                let body = self
                    .tree
                    .closure(name)
                    .map_or(&[][..], |closure| &closure.body);
                self.statements(body, false);
            }
            Kind::Call(path, name, arguments) => {
                if path.is_empty() && !self.tree.arities(name).is_empty() && self.seen.insert(name)
                {
                    self.unguarded.push(name);
                }
                for argument in arguments {
                    self.node(argument, false);
                }
            }
            _ => node.each(&mut |inside| self.node(inside, false)),
        }
    }
}

fn leaves_function(node: &Node) -> bool {
    matches!(&node.kind, Kind::Leave(Leave::Return | Leave::Throw, _))
}

/// Returns the names of the imports that are not of the standard library.
fn modules(tree: &Tree) -> HashSet<&str> {
    let mut names = HashSet::new();
    tree.each_node(&mut |node| {
        if let Kind::Import(path, alias) = &node.kind
            && !path.text().is_some_and(|path| path.starts_with("std/"))
        {
            names.insert(alias.text.as_str());
        }
    });
    names
}

/// Returns whether the condition of a loop is none.
pub(super) fn is_endless(condition: &Node) -> bool {
    matches!(condition.kind, Kind::Unit | Kind::Bool(true))
}

/// Returns whether a loop without a condition can be left at all.
pub(super) fn can_be_left(body: &Node, tree: &Tree) -> bool {
    body.any(&|inside| match &inside.kind {
        Kind::Leave(how, _) => *how != Leave::Continue,
        _ => ends(inside, tree),
    })
}

/// Returns whether a call may end more than itself: `exit`, `assert`, or a function that throws.
fn ends(node: &Node, tree: &Tree) -> bool {
    let Kind::Call(path, name, _) = &node.kind else {
        return false;
    };
    let ends_itself = |inside: &Node| match &inside.kind {
        Kind::Leave(how, _) => *how == Leave::Throw,
        Kind::Call(path, name, _) => path.is_empty() && (name == "exit" || name == "assert"),
        _ => false,
    };
    let mut own = tree.named().filter(|function| function.name == *name);
    path.is_empty()
        && (ends_itself(node)
            || own.any(|function| function.body.iter().any(|node| node.any(&ends_itself))))
}

/// Returns what a call destroys when that is everything, in words.
fn reach(node: &Node) -> Option<String> {
    let Kind::Call(path, name, arguments) = &node.kind else {
        return None;
    };
    let full = format!("{}::{name}", joined(path));
    let endpoint = library().function(&full)?.endpoint?;
    if !endpoint.destructive {
        return None;
    }
    let ends_with_id = endpoint.path.ends_with('}');
    if endpoint.method == Method::Delete && !ends_with_id {
        return Some(format!("`{full}` destroys all there is"));
    }
    let given = arguments.get(endpoint.given_params().count()..)?;
    let fields = given.iter().find_map(|argument| match &argument.kind {
        Kind::Map(entries) => Some(entries.as_slice()),
        _ => None,
    });
    of_fields(&full, fields.unwrap_or_default()).or_else(|| replaced(&full, endpoint, given))
}

fn of_fields(full: &str, fields: &[(Name, Node)]) -> Option<String> {
    let value = |name: &str| fields.iter().find(|(key, _)| key.text == name);
    let is_on = |name: &str| {
        value(name).is_some_and(|(_, value)| {
            matches!(value.kind, Kind::Bool(true)) || value.text() == Some("true")
        })
    };
    if is_on("all_matching") && value("filters").is_none() && value("search").is_none() {
        return Some(format!(
            "`{full}` with `all_matching` and no filter destroys all there is"
        ));
    }
    is_on("force").then(|| format!("`{full}` with `force` destroys what is inside, too"))
}

/// Returns what a call empties that replaces a list: the empty list may stand alone.
fn replaced(full: &str, endpoint: &Endpoint, given: &[Node]) -> Option<String> {
    let is_list = |name: &str| {
        let mut fields = endpoint.given_fields();
        fields.any(|field| field.name == name && matches!(field.shape.kind, ShapeKind::List(..)))
    };
    let is_empty = |node: &Node| matches!(&node.kind, Kind::List(items) if items.is_empty());
    let empties = endpoint.method == Method::Put
        && given.iter().any(|argument| match &argument.kind {
            Kind::Map(entries) => entries
                .iter()
                .any(|(key, value)| is_list(&key.text) && is_empty(value)),
            _ => is_empty(argument) && endpoint.shorthand.is_some_and(is_list),
        });
    empties.then(|| format!("`{full}` with an empty list destroys all there is"))
}
