//! Two values that should be the same, line by line.

use std::fmt::Write;

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use crate::testing::case::Diff;

/// Lines around a difference that are shown.
const AROUND: usize = 3;

/// Returns a line for each line of both values that differs, and a few around them.
pub(super) fn lines(diff: &Diff) -> String {
    let (expected, seen) = (text(&diff.expected), text(&diff.seen));
    let diff = TextDiff::from_lines(&expected, &seen);
    let mut shown = String::from("--- expected\n+++ seen\n");
    for (index, group) in diff.grouped_ops(AROUND).iter().enumerate() {
        if index > 0 {
            shown.push_str("  …\n");
        }
        for change in group
            .iter()
            .flat_map(|operation| diff.iter_changes(operation))
        {
            let sign = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            // Writing to a text cannot fail.
            _ = writeln!(shown, "{sign} {}", change.value().trim_end_matches('\n'));
        }
    }
    shown
}

/// Texts are compared as they are, everything else as JSON with sorted keys.
fn text(value: &Value) -> String {
    let mut text = match value {
        Value::String(text) => text.clone(),
        value => {
            let mut value = value.clone();
            value.sort_all_objects();
            serde_json::to_string_pretty(&value).unwrap_or_default()
        }
    };
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn shows_what_differs_and_whatever_order_the_keys_have() {
        let diff = Diff {
            seen: json!({ "b": 1, "a": [1, 2] }),
            expected: json!({ "a": [1, 3], "b": 1 }),
        };
        let expected = "--- expected\n+++ seen\n  {\n    \"a\": [\n      1,\n-     3\n+     2\n    ],\n    \"b\": 1\n  }\n";
        assert_eq!(lines(&diff), expected);
    }
}
