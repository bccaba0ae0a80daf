//! The inputs that worked, as a script: what `:save` writes.

use std::fmt::Write as _;

use serde_json::Value;

use super::read::lexer::{Kind, Token, tokens};
use crate::run::Permissions;

/// The inputs of a session that worked.
#[derive(Debug, Default)]
pub(super) struct Record {
    inputs: Vec<Input>,
    /// The last error, if an input failed.
    error: Option<Value>,
}

#[derive(Debug)]
struct Input {
    text: String,
    /// Whether `_` was its value from then on.
    has_value: bool,
    /// The error that `_e` was, where the input uses it.
    error: Option<Value>,
}

impl Record {
    /// Notes an input that worked, and whether `_` is its value from now on.
    pub(super) fn add(&mut self, text: &str, has_value: bool) {
        let uses_error = !uses(text, "_e").is_empty();
        self.inputs.push(Input {
            text: text.trim().to_owned(),
            has_value,
            error: self.error.clone().filter(|_| uses_error),
        });
    }

    /// Notes the error of an input that failed.
    pub(super) fn failed(&mut self, error: Option<Value>) {
        self.error = error;
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Returns the script, with a header; `when` is the time of the session.
    pub(super) fn script(&self, when: &str, permissions: &Permissions) -> String {
        let mut script = header(when, permissions);
        let mut last: Option<String> = None;
        for (at, input) in self.inputs.iter().enumerate() {
            let follower = self.inputs[at + 1..].iter();
            let is_used = input.has_value && is_wanted_later(follower);
            let mut text = without(&input.text, &self.redefined(at));
            if let Some(error) = &input.error {
                _ = writeln!(script, "let _e = json::parse({:?});", error.to_string());
            }
            if let Some(last) = &last {
                text = replaced(&text, last);
            }
            if is_used {
                let name = format!("value_{}", at + 1);
                text = named(&text, &name);
                last = Some(name);
            }
            let is_end = at + 1 == self.inputs.len();
            script += &ended(&text, is_end);
        }
        script
    }

    /// Returns the functions of an input that a later one defines again.
    fn redefined(&self, at: usize) -> Vec<(String, usize)> {
        let later: Vec<_> = self.inputs[at + 1..]
            .iter()
            .flat_map(|input| functions(&input.text))
            .map(|function| function.id)
            .collect();
        let own = functions(&self.inputs[at].text).into_iter();
        own.map(|function| function.id)
            .filter(|id| later.contains(id))
            .collect()
    }
}

fn header(when: &str, permissions: &Permissions) -> String {
    let mut header = format!("// /// duvoscript\n// description = \"A session of {when}\"\n");
    for (key, names) in [("env", &permissions.env), ("hosts", &permissions.hosts)] {
        if !names.is_empty() {
            _ = writeln!(header, "// {key} = {names:?}");
        }
    }
    header + "// ///\n\n"
}

/// Returns whether `_` is used before another input sets it.
fn is_wanted_later<'a>(inputs: impl Iterator<Item = &'a Input>) -> bool {
    for input in inputs {
        if !uses(&input.text, "_").is_empty() {
            return true;
        }
        if input.has_value {
            return false;
        }
    }
    false
}

/// Returns where a name stands alone; `_` as the last case of a `switch` is none.
fn uses(text: &str, name: &str) -> Vec<usize> {
    let seen = seen(text);
    let is_use = |at: &usize| {
        let is_case = seen.get(at + 1).is_some_and(|next| next.text == "=>");
        let is_field = *at > 0 && [".", "?.", "::"].contains(&seen[at - 1].text);
        seen[*at].kind == Kind::Name && seen[*at].text == name && !is_case && !is_field
    };
    let found = (0..seen.len()).filter(is_use);
    found.map(|at| seen[at].at).collect()
}

fn seen(text: &str) -> Vec<Token<'_>> {
    let all = tokens(text).into_iter();
    all.filter(|token| !matches!(token.kind, Kind::Blank | Kind::Comment))
        .collect()
}

fn replaced(text: &str, name: &str) -> String {
    let mut replaced = text.to_owned();
    for at in uses(text, "_").into_iter().rev() {
        replaced.replace_range(at..=at, name);
    }
    replaced
}

/// Gives the value of an input a name: that of its last statement.
fn named(text: &str, name: &str) -> String {
    let text = text.trim_end_matches(|letter: char| letter == ';' || letter.is_whitespace());
    let start = last_statement(text);
    format!("{}let {name} = {}", &text[..start], &text[start..])
}

/// Returns where the last statement begins: behind the last `;`, or behind a function.
fn last_statement(text: &str) -> usize {
    let seen = seen(text);
    let (mut depth, mut start) = (0_usize, 0);
    let mut in_function = false;
    for (at, token) in seen.iter().enumerate() {
        let ends = match token.text {
            _ if token.kind == Kind::Text => false,
            "(" | "[" | "{" | "#{" | "${" => {
                depth += 1;
                false
            }
            ")" | "]" | "}" => {
                depth = depth.saturating_sub(1);
                depth == 0 && token.text == "}" && std::mem::take(&mut in_function)
            }
            "fn" if depth == 0 => {
                in_function = true;
                false
            }
            ";" => depth == 0,
            _ => false,
        };
        if let (true, Some(next)) = (ends, seen.get(at + 1)) {
            start = next.at;
        }
    }
    start
}

