//! `http`: requests to the hosts that the script's header allows, such as a chat's webhook.

use ::http::Method;
use rhai::{Dynamic, Map};

use super::Builtin;
use super::arguments::{given, text};
use super::message::{address, encode, expect_success, headers, parsed};
use super::options::Options;
use crate::script::door::{Door, Raise};
use crate::script::host::{Effect, HttpRequest};

/// The builtins of this topic.
pub(super) const ALL: &[Builtin] = &[
    Builtin {
        name: "http::get",
        params: &[
            "url: String",
            "options?: #{ headers: Map, query: Map, check: bool }",
        ],
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
        params: &[
            "url: String",
            "body: any",
            "options?: #{ headers: Map, query: Map, check: bool }",
        ],
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
        params: &[
            "url: String",
            "body: any",
            "options?: #{ headers: Map, query: Map, check: bool }",
        ],
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
        params: &[
            "url: String",
            "options?: #{ headers: Map, query: Map, check: bool }",
        ],
        returns: "Map",
        doc: "Sends a DELETE to a URL. Result and options are as for `http::get`.",
        examples: &[("http::delete(\"https://example.com/204\").status", "204")],
        run: |door, args| send(door, args, ("DELETE", false)),
    },
    Builtin {
        name: "http::request",
        params: &[
            "method: String",
            "url: String",
            "options?: #{ headers: Map, query: Map, check: bool, body: any }",
        ],
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
    let options = Options::read(door, args, 2)?;
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
    let options = Options::read(door, args, at)?;
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
