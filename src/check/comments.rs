//! Finds the line comments of a source: the interpreter's tree has none.
//!
//! What looks like a comment inside a text is none, so texts are followed to their ends: plain ones,
//! raw ones (`#"…"#`), and templates with code in `${…}`.

use super::tree::Spot;

/// Returns the line comments of a source, with their places.
pub(super) fn comments(text: &str) -> Vec<(Spot, &str)> {
    let mut reader = Reader::default();
    let lines = text.lines().enumerate();
    let comments = lines.filter_map(|(index, line)| {
        let start = reader.line(line)?;
        let at = Spot {
            line: index + 1,
            column: line[..start].chars().count() + 1,
        };
        Some((at, &line[start..]))
    });
    comments.collect()
}

/// What a place of the text is inside of.
#[derive(Clone, Copy)]
enum Around {
    /// A text that ends with this sign.
    Text(u8),
    /// A raw text that ends with a quote and so many `#`.
    Raw(usize),
    Comment,
    /// The code in `${…}`, with so many open braces.
    Code(usize),
}

/// Reads a source, and remembers at each line's end what is open; the outermost code is not listed.
#[derive(Default)]
struct Reader {
    around: Vec<Around>,
}

impl Reader {
    /// Reads a line; returns where its comment starts. All signs that count are single bytes.
    fn line(&mut self, line: &str) -> Option<usize> {
        let bytes = line.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            at += match self.around.last().copied() {
                None | Some(Around::Code(_)) if rest.starts_with(b"//") => return Some(at),
                None | Some(Around::Code(_)) => self.code(rest),
                Some(Around::Comment) => self.comment(rest),
                Some(Around::Text(end)) => self.text(rest, end),
                Some(Around::Raw(signs)) => self.raw(rest, signs),
            };
        }
        None
    }

    /// Reads the next bit of code; returns its length.
    fn code(&mut self, rest: &[u8]) -> usize {
        match rest[0] {
            b'/' if rest.starts_with(b"/*") => return self.open(Around::Comment, 2),
            b'"' | b'`' => return self.open(Around::Text(rest[0]), 1),
            b'\'' => return character(rest),
            b'#' => {
                let signs = rest.iter().take_while(|sign| **sign == b'#').count();
                if rest.get(signs) == Some(&b'"') {
                    return self.open(Around::Raw(signs), signs + 1);
                }
            }
            b'{' => {
                if let Some(Around::Code(open)) = self.around.last_mut() {
                    *open += 1;
                }
            }
            b'}' => match self.around.last_mut() {
                Some(Around::Code(0)) => _ = self.around.pop(),
                Some(Around::Code(open)) => *open -= 1,
                _ => {}
            },
            _ => {}
        }
        1
    }

    fn open(&mut self, what: Around, length: usize) -> usize {
        self.around.push(what);
        length
    }

    fn close(&mut self, length: usize) -> usize {
        self.around.pop();
        length
    }

    fn comment(&mut self, rest: &[u8]) -> usize {
        match rest {
            [b'*', b'/', ..] => self.close(2),
            [b'/', b'*', ..] => self.open(Around::Comment, 2),
            _ => 1,
        }
    }

    fn text(&mut self, rest: &[u8], end: u8) -> usize {
        match rest {
            [b'\\', _, ..] if end == b'"' => 2,
            [b'$', b'{', ..] if end == b'`' => self.open(Around::Code(0), 2),
            [sign, ..] if *sign == end => self.close(1),
            _ => 1,
        }
    }

    fn raw(&mut self, rest: &[u8], signs: usize) -> usize {
        let closing = rest.get(1..=signs);
        if rest[0] == b'"' && closing.is_some_and(|all| all.iter().all(|sign| *sign == b'#')) {
            return self.close(signs + 1);
        }
        1
    }
}

/// Returns the length of a character such as `'"'` or `'\n'`; a lone quote counts alone.
fn character(rest: &[u8]) -> usize {
    let from = if rest.get(1) == Some(&b'\\') { 3 } else { 2 };
    let end = rest.iter().skip(from).position(|sign| *sign == b'\'');
    // A character has up to four bytes, an escaped one up to ten.
    end.filter(|length| *length < 10)
        .map_or(1, |length| from + length + 1)
}

#[cfg(test)]
mod tests {
    use super::comments;

    #[test]
    fn only_comments_are_comments() {
        let text = r##"a(); // one
let t = "// no \" // no"; // two
let t = `x ${ if a { "}" } else { b } } // no
// no ${ c /* // no */ // three
} //no`; // four
let c = '"'; let d = '\''; // five
let r = #"// no " // no"#; // six
/* // no /* // no */
// no */ // seven
é(); // eight"##;
        let found: Vec<_> = comments(text)
            .into_iter()
            .map(|(at, comment)| (at.line, at.column, comment))
            .collect();
        assert_eq!(
            found,
            [
                (1, 6, "// one"),
                (2, 27, "// two"),
                (4, 24, "// three"),
                (5, 10, "// four"),
                (6, 28, "// five"),
                (7, 28, "// six"),
                (9, 10, "// seven"),
                (10, 6, "// eight"),
            ]
        );
        assert!(comments("").is_empty());
    }
}
