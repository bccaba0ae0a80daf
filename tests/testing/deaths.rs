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

#[test]
fn a_test_that_depends_on_the_life_of_a_run_fails_with_the_place() {
    // A line of output that is lost with the process is seen by nobody.
    let project = Project::new(
        "fn test_it() { test::run(\"a.rhai\"); let many = duvo::cases::list(duvo::queues::find(\"Invoices\")).len(); test::eq(duvo::webhooks_seen(), many); }",
    );
    project.write("a.rhai", STEADY);
    let told = project.test(&["--crash-everywhere"]);
    // A test that fails without a death is not killed.
    told.closes(4, "0 passed, 1 failed");
    assert!(!told.out.contains("killed"), "{told:?}");
}
