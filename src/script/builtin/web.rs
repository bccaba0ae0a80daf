//! `http`: requests to the hosts that the script's header allows, such as a chat's webhook.
//!
//! Faults name only the host of a URL: the rest of it may be a secret.

use std::collections::BTreeMap;

use ::http::{HeaderName, HeaderValue, Method};
use rhai::{Array, Dynamic, Map};
use url::Url;

use super::Builtin;
use super::arguments::{as_text, given, kind, plain, text};
use super::options::Options;
use crate::report::{Failure, FailureKind};
use crate::script::door::{Door, Raise};
use crate::script::host::{Effect, HttpRequest};
use crate::script::json;

/// The builtins of this topic.
pub(super) const ALL: &[Builtin] = &[
    Builtin {
        name: "http::get",
        params: &["url: String", "options?: Map"],
        returns: "Map",
        doc: "Gets a URL and returns `status`, `headers`, `body` (text) and, where the content type \
              says so, `json`. A status that is no success is a result too; with the option \
              `check: true` it is a failure. Further options: `headers` and `query`, both maps. \
              Fails when the script's header does not allow the host.",
        examples: &[("http::get(\"https://example.com/404\").status", "404")],
        run: |door, args| send(door, args, ("GET", false)),
    },
    Builtin {
        name: "http::post",
        params: &["url: String", "body: any", "options?: Map"],
        returns: "Map",
        doc: "Posts a body to a URL: text as plain text, a blob as bytes, `()` as nothing, the rest \
              as JSON. Result and options are as for `http::get`.",
        examples: &[(
            "http::post(\"https://example.com/in\", #{ text: \"done\" }).json.body",
            "\"{\\\"text\\\":\\\"done\\\"}\"",
        )],
        run: |door, args| send(door, args, ("POST", true)),
    },
    Builtin {
        name: "http::put",
        params: &["url: String", "body: any", "options?: Map"],
        returns: "Map",
        doc: "Puts a body to a URL, with a body as for `http::post`. Result and options are as for \
              `http::get`.",
        examples: &[(
            "http::put(\"https://example.com/in\", \"x\").json.method",
            "\"PUT\"",
        )],
        run: |door, args| send(door, args, ("PUT", true)),
    },
    Builtin {
        name: "http::delete",
        params: &["url: String", "options?: Map"],
        returns: "Map",
        doc: "Sends a DELETE to a URL. Result and options are as for `http::get`.",
        examples: &[("http::delete(\"https://example.com/204\").status", "204")],
        run: |door, args| send(door, args, ("DELETE", false)),
    },
    Builtin {
        name: "http::request",
        params: &["method: String", "url: String", "options?: Map"],
        returns: "Map",
        doc: "Sends a request of any method; the option `body` is as for `http::post`. \
              Result and further options are as for `http::get`.",
        examples: &[(
            "http::request(\"PATCH\", \"https://example.com/in\", #{ body: \"x\" }).json.body",
            "\"x\"",
        )],
        run: request,
    },
];

fn request(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let method = text(door, args, 0, "method")?.to_uppercase();
    let known = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    if !known.iter().any(|known| known.as_str() == method) {
        return Err(door.invalid(format!("unknown `method` `{method}`")));
    }
    let options = Options::read(door, args, 2, &["headers", "query", "check", "body"])?;
    let url = text(door, args, 1, "url")?;
    perform(door, &method, &url, options.value("body"), &options)
}

fn send(
    door: &Door<'_>,
    args: &[&mut Dynamic],
    (method, takes_body): (&str, bool),
) -> Result<Dynamic, Raise> {
    let url = text(door, args, 0, "url")?;
    let at = 1 + usize::from(takes_body);
    let options = Options::read(door, args, at, &["headers", "query", "check"])?;
    let body = given(args, 1).filter(|body| takes_body && !body.is_unit());
    perform(door, method, &url, body, &options)
}

