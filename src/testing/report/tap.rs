//! How tests went, in the Test Anything Protocol, version 14.

use std::fmt::Write;

use super::text;
use crate::testing::Suite;

/// Returns how all tests went, as TAP.
pub fn tap(suite: &Suite) -> String {
    let mut tap = format!("TAP version 14\n1..{}\n", suite.tests.len());
    for (index, test) in suite.tests.iter().enumerate() {
        let verdict = if test.fault.is_some() { "not ok" } else { "ok" };
        let name = text::name(test).replace('#', "\\#");
        // Writing to a text cannot fail.
        _ = writeln!(tap, "{verdict} {} - {name}", index + 1);
        let told = text::fault(test, false);
        if !told.is_empty() {
            let lines: Vec<_> = told.lines().map(|line| format!("    {line}")).collect();
            _ = writeln!(tap, "  ---\n  message: |\n{}\n  ...", lines.join("\n"));
        }
    }
    if suite.counts().1 > 0 {
        _ = writeln!(tap, "# seed {}", suite.seed);
    }
    tap
}
