//! What is wanted where the cursor stands: a field of which map, an argument of which function.

use super::lexer::{Kind, Token, tokens};
use crate::script::Part;

/// What stands at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::repl) struct Place {
    /// What is wanted.
    pub(in crate::repl) wanted: Wanted,
    /// What has been typed of it.
    pub(in crate::repl) typed: String,
    /// Where that begins, in bytes.
    pub(in crate::repl) start: usize,
    /// The argument of a function that it is part of, or that the cursor stands in.
    pub(in crate::repl) argument: Option<Argument>,
}

/// What is wanted at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::repl) enum Wanted {
    /// A name; in a namespace, if there is one, such as `duvo::jobs::`.
    Name(String),
    /// A field or a method of what a variable holds, at a path in it.
    Member(String, Vec<Part>),
    /// A key of a map; these are there already.
    Key(Vec<String>),
    /// The inside of a text.
    Text,
    /// The path of a module.
    Module,
    /// Nothing that could be told.
    Nothing,
}

/// An argument of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::repl) struct Argument {
    /// The function, such as `duvo::jobs::start`.
    pub(in crate::repl) function: String,
    /// Which argument, from 0.
    pub(in crate::repl) index: usize,
    /// The way from the argument to what is wanted.
    pub(in crate::repl) steps: Vec<Step>,
}

/// A step into an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::repl) enum Step {
    /// The value of a key.
    Key(String),
    /// An item of a list.
    Item,
    /// A map, at one of its keys.
    Map,
}

/// An open bracket.
#[derive(Debug)]
enum Open {
    Call {
        function: String,
        index: usize,
    },
    Map {
        key: Option<String>,
        given: Vec<String>,
    },
    List,
    Other,
}

/// Returns what is wanted at the end of a text: that of an input, up to the cursor.
pub(in crate::repl) fn place(text: &str) -> Place {
    let all = tokens(text);
    let seen: Vec<_> = all
        .iter()
        .copied()
        .filter(|token| !matches!(token.kind, Kind::Blank | Kind::Comment))
        .collect();
    let (before, typed) = part(&seen, text);
    let mut open = Vec::new();
    for at in 0..before.len() {
        follow(&mut open, &before[..=at]);
    }
    let is_comment = all.last().is_some_and(|last| last.kind == Kind::Comment);
    let wanted = if is_comment && !text.ends_with('\n') {
        Wanted::Nothing
    } else {
        wanted(before, typed, &open)
    };
    let (typed, start) = match typed {
        Some(Token {
            kind: Kind::Text,
            text,
            at,
            ..
        }) => (text[1..].to_owned(), at + 1),
        Some(token) => (token.text.to_owned(), token.at),
        None => (String::new(), text.len()),
    };
    Place {
        wanted,
        typed,
        start,
        argument: argument(&open),
    }
}

/// Parts what is being typed from what stands before it.
fn part<'a, 't>(seen: &'a [Token<'t>], text: &str) -> (&'a [Token<'t>], Option<Token<'t>>) {
    match seen.split_last() {
        Some((last, before)) if last.at + last.text.len() == text.len() => match last.kind {
            Kind::Name | Kind::Keyword => (before, Some(*last)),
            Kind::Text if last.is_open && last.text.starts_with(['"', '`']) => {
                (before, Some(*last))
            }
            _ => (seen, None),
        },
        _ => (seen, None),
    }
}

