//! A deletion that is sent again and finds nothing: what it was to do is done.
//!
//! The first one may have done it while its answer was lost; a 404 then says no more than that.

use bytes::Bytes;
use serde_json::{Map, Value};

use super::answer::Response;
use crate::catalog::{Endpoint, Kind, Method, Repeat};

/// The fields in which deletions say that they were done.
const DONE: [&str; 2] = ["success", "deleted"];

/// Returns whether a status says that what a deletion wants gone is not there.
pub fn finds_nothing(method: &str, repeat: Repeat, status: u16) -> bool {
    method == Method::Delete.as_str() && repeat == Repeat::Idempotent && status == 404
}

impl Response {
    /// Returns the answer of a deletion of which only that it was done is known: what else the
    /// endpoint tells, such as a count, is left out.
    pub fn of_deletion(endpoint: Option<&Endpoint>) -> Self {
        let mut answer = Map::new();
        if let Some(Kind::Object(object)) = endpoint.and_then(|one| Some(one.answer?.kind)) {
            let fields = object.fields.iter().map(|field| field.name);
            let done = fields.filter(|name| DONE.contains(name));
            answer.extend(done.map(|name| (name.to_owned(), Value::Bool(true))));
        }
        let has_body = endpoint.is_some_and(|endpoint| endpoint.answer.is_some());
        let body = has_body.then(|| Value::Object(answer).to_string());
        Self {
            status: if has_body { 200 } else { 204 },
            media: endpoint.map_or("", |one| one.answer_media).into(),
            request_id: None,
            date: None,
            body: Bytes::from(body.unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    #[test]
    fn each_deletion_of_the_catalog_has_an_answer() {
        let deletions = catalog::endpoints().filter(|one| one.method == Method::Delete);
        let silent: Vec<_> = deletions
            .filter(|one| one.answer.is_some())
            .filter(|one| Response::of_deletion(Some(one)).body == "{}")
            .map(|one| one.name)
            .collect();
        // It tells nothing but counts.
        assert_eq!(silent, ["landscape.delete_node"]);
    }
}
