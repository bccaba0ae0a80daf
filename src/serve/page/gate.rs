//! Who may see the page: whoever has shown the token, or has come by a one-time link.
//!
//! A session is a cookie that is signed with the token: a new token ends all sessions. What a form
//! carries to prove that it is ours is signed for its session.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jiff::Timestamp;
use ring::hmac;

use crate::clock::{Clock, SystemClock};
use crate::ids::Chance;
use crate::serve::http::Access;
use crate::serve::refused::Refused;

/// How long a session lasts.
pub(super) const SESSION: Duration = Duration::from_secs(30 * 24 * 3600);
/// How long a one-time link may be used.
const LINK: Duration = Duration::from_secs(15 * 60);
/// The most letters of a name.
const NAME: usize = 60;

/// Lets people in; clones are the same gate.
#[derive(Clone)]
pub struct Gate(Arc<Shared>);

struct Shared {
    access: Access,
    /// The system's, also where runs have chance from a seed: nobody may guess what is made of it.
    chance: Chance,
    /// Real time, whatever time the runs live in: people log in here.
    clock: SystemClock,
    is_encrypted: bool,
    links: Mutex<HashMap<String, Timestamp>>,
}

/// A session that was let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Session {
    /// The value of its cookie.
    pub(super) cookie: String,
    /// The name that the person gave, if any. It proves nothing.
    pub(super) name: Option<String>,
}

impl Gate {
    /// Returns the gate of a token; `is_encrypted`: browsers come by HTTPS, and keep the cookie to it.
    pub fn new(access: Access, is_encrypted: bool) -> Self {
        Self(Arc::new(Shared {
            access,
            chance: Chance::from_system(),
            clock: SystemClock::new(),
            is_encrypted,
            links: Mutex::default(),
        }))
    }

    /// Returns the path of a link that lets whoever has it in, once, within a quarter of an hour.
    pub fn link(&self) -> String {
        let code = self.random();
        let now = self.0.clock.now();
        let mut links = self.0.links.lock().unwrap_or_else(PoisonError::into_inner);
        links.retain(|_, until| *until > now);
        links.insert(code.clone(), now.saturating_add(LINK).unwrap_or(now));
        format!("/login?once={code}")
    }

    /// Returns whether a code is that of a link that was not used yet; it is used now.
    pub(super) fn redeem(&self, code: &str) -> bool {
        let now = self.0.clock.now();
        let mut links = self.0.links.lock().unwrap_or_else(PoisonError::into_inner);
        links.remove(code).is_some_and(|until| until > now)
    }

    /// Lets in whoever shows the token.
    pub(super) fn admit(&self, token: &str) -> Result<(), Refused> {
        self.0.access.admit(token)
    }

    /// Opens a session and returns its cookie.
    pub(super) fn open(&self, name: &str) -> String {
        let until = self.0.clock.now().as_second() + SESSION.as_secs().cast_signed();
        let name: String = name
            .trim()
            .chars()
            .filter(|one| !one.is_control())
            .take(NAME)
            .collect();
        let claim = format!("{until}.{}.{}", self.random(), BASE64.encode(name));
        let seal = self.sign("session", &claim);
        format!("{claim}.{seal}")
    }

    /// Returns the session of a cookie that was given out here and has not ended.
    pub(super) fn session(&self, cookie: &str) -> Option<Session> {
        let (claim, seal) = cookie.rsplit_once('.')?;
        if !self.is_signed("session", claim, seal) {
            return None;
        }
        let mut parts = claim.split('.');
        let until: i64 = parts.next()?.parse().ok()?;
        let name = String::from_utf8(BASE64.decode(parts.nth(1)?).ok()?).ok()?;
        (until > self.0.clock.now().as_second()).then(|| Session {
            cookie: cookie.to_owned(),
            name: (!name.is_empty()).then_some(name),
        })
    }

    /// Returns what the forms of a session carry.
    pub(super) fn proof(&self, session: &Session) -> String {
        self.sign("form", &session.cookie)
    }

    /// Returns whether a form was made for a session.
    pub(super) fn is_ours(&self, session: &Session, proof: &str) -> bool {
        self.is_signed("form", &session.cookie, proof)
    }

    /// Returns whether browsers come by HTTPS.
    pub(super) fn is_encrypted(&self) -> bool {
        self.0.is_encrypted
    }

    fn random(&self) -> String {
        let bits: [u64; 3] = std::array::from_fn(|_| self.0.chance.bits());
        BASE64.encode(bits.map(u64::to_be_bytes).concat())
    }

    fn sign(&self, what: &str, text: &str) -> String {
        let tag = hmac::sign(&self.key(), format!("{what}\0{text}").as_bytes());
        BASE64.encode(tag)
    }

    fn is_signed(&self, what: &str, text: &str, seal: &str) -> bool {
        let text = format!("{what}\0{text}");
        let seal = BASE64.decode(seal).unwrap_or_default();
        hmac::verify(&self.key(), text.as_bytes(), &seal).is_ok()
    }

    fn key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, self.0.access.token().expose().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(token: &str) -> Gate {
        Gate::new(Access::trial(token), false)
    }

    #[test]
    fn a_session_is_known_again_and_no_other_is() {
        let one = gate("a token");
        let cookie = one.open(" Anna ");
        let session = one.session(&cookie).unwrap();
        assert_eq!(session.name.as_deref(), Some("Anna"));
        assert_eq!(gate("another token").session(&cookie), None);
        assert_ne!(cookie, one.open("Anna"));
        for wrong in ["", ".", "a.b.c.d", &cookie[1..], &format!("9{cookie}")] {
            assert_eq!(one.session(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_form_belongs_to_one_session() {
        let gate = gate("a token");
        let [anna, ben] = ["anna", "ben"].map(|name| gate.session(&gate.open(name)).unwrap());
        let proof = gate.proof(&anna);
        assert!(gate.is_ours(&anna, &proof));
        assert!(!gate.is_ours(&ben, &proof) && !gate.is_ours(&anna, ""));
        // A session is no proof, nor the other way round.
        assert!(!gate.is_ours(&anna, anna.cookie.rsplit('.').next().unwrap()));
    }

    #[test]
    fn a_link_lets_in_once() {
        let gate = gate("a token");
        let link = gate.link();
        let code = link.split_once("once=").unwrap().1;
        assert!(gate.redeem(code));
        assert!(!gate.redeem(code) && !gate.redeem(""));
    }
}
