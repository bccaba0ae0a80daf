//! Scripts that are killed at every border of every effect.

use crate::project::Project;

const STEADY: &str = r#"
let queue = duvo::queues::find("Invoices");
for title in ["A", "B"] { duvo::cases::create(queue, [#{ title: title }]); }
duvo::cases::list(queue).filter(|one| one.title == "A").len()
"#;

#[test]
fn a_script_that_bears_death_passes_and_says_how_often_it_died() {
    let project = Project::new(
        "fn test_it() { test::eq(test::run(\"a.rhai\").result, 1); test::changed(#{ cases: #{ created: 2 } }); }",
    );
    project.write("a.rhai", STEADY);
    let told = project.json(&["--crash-everywhere"]);
    assert_eq!((&told["passed"], &told["failed"]), (&1.into(), &0.into()));
    let killed = told["tests"][0]["killed"].as_u64().unwrap();
    assert!(killed >= 8, "{killed}");
    project
        .test(&["--crash-everywhere"])
        .says(&[&format!(", killed {killed} times)")]);
}

/// A deletion whose answer was lost finds nothing when it is sent again.
const CLEARING: &str = r#"
let queue = duvo::queues::create(#{ name: "Nobody works here" });
let made = duvo::cases::create(queue, [#{ title: "A" }, #{ title: "B" }]);
let gone = duvo::cases::delete(made[0].id).success;
duvo::request("DELETE", `/v2/cases/${made[1].id}`);
gone
"#;

#[test]
fn a_deletion_bears_death() {
    let project = Project::new(
        "fn test_it() { test::eq(test::run(\"a.rhai\").result, true); test::changed(#{ cases: #{ created: 2, deleted: 2 }, queues: #{ created: 1 } }); }",
    );
    project.write("a.rhai", CLEARING);
    project
        .test(&["--crash-everywhere"])
        .closes(0, "1 passed, 0 failed");
}

/// Nothing lists sandboxes, so that nobody can look one up whose making was cut off.
const UNSEEN: &str = "duvo::sandboxes::create(); ()";

#[test]
fn a_script_that_does_not_bear_death_fails_with_the_place() {
    let project = Project::new("fn test_it() { test::run(\"a.rhai\"); }");
    project.write(
        "a.rhai",
        &format!("on_uncertain(|cut| \"retry\");\n{UNSEEN}"),
    );
    project.test(&[]).closes(0, "1 passed, 0 failed");
    project
        .test(&["--crash-everywhere"])
        .closes(4, "0 passed, 1 failed")
        .says(&[
            "killed at border ",
            " of a.rhai and taken up again, it has changed something else",
            "+   \"sandboxes.create",
        ]);
}

#[test]
fn a_run_that_must_stop_for_a_person_is_told_and_does_not_fail() {
    let project = Project::new("fn test_it() { test::eq(test::run(\"a.rhai\").error, ()); }");
    project.write("a.rhai", UNSEEN);
    project
        .test(&["--crash-everywhere"])
        .closes(0, "1 passed, 0 failed")
        .says(&[" left to a person)"]);
}

#[test]
fn a_test_that_fails_without_a_death_is_not_killed() {
    let project = Project::new("fn test_it() { test::run(\"a.rhai\"); test::eq(1, 2); }");
    project.write("a.rhai", STEADY);
    let told = project.test(&["--crash-everywhere"]);
    told.closes(4, "0 passed, 1 failed");
    assert!(!told.out.contains("killed"), "{told:?}");
}
