//! Who may come in: whoever shows the token.

use axum::http::{HeaderMap, header};
use subtle::ConstantTimeEq;

use crate::secret::Secret;
use crate::serve::refused::{Refused, Why};

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
        same(self.token.expose(), token.trim())
    }

    /// Returns the token, to make sessions from.
    pub(in crate::serve) fn token(&self) -> &Secret<String> {
        &self.token
    }

    /// Lets in a request that shows the token in its header.
    pub(super) fn admit(&self, headers: &HeaderMap) -> Result<(), Refused> {
        let given = headers.get(header::AUTHORIZATION);
        let given = given.and_then(|value| value.to_str().ok());
        let token = given.and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(token)
        });
        let what = match token {
            Some(token) if self.admits(token) => return Ok(()),
            Some(_) => "this is not the token",
            None => "this needs the token",
        };
        Err(Refused::new(Why::Unauthorized, what).hint(
            "send `Authorization: Bearer …` with what stands in the file `token` of the state \
             directory",
        ))
    }
}

/// Compares secrets in a time that does not tell how much of them is right.
pub(super) fn same(secret: &str, given: &str) -> bool {
    secret.as_bytes().ct_eq(given.as_bytes()).into()
}
