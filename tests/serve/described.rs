//! The description of the API: every route answers as it says.

use serde_json::{Value, json};

use crate::ground::{Answer, Daemon, Ground};

/// Returns the description, with its references leading into itself.
fn schema(document: &Value, schema: &Value) -> Value {
    json!({ "allOf": [schema], "components": document["components"] })
}

/// Asserts that an answer is one that the description tells of.
#[track_caller]
fn fits(document: &Value, operation: &Value, answer: &Answer) {
    let described = &operation["responses"][answer.status.to_string()];
    assert!(
        described.is_object(),
        "{operation:#} tells not of {answer:?}"
    );
    let kind = answer.kind.split(';').next().unwrap();
    let content = &described["content"];
    if content.is_null() {
        assert!(answer.text.is_empty(), "{answer:?}");
        return;
    }
    assert!(content[kind].is_object(), "{kind} is not in {content:#}");
    if kind == "application/json" {
        let schema = schema(document, &content[kind]["schema"]);
        let validator = jsonschema::validator_for(&schema).unwrap();
        let faults: Vec<_> = validator
            .iter_errors(&answer.json())
            .map(|fault| fault.to_string())
            .collect();
        assert!(faults.is_empty(), "{faults:?} in {}", answer.text);
    }
}

/// Returns the body that a route takes.
fn body(path: &str) -> Value {
    match path {
        "/api/v1/runs" => json!({ "script": "wait.rhai", "arguments": {} }),
        "/api/v1/runs/{run}/signals/{name}" => json!({ "value": { "n": 1 } }),
        "/api/v1/runs/{run}/orders" => json!({ "order": "pause" }),
        "/api/v1/schedules/{name}/pause" => json!({ "reason": "a test" }),
        "/api/v1/inbox/{id}" => json!({ "text": "yes" }),
        _ => json!({}),
    }
}

/// Sends a request of a route; `part` stands for the first part of its path that is not fixed.
fn call(daemon: &Daemon<'_>, (method, path): (&str, &str), part: &str) -> Answer {
    let filled = path
        .replace("{run}", part)
        .replace("{id}", part)
        .replace("{secret}", part);
    let filled = if path.contains("/schedules/") {
        filled.replace("{name}", part)
    } else {
        filled.replace("{name}", "go")
    };
    match method {
        "post" => daemon.post(&filled, &body(path)),
        _ => daemon.send(daemon.request("GET", &filled)),
    }
}

/// What stands in the paths of routes.
struct Parts<'a> {
    run: &'a str,
    item: &'a str,
    secret: &'a str,
}

/// Asserts that a route answers as it is described: when all is well, when what it names is not there,
/// and when the token is not shown.
#[track_caller]
fn judge(
    daemon: &Daemon<'_>,
    document: &Value,
    route: (&str, &str),
    (operation, parts): (&Value, &Parts<'_>),
) {
    let (method, path) = route;
    let part = match path {
        path if path.contains("/schedules/") => "rarely",
        path if path.contains("{run}") => parts.run,
        path if path.contains("{id}") => parts.item,
        _ => parts.secret,
    };
    let answer = call(daemon, route, part);
    assert!(answer.status < 300, "{route:?}: {answer:?}");
    fits(document, operation, &answer);
    if path.contains('{') {
        let missing = call(daemon, route, "none-of-them");
        assert_eq!(missing.status, 404, "{route:?}: {missing:?}");
        fits(document, operation, &missing);
    }
    if operation["security"].is_array() {
        let method = method.to_uppercase().parse().unwrap();
        let bare = daemon
            .client
            .request(method, format!("{}{path}", daemon.url));
        let bare = daemon.send(bare);
        assert!([401, 429].contains(&bare.status), "{route:?}: {bare:?}");
        fits(document, operation, &bare);
    }
}

#[test]
fn every_route_answers_as_it_is_described() {
    let rarely = "// /// duvoscript\n// [schedule]\n// cron = \"0 0 1 1 *\"\n// ///\n1";
    let ground = Ground::simulated(&[
        (
            "wait.rhai",
            "print(1); duvo::queues::list(); signal::wait(\"go\", #{ deadline: \"1h\" })",
        ),
        ("ask.rhai", "ask(\"Go on?\", #{ deadline: \"1h\" })"),
        ("scripts/rarely.rhai", rarely),
    ]);
    let daemon = ground.serve();
    let run = daemon.begin("wait.rhai");
    daemon.until(&run, "waiting");
    daemon.begin("ask.rhai");
    let question = |item: &&Value| item["kind"] == "question";
    crate::ground::until(
        || {
            daemon.get("/api/v1/inbox")["items"]
                .as_array()
                .unwrap()
                .iter()
                .any(|item| question(&item))
        },
        "the question",
    );
    let items = daemon.get("/api/v1/inbox");
    let item = items["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(question)
        .unwrap();
    let secret = std::fs::read_to_string(ground.state().join("webhook")).unwrap();
    let document = daemon.get("/openapi.json");
    assert_eq!(document["openapi"], "3.1.0");
    let parts = Parts {
        run: &run,
        item: item["id"].as_str().unwrap(),
        secret: secret.trim(),
    };
    let mut routes = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            routes += 1;
            // It never ends by itself.
            if path != "/api/v1/events" {
                judge(&daemon, &document, (method, path), (operation, &parts));
            }
        }
    }
    assert!(routes > 20, "{routes} routes");
}
