//! What is said of errors, exactly as people see it; `problems.txt` holds what needs no Host.

use serde_json::json;

use super::Fake;
use crate::report::{Failure, FailureKind};

const ID: &str = "11111111-1111-4111-8111-111111111111";

#[track_caller]
fn shows(host: Fake, text: &str, expected: &str) {
    let problem = host.run(text).problem();
    assert_eq!(problem.trim_end(), expected.trim_matches('\n'));
}

#[test]
fn errors_of_scripts_read_as_in_the_file() {
    let cases = include_str!("problems.txt").split("=== ").skip(1);
    for case in cases {
        let (text, expected) = case.split_once("\n---\n").unwrap();
        shows(Fake::silent(), text, expected.trim_end());
    }
}

fn not_found() -> Fake {
    Fake::new(|_, _| {
        let mut failure =
            Failure::new(FailureKind::NotFound, "no job `x` in this team").at("jobs.get");
        failure.status = Some(404);
        failure.request_id = Some("req_91c2".into());
        Err(failure.into())
    })
}

#[test]
fn a_failed_call_marks_the_whole_path_and_says_where_to_look() {
    shows(
        not_found(),
        &format!("let id = \"{ID}\";\nlet job = duvo::jobs::get(id);\n"),
        r"
error: duvo::jobs::get: no job `x` in this team (404 not_found)
 --> main.rhai:2:11
  |
2 | let job = duvo::jobs::get(id);
  |           ^^^^^^^^^^^^^^^
  |
  = hint: `duvo::jobs::list()` shows the jobs this key can see
  = hint: the server's id of the request is `req_91c2`",
    );
}

#[test]
fn the_stack_goes_through_closures_functions_and_imports() {
    let host = not_found()
        .file(
            "lib/a.rhai",
            "import \"./b\" as b;\nfn one(id) {\n  b::two(id)\n}",
        )
        .file("lib/b.rhai", "fn two(id) {\n    duvo::jobs::get(id)\n}");
    shows(
        host,
        &format!(
            "import \"./lib/a\" as a;\n\nfn close(id) {{\n    a::one(id);\n}}\n\n[1].for_each(|| close(\"{ID}\"));"
        ),
        r"
error: duvo::jobs::get: no job `x` in this team (404 not_found)
 --> lib/b.rhai:2:5
  |
2 |     duvo::jobs::get(id)
  |     ^^^^^^^^^^^^^^^
  |
  = called: `two` at lib/a.rhai:3:3
  = called: `one` at main.rhai:4:5
  = called: `close` at main.rhai:7:17
  = called: `closure` at main.rhai:7:5
  = called: `for_each` at main.rhai:7:5
  = hint: `duvo::jobs::list()` shows the jobs this key can see
  = hint: the server's id of the request is `req_91c2`",
    );
}

#[test]
fn a_failure_thrown_again_still_points_at_its_call() {
    let text = format!("try {{\n  duvo::jobs::get(\"{ID}\");\n}} catch (e) {{\n  throw e;\n}}");
    let problem = not_found().run(&text).problem();
    assert!(problem.contains("main.rhai:2:3"), "{problem}");
}

#[test]
fn a_failure_can_be_caught_with_all_its_fields() {
    let text = format!(
        "let all = ();\ntry {{ duvo::jobs::get(\"{ID}\"); }} catch (e) {{ all = e; }}\nall"
    );
    assert_eq!(
        not_found().run(&text).value(),
        json!({
            "kind": "not_found", "status": 404, "code": null, "message": "no job `x` in this team",
            "endpoint": "jobs.get", "request_id": "req_91c2", "retryable": false, "hint": null,
            "line": 2, "position": 19, "source": "main.rhai",
        })
    );
}

#[test]
fn an_error_without_a_position_is_shown_at_the_call_that_led_to_it() {
    let text = "fn f(m) {\n  m.keys().map(|k| m[k])\n}\nf(#{ a: 1 })";
    let problem = Fake::silent().run(text).problem();
    assert!(
        problem.starts_with("error: data race") && problem.contains("main.rhai:4:1"),
        "{problem}"
    );
}

#[test]
fn a_module_that_does_not_parse_is_shown_in_the_module() {
    shows(
        Fake::silent().file("a.rhai", "fn x() { 1 }\nfn y( {"),
        "import \"./a\" as a;",
        r#"
error: expecting `)` to close the parameters list of function `y`
 --> a.rhai:2:7
  |
2 | fn y( {
  |       ^
  |
  = called: `import "a.rhai"` at main.rhai:1:8"#,
    );
}

#[test]
fn an_answer_that_breaks_the_promise_is_a_protocol_failure() {
    let answered = |answer: &'static str| {
        let host = Fake::new(move |_, _| Ok(crate::script::Answer::Json(answer.into())));
        let text = format!(
            "let kind = (); try {{ duvo::jobs::get(\"{ID}\") }} catch (e) {{ kind = `${{e.kind}}: ${{e.message}}` }} kind"
        );
        host.run(&text).value()
    };
    assert_eq!(answered("{}"), json!("protocol: the answer has no `run`"));
    assert_eq!(answered("[]"), json!("protocol: the answer is no map"));
    assert_eq!(answered("{\"run\": null}"), json!("not_found: it is gone"));
    let text = answered("<html>");
    assert!(
        text.as_str()
            .unwrap()
            .starts_with("protocol: the answer is no JSON"),
        "{text}"
    );
}

#[test]
fn windows_line_ends_a_byte_order_mark_and_a_shebang_do_no_harm() {
    let text = "\u{feff}#!/usr/bin/env duvoscript\r\nlet a = 1;\r\nlet b = a.nope.more;\r\n";
    let problem = Fake::silent().run(text).problem();
    assert!(problem.contains("main.rhai:3:11"), "{problem}");
}
