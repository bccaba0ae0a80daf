//! Webhooks of Duvo: each is a hint to look now, and nothing else. What it says is not believed: the
//! daemon looks for itself, so that lost, doubled, late and forged ones do no harm.
//!
//! The vendor publishes neither the name of the signature's header nor its algorithm, so that both
//! its name and secret are given; HMAC-SHA256 in hexadecimal digits is taken, with `sha256=` in front
//! or without.

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use ring::hmac;
use serde_json::Value;

use super::access::same;
use super::asked::whole;
use super::pace::Pace;
use super::router::Door;
use crate::secret::Secret;
use crate::serve::refused::{Refused, Why};

/// The largest webhook that is read, in bytes.
const LARGEST: usize = 64 << 10;
/// The longest id of a Job.
const LONGEST_ID: usize = 128;

/// What webhooks must bring along.
#[derive(Clone, Debug)]
pub struct Hooks {
    /// The last part of their address.
    pub secret: Secret<String>,
    /// The header of their signature, and the secret that it is made with.
    pub signature: Option<(HeaderName, Secret<String>)>,
}

/// The hooks, and how often they may come.
#[derive(Clone, Debug)]
pub(super) struct Hooked {
    pub(super) hooks: Hooks,
    pub(super) pace: Pace,
}

/// Takes a webhook.
pub(super) async fn hook(
    State(door): State<Door>,
    Path(secret): Path<String>,
    request: Request,
) -> Result<StatusCode, Refused> {
    if !door.hooked.pace.take() {
        let what = "webhooks come too often";
        return Err(Refused::new(Why::TooOften, what).hint("none is lost: the daemon looks anyway"));
    }
    if !same(door.hooked.hooks.secret.expose(), &secret) {
        return Err(Refused::new(Why::NotFound, "there is nothing here"));
    }
    let headers = request.headers().clone();
    let body = whole(request, &()).await?;
    if body.len() > LARGEST {
        let what = format!("a webhook has {LARGEST} bytes at most");
        return Err(Refused::new(Why::TooLarge, what));
    }
    check(&door.hooked.hooks, &headers, &body)?;
    let said: Value = serde_json::from_slice(&body)
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| Refused::new(Why::Invalid, "a webhook is a JSON object"))?;
    door.desk.hasten(job(&said));
    Ok(StatusCode::ACCEPTED)
}

/// Checks the signature of the raw body, where one is wanted.
fn check(hooks: &Hooks, headers: &HeaderMap, body: &[u8]) -> Result<(), Refused> {
    let Some((name, secret)) = &hooks.signature else {
        return Ok(());
    };
    let refused = |what: String| Err(Refused::new(Why::Unauthorized, what));
    let Some(given) = headers.get(name).and_then(|value| value.to_str().ok()) else {
        return refused(format!("the webhook lacks its signature in `{name}`"));
    };
    let given = given.trim();
    let digits = given.strip_prefix("sha256=").unwrap_or(given);
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
    let is_right = unhex(digits).is_some_and(|tag| hmac::verify(&key, body, &tag).is_ok());
    if is_right {
        return Ok(());
    }
    refused("the signature of the webhook is wrong".to_owned())
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    if digits.len() != 64 || !digits.is_ascii() {
        return None;
    }
    let byte = |at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    (0..64).step_by(2).map(byte).collect()
}

/// Returns the Job that a webhook is about, where it names one.
fn job(said: &Value) -> Option<&str> {
    let places = ["/run_id", "/run/id", "/data/run_id", "/data/run/id"];
    let ids = places
        .iter()
        .filter_map(|place| said.pointer(place)?.as_str());
    let mut ids = ids.filter(|id| !id.is_empty() && id.len() <= LONGEST_ID);
    ids.next()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use serde_json::json;

    use super::*;

    fn hooks(secret: Option<&str>) -> Hooks {
        let name = HeaderName::from_static("x-signature");
        Hooks {
            secret: Secret::new("s".into()),
            signature: secret.map(|secret| (name, Secret::new(secret.to_owned()))),
        }
    }

    fn checked(hooks: &Hooks, signature: Option<&str>, body: &[u8]) -> bool {
        let mut headers = HeaderMap::new();
        if let Some(signature) = signature {
            let value = HeaderValue::from_str(signature).unwrap();
            headers.insert("x-signature", value);
        }
        check(hooks, &headers, body).is_ok()
    }

    #[test]
    fn a_signature_is_checked_where_a_secret_is_set() {
        // From RFC 4231, test case 2.
        let (key, body) = ("Jefe", b"what do ya want for nothing?");
        let right = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let hooks = hooks(Some(key));
        assert!(checked(&hooks, Some(right), body));
        assert!(checked(&hooks, Some(&format!("sha256={right}")), body));
        assert!(checked(&hooks, Some(&right.to_uppercase()), body));
        assert!(!checked(&hooks, None, body));
        assert!(!checked(&hooks, Some(right), b"another body"));
        for wrong in ["", "sha256=", "zz", &right[1..], &"é".repeat(32)] {
            assert!(!checked(&hooks, Some(wrong), body), "{wrong}");
        }
    }

    #[test]
    fn without_a_secret_none_is_wanted() {
        assert!(checked(&hooks(None), None, b"{}"));
    }

    #[test]
    fn the_job_is_found_where_it_may_stand() {
        let said = json!({ "event": "run_completed", "run_id": "j1", "status": "completed" });
        assert_eq!(job(&said), Some("j1"));
        assert_eq!(
            job(&json!({ "data": { "run": { "id": "j2" } } })),
            Some("j2")
        );
        let none = [
            json!({}),
            json!({ "run_id": 5 }),
            json!({ "run_id": "x".repeat(500) }),
        ];
        for said in none {
            assert_eq!(job(&said), None);
        }
    }
}
