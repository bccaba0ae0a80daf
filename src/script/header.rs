//! What a script declares about itself, in a comment block at its top.

/// The declarations of a script.
#[derive(Clone, Debug, Default)]
pub struct Header {
    /// What the script does, in a sentence.
    pub description: String,
    /// Names of environment variables it may read.
    pub env: Vec<String>,
    /// Hosts it may send HTTP requests to.
    pub hosts: Vec<String>,
}
