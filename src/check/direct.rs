//! Calls that go around the functions: by operation, by path, and to endpoints that were replaced.

use std::fmt::Write as _;

use super::judge::Place;
use super::names::did_you_mean;
use super::rules::{DEPRECATED, KNOWN_REQUEST, UNKNOWN_FUNCTION};
use super::tree::{Kind, Name, Node};
use super::walk::Walker;
use crate::catalog::{self, Endpoint, Method};
use crate::report::nearest;
use crate::script::How;

impl<'a> Walker<'a> {
    /// Tells a deprecated endpoint, and how the call maps to its successor.
    pub(super) fn check_deprecated(&mut self, endpoint: &Endpoint, place: Place<'_>) {
        if endpoint.deprecated {
            let (section, verb) = (endpoint.section, endpoint.verb);
            let message = format!("`duvo::{section}::{verb}` is deprecated");
            self.findings
                .add_with(DEPRECATED, place.at, message, mapping(endpoint));
        }
    }

    /// Judges `duvo::call("startRun", #{ … })`.
    pub(super) fn check_operation(&mut self, arguments: &'a [Node], place: Place<'_>) {
        let Some(name) = arguments.first().and_then(Node::text) else {
            return;
        };
        let found = catalog::by_operation(name).or_else(|| catalog::by_name(name));
        let Some(endpoint) = found else {
            let names = catalog::endpoints().flat_map(|entry| [entry.operation, entry.name]);
            let message = format!("{}: there is no operation `{name}`", place.function);
            let hint = did_you_mean(nearest(name, names));
            return self
                .findings
                .add_with(UNKNOWN_FUNCTION, arguments[0].at, message, hint);
        };
        self.check_deprecated(endpoint, place);
        let Some(fields) = arguments.get(1) else {
            return;
        };
        let (node, place) = self.followed(fields, place);
        let Kind::Map(entries) = &node.kind else {
            return;
        };
        for param in endpoint.given_params() {
            match entries.iter().find(|(key, _)| key.text == param.name) {
                Some((_, id)) => self.check_id(param, id, place),
                None => self.tell_missing(param.name, place.at, place),
            }
        }
        let how = if endpoint.list.is_some() {
            How::List
        } else {
            How::Call
        };
        let params: Vec<_> = endpoint.given_params().map(|param| param.name).collect();
        let rest: Vec<_> = entries.iter().collect();
        let is_field = |(key, _): &&(Name, Node)| !params.contains(&key.text.as_str());
        let fields: Vec<_> = rest.into_iter().filter(is_field).collect();
        self.check_fields(endpoint, how, (&fields, None), place);
    }

    /// Tells a request to a path that has a function.
    pub(super) fn check_request(&mut self, arguments: &[Node], place: Place<'_>) {
        let [method, path, ..] = arguments else {
            return;
        };
        let (Some(method), Some(path)) = (method.text().and_then(Method::of), path_of(path)) else {
            return;
        };
        if let Some(endpoint) = catalog::match_path(method, &path) {
            let message = format!(
                "`{} {}` has a function of its own",
                method.as_str(),
                endpoint.path
            );
            let hint = format!("call `{}`", catalog::signature(endpoint));
            self.findings
                .add_with(KNOWN_REQUEST, place.at, message, Some(hint));
        }
    }
}

/// Returns a path with something in the place of what is not known.
fn path_of(node: &Node) -> Option<String> {
    match &node.kind {
        Kind::Text(text) => Some(text.to_string()),
        Kind::Template(parts) => {
            let parts = parts.iter().map(|part| part.text().unwrap_or("0"));
            Some(parts.collect())
        }
        _ => None,
    }
}

/// Says how the call of an endpoint maps to its successor.
fn mapping(endpoint: &Endpoint) -> Option<String> {
    let next = endpoint.successor.as_ref()?;
    let newer = catalog::by_name(next.name)?;
    let mut text = format!("call `{}`", catalog::signature(newer));
    for (name, value) in next.set {
        _ = write!(text, " with `{name}` = `{value}`");
    }
    for (old, new) in next.rename {
        _ = write!(text, "; `{old}` is `{new}` there");
    }
    for old in next.drop {
        _ = write!(text, "; `{old}` has no place there");
    }
    for (new, old) in next.answer {
        _ = write!(text, "; `{old}` of the answer is `{new}` there");
    }
    Some(text)
}