/// Keeps track of the brackets that are open behind the last of some pieces.
fn follow(open: &mut Vec<Open>, seen: &[Token<'_>]) {
    let Some((last, before)) = seen.split_last() else {
        return;
    };
    match (last.kind, last.text) {
        (Kind::Sign, "(") => open.push(match path(before) {
            function if function.is_empty() => Open::Other,
            function => Open::Call { function, index: 0 },
        }),
        (Kind::Sign, "#{") => open.push(Open::Map {
            key: None,
            given: Vec::new(),
        }),
        (Kind::Sign, "[") => open.push(Open::List),
        (Kind::Sign, "{" | "${") => open.push(Open::Other),
        (Kind::Sign, ")" | "]" | "}") => _ = open.pop(),
        (Kind::Sign, ",") => match open.last_mut() {
            Some(Open::Call { index, .. }) => *index += 1,
            Some(Open::Map { key, .. }) => *key = None,
            _ => {}
        },
        (Kind::Sign, ":") => {
            if let (Some(Open::Map { key, given }), Some(name)) = (open.last_mut(), before.last()) {
                let name = name.text.trim_matches('"').to_owned();
                given.push(name.clone());
                *key = Some(name);
            }
        }
        _ => {}
    }
}

/// Returns the path of names that some pieces end with: `duvo::jobs::start`.
fn path(seen: &[Token<'_>]) -> String {
    let is_part =
        |token: &&Token<'_>| matches!(token.kind, Kind::Name | Kind::Keyword) || token.text == "::";
    let mut parts: Vec<&str> = Vec::new();
    for token in seen.iter().rev().take_while(is_part) {
        // Two names in a row are not one path: `return f(`.
        let is_name = token.text != "::";
        if is_name && parts.last().is_some_and(|last| *last != "::") {
            break;
        }
        parts.push(token.text);
    }
    parts.reverse();
    parts.concat()
}

fn wanted(before: &[Token<'_>], typed: Option<Token<'_>>, open: &[Open]) -> Wanted {
    let last = before.last().map_or("", |token| token.text);
    if typed.is_some_and(|token| token.kind == Kind::Text) {
        let starts_key = matches!(open.last(), Some(Open::Map { key: None, .. }));
        return match (last, starts_key) {
            ("import", _) => Wanted::Module,
            (_, true) => Wanted::Nothing,
            _ => Wanted::Text,
        };
    }
    match (last, open.last()) {
        ("::", _) => Wanted::Name(path(before)),
        ("." | "?.", _) => member(&before[..before.len() - 1]),
        (_, Some(Open::Map { key: None, given })) => Wanted::Key(given.clone()),
        ("let" | "const" | "fn" | "for", _) => Wanted::Nothing,
        _ => Wanted::Name(String::new()),
    }
}

/// Returns what stands before a dot: a variable, and the way from it.
fn member(before: &[Token<'_>]) -> Wanted {
    let mut parts = Vec::new();
    let mut rest = before;
    loop {
        rest = match rest {
            [.., open, index, close]
                if open.text == "[" && index.kind == Kind::Number && close.text == "]" =>
            {
                parts.push(Part::Item(index.text.parse().unwrap_or(usize::MAX)));
                &rest[..rest.len() - 3]
            }
            [.., dot, name] if [".", "?."].contains(&dot.text) && name.kind == Kind::Name => {
                parts.push(Part::Key(name.text.to_owned()));
                &rest[..rest.len() - 2]
            }
            [.., name] if name.kind == Kind::Name => {
                parts.reverse();
                return Wanted::Member(name.text.to_owned(), parts);
            }
            _ => return Wanted::Member(String::new(), Vec::new()),
        };
    }
}

/// Returns the innermost argument that the cursor stands in, and the way into it.
fn argument(open: &[Open]) -> Option<Argument> {
    let is_call = |open: &Open| matches!(open, Open::Call { .. });
    let call = open.iter().rposition(is_call)?;
    if open[call..].iter().any(|open| matches!(open, Open::Other)) {
        return None;
    }
    let Open::Call { function, index } = &open[call] else {
        return None;
    };
    let steps = open[call + 1..].iter().map(|open| match open {
        Open::Map { key: Some(key), .. } => Step::Key(key.clone()),
        Open::Map { key: None, .. } => Step::Map,
        Open::List | Open::Call { .. } | Open::Other => Step::Item,
    });
    Some(Argument {
        function: function.clone(),
        index: *index,
        steps: steps.collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> (Wanted, String) {
        let place = place(text);
        assert_eq!(place.start + place.typed.len(), text.len(), "{text}");
        (place.wanted, place.typed)
    }

    fn name(namespace: &str, typed: &str) -> (Wanted, String) {
        (Wanted::Name(namespace.into()), typed.into())
    }

    #[test]
    fn names_stand_in_their_namespace() {
        assert_eq!(at(""), name("", ""));
        assert_eq!(at("let a = du"), name("", "du"));
        assert_eq!(at("duvo::"), name("duvo::", ""));
        assert_eq!(at("return duvo::jobs::st"), name("duvo::jobs::", "st"));
        assert_eq!(at("`x ${ti"), name("", "ti"));
        assert_eq!(at("let na").0, Wanted::Nothing);
        assert_eq!(at("1 // comm").0, Wanted::Nothing);
    }

    #[test]
    fn members_know_the_way_to_them() {
        let member = |name: &str, parts| Wanted::Member(name.into(), parts);
        let key = |key: &str| Part::Key(key.into());
        assert_eq!(at("job.st"), (member("job", vec![]), "st".into()));
        assert_eq!(
            at("f(_[0].inner?.x.").0,
            member("_", vec![Part::Item(0), key("inner"), key("x")])
        );
        assert_eq!(at("f().x").0, member("", vec![]));
    }

    #[test]
    fn fields_know_their_call_and_what_is_there() {
        let place = place("duvo::jobs::start(#{ message: \"a, b\", ag");
        assert_eq!(place.wanted, Wanted::Key(vec!["message".into()]));
        let argument = place.argument.unwrap();
        assert_eq!(argument.function, "duvo::jobs::start");
        assert_eq!((argument.index, argument.steps), (0, vec![Step::Map]));
    }

    #[test]
    fn the_way_goes_through_maps_and_lists() {
        let place = place("duvo::cases::create(queue, #{ cases: [#{ title: \"x\" }, #{ da");
        let argument = place.argument.unwrap();
        assert_eq!(argument.index, 1);
        let steps = [Step::Key("cases".into()), Step::Item, Step::Map];
        assert_eq!(argument.steps, steps);
    }

    #[test]
    fn texts_and_values_know_their_field() {
        let place = place("duvo::jobs::start(#{ agent_id: \"Inv");
        assert_eq!((place.wanted, place.typed.as_str()), (Wanted::Text, "Inv"));
        assert_eq!(
            place.argument.unwrap().steps,
            [Step::Key("agent_id".into())]
        );
        let place = super::place("duvo::queues::get(f(1), \"a");
        assert_eq!(place.argument.unwrap().index, 1);
        assert_eq!(super::place("import \"std/").wanted, Wanted::Module);
        let inner = super::place("duvo::jobs::finish(job, #{ on_human: |r| { if ");
        assert_eq!(inner.argument, None);
    }
}
