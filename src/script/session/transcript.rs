//! All inputs of a session as one text, in which each has lines of its own.
//!
//! So a position alone tells the input, even where a function of an early one is called by a late one.

use crate::report::{Place, Problem, Sources};
use crate::script::host::Source;

/// The interpreter counts lines in 16 bits.
const MOST_LINES: usize = 60_000;

/// The inputs so far.
#[derive(Debug, Default)]
pub(super) struct Transcript {
    text: String,
    lines: usize,
    inputs: Vec<Input>,
}

#[derive(Debug)]
struct Input {
    source: Source,
    /// How many lines stand before it.
    before: usize,
}

impl Transcript {
    /// Adds an input, and returns its text behind as many empty lines as stand before it.
    pub(super) fn add(&mut self, source: &Source) -> String {
        let lines = source.text.lines().count() + 1;
        if self.lines + lines > MOST_LINES {
            *self = Self::default();
        }
        let before = self.lines;
        self.lines += lines;
        self.text.push_str(&source.text);
        // A line end for the last line, and those that `lines` does not count.
        while self.text.matches('\n').count() < self.lines {
            self.text.push('\n');
        }
        self.inputs.push(Input {
            source: source.clone(),
            before,
        });
        "\n".repeat(before) + source.text.as_str()
    }

    /// Returns all inputs as one text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Moves the places of a problem from lines of the transcript to lines of its inputs; `is_input`
    /// tells which sources are inputs.
    pub(super) fn locate(&self, problem: &mut Problem, is_input: impl Fn(&str) -> bool) {
        let places = problem.stack.iter_mut().map(|frame| &mut frame.at);
        for place in places.chain(&mut problem.at) {
            if is_input(&place.source) {
                self.move_place(place);
            }
        }
    }

    fn move_place(&self, place: &mut Place) {
        let before = |input: &&Input| input.before < place.line;
        if let Some(input) = self.inputs.iter().rev().find(before) {
            place.source.clone_from(&input.source.name);
            place.line -= input.before;
        }
    }

    /// Adds the texts of the inputs to those that problems point into.
    pub(super) fn tell(&self, texts: &mut Sources) {
        for Input { source, .. } in &self.inputs {
            texts.insert(source.name.as_str(), source.text.as_str());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::ProblemKind;

    fn source(name: &str, text: &str) -> Source {
        Source {
            name: name.into(),
            text: text.into(),
        }
    }

    fn located(transcript: &Transcript, line: usize) -> (String, usize) {
        let mut problem = Problem::new(ProblemKind::Script, "x").at(Place {
            source: "session".into(),
            line,
            column: 1,
            length: 0,
        });
        transcript.locate(&mut problem, |name| name == "session");
        let at = problem.at.unwrap();
        (at.source, at.line)
    }

    #[test]
    fn a_line_tells_its_input() {
        let mut transcript = Transcript::default();
        for (name, text, padding) in [("1", "a\nb", 0), ("2", "", 3), ("3", "c\n", 4)] {
            let padded = transcript.add(&source(name, text));
            assert_eq!(padded, "\n".repeat(padding) + text);
        }
        assert_eq!(located(&transcript, 2), ("1".into(), 2));
        assert_eq!(located(&transcript, 5), ("3".into(), 1));
        assert_eq!(transcript.text().lines().nth(4), Some("c"));
        assert_eq!(transcript.text().lines().nth(1), Some("b"));
    }

    #[test]
    fn begins_again_before_lines_run_out() {
        let mut transcript = Transcript::default();
        transcript.add(&source("1", &"\n".repeat(59_000)));
        let padded = transcript.add(&source("2", &"\n".repeat(2_000)));
        assert_eq!(padded.len(), 2_000);
        assert_eq!(located(&transcript, 7), ("2".into(), 7));
    }
}
