//! Exceptions: `// allow(code): reason` on the line of a finding, or on the line before it.
//!
//! In the header, whose lines are TOML in comments, it stands behind a `#`.

use super::comments::comments;
use super::finding::{Finding, Findings};
use super::rules::{self, ALLOW};
use super::tree::Spot;

/// An exception that a source makes.
struct Allowance<'a> {
    code: &'a str,
    reason: &'a str,
    at: Spot,
}

/// Takes out what the source allows; an exception that is none is a finding itself.
pub(super) fn apply(text: &str, findings: Vec<Finding>, source: &str) -> Vec<Finding> {
    let allowances = allowances(text);
    if allowances.is_empty() {
        return findings;
    }
    let mut used = vec![false; allowances.len()];
    let mut left = Findings::new(source);
    for finding in findings {
        let covering = allowances.iter().position(|one| one.covers(&finding));
        match covering {
            Some(index) => used[index] = true,
            None => left.push(finding),
        }
    }
    for (allowance, used) in allowances.iter().zip(used) {
        if let Some(fault) = allowance.fault(used) {
            left.add(ALLOW, allowance.at, fault);
        }
    }
    left.sorted()
}

impl Allowance<'_> {
    fn covers(&self, finding: &Finding) -> bool {
        let line = finding.at.line;
        finding.rule.code == self.code
            && !self.reason.is_empty()
            && (line == self.at.line || line == self.at.line + 1)
    }

    fn fault(&self, is_used: bool) -> Option<String> {
        let code = self.code;
        if rules::by_code(code).is_none() {
            return Some(format!("there is no rule `{code}` to allow"));
        }
        if self.reason.is_empty() {
            return Some(format!(
                "`allow({code})` gives no reason: `// allow({code}): why`"
            ));
        }
        (!is_used).then(|| format!("`allow({code})` allows nothing here"))
    }
}

fn allowances(text: &str) -> Vec<Allowance<'_>> {
    // Most sources make none, and need not be read.
    if !text.contains("allow(") {
        return Vec::new();
    }
    let found = comments(text).into_iter().filter_map(|(at, comment)| {
        let inside = comment.trim_start_matches('/').trim_start();
        let start = match inside.strip_prefix("allow(") {
            Some(rest) => rest,
            None => comment.split_once("# allow(")?.1,
        };
        let (code, rest) = start.split_once(')')?;
        // Anything else in brackets is prose.
        let is_code = |letter: char| letter.is_ascii_lowercase() || letter == '_';
        if !code.chars().all(is_code) {
            return None;
        }
        let reason = rest.trim_start().strip_prefix(':').unwrap_or_default();
        Some(Allowance {
            code,
            reason: reason.trim(),
            at,
        })
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::rules::DEPRECATED;

    fn left(text: &str, line: usize) -> Vec<String> {
        let mut findings = Findings::new("a.rhai");
        findings.add(DEPRECATED, Spot { line, column: 1 }, "old");
        let left = apply(text, findings.sorted(), "a.rhai");
        left.into_iter()
            .map(|finding| format!("{}: {}", finding.rule.code, finding.message))
            .collect()
    }

    #[test]
    fn an_exception_covers_its_line_and_the_next() {
        let text = "// allow(deprecated): the old one is tested\nold();\nold();";
        assert!(left(text, 1).is_empty() && left(text, 2).is_empty());
        assert_eq!(
            left(text, 3),
            [
                "allow: `allow(deprecated)` allows nothing here",
                "deprecated: old"
            ]
        );
        assert!(left("old(); // allow(deprecated) : why", 1).is_empty());
        assert!(left("// old = 1 # allow(deprecated): why", 1).is_empty());
    }

    #[test]
    fn an_exception_needs_a_rule_and_a_reason() {
        assert_eq!(left("old(); // allow(deprecated)", 1).len(), 2);
        assert_eq!(
            left("old(); // allow(old): why", 1)[1],
            "allow: there is no rule `old` to allow"
        );
    }
}
