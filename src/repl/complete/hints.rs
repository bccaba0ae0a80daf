//! The functions there are, and what a call that is being typed still takes.

use std::sync::OnceLock;

use crate::repl::read;
use crate::script::{Function, Own, functions};

/// Everything scripts can call.
#[derive(Clone, Copy, Debug)]
pub(in crate::repl) struct Functions(&'static [Function]);

impl Functions {
    /// Returns all of them; the list is made once.
    pub(in crate::repl) fn all() -> Self {
        static ALL: OnceLock<Vec<Function>> = OnceLock::new();
        Self(ALL.get_or_init(functions))
    }

    /// Returns the function of a name.
    pub(in crate::repl) fn named(self, name: &str) -> Option<&'static Function> {
        self.0.iter().find(|function| function.name == name)
    }

    /// Goes through them.
    pub(in crate::repl) fn iter(self) -> impl Iterator<Item = &'static Function> {
        self.0.iter()
    }
}

/// Returns the arguments that are still to come when a call has just been opened.
pub(in crate::repl) fn signature_at(text: &str, own: &[Own]) -> Option<String> {
    if !text.ends_with(['(', ',', ' ', '{']) || text.trim_end().ends_with([')', ';']) {
        return None;
    }
    let argument = read::place(text).argument?;
    let is_inside = !argument.steps.is_empty() && !text.ends_with("#{");
    if is_inside {
        return None;
    }
    let signature = Functions::all()
        .named(&argument.function)
        .map(|function| function.signature.as_str())
        .or_else(|| {
            let own = own.iter().find(|own| own.name == argument.function)?;
            Some(own.signature.as_str())
        })?;
    let arguments = &signature[signature.find('(')? + 1..];
    let left = skip(arguments, argument.index).trim_start();
    let left = match argument.steps.is_empty() {
        true => left,
        false => left.strip_prefix("#{")?,
    };
    (!left.is_empty() && left != ")").then(|| left.to_owned())
}

/// Returns what stands behind so many arguments.
fn skip(arguments: &str, count: usize) -> &str {
    let (mut depth, mut left) = (0_usize, count);
    for (at, letter) in arguments.char_indices() {
        if left == 0 {
            return &arguments[at..];
        }
        match letter {
            '(' | '{' | '[' => depth += 1,
            ')' if depth == 0 => return "",
            ')' | '}' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => left -= 1,
            _ => {}
        }
    }
    if left == 0 { arguments } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_a_call_still_takes() {
        let hint = |text| signature_at(text, &[]);
        assert!(
            hint("duvo::jobs::start(")
                .unwrap()
                .starts_with("#{ agent_id, message?")
        );
        assert!(
            hint("duvo::jobs::start(#{")
                .unwrap()
                .starts_with(" agent_id")
        );
        assert_eq!(
            hint("duvo::cases::retry(q, ").as_deref(),
            Some("#{ case_ids })")
        );
        for text in [
            "",
            "duvo::jobs::start(#{ a: 1, ",
            "nothing(",
            "f(1)",
            "let a = 1; ",
            "duvo::jobs::get(1)",
        ] {
            assert_eq!(hint(text), None, "{text}");
        }
        let own = [Own {
            name: "close".into(),
            signature: "close(queue, days)".into(),
        }];
        assert_eq!(signature_at("close(1, ", &own).as_deref(), Some("days)"));
    }
}
