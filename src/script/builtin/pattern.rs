//! `text` with regular expressions.
//!
//! The syntax is that of the crate regex-lite: no look-around and no back-references, so that no
//! pattern takes for ever.

use regex_lite::{Captures, Regex};
use rhai::{Array, Dynamic, Map};

use super::Builtin;
use super::arguments::{MAX_TEXT, text};
use crate::script::door::{Door, Raise};

/// The builtins of this topic.
pub(super) const ALL: &[Builtin] = &[
    Builtin {
        name: "text::matches",
        params: &["text: String", "pattern: String"],
        returns: "bool",
        doc: "Returns whether a regular expression matches anywhere in a text; `^` and `$` hold it \
              to start and end, `(?i)` ignores case. Fails when the pattern is no regular \
              expression.",
        examples: &[("text::matches(\"INV-2024-118\", \"^INV-[0-9]{4}\")", "true")],
        run: matches,
    },
    Builtin {
        name: "text::capture",
        params: &["text: String", "pattern: String"],
        returns: "Map, Array or ()",
        doc: "Returns what the groups of a regular expression matched first: a map when groups have \
              names, else a list with the whole match before the groups; `()` when nothing \
              matches. A group that took no part is `()`. Fails when the pattern is no regular \
              expression.",
        examples: &[
            (
                "text::capture(\"order 118 of 2024\", `order (?<id>\\d+) of (?<year>\\d+)`)",
                "{\"id\":\"118\",\"year\":\"2024\"}",
            ),
            (
                "text::capture(\"a1b2\", `([a-z])(\\d)`)",
                "[\"a1\",\"a\",\"1\"]",
            ),
        ],
        run: capture,
    },
    Builtin {
        name: "text::find_all",
        params: &["text: String", "pattern: String"],
        returns: "Array",
        doc: "Returns all parts of a text that a regular expression matches. \
              Fails when the pattern is no regular expression.",
        examples: &[(
            "text::find_all(\"PO-17, PO-4\", `PO-\\d+`)",
            "[\"PO-17\",\"PO-4\"]",
        )],
        run: find_all,
    },
    Builtin {
        name: "text::replace_all",
        params: &["text: String", "pattern: String", "replacement: String"],
        returns: "String",
        doc: "Replaces all parts of a text that a regular expression matches. In the replacement \
              `$1` or `${name}` stands for a group, `$$` for a dollar sign. \
              Fails when the pattern is no regular expression.",
        examples: &[(
            "text::replace_all(\"2026-05-04\", `(\\d+)-(\\d+)-(\\d+)`, \"$3.$2.$1\")",
            "\"04.05.2026\"",
        )],
        run: replace_all,
    },
];

fn matches(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let text = text(door, args, 0, "text")?;
    Ok(pattern(door, args)?.is_match(&text).into())
}

fn capture(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let text = text(door, args, 0, "text")?;
    let pattern = pattern(door, args)?;
    let Some(captures) = pattern.captures(&text) else {
        return Ok(Dynamic::UNIT);
    };
    let group = |name: &str| {
        captures
            .name(name)
            .map_or(Dynamic::UNIT, |m| m.as_str().into())
    };
    let by_name = pattern.capture_names().flatten();
    let by_name: Map = by_name.map(|name| (name.into(), group(name))).collect();
    if !by_name.is_empty() {
        return Ok(by_name.into());
    }
    let groups = captures.iter();
    let groups: Array = groups
        .map(|group| group.map_or(Dynamic::UNIT, |m| m.as_str().into()))
        .collect();
    Ok(groups.into())
}

fn find_all(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let text = text(door, args, 0, "text")?;
    let found = pattern(door, args)?;
    let found: Array = found.find_iter(&text).map(|m| m.as_str().into()).collect();
    Ok(found.into())
}

fn replace_all(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let given = text(door, args, 0, "text")?;
    let pattern = pattern(door, args)?;
    let replacement = text(door, args, 2, "replacement")?;
    let mut replaced = String::new();
    let mut end = 0;
    for captures in pattern.captures_iter(&given) {
        let Some(whole) = captures.get(0) else {
            continue;
        };
        replaced.push_str(&given[end..whole.start()]);
        if replaced.len() + longest(&captures, &replacement) > MAX_TEXT {
            return Err(door.invalid(format!("the text may become longer than {MAX_TEXT} bytes")));
        }
        captures.expand(&replacement, &mut replaced);
        end = whole.end();
    }
    replaced.push_str(&given[end..]);
    Ok(replaced.into())
}

/// Returns how many bytes a replacement could take at most.
fn longest(captures: &Captures<'_>, replacement: &str) -> usize {
    let groups = replacement.matches('$').count();
    let whole = captures.get(0).map_or(0, |whole| whole.len());
    replacement.len() + groups.saturating_mul(whole)
}

fn pattern(door: &Door<'_>, args: &[&mut Dynamic]) -> Result<Regex, Raise> {
    let pattern = text(door, args, 1, "pattern")?;
    Regex::new(&pattern).map_err(|fault| {
        door.invalid(format!(
            "`pattern` `{pattern}` is no regular expression: {fault}"
        ))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::tests::run;

    #[test]
    fn groups_that_took_no_part_are_nothing() {
        assert_eq!(
            run("text::capture(\"b\", \"(a)?(b)\")"),
            Ok(json!(["b", null, "b"]))
        );
        assert_eq!(
            run("text::capture(\"b\", \"(?<x>a)?b\")"),
            Ok(json!({ "x": null }))
        );
        assert_eq!(run("text::capture(\"b\", \"c\")"), Ok(json!(null)));
        assert_eq!(
            run("text::replace_all(\"aXbX\", \"x\", \"-\")"),
            Ok("aXbX".into())
        );
        assert_eq!(
            run("text::replace_all(\"aé\", \"\", \"-\")"),
            Ok("-a-é-".into())
        );
        assert_eq!(
            run("text::replace_all(\"5\", `\\d`, \"$$$0\")"),
            Ok("$5".into())
        );
    }

    #[test]
    fn bad_patterns_and_explosions_are_refused() {
        let fault = run("text::matches(\"\", \"(\")").unwrap_err();
        assert!(
            fault.starts_with("text::matches: `pattern` `(` is no regular expression: "),
            "{fault}"
        );
        let code = "let s = \"x\"; s.pad(1_000_000, 'x'); let r = \"$0\"; \
                    for i in 0..8 { r += r } text::replace_all(s, \"x+\", r)";
        assert!(run(code).unwrap_err().contains("may become longer"));
    }

    proptest! {
        #[test]
        fn no_pattern_panics(text in "\\PC{0,12}", pattern in "[(){}|*+?.^$a-c0-9\\[\\]\\\\-]{0,10}", with in "[$a-z0-9{}]{0,6}") {
            let text = serde_json::to_string(&text).unwrap();
            let pattern = serde_json::to_string(&pattern).unwrap();
            for function in ["matches", "capture", "find_all"] {
                let _ = run(&format!("text::{function}({text}, {pattern})"));
            }
            let _ = run(&format!("text::replace_all({text}, {pattern}, \"{with}\")"));
        }
    }
}
