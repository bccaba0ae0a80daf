//! What is said of errors, exactly as people see it.

use super::Fake;
use crate::report::{Failure, FailureKind};

#[track_caller]
fn shows(text: &str, expected: &str) {
    shows_with(Fake::silent(), text, expected);
}

#[track_caller]
fn shows_with(host: Fake, text: &str, expected: &str) {
    let problem = host.run(text).problem();
    assert_eq!(problem.trim_end(), expected.trim_matches('\n').trim_end());
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
    shows_with(
        not_found(),
        "let id = \"11111111-1111-4111-8111-111111111111\";\nlet job = duvo::jobs::get(id);\n",
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