fn perform(
    door: &Door<'_>,
    method: &str,
    url: &str,
    body: Option<&Dynamic>,
    options: &Options<'_>,
) -> Result<Dynamic, Raise> {
    let invalid = |fault| door.invalid(fault);
    let url = address(url, options.map("query")?).map_err(invalid)?;
    let mut headers = headers(options.map("headers")?).map_err(invalid)?;
    let body = match body {
        Some(body) => {
            let (content_type, bytes) = encode(body).map_err(invalid)?;
            let name = "content-type".to_owned();
            headers
                .entry(name)
                .or_insert_with(|| content_type.to_owned());
            Some(bytes)
        }
        None => None,
    };
    let check = options.flag("check")?;
    let request = HttpRequest {
        method: method.to_owned(),
        url: url.to_string(),
        headers,
        body,
    };
    let mut answer = door.value(Effect::Http(request))?;
    if let Some(mut answer) = answer.write_lock::<Map>() {
        if check {
            expect_success(&answer, &url).map_err(|failure| door.fail(failure))?;
        }
        if let Some(json) = parsed(&answer) {
            answer.insert("json".into(), json);
        }
    }
    Ok(answer)
}

fn address(text: &str, query: Option<Map>) -> Result<Url, String> {
    let mut url = Url::parse(text).map_err(|fault| format!("`url` is no address: {fault}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!(
            "`url` must start with `https://`, not `{}:`",
            url.scheme()
        ));
    }
    for (key, value) in query.unwrap_or_default() {
        let values = match value.read_lock::<Array>() {
            Some(values) => values.clone(),
            None if value.is_unit() => continue,
            None => vec![value.clone()],
        };
        for value in values {
            let value = plain(&value).ok_or_else(|| {
                format!(
                    "`query.{key}` is {}: it must be text or a number",
                    kind(&value)
                )
            })?;
            url.query_pairs_mut().append_pair(&key, &value);
        }
    }
    Ok(url)
}

fn headers(given: Option<Map>) -> Result<BTreeMap<String, String>, String> {
    let mut headers = BTreeMap::new();
    for (name, value) in given.unwrap_or_default() {
        let text = plain(&value).ok_or_else(|| {
            format!(
                "`headers.{name}` is {}: it must be text or a number",
                kind(&value)
            )
        })?;
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| format!("`{name}` is no name of a header"))?;
        if HeaderValue::from_str(&text).is_err() {
            return Err(format!(
                "the header `{name}` has characters that headers cannot hold"
            ));
        }
        headers.insert(name.as_str().to_owned(), text.into());
    }
    Ok(headers)
}

/// Returns a body and its media type.
fn encode(body: &Dynamic) -> Result<(&'static str, Vec<u8>), String> {
    if let Some(blob) = body.read_lock::<rhai::Blob>() {
        return Ok(("application/octet-stream", blob.clone()));
    }
    if let Some(text) = as_text(body) {
        return Ok(("text/plain; charset=utf-8", text.as_bytes().to_vec()));
    }
    let json = json::to_value(body).map_err(|fault| format!("`body`: {fault}"))?;
    Ok(("application/json", json.to_string().into_bytes()))
}

/// Returns the body of an answer that says it is JSON, and is.
fn parsed(answer: &Map) -> Option<Dynamic> {
    let headers = answer.get("headers")?.read_lock::<Map>()?;
    let named = |name: &str| name.eq_ignore_ascii_case("content-type");
    let (_, content_type) = headers.iter().find(|(name, _)| named(name))?;
    let content_type = as_text(content_type)?.to_lowercase();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let is_json = essence == "application/json" || essence.ends_with("+json");
    let body = as_text(answer.get("body")?)?;
    is_json
        .then(|| json::decode(body.as_bytes()).ok())
        .flatten()
}

