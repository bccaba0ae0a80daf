//! The independent witness: every mutation that came in, in order, and what it did.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::secret::mask;
use crate::simulator::world::Effect;

/// Entries that are kept at most; older ones are dropped and counted.
const MOST: usize = 200_000;
/// Bytes of a body that are kept at most.
const MOST_BODY: usize = 64 * 1024;

/// Bytes of all entries that are kept at most, counted roughly.
const MOST_BYTES: usize = 128 * 1024 * 1024;

/// The mutations received so far.
#[derive(Debug, Default, Serialize)]
pub(super) struct Ledger {
    /// How many of the oldest are no longer here.
    dropped: u64,
    entries: VecDeque<Entry>,
    #[serde(skip)]
    bytes: usize,
}

/// One mutation.
#[derive(Debug, Serialize)]
pub(super) struct Entry {
    /// Its number, from 1.
    pub(super) number: u64,
    /// When it came, on the simulator's clock.
    pub(super) at: Timestamp,
    pub(super) request_id: String,
    pub(super) idempotency_key: Option<String>,
    /// The catalog's name, or `blob.upload`.
    pub(super) endpoint: String,
    pub(super) method: &'static str,
    pub(super) path: String,
    /// The body with secrets masked; a note in its place when it is too large.
    pub(super) body: Box<RawValue>,
    pub(super) status: u16,
    pub(super) effects: Vec<Effect>,
    /// Whether the answer was one given before, under the same idempotency key.
    pub(super) replayed: bool,
    /// The fault that was put on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fault: Option<&'static str>,
}

impl Entry {
    /// Returns about how many bytes it takes.
    fn size(&self) -> usize {
        let key = self.idempotency_key.as_ref().map_or(0, String::len);
        256 + self.body.get().len() + self.path.len() + key + 128 * self.effects.len()
    }
}

impl Ledger {
    /// Adds a mutation and gives it its number.
    pub(super) fn add(&mut self, mut entry: Entry) {
        entry.number = self.dropped + self.entries.len() as u64 + 1;
        self.bytes += entry.size();
        self.entries.push_back(entry);
        while self.entries.len() > MOST || (self.bytes > MOST_BYTES && self.entries.len() > 1) {
            let oldest = self.entries.pop_front();
            self.bytes -= oldest.map_or(0, |entry| entry.size());
            self.dropped += 1;
        }
    }

    /// Returns the entries after a number, of one endpoint or of all.
    pub(super) fn since(&self, number: u64, endpoint: Option<&str>) -> Vec<&Entry> {
        let wanted = |entry: &&Entry| {
            entry.number > number && endpoint.is_none_or(|name| entry.endpoint == name)
        };
        self.entries.iter().filter(wanted).collect()
    }

    /// Returns how many of the oldest are no longer here.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped
    }
}

/// Returns a body as the ledger keeps it.
pub(super) fn summary(mut body: Value) -> Box<RawValue> {
    mask(&mut body, &crate::catalog::is_secret);
    let text = body.to_string();
    let text = if text.len() > MOST_BODY {
        format!("\"{} bytes\"", text.len())
    } else {
        text
    };
    RawValue::from_string(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::summary;

    #[test]
    fn keeps_no_secrets() {
        let kept = summary(json!({ "domain": "a.example", "password": "hunter2" }));
        assert_eq!(kept.get(), r#"{"domain":"a.example","password":"***"}"#);
        assert_eq!(summary(json!("x".repeat(70_000))).get(), "\"70002 bytes\"");
    }
}
