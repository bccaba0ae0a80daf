//! The functions that only tests have, and the world that each test has of its own.

use crate::project::Project;

/// Adds a Case to a queue.
const ADD: &str = r#"// /// duvoscript
// [args]
// title = { type = "string", default = "New" }
// ///
let queue = duvo::queues::find("Invoices");
let made = duvo::cases::create(queue, [#{ title: args.title }]);
log::info("added");
print(made[0].title);
made[0].title
"#;

#[track_caller]
fn passes(tests: &str, scripts: &[(&str, &str)]) {
    let project = Project::new(tests);
    for (name, text) in scripts {
        project.write(name, text);
    }
    let count = tests.matches("fn test_").count();
    project
        .test(&[])
        .closes(0, &format!("{count} passed, 0 failed"));
}

#[test]
fn a_run_gives_result_output_and_what_it_changed() {
    passes(
        r#"
        fn test_it() {
            let run = test::run("add.rhai", #{ title: "A" });
            test::eq(run.result, "A");
            test::eq(run.error, ());
            test::eq(run.printed, ["A"]);
            test::eq(run.logs, [#{ level: "info", message: "added" }]);
            test::eq(run.changed, #{ cases: #{ created: 1 } });
            test::eq(run.ledger.map(|entry| entry.endpoint), ["cases.create"]);
            test::contains(run.ledger[0].body, #{ cases: [#{ title: "A" }] });
            test::changed(#{ cases: #{ created: 1 } });
        }
        "#,
        &[("add.rhai", ADD)],
    );
}

#[test]
fn each_test_has_a_world_of_its_own() {
    let look = r#"{
        test::eq(duvo::cases::list(duvo::queues::find("Invoices")).filter(|one| one.title == "New"), []);
        test::run("add.rhai");
        test::changed(#{ cases: #{ created: 1 } });
    }"#;
    let tests = format!("fn test_a() {look}\nfn test_b() {look}\nfn test_c() {look}");
    passes(&tests, &[("add.rhai", ADD)]);
}

#[test]
fn worlds_are_declared_and_disturbed() {
    passes(
        r#"
        fn test_a_map() {
            test::scenario(#{ queue: [#{ name: "Claims" }] });
            test::eq(duvo::queues::list().map(|queue| queue.name), ["Claims"]);
        }
        fn test_empty() {
            test::scenario("empty");
            test::eq(duvo::queues::list(), []);
        }
        fn test_a_fault() {
            test::fault(#{ kind: "error", endpoint: "queues.list", status: 403 });
            test::throws(|| duvo::queues::list(), #{ kind: "permission", status: 403 });
        }
        "#,
        &[],
    );
}

#[test]
fn time_passes_without_waiting() {
    passes(
        r#"
        fn test_it() {
            let before = time::now();
            test::advance("3d");
            test::eq(time::is_before(time::add(before, "2d"), time::now()), true);
            let run = test::run("sleep.rhai");
            test::eq(run.seconds >= 7.0 * 86400.0, true);
        }
        "#,
        &[("sleep.rhai", "sleep(\"7d\");")],
    );
}

#[test]
fn people_answer_what_a_script_and_a_job_ask() {
    passes(
        r#"
        fn test_a_script() {
            test::answer(|request| { test::eq(request.from, "script"); request.choices[1] });
            test::eq(test::run("ask.rhai").result, "no");
        }
        fn test_nobody() {
            test::eq(test::run("ask.rhai").result, "late");
        }
        "#,
        &[(
            "ask.rhai",
            r#"ask("Go on?", #{ choices: ["yes", "no"], deadline: "1d", otherwise: "late" })"#,
        )],
    );
}

#[test]
fn no_time_passes_while_somebody_thinks() {
    passes(
        r#"
        fn test_it() {
            test::answer(|request| request.choices[0]);
            let run = test::run("ask.rhai");
            test::eq(run.result, "yes");
            test::eq(run.seconds, 0.0);
        }
        "#,
        &[(
            "ask.rhai",
            r#"ask("Go on?", #{ choices: ["yes", "no"], deadline: "1d", otherwise: "late" })"#,
        )],
    );
}

#[test]
fn what_does_not_hold_is_shown_with_its_line_and_as_a_diff() {
    let project = Project::new(
        "fn test_it() {\n    let seen = #{ a: 1, b: [1, 2] };\n    test::eq(seen, #{ a: 1, b: [1, 3] });\n}\n",
    );
    project.test(&[]).closes(4, "0 passed, 1 failed").says(&[
        "FAIL x_test.rhai::test_it (",
        "test::eq: at `.b[1]` it is `2`, not `3`\n --> x_test.rhai:3:5\n",
        "3 |     test::eq(seen, #{ a: 1, b: [1, 3] });",
        "--- expected\n+++ seen\n",
        "-     3\n+     2\n",
        "seed 1: --seed 1 repeats this\n",
    ]);
}

#[test]
fn each_way_to_fail_is_told() {
    for (body, words) in [
        (
            "test::contains(\"abc\", \"x\")",
            "`\"abc\"` does not contain `\"x\"`",
        ),
        ("test::throws(|| 1)", "the closure does not throw"),
        (
            "test::throws(|| { throw \"a\" }, \"b\")",
            "throws something else",
        ),
        (
            "test::changed(#{ cases: #{ created: 1 } })",
            "`.cases` is missing",
        ),
        (
            "test::snapshot(1)",
            "there is no snapshot `snapshots/x_test/it.json`",
        ),
        ("test::run(\"nope.rhai\")", "there is no file `nope.rhai`"),
        ("test::scenario(#{ nope: 1 })", "unknown field `nope`"),
        ("throw 42", "the script threw `42`"),
        ("throw \"text\"", "error: text"),
        ("throw", "the script threw `()`"),
        ("nope(1)", "there is no function `nope`"),
    ] {
        let told = Project::new(&format!("fn test_it() {{ {body}; }}")).test(&[]);
        told.closes(4, "0 passed, 1 failed")
            .says(&[words, "x_test.rhai:1:"]);
    }
}

#[test]
fn a_script_that_failed_is_shown_though_the_test_did_not_look() {
    let project = Project::new("fn test_it() { test::run(\"bad.rhai\"); test::eq(1, 2); }");
    project.write("bad.rhai", "let a = 1;\nthrow \"inside\";\n");
    project.test(&[]).says(&[
        "a script failed in this test:\n",
        "error: inside\n   --> bad.rhai:2:1",
        "2 | throw \"inside\";",
    ]);
}

#[test]
fn a_loop_without_an_end_is_stopped() {
    let project = Project::new(
        "\nfn test_own() { loop {} }\nfn test_script() { test::run(\"forever.rhai\"); }\n",
    );
    project.write("forever.rhai", "loop {}");
    project
        .test(&["--timeout", "1s"])
        .closes(4, "0 passed, 2 failed")
        .says(&[
            "the test did not come to an end in 1 s\n --> x_test.rhai:2:",
            "the script did not come to an end in 1 s\n --> x_test.rhai:3:",
        ]);
}

#[test]
fn snapshots_are_kept_and_compared() {
    let tests = "fn test_it() { test::snapshot(#{ a: 1 }); test::snapshot(2, \"other\"); }";
    let project = Project::new(tests);
    project.test(&[]).closes(4, "0 passed, 1 failed");
    project.test(&["--update"]).closes(0, "1 passed, 0 failed");
    assert_eq!(
        project.read("snapshots/x_test/it.json"),
        "{\n  \"a\": 1\n}\n"
    );
    assert_eq!(project.read("snapshots/x_test/it-other.json"), "2\n");
    project.test(&[]).closes(0, "1 passed, 0 failed");
    project.write("x_test.rhai", &tests.replace("a: 1", "a: 5"));
    project
        .test(&[])
        .closes(4, "0 passed, 1 failed")
        .says(&["it is not what was kept", "-   \"a\": 1\n+   \"a\": 5\n"]);
}

#[test]
fn what_a_test_writes_stays_out_of_the_project() {
    let project = Project::new(
        "fn test_it() { files::write(\"a.txt\", \"a\"); test::eq(files::read(\"a.txt\"), \"a\"); }",
    );
    project.test(&[]).closes(0, "1 passed, 0 failed");
    assert!(!project.path().join("a.txt").exists());
    assert!(!project.path().join(".duvoscript").exists());
}

#[test]
fn examples_in_docs_are_tests() {
    let project = Project::new("fn test_it() {}");
    project.write(
        "add.rhai",
        "/// Adds one.\n///\n/// ```rhai\n/// import \"add\" as add;\n/// add::one(1)\n/// // => 2\n/// ```\nfn one(n) { n + 1 }\n",
    );
    project
        .test(&[])
        .closes(0, "2 passed, 0 failed")
        .says(&["ok   add.rhai::one ("]);
    let wrong = project.read("add.rhai").replace("=> 2", "=> 3");
    project.write("add.rhai", &wrong);
    project
        .test(&["add.rhai"])
        .closes(4, "0 passed, 1 failed")
        .says(&[
            "the example of `one` gives something else\n --> add.rhai:6:",
            "6 | /// // => 3",
            "- 3\n+ 2\n",
        ]);
}
