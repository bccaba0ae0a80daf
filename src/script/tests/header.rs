//! Headers: what is read, what is refused and where, and the arguments of a run.
use serde_json::json;

use crate::report::{Problem, ProblemKind};
use crate::script::Header;
use crate::script::Source;

fn parse(text: &str) -> Result<Header, Problem> {
    Header::parse(&Source {
        name: "a.rhai".into(),
        text: text.into(),
    })
}

fn header(lines: &str) -> String {
    let lines = lines.lines().map(|line| format!("// {}\n", line.trim()));
    format!(
        "// /// duvoscript\n{}// ///\nlet x = 1;\n",
        lines.collect::<String>()
    )
}

#[track_caller]
fn refuses(lines: &str, what: &str, place: (usize, usize)) -> Problem {
    let problem = parse(&header(lines)).unwrap_err();
    assert_eq!(problem.what, what);
    let at = problem.at.clone().unwrap();
    assert_eq!((at.line, at.column), place);
    problem
}

#[test]
fn reads_what_a_script_declares() {
    let text = header(
        "description = \"Works a queue\"
         env = [\"HOOK\"]
         hosts = [\"hooks.example.com\"]
         [args]
         queue = { type = \"string\", help = \"Queue to work\" }
         limit = { type = \"int\", default = 1_000 }
         since = { type = \"date\", default = 2026-01-31 }
         mode = { choices = [\"dry\", \"wet\"], default = \"dry\" }
         ids = { type = \"list\", required = false, env = \"IDS\" }
         [schedule]
         cron = \"0 7 * * *\"",
    );
    for text in [
        text.clone(),
        text.replace('\n', "\r\n"),
        format!("\u{feff}{text}"),
        format!("#!/usr/bin/env duvoscript\n//! Doc.\n\n{text}"),
    ] {
        let header = parse(&text).unwrap();
        assert_eq!(header.description, "Works a queue");
        assert_eq!(
            (header.env, header.hosts),
            (vec!["HOOK".into()], vec!["hooks.example.com".into()])
        );
        let names: Vec<_> = header
            .args
            .iter()
            .map(|argument| argument.name.as_str())
            .collect();
        assert_eq!(names, ["queue", "limit", "since", "mode", "ids"]);
        assert_eq!(header.args[0].help, "Queue to work");
        assert!(header.args[0].required && !header.args[1].required && !header.args[4].required);
        assert_eq!(header.args[1].default, Some(json!(1000)));
        assert_eq!(header.args[2].default, Some(json!("2026-01-31")));
        let schedule = header.schedule.unwrap();
        let line = |text: &str| text.lines().position(|line| line.contains("cron = "));
        assert_eq!(line(&schedule), line(&text));
    }
}

#[test]
fn a_script_without_a_header_declares_nothing() {
    for text in [
        "",
        "let x = 1;\n// /// duvoscript\n",
        "// a comment",
        "// /// other\n// ///",
    ] {
        assert_eq!(parse(text).unwrap().args, []);
    }
}

#[test]
fn faults_are_shown_where_they_stand() {
    let problem = refuses(
        "description = 1",
        "`description` must be text, not integer",
        (2, 18),
    );
    assert_eq!(problem.kind, ProblemKind::Source);
    let problem = refuses(
        "a = 1\ndescripton = \"x\"",
        "the header has no key `a`",
        (2, 4),
    );
    assert_eq!(
        problem.hints,
        ["the keys are description, args, env, hosts, schedule"]
    );
    let problem = refuses(
        "descripton = \"x\"",
        "the header has no key `descripton`",
        (2, 4),
    );
    assert_eq!(problem.hints, ["did you mean `description`?"]);
    refuses(
        "[args]\nx = { typ = \"int\" }",
        "the header has no key `typ`",
        (3, 10),
    );
    refuses(
        "[args]\nx = { type = \"number\" }",
        "there is no type `number`",
        (3, 17),
    );
    refuses(
        "[args]\nx = { type = \"int\", default = \"a\" }",
        "the default of `x` must be a whole number, not string",
        (3, 34),
    );
    refuses(
        "[args]\nx = { choices = [\"a\"], default = \"b\" }",
        "the default of `x` must be one of `a`, not `b`",
        (3, 37),
    );
    refuses(
        "env = \"HOME\"",
        "`env` must be a list of texts, not string",
        (2, 10),
    );
    refuses(
        "schedule = 5",
        "`schedule` must be a table, not integer",
        (2, 15),
    );
}

#[test]
fn a_block_that_is_no_toml_or_not_closed_is_refused() {
    let problem = parse(&header("x = ")).unwrap_err();
    assert_eq!(
        (
            problem.at.unwrap().line,
            problem.what.starts_with("the header is no TOML")
        ),
        (2, true)
    );
    for text in [
        "// /// duvoscript\nlet x = 1;",
        "// /// duvoscript\n// x = 1",
    ] {
        assert_eq!(parse(text).unwrap_err().what, "the header is not closed");
    }
}

fn given(args: &[(&str, &str)]) -> Result<serde_json::Value, String> {
    let header = parse(&header(
        "[args]
         queue = { type = \"string\", help = \"Queue to work\" }
         limit = { type = \"int\", default = 5 }
         rate = { type = \"float\", required = false }
         dry = { type = \"bool\", default = false }
         wait = { type = \"duration\", default = \"1h\" }
         since = { type = \"date\", required = false }
         ids = { type = \"list\", default = [], choices = [\"a\", \"b\"] }
         key = { required = false, env = \"KEY\" }",
    ));
    let args: Vec<_> = args
        .iter()
        .map(|(k, v)| ((*k).into(), (*v).into()))
        .collect();
    let env = |name: &str| (name == "KEY").then(|| "from env".to_owned());
    let args = header.unwrap().arguments(&args, &env);
    args.map(Into::into)
        .map_err(|problem| format!("{} | {}", problem.what, problem.hints.join(" ")))
}

#[test]
fn arguments_are_converted_as_declared() {
    assert_eq!(
        given(&[
            ("queue", "Q"),
            ("limit", "7"),
            ("rate", "0.5"),
            ("dry", "true"),
            ("wait", "1h30m"),
            ("since", "2026-02-01"),
            ("ids", "a, b"),
            ("key", "k")
        ]),
        Ok(
            json!({"queue": "Q", "limit": 7, "rate": 0.5, "dry": true, "wait": "1h30m", "since": "2026-02-01", "ids": ["a", "b"], "key": "k"})
        )
    );
    assert_eq!(
        given(&[("queue", "Q")]),
        Ok(
            json!({"queue": "Q", "limit": 5, "rate": null, "dry": false, "wait": "1h", "since": null, "ids": [], "key": "from env"})
        )
    );
}

#[test]
fn wrong_arguments_are_named() {
    let fault = |args: &[(&str, &str)]| given(args).unwrap_err();
    assert_eq!(
        fault(&[]),
        "the argument `queue` is missing | give it as `--arg queue=…`: Queue to work"
    );
    assert_eq!(
        fault(&[("queu", "Q")]),
        "the script has no argument `queu` | did you mean `queue`?"
    );
    assert_eq!(
        fault(&[("queue", "Q"), ("queue", "R")]),
        "the argument `queue` is given twice | "
    );
    let fault = |name: &str, text: &str| given(&[("queue", "Q"), (name, text)]).unwrap_err();
    assert_eq!(
        fault("limit", "1.5"),
        "the argument `limit` must be a whole number, not `1.5` | "
    );
    assert_eq!(
        fault("rate", "inf"),
        "the argument `rate` must be a number, not `inf` | "
    );
    assert_eq!(
        fault("dry", "yes"),
        "the argument `dry` must be true or false, not `yes` | "
    );
    assert_eq!(
        fault("wait", "soon"),
        "the argument `wait` must be a duration such as `1h30m`, not `soon` | "
    );
    assert_eq!(
        fault("since", "2026-02-30"),
        "the argument `since` must be a day such as `2026-01-31`, not `2026-02-30` | "
    );
    assert_eq!(
        fault("ids", "a,c"),
        "the argument `ids` must be one of `a`, `b`, not `c` | "
    );
}
