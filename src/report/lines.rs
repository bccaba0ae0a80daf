//! Places in a text, by line and column.

use std::ops::Range;

use super::Place;

/// Where the lines of a text begin; it finds many places of a long text quickly.
#[derive(Debug)]
pub struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// Looks where the lines of a text begin.
    pub fn of(text: &'a str) -> Self {
        let ends = text.match_indices('\n').map(|(end, _)| end + 1);
        Self {
            text,
            starts: std::iter::once(0).chain(ends).collect(),
        }
    }

    /// Returns the text.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Returns where a part of the text stands in a source; of several lines it is the first.
    pub fn place(&self, source: &str, at: Range<usize>) -> Place {
        let line = self.starts.partition_point(|start| *start <= at.start);
        let start = self.starts[line - 1];
        let before = self.text.get(start..at.start).unwrap_or_default();
        let part = self.text.get(at).unwrap_or_default();
        Place {
            source: source.into(),
            line,
            column: before.chars().count() + 1,
            length: part.lines().next().unwrap_or_default().chars().count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stand_in_their_first_line() {
        let lines = Lines::of("ab\nčd\n\nlast");
        let of = |at: Range<usize>| {
            let place = lines.place("x", at);
            (place.line, place.column, place.length)
        };
        assert_eq!(of(0..2), (1, 1, 2));
        assert_eq!(of(2..3), (1, 3, 0));
        assert_eq!(of(5..6), (2, 2, 1));
        assert_eq!(of(3..12), (2, 1, 2));
        assert_eq!(of(7..7), (3, 1, 0));
        assert_eq!(of(8..12), (4, 1, 4));
        assert_eq!(of(12..12), (4, 5, 0));
        assert_eq!(of(4..5), (2, 1, 0));
        assert_eq!(of(90..99), (4, 1, 0));
        assert_eq!(Lines::of("").place("x", 0..0).line, 1);
    }
}
