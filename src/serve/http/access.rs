//! Who may come in: whoever shows the token.

use axum::http::{HeaderMap, header};
use subtle::ConstantTimeEq;

use super::pace::Pace;
use crate::secret::Secret;
use crate::serve::refused::{Refused, Why};

/// Guards the door; the page's sessions are made from it too.
#[derive(Clone, Debug)]
pub struct Access {
    token: Secret<String>,
    /// How often somebody may be wrong.
    wrong: Pace,
}

impl Access {
    /// Returns the guard of a token.
    pub(super) fn new(token: Secret<String>, wrong: Pace) -> Self {
        Self { token, wrong }
    }

    /// Lets in whoever shows the token. Wrong ones may be tried a few times, and takes as long for a
    /// near miss as for any other.
    pub fn admit(&self, token: &str) -> Result<(), Refused> {
        if same(self.token.expose(), token.trim()) {
            return Ok(());
        }
        if self.wrong.take() {
            let refused = Refused::new(Why::Unauthorized, "this is not the token");
            return Err(refused.hint("it stands in the file `token` of the state directory"));
        }
        let what = "too many wrong tokens were shown";
        Err(Refused::new(Why::TooOften, what).hint("wait a minute"))
    }

    /// Returns the token, to make sessions from.
    pub(in crate::serve) fn token(&self) -> &Secret<String> {
        &self.token
    }

    /// Returns the guard of a token, for tests.
    #[cfg(test)]
    pub(in crate::serve) fn trial(token: &str) -> Self {
        let clock = std::sync::Arc::new(crate::clock::SystemClock::new());
        Self::new(Secret::new(token.to_owned()), Pace::new(clock, 1, 20))
    }

    /// Lets in a request that shows the token in its header.
    pub(super) fn admit_bearer(&self, headers: &HeaderMap) -> Result<(), Refused> {
        let given = headers.get(header::AUTHORIZATION);
        let given = given.and_then(|value| value.to_str().ok());
        let token = given.and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(token)
        });
        match token {
            Some(token) => self.admit(token),
            None => Err(
                Refused::new(Why::Unauthorized, "this needs the token").hint(
                    "send `Authorization: Bearer …` with what stands in the file `token` of the \
                     state directory",
                ),
            ),
        }
    }
}

/// Compares secrets in a time that does not tell how much of them is right.
pub(super) fn same(secret: &str, given: &str) -> bool {
    secret.as_bytes().ct_eq(given.as_bytes()).into()
}
