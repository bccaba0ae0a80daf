//! Findings as data: plain JSON, and SARIF 2.1.0 for code hosts.

use serde_json::{Value, json};

use super::finding::Finding;
use super::rules::{RULES, Rule};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Returns findings as a JSON array: `file`, `line`, `column`, `code`, `message` and `hint`, which is
/// `null` where there is none.
pub fn json(findings: &[Finding]) -> Value {
    findings
        .iter()
        .map(|finding| {
            json!({
                "file": finding.at.source,
                "line": finding.at.line,
                "column": finding.at.column,
                "code": finding.rule.code,
                "message": finding.message,
                "hint": hint(finding),
            })
        })
        .collect()
}

/// Returns findings as SARIF 2.1.0, with all rules.
pub fn sarif(findings: &[Finding]) -> Value {
    let driver = json!({
        "name": "duvoscript",
        "version": env!("CARGO_PKG_VERSION"),
        "rules": RULES.iter().map(|rule| described(rule)).collect::<Vec<_>>(),
    });
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": driver },
            "columnKind": "unicodeCodePoints",
            "results": findings.iter().map(result).collect::<Vec<_>>(),
        }],
    })
}

fn described(rule: &Rule) -> Value {
    json!({
        "id": rule.code,
        "name": rule.name,
        "shortDescription": { "text": rule.name },
        "fullDescription": { "text": rule.doc },
        "defaultConfiguration": { "level": "error" },
    })
}

fn result(finding: &Finding) -> Value {
    let place = &finding.at;
    let mut region = json!({ "startLine": place.line.max(1) });
    if place.column > 0 {
        region["startColumn"] = place.column.into();
    }
    let text = match hint(finding) {
        Some(hint) => format!("{}\n{hint}", finding.message),
        None => finding.message.clone(),
    };
    let index = RULES.iter().position(|rule| *rule == finding.rule);
    json!({
        "ruleId": finding.rule.code,
        "ruleIndex": index,
        "level": "error",
        "message": { "text": text },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri(&place.source) },
                "region": region,
            },
        }],
    })
}

fn hint(finding: &Finding) -> Option<String> {
    (!finding.hints.is_empty()).then(|| finding.hints.join("\n"))
}

/// A path is a relative reference, whose segments are encoded.
fn uri(path: &str) -> String {
    use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
    const PATH: &AsciiSet = &CONTROLS
        .add(b' ')
        .add(b'"')
        .add(b'#')
        .add(b'%')
        .add(b':')
        .add(b'<')
        .add(b'>')
        .add(b'?')
        .add(b'[')
        .add(b']')
        .add(b'`')
        .add(b'{')
        .add(b'}');
    utf8_percent_encode(path, PATH).to_string()
}
