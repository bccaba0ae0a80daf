//! What can be done about an effect that was cut off, whatever kind of effect it is.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::catalog::{self, Call, Method, Repeat};
use crate::script::{Effect, HttpRequest, Request};

/// What can be done about an effect of which nobody knows whether it was performed.
#[derive(Clone, Debug)]
pub enum Remedy {
    /// It does no harm to perform it again.
    Repeat,
    /// What became of it can be looked up, as that of this call in this team, if one is named.
    LookUp {
        /// The call that it is, or amounts to.
        call: Call,
        /// The team in the path of a bare request.
        team: Option<String>,
    },
    /// Only the file itself tells.
    Compare,
    /// Only a person can tell; why.
    Ask(String),
}

/// Returns what can be done about an effect that was cut off.
pub fn remedy(effect: &Effect) -> Remedy {
    match effect {
        Effect::Call(call) if call.endpoint.repeat == Repeat::Once => Remedy::LookUp {
            call: call.clone(),
            team: None,
        },
        Effect::Request(request) => of_request(request),
        Effect::Http(request) => of_http(request),
        Effect::WriteFile { append: true, .. } => Remedy::Compare,
        // A question is asked again; everything else is a read, or leaves the same behind.
        Effect::Call(_)
        | Effect::Upload { .. }
        | Effect::Download { .. }
        | Effect::WaitJob(_)
        | Effect::Ask(_)
        | Effect::Signal(_)
        | Effect::Sleep(_)
        | Effect::Now
        | Effect::Random
        | Effect::Env(_)
        | Effect::ReadFile(_)
        | Effect::WriteFile { append: false, .. }
        | Effect::Print(_)
        | Effect::Log(..)
        | Effect::Test(_) => Remedy::Repeat,
    }
}

/// A request with a path that the catalog knows is that endpoint's call.
fn of_request(request: &Request) -> Remedy {
    let path = path_of(&request.path);
    let Some(endpoint) = catalog::match_path(request.method, &path) else {
        return match request.method {
            Method::Get | Method::Put | Method::Delete => Remedy::Repeat,
            Method::Post | Method::Patch => Remedy::Ask(format!(
                "`{} {}` is no endpoint that the catalog knows",
                request.method.as_str(),
                request.path
            )),
        };
    };
    if endpoint.repeat != Repeat::Once {
        return Remedy::Repeat;
    }
    let mut team = None;
    let mut params = Vec::new();
    for (name, value) in parameters(endpoint.path, &path) {
        if name == "teamId" {
            team = Some(value);
        } else {
            params.push(value);
        }
    }
    let mut fields: Map<String, Value> = Map::new();
    for (name, value) in &request.query {
        fields.insert(name.clone(), value.clone().into());
    }
    if let Some(Value::Object(body)) = &request.body {
        fields.extend(body.clone());
    }
    let call = Call {
        endpoint,
        path: params,
        fields,
    };
    Remedy::LookUp { call, team }
}

/// Returns the path of a request, be it a path already or a whole address.
pub(super) fn path_of(given: &str) -> Cow<'_, str> {
    match url::Url::parse(given) {
        Ok(url) => url.path().to_owned().into(),
        Err(_) => given.split(['?', '#']).next().unwrap_or_default().into(),
    }
}

/// Returns the parameters of a path with their names.
fn parameters<'p>(pattern: &'p str, path: &'p str) -> Vec<(&'p str, String)> {
    let decode = |part: &str| {
        percent_encoding::percent_decode_str(part)
            .decode_utf8_lossy()
            .into_owned()
    };
    let mut parts = path.split('/');
    let mut found = Vec::new();
    for expected in pattern.split('/') {
        let part = parts.next().unwrap_or_default();
        let name = expected
            .strip_prefix('{')
            .and_then(|name| name.strip_suffix('}'));
        match name {
            Some("path") => {
                let rest: Vec<_> = std::iter::once(part).chain(parts).map(decode).collect();
                found.push(("path", rest.join("/")));
                break;
            }
            Some(name) => found.push((name, decode(part))),
            None => {}
        }
    }
    found
}

