//! The secrets that a run has come to know, and their removal from whatever is kept or shown.
//!
//! Masking by field name cannot help where a secret stands in running text: a log line, an error, a
//! URL. So every secret that enters a run is told to its veil.

use std::borrow::Cow;
use std::sync::{Arc, RwLock};

use serde_json::Value;

use super::MASK;

/// Anything shorter would mask common words.
const SHORTEST: usize = 6;

/// Known secrets; clones share them.
#[derive(Clone, Default)]
pub struct Veil(Arc<RwLock<Vec<String>>>);

impl std::fmt::Debug for Veil {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Veil")
    }
}

impl Veil {
    /// Makes a secret known; one of less than six bytes is not, for it would mask common words.
    pub fn add(&self, secret: &str) {
        let secret = secret.trim();
        if secret.len() < SHORTEST || self.read(|known| known.iter().any(|one| one == secret)) {
            return;
        }
        if let Ok(mut known) = self.0.write() {
            known.push(secret.to_owned());
            // The longest first: one secret may be a part of another.
            known.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        }
    }

    /// Returns a text with every known secret masked.
    pub fn hide<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.read(|known| {
            let mut hidden = Cow::Borrowed(text);
            for secret in known {
                if hidden.contains(secret.as_str()) {
                    hidden = Cow::Owned(hidden.replace(secret.as_str(), MASK));
                }
            }
            hidden
        })
    }

    /// Masks every known secret in the texts of a value, keys included.
    pub fn hide_in(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Cow::Owned(hidden) = self.hide(text) {
                    *text = hidden;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.hide_in(item)),
            Value::Object(fields) => {
                let is_told = |name: &String| matches!(self.hide(name), Cow::Owned(_));
                if fields.keys().any(is_told) {
                    let old = std::mem::take(fields);
                    let renamed = old.into_iter();
                    fields.extend(renamed.map(|(name, value)| (self.hide(&name).into(), value)));
                }
                fields.values_mut().for_each(|field| self.hide_in(field));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn read<T>(&self, look: impl FnOnce(&[String]) -> T) -> T {
        match self.0.read() {
            Ok(known) => look(&known),
            Err(poisoned) => look(&poisoned.into_inner()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Veil;

    #[test]
    fn hides_what_it_knows_wherever_it_stands() {
        let veil = Veil::default();
        veil.add("hunter22");
        veil.add("hunter22-long");
        veil.add("short");
        assert_eq!(
            veil.hide("a hunter22-long, a hunter22 and a short one"),
            "a ***, a *** and a short one"
        );
        let mut value = json!({"hunter22": ["x hunter22", 1], "ok": null});
        veil.hide_in(&mut value);
        assert_eq!(value, json!({"***": ["x ***", 1], "ok": null}));
    }
}
