//! What is wrong with paths and files is told, with the exit code that CI reads.

use crate::project::Project;

#[test]
fn paths_without_tests_are_a_wrong_command_line() {
    let project = Project::new("fn test_it() {}");
    project.write("plain.rhai", "1");
    project.write("empty/readme.md", "");
    project.test(&["nope"]).refuses(&["there is no `nope`"]);
    project
        .test(&["empty"])
        .refuses(&["there are no tests below"]);
    project
        .test(&["plain.rhai"])
        .refuses(&["`plain.rhai` has no tests", "plain_test.rhai"]);
    project.test(&["--jobs", "0"]).refuses(&["--jobs"]);
    project.test(&["--timeout", "soon"]).refuses(&["--timeout"]);
}

#[test]
fn a_script_stands_for_the_tests_beside_it() {
    let project = Project::new("fn test_it() {}");
    project.write("x.rhai", "1");
    project.write("other_test.rhai", "fn test_other() { throw 1; }");
    project.test(&["x.rhai"]).closes(0, "1 passed, 0 failed");
}

#[test]
fn a_file_that_cannot_be_run_fails_beside_the_others() {
    let project = Project::new("fn test_it() {}");
    project.write("broken_test.rhai", "fn test_a() {\n    let\n}");
    project.write("empty_test.rhai", "");
    project.test(&[]).closes(4, "1 passed, 2 failed").says(&[
        "FAIL broken_test.rhai (",
        "--> broken_test.rhai:3:1",
        "`empty_test.rhai` has no tests",
    ]);
}

#[test]
fn a_file_with_errors_at_its_top_fails_each_of_its_tests() {
    let project = Project::new("import \"nope\" as nope;\nfn test_it() {}");
    project
        .test(&[])
        .closes(4, "0 passed, 1 failed")
        .says(&["nope"]);
}
