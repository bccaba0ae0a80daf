//! A deletion that was cut off and is sent again: finding nothing is its success.

use crate::api::{self, Response};
use crate::catalog::{self, Repeat};
use crate::report::Failure;
use crate::run::transfer;
use crate::script::{Answer, Effect};

/// Returns the answer of an effect that was sent before, when its refusal says that it was done then.
pub(in crate::run) fn done_before(effect: &Effect, failure: &Failure) -> Option<Answer> {
    let status = failure.status?;
    match effect {
        Effect::Call(call) => {
            let endpoint = call.endpoint;
            let is_done = api::finds_nothing(endpoint.method.as_str(), endpoint.repeat, status);
            let answer = || transfer::answer_of(endpoint, Response::of_deletion(Some(endpoint)));
            is_done.then(answer)
        }
        Effect::Request(request) => {
            let path = super::remedy::path_of(&request.path);
            let endpoint = catalog::match_path(request.method, &path);
            let repeat = endpoint.map_or(Repeat::Idempotent, |endpoint| endpoint.repeat);
            let is_done = api::finds_nothing(request.method.as_str(), repeat, status);
            is_done.then(|| transfer::json_of(Response::of_deletion(endpoint)))
        }
        _ => None,
    }
}