/// HTTP promises that these methods do no more when they are repeated.
fn of_http(request: &HttpRequest) -> Remedy {
    const REPEATABLE: [&str; 6] = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"];
    let method = request.method.as_str();
    if REPEATABLE
        .iter()
        .any(|name| name.eq_ignore_ascii_case(method))
    {
        return Remedy::Repeat;
    }
    let host = url::Url::parse(&request.url).ok();
    let host = host
        .as_ref()
        .and_then(url::Url::host_str)
        .unwrap_or("the host");
    Remedy::Ask(format!(
        "nothing is known about what `{method}` does at `{host}`"
    ))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::catalog::by_name;

    fn request(method: Method, path: &str) -> Remedy {
        remedy(&Effect::Request(Request {
            method,
            path: path.into(),
            query: vec![("dry_run".into(), "true".into())],
            body: Some(json!({ "message": "go" })),
        }))
    }

    fn http(method: &str) -> Remedy {
        remedy(&Effect::Http(HttpRequest {
            method: method.into(),
            url: "https://a.example:8443/x".into(),
            headers: BTreeMap::new(),
            body: None,
        }))
    }

    #[test]
    fn a_request_with_a_known_path_is_that_call() {
        for path in [
            "/v2/teams/t%201/runs",
            "https://api.duvo.ai/v2/teams/t%201/runs?x=1",
        ] {
            let Remedy::LookUp { call, team } = request(Method::Post, path) else {
                panic!("{path}");
            };
            assert_eq!(
                (call.endpoint.name, team.as_deref()),
                ("jobs.start", Some("t 1"))
            );
            assert!(call.path.is_empty());
            assert_eq!(
                json!(call.fields),
                json!({ "dry_run": "true", "message": "go" })
            );
        }
        let Remedy::LookUp { call, team } = request(Method::Post, "/v2/runs/a%2Fb/messages") else {
            panic!();
        };
        assert_eq!(
            (call.endpoint.name, call.path, team),
            ("jobs.send_message", vec!["a/b".into()], None)
        );
        let repeated = [
            (Method::Get, "/v2/runs/j"),
            (Method::Post, "/v2/runs/j/stop"),
            (Method::Delete, "/v2/new/thing"),
        ];
        for (method, path) in repeated {
            assert!(matches!(request(method, path), Remedy::Repeat), "{path}");
        }
        assert!(matches!(
            request(Method::Post, "/v2/new/thing"),
            Remedy::Ask(_)
        ));
    }

    #[test]
    fn http_promises_what_may_be_repeated() {
        for method in ["GET", "head", "PUT", "DELETE"] {
            assert!(matches!(http(method), Remedy::Repeat), "{method}");
        }
        for method in ["POST", "PATCH", "BREW"] {
            let Remedy::Ask(why) = http(method) else {
                panic!("{method}");
            };
            assert!(why.contains("a.example") && why.contains(method), "{why}");
        }
    }

    #[test]
    fn only_what_adds_is_not_simply_performed_again() {
        let write = |append| Effect::WriteFile {
            file: "a.csv".into(),
            content: Vec::new(),
            append,
        };
        assert!(matches!(remedy(&write(true)), Remedy::Compare));
        assert!(matches!(remedy(&write(false)), Remedy::Repeat));
        assert!(matches!(remedy(&Effect::Now), Remedy::Repeat));
        let call = |name| {
            let endpoint = by_name(name).unwrap();
            let (path, fields) = (Vec::new(), Map::new());
            remedy(&Effect::Call(Call {
                endpoint,
                path,
                fields,
            }))
        };
        assert!(matches!(
            call("jobs.start"),
            Remedy::LookUp { team: None, .. }
        ));
        assert!(matches!(call("jobs.stop"), Remedy::Repeat));
    }
}
