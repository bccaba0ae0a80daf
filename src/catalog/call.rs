//! A call as a value: an endpoint, the parameters of its path, and its fields.

use serde_json::{Map, Value};

use super::model::Endpoint;

/// The name of the path parameter that the client fills in itself.
const TEAM: &str = "teamId";

/// One call of an endpoint.
#[derive(Clone, Debug)]
pub struct Call {
    /// What is called.
    pub endpoint: &'static Endpoint,
    /// Path parameters in path order, without the implied team.
    pub path: Vec<String>,
    /// Query and body fields together.
    pub fields: Map<String, Value>,
}

/// The fields of a call, parted by where they go.
#[derive(Debug)]
pub struct Split {
    /// Query pairs, in the order of the catalog.
    pub query: Vec<(&'static str, String)>,
    /// Body fields, in the order given; `None` when the endpoint takes no body.
    pub body: Option<Map<String, Value>>,
}

impl Endpoint {
    /// Returns the path parameters that a caller gives: all but the implied team.
    pub fn given_params(&self) -> impl Iterator<Item = &'static super::Field> {
        self.params.iter().filter(|param| param.name != TEAM)
    }

    /// Returns whether the path holds the implied team.
    pub fn is_team_scoped(&self) -> bool {
        self.params.iter().any(|param| param.name == TEAM)
    }

    /// Returns the fields that a caller gives: query and body together.
    pub fn given_fields(&self) -> impl Iterator<Item = &'static super::Field> {
        self.query
            .iter()
            .chain(self.body.iter().flat_map(|body| body.fields))
    }

    /// Returns whether the body may hold fields that the catalog does not know.
    pub fn is_open(&self) -> bool {
        self.body.as_ref().is_some_and(|body| body.open)
    }
}

impl Call {
    /// Returns the path of the request: every segment percent-encoded, a wildcard segment by segment.
    ///
    /// `team` fills `{teamId}`. Call [`super::check_call`] first: it refuses `..` and empty ids.
    pub fn path(&self, team: &str) -> String {
        let mut given = self.path.iter();
        let mut path = String::new();
        for part in self.endpoint.path.split('/').skip(1) {
            path.push('/');
            match part
                .strip_prefix('{')
                .and_then(|part| part.strip_suffix('}'))
            {
                None => path.push_str(part),
                Some(TEAM) => path.push_str(&encode(team)),
                Some("path") => {
                    let rest = given.next().map(String::as_str).unwrap_or_default();
                    let segments: Vec<_> = rest.trim_matches('/').split('/').map(encode).collect();
                    path.push_str(&segments.join("/"));
                }
                Some(_) => path.push_str(&encode(
                    given.next().map(String::as_str).unwrap_or_default(),
                )),
            }
        }
        path
    }

    /// Parts the fields into query and body.
    pub fn split(&self) -> Split {
        let is_query = |name: &str| self.endpoint.query.iter().any(|field| field.name == name);
        let query = self.endpoint.query.iter().filter_map(|field| {
            let value = self.fields.get(field.name)?;
            (!value.is_null()).then(|| (field.name, query_text(value)))
        });
        let body = self.endpoint.body.as_ref().map(|_| {
            let fields = self.fields.iter().filter(|(name, _)| !is_query(name));
            fields
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect()
        });
        Split {
            query: query.collect(),
            body,
        }
    }

    /// Returns the same call in the words of the endpoint's successor, if it has one.
    pub fn succeeded(&self) -> Option<Self> {
        let next = self.endpoint.successor.as_ref()?;
        let endpoint = super::by_name(next.name)?;
        let renamed = |name: &str| {
            let pair = next.rename.iter().find(|(old, _)| *old == name);
            pair.map_or(name, |(_, new)| *new).to_owned()
        };
        let mut fields: Map<String, Value> = Map::new();
        for (param, value) in self.endpoint.given_params().zip(&self.path) {
            fields.insert(renamed(param.name), Value::from(value.clone()));
        }
        for (name, value) in self
            .fields
            .iter()
            .filter(|(name, _)| !next.drop.contains(&name.as_str()))
        {
            fields.insert(renamed(name), value.clone());
        }
        for (name, value) in next.set {
            fields.insert((*name).to_owned(), Value::from(*value));
        }
        let path = endpoint
            .given_params()
            .map(|param| match fields.shift_remove(param.name) {
                Some(Value::String(text)) => text,
                Some(other) => other.to_string(),
                None => String::new(),
            });
        Some(Self {
            endpoint,
            path: path.collect(),
            fields,
        })
    }
}

