//! Values that never show: a secret prints as `***` in Debug, Display and serde, wherever it goes.
//!
//! What comes from outside (a response, a body) is masked by field name before it is logged or
//! shown; the names come from the catalog, so this folder only knows how, not which.

mod veil;

pub use veil::Veil;

use serde::{Serialize, Serializer};
use serde_json::Value;

/// What is shown in place of a secret.
pub const MASK: &str = "***";

/// A value that never shows; only [`Secret::expose`] gives it out.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Wraps a value.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// Returns the value itself: only for handing it to where it is needed.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> std::fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(MASK)
    }
}

impl<T> std::fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(MASK)
    }
}

impl<T> Serialize for Secret<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(MASK)
    }
}

/// Masks, at any depth, the value of every field for which `is_secret` holds.
///
/// Texts, numbers, lists and maps below such a field are masked leaf by leaf, so that the shape and
/// the names of the keys stay readable; `null` and `""` stay, for they tell that nothing is set.
pub fn mask(value: &mut Value, is_secret: &dyn Fn(&str) -> bool) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                if is_secret(name) {
                    mask_leaves(field);
                } else {
                    mask(field, is_secret);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| mask(item, is_secret)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn mask_leaves(value: &mut Value) {
    match value {
        Value::Object(fields) => fields.values_mut().for_each(mask_leaves),
        Value::Array(items) => items.iter_mut().for_each(mask_leaves),
        Value::Null | Value::Bool(_) => {}
        Value::String(text) if text.is_empty() => {}
        Value::Number(_) | Value::String(_) => *value = Value::from(MASK),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn never_shows() {
        let key = Secret::new("dv_live_1".to_owned());
        let shown = format!("{key} {key:?} {}", serde_json::to_string(&key).unwrap());
        assert_eq!(shown, "*** *** \"***\"");
    }

    #[test]
    fn masks_by_field_name_at_any_depth() {
        let mut value = json!({"values": {"A": "x", "B": ["y", 1]}, "name": "n", "l": [{"password": "p", "otp": null}]});
        mask(&mut value, &|name| {
            matches!(name, "values" | "password" | "otp")
        });
        assert_eq!(
            value,
            json!({"values": {"A": "***", "B": ["***", "***"]}, "name": "n", "l": [{"password": "***", "otp": null}]})
        );
    }
}
