//! The colours of an input, and the bracket that belongs to the one at the cursor.
//!
//! A bracket in a text or in a comment is a letter like any other.

use super::read::lexer::{Kind, Token, tokens};

/// What ends all colours.
const PLAIN: &str = "\u{1b}[0m";
/// A bracket whose partner stands at the cursor.
const PARTNER: &str = "\u{1b}[1;34m";

/// Returns an input with its colours; the cursor stands at `cursor`, if brackets matter.
pub(super) fn coloured(line: &str, cursor: Option<usize>) -> String {
    let pieces = tokens(line);
    let partner = cursor.and_then(|cursor| partner(&pieces, cursor));
    let piece = |(at, token): (usize, &Token<'_>)| {
        let colour = match partner {
            Some(partner) if partner == at => PARTNER,
            _ => of(token.kind),
        };
        match colour {
            "" => token.text.to_owned(),
            colour => format!("{colour}{}{PLAIN}", token.text),
        }
    };
    pieces.iter().enumerate().map(piece).collect()
}

fn of(kind: Kind) -> &'static str {
    match kind {
        Kind::Keyword => "\u{1b}[35m",
        Kind::Text => "\u{1b}[32m",
        Kind::Number => "\u{1b}[36m",
        Kind::Comment => "\u{1b}[90m",
        Kind::Name | Kind::Sign | Kind::Blank => "",
    }
}

/// Returns which piece belongs to the bracket before the cursor, or else to the one behind it.
fn partner(pieces: &[Token<'_>], cursor: usize) -> Option<usize> {
    let pairs = pairs(pieces);
    let ends = |at: usize| pieces[at].at + pieces[at].text.len() == cursor;
    let begins = |at: usize| pieces[at].at == cursor;
    let of = |is_there: &dyn Fn(usize) -> bool| {
        pairs.iter().find_map(|&(open, close)| match () {
            () if is_there(open) => Some(close),
            () if is_there(close) => Some(open),
            () => None,
        })
    };
    of(&ends).or_else(|| of(&begins))
}

/// Returns which brackets belong together.
fn pairs(pieces: &[Token<'_>]) -> Vec<(usize, usize)> {
    let (mut open, mut pairs) = (Vec::new(), Vec::new());
    for (at, piece) in pieces.iter().enumerate() {
        match piece.text {
            _ if piece.kind != Kind::Sign => {}
            "(" | "[" | "?[" | "{" | "#{" | "${" => open.push(at),
            ")" | "]" | "}" => pairs.extend(open.pop().map(|open| (open, at))),
            _ => {}
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partner_in(line: &str, cursor: usize) -> Option<usize> {
        let pieces = tokens(line);
        partner(&pieces, cursor).map(|piece| pieces[piece].at)
    }

    #[test]
    fn brackets_belong_together_outside_texts() {
        let line = r#"f(#{ a: [")"] })"#;
        assert_eq!(partner_in(line, line.len()), Some(1));
        assert_eq!(partner_in(line, 1), Some(line.len() - 1));
        assert_eq!(partner_in(line, 4), Some(line.len() - 2));
        assert_eq!(partner_in(line, 12), Some(8));
        for (line, cursor) in [("(", 1), (")", 1), ("\"()\"", 2), ("", 0), ("// ()", 5)] {
            assert_eq!(partner_in(line, cursor), None, "{line}");
        }
        assert_eq!(partner_in("`${a}`", 5), Some(1));
    }

    #[test]
    fn colours_and_the_bracket_stand_side_by_side() {
        assert_eq!(
            coloured("let f(1)", Some(8)),
            "\u{1b}[35mlet\u{1b}[0m f\u{1b}[1;34m(\u{1b}[0m\u{1b}[36m1\u{1b}[0m)"
        );
        assert_eq!(coloured("f()", None), "f()");
    }
}
