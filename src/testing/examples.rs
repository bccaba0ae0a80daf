//! The examples in the docs of a script: fenced `rhai` blocks whose last line says what they give.
//!
//! A block without `// => JSON` is only shown, and is no test. An example keeps its place in the file,
//! so that what goes wrong in it is shown there.

use serde_json::Value;

use super::find::{Code, Test};
use crate::report::{Place, Problem, ProblemKind};
use crate::script::Source;

/// What the line begins with that says what an example gives.
const GIVES: &str = "// => ";

/// A block that is read, or was.
#[derive(Default)]
struct Block {
    /// Its lines in their places: number, and text with spaces in the place of the comment.
    lines: Vec<(usize, String)>,
    expected: Option<(usize, String)>,
}

/// Returns whether a text may hold an example that is a test.
pub(super) fn may_hold(text: &str) -> bool {
    text.contains("```rhai") && text.contains(GIVES)
}

/// Returns the examples of a source, in order; errs when what one is said to give is no JSON.
pub(super) fn examples(source: &Source) -> Result<Vec<Test>, Problem> {
    let mut found = Vec::new();
    let (mut waiting, mut open): (Vec<Block>, Option<Block>) = (Vec::new(), None);
    for (index, line) in source.text.lines().enumerate() {
        let Some((spaces, text)) = comment(line) else {
            open = None;
            let name = function(line).unwrap_or("docs");
            for block in waiting.drain(..) {
                found.extend(block.test(name, &found, source)?);
            }
            continue;
        };
        match (text.trim_end(), open.take()) {
            ("```rhai", None) => open = Some(Block::default()),
            ("```", Some(block)) => waiting.push(block),
            (_, Some(block)) => open = Some(block.with(index + 1, spaces, text)),
            (_, None) => {}
        }
    }
    Ok(found)
}

/// Takes a line of a doc comment apart: how wide the mark is, and what is behind it.
fn comment(line: &str) -> Option<(usize, &str)> {
    let text = line.trim_start();
    let rest = text
        .strip_prefix("///")
        .or_else(|| text.strip_prefix("//!"))?;
    let rest = rest.strip_prefix(' ').unwrap_or(rest);
    Some((line.len() - rest.len(), rest))
}

/// Returns the name of the function that a line declares.
fn function(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = line.strip_prefix("private ").unwrap_or(line);
    let (name, _) = line.strip_prefix("fn ")?.split_once('(')?;
    Some(name.trim())
}

impl Block {
    fn with(mut self, line: usize, spaces: usize, text: &str) -> Self {
        match text.strip_prefix(GIVES) {
            Some(expected) => self.expected = Some((line, expected.to_owned())),
            None => self.lines.push((line, format!("{:spaces$}{text}", ""))),
        }
        self
    }

    /// Returns the test that a block is, if it says what it gives.
    fn test(
        self,
        function: &str,
        others: &[Test],
        source: &Source,
    ) -> Result<Option<Test>, Problem> {
        let Some((line, expected)) = self.expected else {
            return Ok(None);
        };
        let expected: Value = serde_json::from_str(expected.trim()).map_err(|fault| {
            let what = format!("what the example of `{function}` gives is no JSON");
            let problem = Problem::new(ProblemKind::Source, what).cause(&fault);
            problem.at(Place {
                source: source.name.clone(),
                line,
                column: 0,
                length: 0,
            })
        })?;
        let mut text = String::new();
        for (at, code) in &self.lines {
            let reached = text.matches('\n').count() + 1;
            text += &"\n".repeat(at.saturating_sub(reached));
            text += code;
            text.push('\n');
        }
        let same = |test: &&Test| test.name.split(' ').next() == Some(function);
        let name = match others.iter().filter(same).count() {
            0 => function.to_owned(),
            earlier => format!("{function} {}", earlier + 1),
        };
        Ok(Some(Test {
            name,
            line,
            code: Code::Example { text, expected },
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Result<Vec<Test>, Problem> {
        examples(&Source {
            name: "a.rhai".into(),
            text: text.into(),
        })
    }

    #[test]
    fn an_example_stands_where_it_is_in_the_file() {
        let text = "//! Docs.\n\n/// Adds.\n///\n/// ```rhai\n/// let a = 1;\n/// a + 1\n/// // => 2\n/// ```\n/// ```rhai\n/// 3\n/// // => 3\n/// ```\nfn add(a) {}\n";
        let found = read(text).unwrap();
        let names: Vec<_> = found.iter().map(|test| (&*test.name, test.line)).collect();
        assert_eq!(names, [("add", 8), ("add 2", 12)]);
        let expected = Code::Example {
            text: "\n\n\n\n\n    let a = 1;\n    a + 1\n".into(),
            expected: json!(2),
        };
        assert_eq!(found[0].code, expected);
    }

    #[test]
    fn a_block_that_gives_nothing_is_no_test() {
        assert_eq!(read("/// ```rhai\n/// x\n/// ```\nfn a() {}").unwrap(), []);
        assert_eq!(read("/// ```rhai\n/// // => 1\nfn a() {}").unwrap(), []);
        let wrong = read("/// ```rhai\n/// // => {\n/// ```\nfn a() {}").unwrap_err();
        assert_eq!(wrong.at.unwrap().line, 2);
    }
}
