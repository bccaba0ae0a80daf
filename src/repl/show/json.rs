//! A value as JSON.

use serde_json::Value;

/// Returns a value as JSON, on several lines.
pub(in crate::repl) fn json(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
