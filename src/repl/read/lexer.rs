//! Parts an input into words, for colours and completion; what is not finished yet is read, too.
//!
//! The parser judges; this one only looks, and takes every text.

/// What a piece of an input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::repl) enum Kind {
    /// A name, with everything before `::` a piece of its own.
    Name,
    /// A word of the language.
    Keyword,
    /// A number.
    Number,
    /// A text, its quotes included; of one in backticks, what lies between its `${…}`.
    Text,
    /// A comment.
    Comment,
    /// A sign, such as `(` or `::`.
    Sign,
    /// Nothing to be seen.
    Blank,
}

/// A piece of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::repl) struct Token<'a> {
    /// What it is.
    pub(in crate::repl) kind: Kind,
    /// Its text.
    pub(in crate::repl) text: &'a str,
    /// Where it begins, in bytes.
    pub(in crate::repl) at: usize,
    /// Whether it is a text or a comment that does not end.
    pub(in crate::repl) is_open: bool,
}

const KEYWORDS: &[&str] = &[
    "as", "break", "catch", "const", "continue", "do", "else", "export", "false", "fn", "for",
    "global", "if", "import", "in", "let", "loop", "private", "return", "switch", "this", "throw",
    "true", "try", "until", "while",
];

/// Signs of more than one letter that must not be parted.
const SIGNS: &[&str] = &["::", "#{", "?.", "?[", "=>", "..=", "..", "&&", "||", "=="];

/// Returns the pieces of an input; together they are the whole of it.
pub(in crate::repl) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut lexer = Lexer {
        text,
        at: 0,
        found: Vec::new(),
        templates: Vec::new(),
    };
    while lexer.at < text.len() {
        lexer.next();
    }
    lexer.found
}

/// Returns whether a letter can be part of a name.
pub(in crate::repl) fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    found: Vec<Token<'a>>,
    /// For each text in backticks that is being read, how many braces are open in its `${…}`.
    templates: Vec<usize>,
}

impl Lexer<'_> {
    fn next(&mut self) {
        let rest = &self.text[self.at..];
        let Some(first) = rest.chars().next() else {
            return;
        };
        match first {
            '"' => self.quoted(),
            '`' => self.template(1),
            '}' if self.templates.last() == Some(&0) => {
                self.templates.pop();
                self.push(Kind::Sign, 1, false);
                self.template(0);
            }
            _ if rest.starts_with("//") => {
                let length = rest.find('\n').unwrap_or(rest.len());
                self.push(Kind::Comment, length, false);
            }
            _ if rest.starts_with("/*") => self.comment(),
            _ if first.is_whitespace() => {
                self.push(Kind::Blank, length_of(rest, char::is_whitespace), false);
            }
            _ if first.is_ascii_digit() => {
                self.push(Kind::Number, length_of(rest, is_name), false);
            }
            _ if is_name(first) => self.name(),
            _ => self.sign(first),
        }
    }

    fn push(&mut self, kind: Kind, length: usize, is_open: bool) {
        self.found.push(Token {
            kind,
            text: &self.text[self.at..self.at + length],
            at: self.at,
            is_open,
        });
        self.at += length;
    }

    fn name(&mut self) {
        let length = length_of(&self.text[self.at..], is_name);
        let name = &self.text[self.at..self.at + length];
        let kind = if KEYWORDS.contains(&name) {
            Kind::Keyword
        } else {
            Kind::Name
        };
        self.push(kind, length, false);
    }

    fn sign(&mut self, first: char) {
        let rest = &self.text[self.at..];
        let long = SIGNS.iter().find(|sign| rest.starts_with(**sign));
        if let Some(open) = self.templates.last_mut() {
            match first {
                '{' => *open += 1,
                '}' => *open -= 1,
                _ if rest.starts_with("#{") => *open += 1,
                _ => {}
            }
        }
        self.push(
            Kind::Sign,
            long.map_or(first.len_utf8(), |sign| sign.len()),
            false,
        );
    }

    fn quoted(&mut self) {
        let rest = &self.text[self.at..];
        let mut letters = rest.char_indices().skip(1);
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' => _ = letters.next(),
                '"' => return self.push(Kind::Text, at + 1, false),
                '\n' => return self.push(Kind::Text, at, true),
                _ => {}
            }
        }
        self.push(Kind::Text, rest.len(), true);
    }

    /// Reads a text in backticks from its beginning, or from behind a `${…}`, up to the next.
    fn template(&mut self, skip: usize) {
        let rest = &self.text[self.at..];
        let end = rest
            .char_indices()
            .skip(skip)
            .find(|(at, letter)| *letter == '`' || rest[*at..].starts_with("${"));
        match end {
            None if rest.is_empty() => {}
            None => self.push(Kind::Text, rest.len(), true),
            Some((at, '`')) => self.push(Kind::Text, at + 1, false),
            Some((at, _)) => {
                self.push(Kind::Text, at, false);
                self.push(Kind::Sign, 2, false);
                self.templates.push(0);
            }
        }
    }

    fn comment(&mut self) {
        let rest = &self.text[self.at..];
        let (mut depth, mut at) = (0_usize, 0);
        while let Some(letter) = rest[at..].chars().next() {
            if rest[at..].starts_with("/*") {
                (depth, at) = (depth + 1, at + 2);
            } else if rest[at..].starts_with("*/") {
                (depth, at) = (depth - 1, at + 2);
                if depth == 0 {
                    return self.push(Kind::Comment, at, false);
                }
            } else {
                at += letter.len_utf8();
            }
        }
        self.push(Kind::Comment, rest.len(), true);
    }
}

fn length_of(text: &str, is_part: impl Fn(char) -> bool) -> usize {
    text.find(|letter| !is_part(letter)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(Kind, &str)> {
        let seen = tokens(text).into_iter();
        seen.filter(|token| token.kind != Kind::Blank)
            .map(|token| (token.kind, token.text))
            .collect()
    }

    #[test]
    fn parts_an_input() {
        use Kind::{Comment, Keyword, Name, Number, Sign, Text};
        assert_eq!(
            kinds("let x = duvo::jobs::get(\"a\\\"b\"); // x"),
            [
                (Keyword, "let"),
                (Name, "x"),
                (Sign, "="),
                (Name, "duvo"),
                (Sign, "::"),
                (Name, "jobs"),
                (Sign, "::"),
                (Name, "get"),
                (Sign, "("),
                (Text, "\"a\\\"b\""),
                (Sign, ")"),
                (Sign, ";"),
                (Comment, "// x"),
            ]
        );
        assert_eq!(
            kinds("`a ${f(#{b: 1})} c`"),
            [
                (Text, "`a "),
                (Sign, "${"),
                (Name, "f"),
                (Sign, "("),
                (Sign, "#{"),
                (Name, "b"),
                (Sign, ":"),
                (Number, "1"),
                (Sign, "}"),
                (Sign, ")"),
                (Sign, "}"),
                (Text, " c`"),
            ]
        );
    }

    #[test]
    fn every_text_comes_back_whole() {
        for text in [
            "",
            "\"",
            "`",
            "`${",
            "`${}",
            "`${}`",
            "`${{}}`",
            "}",
            "/*",
            "/* /* */",
            "é\"é",
            "`é${é}é",
            "a\n\"b\nc",
            "1.5e3..x",
            "'",
            "\\",
            "`a${`b${c}`}d`",
            "//",
            "#",
            "::",
            "日本`語${",
        ] {
            let whole: String = tokens(text).iter().map(|token| token.text).collect();
            assert_eq!(whole, text);
        }
    }
}
