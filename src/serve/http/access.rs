//! Who may come in: whoever shows the token.

use subtle::ConstantTimeEq;

use crate::secret::Secret;

/// Guards the door; the page's sessions are made from it too.
#[derive(Clone, Debug)]
pub struct Access {
    token: Secret<String>,
}

impl Access {
    /// Returns the guard of a token.
    pub fn new(token: Secret<String>) -> Self {
        Self { token }
    }

    /// Returns whether this is the token; takes as long for a near miss as for any other.
    pub fn admits(&self, token: &str) -> bool {
        let given = token.trim().as_bytes();
        self.token.expose().as_bytes().ct_eq(given).into()
    }

    /// Returns the token, to sign with.
    pub(in crate::serve) fn token(&self) -> &Secret<String> {
        &self.token
    }
}
