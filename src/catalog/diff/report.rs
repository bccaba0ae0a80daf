//! One difference between the catalog and a document, as people and programs read it.

use serde::Serialize;

/// What a document does to something that the catalog knows, or does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The catalog has no such thing.
    Added,
    /// The document has no such thing.
    Removed,
    /// Both have it, and say different things of it.
    Changed,
}

/// One difference between the catalog and an OpenAPI document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// The endpoint's name, or its method and path where the catalog does not know it.
    pub endpoint: String,
    /// What the document does to it.
    pub kind: Change,
    /// Where in the endpoint, such as `body.labels[].key`; empty for the endpoint as a whole.
    pub place: String,
    /// What is different, in words.
    pub what: String,
    /// Whether a call that was right may fail, or an answer may surprise.
    pub breaking: bool,
}

impl std::fmt::Display for Drift {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = match self.kind {
            Change::Added => '+',
            Change::Removed => '-',
            Change::Changed => '~',
        };
        write!(f, "{sign} {}: ", self.endpoint)?;
        if !self.place.is_empty() {
            write!(f, "`{}` ", self.place)?;
        }
        f.write_str(&self.what)?;
        f.write_str(if self.breaking { " (breaking)" } else { "" })
    }
}