/// Everything but the unreserved characters of RFC 3986 is encoded.
fn encode(segment: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    utf8_percent_encode(segment, SEGMENT).to_string()
}

/// A list in a query is written with commas, as `status=failed,pending`.
fn query_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(query_text).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalog::by_name;

    fn call(name: &str, path: &[&str], fields: Value) -> Call {
        Call {
            endpoint: by_name(name).expect(name),
            path: path.iter().map(|part| (*part).to_owned()).collect(),
            fields: serde_json::from_value(fields).unwrap(),
        }
    }

    #[test]
    fn the_path_is_encoded_segment_by_segment() {
        let path = |name, given: &[&str]| call(name, given, json!({})).path("t 1");
        assert_eq!(path("jobs.list", &[]), "/v2/teams/t%201/runs");
        assert_eq!(
            path("sandboxes.list_files", &["a/b?c#d%"]),
            "/v2/sandboxes/a%2Fb%3Fc%23d%25/files"
        );
        assert_eq!(
            path("files.read", &["/in box/ä&b.csv"]),
            "/v2/teams/t%201/files/content/in%20box/%C3%A4%26b.csv"
        );
        assert_eq!(
            path("skills.read_file", &["s1", "a/SKILL.md"]),
            "/v2/skills/s1/files/a/SKILL.md"
        );
    }

    #[test]
    fn fields_are_parted_by_where_they_go() {
        let list = call(
            "jobs.list",
            &[],
            json!({"status": "failed", "limit": 5, "search": null, "has_issues": "true"}),
        );
        let split = list.split();
        let expected = [("limit", "5"), ("status", "failed"), ("has_issues", "true")];
        assert_eq!(
            split.query,
            expected.map(|(name, text)| (name, text.to_owned()))
        );
        assert!(split.body.is_none());

        let start = call("jobs.start", &[], json!({"message": "x", "agent_id": "a"}));
        let body = Value::Object(start.split().body.unwrap());
        assert_eq!(body.to_string(), r#"{"message":"x","agent_id":"a"}"#);
        let moved = call(
            "assignments.move",
            &["a"],
            json!({"dry_run": true, "team_id": "t"}),
        );
        assert_eq!(moved.split().query, [("dry_run", "true".to_owned())]);
        assert_eq!(
            Value::Object(moved.split().body.unwrap()),
            json!({"team_id": "t"})
        );
        let stop = call("jobs.stop", &["a"], json!({}));
        assert!(stop.split().query.is_empty());
    }

    #[test]
    fn a_list_in_a_query_is_written_with_commas() {
        assert_eq!(
            query_text(&json!(["failed", "pending", 1])),
            "failed,pending,1"
        );
    }

    #[test]
    fn an_old_call_goes_on_in_the_words_of_its_successor() {
        let old = call("processes.get_current", &["p", "c"], json!({}));
        let new = old.succeeded().unwrap();
        assert_eq!(new.endpoint.name, "processes.get_snapshot");
        assert_eq!(
            new.path("t"),
            "/v2/clarity-v2/processes/p/snapshots/current_process/c"
        );
        assert!(new.fields.is_empty());

        let old = call(
            "connections.start_composio",
            &[],
            json!({"auth_config_id": "slack", "callback_url": "https://a.example", "auth_scheme": "X"}),
        );
        let new = old.succeeded().unwrap();
        assert_eq!(new.path, ["slack"]);
        assert_eq!(
            Value::Object(new.fields),
            json!({"return_url": "https://a.example"})
        );
        assert!(call("jobs.get", &["j"], json!({})).succeeded().is_none());
    }
}
