//! A source that a run is made of: its text is kept once, however many runs share it.

use serde::{Deserialize, Serialize};

/// A source of a run: the script, an imported module, a module of the standard library.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredSource {
    /// The name that places and imports use.
    pub name: String,
    /// The whole text.
    pub text: String,
}