fn ended(text: &str, is_end: bool) -> String {
    let text = text.trim();
    let is_comment = seen(text).is_empty();
    let is_ended = text.ends_with(';') || is_comment;
    match (is_ended, is_end, seen(text).last()) {
        // A comment at the end would take the sign.
        (false, false, Some(last)) => {
            let end = last.at + last.text.len();
            format!("{};{}\n", &text[..end], &text[end..])
        }
        _ => format!("{text}\n"),
    }
}

/// A function in an input.
struct Function {
    /// Its name, and how many parameters it has.
    id: (String, usize),
    /// Where it stands, in bytes.
    place: std::ops::Range<usize>,
}

fn functions(text: &str) -> Vec<Function> {
    let seen = seen(text);
    let mut found = Vec::new();
    for at in 0..seen.len() {
        let (Some(name), Some(open)) = (seen.get(at + 1), seen.get(at + 2)) else {
            continue;
        };
        if seen[at].text != "fn" || open.text != "(" {
            continue;
        }
        let parameters = seen[at + 3..].iter().take_while(|token| token.text != ")");
        let count = parameters.filter(|token| token.kind == Kind::Name).count();
        let is_private = at > 0 && seen[at - 1].text == "private";
        let start = seen[if is_private { at - 1 } else { at }].at;
        if let Some(end) = end_of_block(&seen[at..]) {
            found.push(Function {
                id: (name.text.to_owned(), count),
                place: start..end,
            });
        }
    }
    found
}

fn end_of_block(seen: &[Token<'_>]) -> Option<usize> {
    let mut depth = 0_usize;
    for token in seen.iter().filter(|token| token.kind == Kind::Sign) {
        match token.text {
            "{" | "#{" | "${" => depth += 1,
            "}" => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(token.at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// Returns an input without some of its functions.
fn without(text: &str, gone: &[(String, usize)]) -> String {
    let mut left = text.to_owned();
    for function in functions(text).into_iter().rev() {
        if gone.contains(&function.id) {
            left.replace_range(function.place, "");
        }
    }
    left.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn script(inputs: &[(&str, bool)]) -> String {
        let mut record = Record::default();
        for (text, has_value) in inputs {
            record.add(text, *has_value);
        }
        let script = record.script("today", &Permissions::default());
        script.split_once("// ///\n\n").unwrap().1.to_owned()
    }

    #[test]
    fn inputs_become_statements_and_the_last_one_the_result() {
        assert_eq!(
            script(&[
                ("let a = 1", false),
                ("fn f() { 1 }", false),
                ("f() + a", true)
            ]),
            "let a = 1;\nfn f() { 1 };\nf() + a\n"
        );
        assert_eq!(
            script(&[("1 // one", true), ("// none", false), ("2;", true)]),
            "1; // one\n// none\n2;\n"
        );
    }

    #[test]
    fn the_last_value_gets_a_name_where_it_is_used() {
        assert_eq!(
            script(&[
                ("let x = 1; f(x)", true),
                ("let y = 2", false),
                ("_ + y", true),
                ("`${_}`", true)
            ]),
            "let x = 1; let value_1 = f(x);\nlet y = 2;\nlet value_3 = value_1 + y;\n`${value_3}`\n"
        );
        assert_eq!(
            script(&[("1", true), ("switch 1 { _ => 2 }", true), ("a._", true)]),
            "1;\nswitch 1 { _ => 2 };\na._\n"
        );
        assert_eq!(
            script(&[("fn f() { 1 } f()", true), ("_", true)]),
            "fn f() { 1 } let value_1 = f();\nvalue_1\n"
        );
    }

    #[test]
    fn only_the_last_of_two_functions_stays() {
        let text = script(&[
            ("fn f(a) { if a { \"}\" } else { `${a}` } } f(1)", true),
            ("fn f() { 0 }", false),
            ("fn f(b) { b }", false),
        ]);
        assert_eq!(text, "f(1);\nfn f() { 0 };\nfn f(b) { b }\n");
    }

    #[test]
    fn errors_and_permissions_come_along() {
        let mut record = Record::default();
        record.failed(Some(json!({"kind": "not_found"})));
        record.add("_e.kind", true);
        let permissions = Permissions {
            env: vec!["A".into()],
            hosts: Vec::new(),
        };
        let text = record.script("x", &permissions);
        assert!(text.contains("// env = [\"A\"]\n"), "{text}");
        assert!(
            text.contains(r#"let _e = json::parse("{\"kind\":\"not_found\"}");"#),
            "{text}"
        );
        record.clear();
        assert!(!record.script("x", &permissions).contains("_e"));
    }
}
