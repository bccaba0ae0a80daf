//! How tests went, for people: a line a test, what failed with its place, and a closing line.

use std::fmt::Write;
use std::time::Duration;

use super::diff;
use crate::report::render;
use crate::script;
use crate::testing::{Coverage, Suite, Tested};

/// Returns the line of a test.
pub fn line(test: &Tested) -> String {
    let verdict = if test.fault.is_some() { "FAIL" } else { "ok" };
    let killed = match test.deaths.all {
        0 => String::new(),
        1 => ", killed once".into(),
        times => format!(", killed {times} times"),
    };
    let left = match test.deaths.left {
        0 => String::new(),
        left => format!(", {left} left to a person"),
    };
    let took = took(test.took);
    format!("{verdict:4} {} ({took}{killed}{left})", name(test))
}

/// Returns the name of a test: `scripts/a_test.rhai::test_b`.
pub(super) fn name(test: &Tested) -> String {
    match test.name.as_str() {
        "" => test.file.clone(),
        name => format!("{}::{name}", test.file),
    }
}

fn took(time: Duration) -> String {
    match time.as_millis() {
        short @ 0..1000 => format!("{short} ms"),
        _ => format!("{:.1} s", time.as_secs_f64()),
    }
}

/// Returns all about why a test failed; nothing when it did not.
pub fn fault(test: &Tested, is_styled: bool) -> String {
    let Some(fault) = &test.fault else {
        return String::new();
    };
    let mut text = render(&fault.problem, &script::texts(&fault.sources), is_styled);
    text.push('\n');
    if let Some(diff) = &fault.diff {
        text += &diff::lines(diff);
    }
    // Writing to a text cannot fail.
    if let Some(shown) = &fault.script {
        _ = writeln!(text, "a script failed in this test:\n{}", indented(shown));
    }
    if !test.printed.is_empty() {
        _ = writeln!(text, "printed:\n  {}", test.printed.join("\n  "));
    }
    text
}

fn indented(text: &str) -> String {
    let lines = text.trim_end().lines().map(|line| format!("  {line}"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns the closing line; the seed stands before it when something failed.
pub fn closing(suite: &Suite) -> String {
    let (passed, failed) = suite.counts();
    let closing = format!("{passed} passed, {failed} failed");
    let closing = match suite.skipped {
        0 => closing,
        skipped => format!("{skipped} not run after the first failure\n{closing}"),
    };
    match failed {
        0 => closing,
        _ => format!(
            "seed {}: --seed {} repeats this\n{closing}",
            suite.seed, suite.seed
        ),
    }
}

/// Returns a table of the lines that were reached, by source.
pub fn reached(coverage: &Coverage) -> String {
    let mut text = String::new();
    for (name, lines) in coverage.files() {
        let hit = lines.values().filter(|count| **count > 0).count();
        let share = if lines.is_empty() {
            100
        } else {
            hit * 100 / lines.len()
        };
        let missed = lines.iter().filter(|(_, count)| **count == 0);
        let missed: Vec<_> = missed.map(|(line, _)| *line).collect();
        _ = write!(text, "{share:3}% {hit:4} of {:4}  {name}", lines.len());
        if !missed.is_empty() {
            _ = write!(text, "  not reached: {}", ranges(&missed));
        }
        text.push('\n');
    }
    text
}

/// Returns numbers in order as ranges: `3-5, 9`.
fn ranges(numbers: &[usize]) -> String {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for &number in numbers {
        match ranges.last_mut().filter(|(_, end)| *end + 1 == number) {
            Some((_, end)) => *end = number,
            None => ranges.push((number, number)),
        }
    }
    let shown = ranges.iter().map(|(start, end)| match start == end {
        true => start.to_string(),
        false => format!("{start}-{end}"),
    });
    shown.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::ranges;

    #[test]
    fn lines_are_joined() {
        assert_eq!(ranges(&[1, 3, 4, 5, 9]), "1, 3-5, 9");
        assert_eq!(ranges(&[]), "");
    }
}
