//! The arguments of a script: those it reads against those its header declares.

use std::collections::BTreeSet;

use super::finding::Findings;
use super::rules::{UNKNOWN_ARGUMENT, UNUSED_ARGUMENT};
use super::tree::{Kind, Name, Node, Spot, Tree};
use crate::report::nearest;
use crate::script::Header;

/// The variable through which a script reads its arguments.
pub(super) const ARGUMENTS: &str = "args";

/// Which arguments a source reads.
#[derive(Clone, Debug, Default)]
pub(super) struct Reads {
    /// Those it names.
    names: BTreeSet<String>,
    /// Whether it uses all of them as one value, so that any may be read.
    all: bool,
}

impl Reads {
    /// Returns what a source reads.
    pub(super) fn of(tree: &Tree) -> Self {
        let mut named = 0;
        let mut mentioned = 0;
        let mut reads = Self::default();
        tree.each_node(&mut |node| {
            if let Some(name) = named_argument(node) {
                named += 1;
                reads.names.insert(name.text.to_string());
            }
            if is_arguments(node) {
                mentioned += 1;
            }
        });
        reads.all = mentioned > named;
        reads
    }

    /// Takes it that all are read.
    pub(super) fn add_all(&mut self) {
        self.all = true;
    }

    /// Adds what an imported module reads.
    pub(super) fn add(&mut self, other: &Self) {
        self.names.extend(other.names.iter().cloned());
        self.all |= other.all;
    }
}

fn is_arguments(node: &Node) -> bool {
    matches!(&node.kind, Kind::Variable(name) if name == ARGUMENTS)
}

/// Returns the argument that `args.name` or `args["name"]` reads.
pub(super) fn named_argument(node: &Node) -> Option<Name> {
    match &node.kind {
        Kind::Property(of, name) if is_arguments(of) => Some(name.clone()),
        Kind::Index(of, index) if is_arguments(of) => match &index.kind {
            Kind::Text(text) => Some(Name {
                text: text.clone(),
                at: index.at,
            }),
            _ => None,
        },
        _ => None,
    }
}

/// Tells an argument that is read and not declared.
pub(super) fn check_read(name: &Name, header: &Header, findings: &mut Findings) {
    let known = || header.args.iter().map(|argument| argument.name.as_str());
    if !header.is_there || known().any(|known| known == name.text.as_str()) {
        return;
    }
    let hint = match nearest(&name.text, known()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "declare it in the header: `{} = {{ type = \"string\" }}`",
            name.text
        ),
    };
    let message = format!("the header declares no argument `{}`", name.text);
    findings.add_with(UNKNOWN_ARGUMENT, name.at, message, Some(hint));
}

/// Tells the arguments that are declared and not read.
pub(super) fn check_unused(header: &Header, reads: &Reads, findings: &mut Findings) {
    if reads.all {
        return;
    }
    for argument in &header.args {
        if !reads.names.contains(&argument.name) {
            let at = argument.at.as_ref().map_or(Spot::default(), |place| Spot {
                line: place.line,
                column: place.column,
            });
            let message = format!("nothing reads the argument `{}`", argument.name);
            let hint = format!(
                "read it as `args.{}`, or take it out of the header",
                argument.name
            );
            findings.add_with(UNUSED_ARGUMENT, at, message, Some(hint));
        }
    }
}
