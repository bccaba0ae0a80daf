//! The compiled tables and the ways to find an entry in them.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::model::{Endpoint, LifeCycle, Method, Section};

mod compiled {
    use crate::catalog::model::{
        Endpoint, Field, Format, Kind, LifeCycle, Method, NullMeans, Object, Paging, Range, Repeat,
        Section, Shape, Successor, Text,
    };
    use crate::catalog::recovery::{LookUp, Pair, Reading, Recovery, Term, Way};

    include!(concat!(env!("OUT_DIR"), "/catalog.rs"));
}

/// Returns all sections.
pub fn sections() -> &'static [Section] {
    compiled::SECTIONS
}

/// Returns the section of a name.
pub fn section(name: &str) -> Option<&'static Section> {
    sections().iter().find(|section| section.name == name)
}

/// Returns all endpoints, section by section.
pub fn endpoints() -> impl Iterator<Item = &'static Endpoint> {
    sections().iter().flat_map(|section| section.endpoints)
}

/// Returns the endpoint of a full name, such as `jobs.start`.
pub fn by_name(name: &str) -> Option<&'static Endpoint> {
    let (of, _) = name.split_once('.')?;
    section(of)?
        .endpoints
        .iter()
        .find(|endpoint| endpoint.name == name)
}

/// Returns the endpoint of an operationId, such as `startRun`.
pub fn by_operation(operation: &str) -> Option<&'static Endpoint> {
    static INDEX: OnceLock<HashMap<&'static str, &'static Endpoint>> = OnceLock::new();
    let index = INDEX.get_or_init(|| endpoints().map(|entry| (entry.operation, entry)).collect());
    index.get(operation).copied()
}

/// Returns the endpoint that a method and a concrete path mean, such as `GET /v2/runs/7f3a`.
///
/// A literal segment is preferred to a parameter: `/v2/skills/system` is not a skill.
pub fn match_path(method: Method, path: &str) -> Option<&'static Endpoint> {
    let path = path.split('?').next().unwrap_or_default();
    endpoints()
        .filter(|entry| entry.method == method && matches(entry.path, path))
        .max_by_key(|entry| {
            entry
                .path
                .split('/')
                .filter(|part| !part.starts_with('{'))
                .count()
        })
}

fn matches(pattern: &str, path: &str) -> bool {
    let mut parts = path.trim_end_matches('/').split('/');
    for expected in pattern.split('/') {
        let Some(part) = parts.next() else {
            return false;
        };
        if expected == "{path}" {
            return !part.is_empty();
        }
        let is_parameter = expected.starts_with('{');
        if (is_parameter && part.is_empty()) || (!is_parameter && part != expected) {
            return false;
        }
    }
    parts.next().is_none()
}

/// Returns the life cycle of a thing: `job`, `case`, `process`, …
pub fn life_cycle(of: &str) -> Option<&'static LifeCycle> {
    sections()
        .iter()
        .flat_map(|section| section.life_cycles)
        .find(|cycle| cycle.of == of)
}

/// Returns whether a field of this name holds a secret somewhere in the API.
pub fn is_secret(field: &str) -> bool {
    compiled::SECRET_FIELDS.contains(&field)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(method: Method, path: &str) -> Option<&'static str> {
        match_path(method, path).map(|endpoint| endpoint.name)
    }

    #[test]
    fn a_literal_segment_stands_above_a_parameter() {
        assert_eq!(found(Method::Get, "/v2/runs/7f3a"), Some("jobs.get"));
        assert_eq!(found(Method::Get, "/v2/runs/7f3a/?x=1"), Some("jobs.get"));
        assert_eq!(
            found(Method::Get, "/v2/skills/system"),
            Some("skills.list_system")
        );
        assert_eq!(
            found(Method::Get, "/v2/teams/t/files/content/a/b"),
            Some("files.read")
        );
    }

    #[test]
    fn a_wildcard_takes_the_rest_but_not_nothing() {
        assert_eq!(
            found(Method::Delete, "/v2/teams/t/files/a/b/c"),
            Some("files.delete")
        );
        assert_eq!(found(Method::Delete, "/v2/teams/t/files/"), None);
        assert_eq!(found(Method::Delete, "/v2/teams/t/files//a"), None);
    }

    #[test]
    fn what_is_no_path_of_the_api_finds_nothing() {
        for path in [
            "",
            "/",
            "/v2",
            "/v2/runs//",
            "/v2/runs/a/b/c",
            "v2/runs/a",
            "/v2//runs",
        ] {
            assert_eq!(found(Method::Get, path), None, "{path}");
        }
        assert_eq!(found(Method::Put, "/v2/runs/7f3a"), None);
    }

    #[test]
    fn names_are_looked_up_exactly() {
        assert_eq!(
            by_name("jobs.start").map(|entry| entry.operation),
            Some("startRun")
        );
        assert_eq!(
            by_operation("startRun").map(|entry| entry.name),
            Some("jobs.start")
        );
        for name in ["", "jobs", "jobs.", ".start", "Jobs.start", "jobs.start.x"] {
            assert!(by_name(name).is_none(), "{name}");
        }
        assert!(life_cycle("job").is_some_and(|cycle| cycle.terminal.contains(&"failed")));
        assert!(life_cycle("moon").is_none());
    }

    #[test]
    fn secrets_are_known_by_name() {
        for name in [
            "password",
            "otp_secret",
            "values",
            "add_values",
            "oauth_client_secret",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["name", "id", "message", "data", ""] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
