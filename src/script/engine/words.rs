//! Words that the language reserves, but that can only be names where they stand.
//!
//! The API has fields such as `case`, we have options such as `until`, and there is `duvo::call`.
//! A key of a map, a property and a name behind `::` are names, whatever the word.

use std::cell::Cell;

use rhai::{Engine, Position, Token};

/// Reserved words that are fields of the API or options of ours.
const FIELDS: [&str; 5] = ["case", "default", "match", "shared", "until"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Colons,
    Dot,
    /// `#{` or a comma: a key of a map may follow.
    Key,
    /// A word that was freed.
    Freed,
    Other,
}

/// Has the engine read such words as names.
#[expect(
    deprecated,
    reason = "marked so only because it may change; the version of Rhai is pinned"
)]
pub(in crate::script) fn free(engine: &mut Engine) {
    engine.on_parse_token(|token, _, _| freed(token));
}

/// Does the same in a session, whose inputs may use `_` as a variable; `text` is what the engine will
/// compile.
#[expect(
    deprecated,
    reason = "marked so only because it may change; the version of Rhai is pinned"
)]
pub(in crate::script) fn free_in_session(engine: &mut Engine, text: &str) {
    let lines: Vec<String> = text.lines().map(String::from).collect();
    engine.on_parse_token(move |token, position, _| match freed(token) {
        Token::Underscore if !is_case(&lines, position) => {
            Token::Identifier(Box::new(Token::Underscore.literal_syntax().into()))
        }
        token => token,
    });
}

/// Returns whether a `_` is the last case of a `switch`.
fn is_case(lines: &[String], position: Position) -> bool {
    let (Some(line), Some(column)) = (position.line(), position.position()) else {
        return false;
    };
    let first = lines.get(line - 1).into_iter();
    let first = first.flat_map(|line| line.chars().skip(column));
    let later = lines.iter().skip(line).flat_map(|line| line.chars());
    let mut letters = first
        .chain(later)
        .skip_while(|letter| letter.is_whitespace());
    letters.next() == Some('=') && letters.next() == Some('>')
}

fn freed(token: Token) -> Token {
    thread_local! {
        static BEFORE: Cell<Before> = const { Cell::new(Before::Other) };
    }
    let before = BEFORE.replace(match token {
        Token::DoubleColon => Before::Colons,
        Token::Period | Token::Elvis => Before::Dot,
        Token::MapStart | Token::Comma => Before::Key,
        _ => Before::Other,
    });
    let word = name(&token).filter(|word| match before {
        Before::Colons => true,
        Before::Dot | Before::Key => FIELDS.contains(word),
        Before::Freed | Before::Other => false,
    });
    if let Some(word) = word {
        BEFORE.set(Before::Freed);
        return Token::Identifier(Box::new(word.into()));
    }
    match (before, token) {
        // Behind a keyword, the tokenizer takes a sign for that of a number.
        (Before::Freed, Token::UnaryMinus) => Token::Minus,
        (Before::Freed, Token::UnaryPlus) => Token::Plus,
        (_, token) => token,
    }
}

/// Returns the word of a token that is one, but is no name to the language.
fn name(token: &Token) -> Option<&str> {
    let word = match token {
        Token::Reserved(word) => word.as_str(),
        word if word.is_standard_keyword() => word.literal_syntax(),
        _ => return None,
    };
    word.starts_with(char::is_alphabetic).then_some(word)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::catalog::{Field, Kind, Shape, endpoints};
    use crate::script::engine::build::compiler;

    fn names(shape: &Shape, all: &mut BTreeSet<&'static str>, depth: usize) {
        match &shape.kind {
            Kind::Object(object) if depth < 12 => fields(object.fields, all, depth + 1),
            Kind::List(item, _) | Kind::Map(item, _) => names(item, all, depth + 1),
            Kind::Union(shapes) => shapes.iter().for_each(|shape| names(shape, all, depth + 1)),
            _ => {}
        }
    }

    fn fields(fields: &'static [Field], all: &mut BTreeSet<&'static str>, depth: usize) {
        for field in fields {
            all.insert(field.name);
            names(&field.shape, all, depth);
        }
    }

    #[test]
    fn every_field_can_be_a_key_and_a_property() {
        let mut all = BTreeSet::from(["until"]);
        for entry in endpoints() {
            fields(entry.query, &mut all, 0);
            fields(
                entry.body.as_ref().map_or(&[], |body| body.fields),
                &mut all,
                0,
            );
            entry
                .answer
                .iter()
                .for_each(|shape| names(shape, &mut all, 0));
        }
        let engine = compiler();
        let mut refused = Vec::new();
        for name in all.iter().filter(|name| !name.contains('-')) {
            let text = format!(
                "let m = #{{ {name}: 1, b: 2, {name}2: 2 }}; #{{ a: 1, {name}: 1 }}?.{name} + m.{name}"
            );
            if engine.compile(&text).is_err() {
                refused.push(name);
            }
        }
        assert!(refused.is_empty(), "{refused:?} must be among the fields");
    }

    #[test]
    fn the_language_stays_as_it_is() {
        let engine = compiler();
        for text in [
            "let i = 0; do { i += 1 } until i > 3",
            "f(a, if x { 1 } else { 2 })",
            "[1, switch 2 { _ => 3 }]",
        ] {
            assert!(engine.compile(text).is_ok(), "{text}");
        }
        for text in [
            "let x = null;",
            "f(1, null)",
            "var x = 1;",
            "eval(1)",
            "let until = 1;",
        ] {
            assert!(engine.compile(text).is_err(), "{text}");
        }
    }
}