fn expect_success(answer: &Map, url: &Url) -> Result<(), Failure> {
    let status = answer.get("status").and_then(|status| status.as_int().ok());
    let status = u16::try_from(status.unwrap_or(0)).unwrap_or(0);
    let kind = match status {
        200..=299 => return Ok(()),
        401 => FailureKind::Auth,
        403 => FailureKind::Permission,
        404 | 410 => FailureKind::NotFound,
        409 => FailureKind::Conflict,
        429 => FailureKind::RateLimited,
        408 | 504 => FailureKind::Timeout,
        500.. => FailureKind::Unavailable,
        400..=499 => FailureKind::Invalid,
        _ => FailureKind::Protocol,
    };
    let body = answer.get("body").and_then(as_text).unwrap_or_default();
    let shown: String = body.chars().take(200).collect();
    let host = url.host_str().unwrap_or_default();
    let mut failure = Failure::new(kind, format!("`{host}` answered `{shown}`"));
    failure.status = Some(status);
    failure.retryable = matches!(status, 408 | 429 | 500..);
    Err(failure)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::run;

    #[test]
    fn bodies_and_headers_go_out_as_meant() {
        let sent = |body: &str, options: &str| {
            run(&format!(
                "http::post(\"https://e.com/a?x=1\", {body}, #{{ {options} }}).json"
            ))
            .unwrap()
        };
        let json = sent(
            "#{ n: 1 }",
            "query: #{ q: \"a b\", list: [1, 2], none: () }",
        );
        assert_eq!(json["url"], "https://e.com/a?x=1&list=1&list=2&q=a+b");
        assert_eq!(
            json["headers"],
            json!({ "content-type": "application/json" })
        );
        let json = sent(
            "\"hi\"",
            "headers: #{ \"Content-Type\": \"text/csv\", \"X-Id\": 7 }",
        );
        assert_eq!(
            json["headers"],
            json!({ "content-type": "text/csv", "x-id": "7" })
        );
        assert_eq!(json["body"], "hi");
        assert_eq!(sent("()", "")["body"], json!(null));
    }

    #[test]
    fn a_bad_status_fails_only_when_asked() {
        let code = "try { http::get(\"https://e.com/secret/503\", #{ check: true }) } \
                    catch (e) { return [e.kind, e.status, e.retryable, e.message] }";
        let caught = run(code).unwrap();
        assert_eq!(caught[0], "unavailable");
        assert_eq!((&caught[1], &caught[2]), (&json!(503), &json!(true)));
        assert!(
            caught[3]
                .as_str()
                .unwrap()
                .starts_with("`e.com` answered `{")
        );
        assert_eq!(
            run("http::get(\"https://e.com/200\", #{ check: true }).status"),
            Ok(200.into())
        );
    }

    #[test]
    fn faults_come_before_anything_is_sent() {
        for (call, fault) in [
            (
                "get(\"nowhere\")",
                "get: `url` is no address: relative URL without a base",
            ),
            (
                "get(\"file:///etc/passwd\")",
                "get: `url` must start with `https://`, not `file:`",
            ),
            (
                "get(\"https://e.com\", #{ headers: #{ a: \"x\\r\\ny: z\" } })",
                "get: the header `a` has characters that headers cannot hold",
            ),
            (
                "get(\"https://e.com\", #{ headers: #{ \"a b\": 1 } })",
                "get: `a b` is no name of a header",
            ),
            (
                "get(\"https://e.com\", #{ query: #{ q: #{} } })",
                "get: `query.q` is a map: it must be text or a number",
            ),
            (
                "get(\"https://e.com\", #{ body: 1 })",
                "get: unknown option `body`: it takes `headers`, `query`, `check`",
            ),
            (
                "post(\"https://e.com\", |x| x)",
                "post: `body`: the value is of type Fn, which JSON cannot hold",
            ),
            (
                "request(\"FETCH\", \"https://e.com\")",
                "request: unknown `method` `FETCH`",
            ),
        ] {
            assert_eq!(
                run(&format!("http::{call}")).unwrap_err(),
                format!("http::{fault}")
            );
        }
    }
}
