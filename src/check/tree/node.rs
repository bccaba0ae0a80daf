//! The nodes of a script.

use rhai::{ImmutableString, Position};

/// A place in the text; lines and columns count from 1, and 0 is "unknown".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::check) struct Spot {
    pub(in crate::check) line: usize,
    pub(in crate::check) column: usize,
}

impl From<Position> for Spot {
    fn from(position: Position) -> Self {
        Self {
            line: position.line().unwrap_or(0),
            column: position.position().unwrap_or(0),
        }
    }
}

/// A name, and where it stands.
#[derive(Clone, Debug)]
pub(in crate::check) struct Name {
    pub(in crate::check) text: ImmutableString,
    pub(in crate::check) at: Spot,
}

/// An expression or a statement.
#[derive(Clone, Debug)]
pub(in crate::check) struct Node {
    pub(in crate::check) at: Spot,
    pub(in crate::check) kind: Kind,
}

/// What a node is.
#[derive(Clone, Debug)]
pub(in crate::check) enum Kind {
    /// What holds nothing to judge.
    Nothing,
    Unit,
    Bool(bool),
    Int(i64),
    Float(f64),
    Char(char),
    Text(ImmutableString),
    /// A text with values inside: the pieces in order, plain ones as `Text`.
    Template(Vec<Node>),
    List(Vec<Node>),
    Map(Vec<(Name, Node)>),
    Variable(ImmutableString),
    /// `path::NAME`, without a call.
    Constant(Vec<Name>, ImmutableString),
    /// A closure: its function's name in the tree, and the variables of outside that it uses.
    Closure(ImmutableString, Vec<Name>),
    /// `path::name(…)`, the path often empty. The place of the node is that of the name.
    Call(Vec<Name>, ImmutableString, Vec<Node>),
    /// `a + b`, `!a`, `a..b`.
    Operator(ImmutableString, Vec<Node>),
    /// `a && b`, `a || b`, `a ?? b`.
    Logic(Vec<Node>),
    Property(Box<Node>, Name),
    Method(Box<Node>, Name, Vec<Node>),
    Index(Box<Node>, Box<Node>),
    Block(Vec<Node>),
    /// Condition, then, otherwise.
    If(Box<[Node; 3]>),
    /// Value, and the cases: each a guard and what it does.
    Switch(Box<Node>, Vec<(Node, Node)>),
    /// Condition (`Unit` for `loop`) and body.
    Loop(Box<[Node; 2]>),
    /// Item, counter, what is gone through, body.
    For(Name, Option<Name>, Box<[Node; 2]>),
    Let(Name, Declared, Box<Node>),
    /// What is set, and to what.
    Assign(Box<[Node; 2]>),
    /// Body, the caught error's name, what is done then.
    Try(Box<[Node; 2]>, Option<Name>),
    /// `return`, `break`, `continue` and `throw`, with a value or `Nothing`.
    Leave(Leave, Box<Node>),
    Import(Box<Node>, Name),
    /// A variable that importers see, and the name they see it by.
    Export(Name, ImmutableString),
}

/// How a variable is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) struct Declared {
    /// `const`, and not `let`.
    pub(in crate::check) is_constant: bool,
    /// Whether importers see it under its own name.
    pub(in crate::check) is_exported: bool,
}

/// How a statement leaves where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) enum Leave {
    Return,
    Throw,
    Break,
    Continue,
}

impl Node {
    /// Returns a node that holds nothing to judge.
    pub(in crate::check) fn nothing(at: Spot) -> Self {
        Self {
            at,
            kind: Kind::Nothing,
        }
    }

    /// Calls back with each node directly inside, in the order of the text.
    pub(in crate::check) fn each<'a>(&'a self, call: &mut dyn FnMut(&'a Self)) {
        match &self.kind {
            Kind::Nothing
            | Kind::Unit
            | Kind::Bool(_)
            | Kind::Int(_)
            | Kind::Float(_)
            | Kind::Char(_)
            | Kind::Text(_)
            | Kind::Variable(_)
            | Kind::Constant(..)
            | Kind::Closure(..)
            | Kind::Export(..) => {}
            Kind::Template(nodes)
            | Kind::List(nodes)
            | Kind::Call(_, _, nodes)
            | Kind::Operator(_, nodes)
            | Kind::Logic(nodes)
            | Kind::Block(nodes) => nodes.iter().for_each(call),
            Kind::Map(entries) => entries.iter().for_each(|(_, value)| call(value)),
            Kind::Property(of, _)
            | Kind::Let(_, _, of)
            | Kind::Leave(_, of)
            | Kind::Import(of, _) => call(of),
            Kind::Method(of, _, arguments) => {
                call(of);
                arguments.iter().for_each(call);
            }
            Kind::Index(of, index) => {
                call(of);
                call(index);
            }
            Kind::If(parts) => parts.iter().for_each(call),
            Kind::Switch(value, cases) => {
                call(value);
                for (guard, body) in cases {
                    call(guard);
                    call(body);
                }
            }
            Kind::Loop(parts)
            | Kind::For(_, _, parts)
            | Kind::Assign(parts)
            | Kind::Try(parts, _) => parts.iter().for_each(call),
        }
    }

    /// Returns whether a test holds for the node or for any inside it; closures are not entered.
    pub(in crate::check) fn any(&self, test: &dyn Fn(&Self) -> bool) -> bool {
        let mut found = test(self);
        self.each(&mut |inside| found = found || inside.any(test));
        found
    }

    /// Returns where the node starts: a call at the first name of its path.
    pub(in crate::check) fn start(&self) -> Spot {
        match &self.kind {
            Kind::Call(path, ..) => path.first().map_or(self.at, |first| first.at),
            _ => self.at,
        }
    }

    /// Returns the variable that an access starts at: `a` of `a.b[0].c()`.
    pub(in crate::check) fn root(&self) -> Option<&str> {
        match &self.kind {
            Kind::Variable(name) => Some(name.as_str()),
            Kind::Property(of, _) | Kind::Index(of, _) | Kind::Method(of, _, _) => of.root(),
            _ => None,
        }
    }

    /// Returns the text of a node that is one.
    pub(in crate::check) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text.as_str()),
            _ => None,
        }
    }
}
