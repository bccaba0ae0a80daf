//! Waits in scripts that run by themselves: nobody sits there to answer, or to stop a loop.

use super::finding::Findings;
use super::guards::{can_be_left, is_endless};
use super::library::library;
use super::names::joined;
use super::rules::UNBOUNDED_WAIT;
use super::tree::{Kind, Node, Tree};
use crate::script::{Function, Header};

/// Options without which a builtin asks a person for as long as it takes.
const BOUNDING: [&str; 2] = ["deadline", "on_human"];

/// Tells waits without a deadline in a script with a schedule.
pub(super) fn check(tree: &Tree, header: &Header, findings: &mut Findings) {
    if header.schedule.is_none() {
        return;
    }
    tree.each_node(&mut |node| match &node.kind {
        Kind::Loop(parts) if is_endless(&parts[0]) && !can_be_left(&parts[1], tree) => {
            let message = "this loop never ends, and the script has a schedule";
            let hint = "leave it with `break` or `return`: the schedule starts the script anew";
            findings.add_with(UNBOUNDED_WAIT, node.at, message, Some(hint.into()));
        }
        Kind::Call(path, name, arguments) => {
            let full = match path.as_slice() {
                [] => name.to_string(),
                path => format!("{}::{name}", joined(path)),
            };
            if let Some(function) = library().function(&full) {
                check_call(function, arguments, node, findings);
            }
        }
        _ => {}
    });
}

fn check_call(function: &Function, arguments: &[Node], node: &Node, findings: &mut Findings) {
    let parameters = function.parameters.iter().enumerate();
    let bounding = parameters.filter_map(|(at, parameter)| {
        let mut names = parameter.options.iter().map(|(name, _)| *name);
        Some((at, names.find(|name| BOUNDING.contains(name))?))
    });
    for (at, option) in bounding {
        let is_open = match arguments.get(at).map(|argument| &argument.kind) {
            None => true,
            Some(Kind::Map(entries)) => !entries.iter().any(|(key, _)| key.text == option),
            Some(_) => false,
        };
        if is_open {
            let message = format!(
                "`{}` without `{option}` asks a person, and nobody sits at a script with a schedule",
                function.name
            );
            let hint = match option {
                "deadline" => {
                    "say how long it may take, and what holds then: `#{ deadline: \"1d\", otherwise: … }`"
                }
                _ => "say what answers: `#{ on_human: |request| … }`",
            };
            findings.add_with(UNBOUNDED_WAIT, node.start(), message, Some(hint.into()));
        }
    }
}
