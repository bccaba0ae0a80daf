//! Finds the endpoint that a method and a path mean, over a tree of the catalog's paths.
//!
//! A literal segment is preferred to a parameter, a parameter to a rest of a path.

use std::collections::HashMap;

use crate::catalog::{Endpoint, Method, endpoints};

/// The paths of the catalog, segment by segment.
#[derive(Debug, Default)]
pub(super) struct Routes(Node);

#[derive(Debug, Default)]
struct Node {
    literals: HashMap<&'static str, Node>,
    parameter: Option<Box<Node>>,
    ends: Vec<&'static Endpoint>,
    rests: Vec<&'static Endpoint>,
}

impl Routes {
    /// Returns the tree of all endpoints.
    pub(super) fn new() -> Self {
        let mut routes = Self::default();
        for entry in endpoints() {
            routes.add(entry);
        }
        routes
    }

    fn add(&mut self, entry: &'static Endpoint) {
        let mut node = &mut self.0;
        for part in entry.path.split('/').skip(1) {
            if part == "{path}" {
                node.rests.push(entry);
                return;
            }
            node = if part.starts_with('{') {
                node.parameter.get_or_insert_default()
            } else {
                node.literals.entry(part).or_default()
            };
        }
        node.ends.push(entry);
    }

    /// Returns the endpoint of a method and a raw path, with the raw parameters in path order.
    pub(super) fn find<'p>(
        &self,
        method: Method,
        path: &'p str,
    ) -> Option<(&'static Endpoint, Vec<&'p str>)> {
        let path = path.strip_prefix('/')?;
        let mut params = Vec::new();
        let entry = find(&self.0, method, path, &mut params)?;
        Some((entry, params))
    }
}

fn find<'p>(
    node: &Node,
    method: Method,
    path: &'p str,
    params: &mut Vec<&'p str>,
) -> Option<&'static Endpoint> {
    let (part, rest) = path
        .split_once('/')
        .map_or((path, None), |(part, rest)| (part, Some(rest)));
    let go_on = |next: &Node, params: &mut Vec<&'p str>| match rest {
        Some(rest) => find(next, method, rest, params),
        None => next
            .ends
            .iter()
            .find(|entry| entry.method == method)
            .copied(),
    };
    if let Some(entry) = node.literals.get(part).and_then(|next| go_on(next, params)) {
        return Some(entry);
    }
    if let Some(next) = node.parameter.as_ref().filter(|_| !part.is_empty()) {
        params.push(part);
        if let Some(entry) = go_on(next, params) {
            return Some(entry);
        }
        params.pop();
    }
    let entry = node
        .rests
        .iter()
        .find(|entry| entry.method == method && !path.is_empty())?;
    params.push(path);
    Some(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_endpoint_by_its_own_path() {
        let routes = Routes::new();
        for entry in endpoints() {
            let path = entry
                .path
                .replace("{path}", "a/b.md")
                .replace('{', "p-")
                .replace('}', "");
            let (found, params) = routes
                .find(entry.method, &path)
                .unwrap_or_else(|| panic!("{path}"));
            assert_eq!(found.name, entry.name, "{path}");
            assert_eq!(params.len(), entry.params.len(), "{path}");
        }
    }

    #[test]
    fn prefers_literals_and_goes_back_where_they_lead_nowhere() {
        let routes = Routes::new();
        let name = |method, path| routes.find(method, path).map(|(entry, _)| entry.name);
        assert_eq!(
            name(Method::Get, "/v2/skills/system"),
            Some("skills.list_system")
        );
        assert_eq!(
            name(Method::Get, "/v2/agents/suggestions/suggestions"),
            Some("suggestions.list")
        );
        assert_eq!(
            name(Method::Delete, "/v2/teams/1/files/create-upload-url"),
            Some("files.delete")
        );
        assert_eq!(name(Method::Get, "/v2/runs/"), None);
        assert_eq!(name(Method::Get, "/v3/runs/1"), None);
    }
}
