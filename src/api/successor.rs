//! Old calls that a newer endpoint has taken over: where the server no longer knows the old path, the
//! call goes on to the successor, and its answer comes back in the old words.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use bytes::Bytes;
use http::StatusCode;
use serde_json::value::RawValue;

use super::client::Shared;
use super::exchange::Raw;
use super::{Response, Upload, address};
use crate::catalog::{self, Call, Endpoint, Successor};
use crate::report::Failure;

impl Shared {
    /// Makes a call whose endpoint has a successor.
    pub(super) async fn call_succeeded(
        &self,
        call: &Call,
        successor: &Successor,
        upload: Option<&Upload>,
        key: &str,
    ) -> Result<Response, Failure> {
        let next = next(call);
        if let (Ok(next), true) = (&next, self.is_gone(call.endpoint)) {
            return self.call_next(next, successor, upload, key).await;
        }
        let (request, raw) = self.send_call(call, upload, key).await?;
        if self.leads_to(successor, call.endpoint, &raw) {
            self.mark_gone(call.endpoint);
            let endpoint = catalog::by_name(successor.name).unwrap_or(call.endpoint);
            let response = self.judge(endpoint, &request, raw)?;
            return in_old_words(response, successor);
        }
        let is_gone = match raw.status {
            StatusCode::METHOD_NOT_ALLOWED | StatusCode::GONE => true,
            StatusCode::NOT_FOUND => false,
            _ => return self.judge(call.endpoint, &request, raw),
        };
        let next = match next {
            Ok(next) => next,
            Err(fault) => {
                let hint = format!(
                    "`{}` replaced it, but cannot take this call: {fault}",
                    successor.name
                );
                return self
                    .judge(call.endpoint, &request, raw)
                    .map_err(|failure| failure.hint(hint));
            }
        };
        let outcome = self.call_next(&next, successor, upload, key).await;
        // A 404 may be about the thing and not the path; only a success tells them apart.
        if is_gone || outcome.is_ok() {
            self.mark_gone(call.endpoint);
        }
        outcome
    }

    async fn call_next(
        &self,
        next: &Call,
        successor: &Successor,
        upload: Option<&Upload>,
        key: &str,
    ) -> Result<Response, Failure> {
        let (request, raw) = self.send_call(next, upload, key).await?;
        in_old_words(self.judge(next.endpoint, &request, raw)?, successor)
    }

    /// Returns whether redirects have led to the successor's path.
    fn leads_to(&self, successor: &Successor, old: &Endpoint, raw: &Raw) -> bool {
        let path = address::without_prefix(&self.base, &raw.path);
        let found = catalog::match_path(old.method, path);
        found.is_some_and(|endpoint| endpoint.name == successor.name)
    }

    fn is_gone(&self, endpoint: &Endpoint) -> bool {
        let gone = self.gone.lock().unwrap_or_else(PoisonError::into_inner);
        gone.contains(endpoint.name)
    }

    fn mark_gone(&self, endpoint: &Endpoint) {
        let mut gone = self.gone.lock().unwrap_or_else(PoisonError::into_inner);
        gone.insert(endpoint.name);
    }
}

/// Returns the call in the successor's words, judged like any other call before it is sent.
fn next(call: &Call) -> Result<Call, String> {
    let mut next = call.succeeded().ok_or("it has no successor")?;
    catalog::check_call(next.endpoint, &next.path, &mut next.fields)
        .map_err(|fault| fault.to_string())?;
    Ok(next)
}

/// Renames the fields of a successor's answer; a field that already has the old name stays.
fn in_old_words(mut response: Response, successor: &Successor) -> Result<Response, Failure> {
    if successor.answer.is_empty() || response.body.is_empty() {
        return Ok(response);
    }
    let malformed = |error| super::answer::distrust(&response, &format!("is no object ({error})"));
    // The values stay text, so that no number loses a digit.
    let mut fields: BTreeMap<String, &RawValue> =
        serde_json::from_slice(&response.body).map_err(malformed)?;
    for (new, old) in successor.answer {
        if !fields.contains_key(*old)
            && let Some(value) = fields.remove(*new)
        {
            fields.insert((*old).to_owned(), value);
        }
    }
    let body = serde_json::to_vec(&fields).map_err(malformed)?;
    response.body = Bytes::from(body);
    Ok(response)
}
