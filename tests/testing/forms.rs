//! The forms in which the program tells how tests went, and the options that choose among them.

use serde_json::json;

use crate::project::Project;

const MIXED: &str =
    "fn test_good() {}\n\nfn test_bad() {\n    print(\"talk <&>\");\n    test::eq(1, 2);\n}\n";

#[test]
fn json_is_json_alone() {
    let project = Project::new(MIXED);
    let told = project.json(&["--seed", "7"]);
    assert_eq!([&told["passed"], &told["failed"], &told["seed"]], [1, 1, 7]);
    let (good, bad) = (&told["tests"][0], &told["tests"][1]);
    assert_eq!(
        (&good["name"], &good["line"]),
        (&json!("test_good"), &json!(1))
    );
    assert_eq!(
        [&good["passed"], &good["failure"]],
        [&json!(true), &json!(null)]
    );
    assert!(good["seconds"].is_f64());
    let failure = &bad["failure"];
    assert_eq!(
        [&failure["line"], &failure["seen"], &failure["expected"]],
        [5, 1, 2]
    );
    assert_eq!(failure["source"], "x_test.rhai");
    assert_eq!(bad["printed"], json!(["talk <&>"]));
}

#[test]
fn junit_is_xml_with_a_case_a_test() {
    let project = Project::new(MIXED);
    project
        .test(&["--junit", "out.xml"])
        .closes(4, "1 passed, 1 failed");
    let xml = project.read("out.xml");
    for part in [
        "<testsuites name=\"duvoscript test\" tests=\"2\" skipped=\"0\" failures=\"1\"",
        "<testsuite name=\"x_test.rhai\" tests=\"2\"",
        "<testcase name=\"test_good\" classname=\"x_test.rhai\"",
        "<failure message=\"test::eq: it is `1`, not `2`\"",
        "talk &lt;&amp;&gt;",
    ] {
        assert!(xml.contains(part), "`{part}` is not in {xml}");
    }
    project
        .test(&["--junit", "nowhere/out.xml"])
        .refuses(&["cannot write `nowhere/out.xml`"]);
}

#[test]
fn tap_has_a_plan_and_a_line_a_test() {
    let told = Project::new(MIXED).test(&["--tap"]);
    assert_eq!(told.code, Some(4));
    assert!(told.out.starts_with("TAP version 14\n1..2\nok 1 - x_test.rhai::test_good\nnot ok 2 - x_test.rhai::test_bad\n  ---\n  message: |\n"), "{told:?}");
    told.says(&["\n  ...\n", "# seed 1\n"]);
}

#[test]
fn a_filter_chooses_tests_by_file_and_name() {
    let project = Project::new(MIXED);
    project.write("y_test.rhai", "fn test_good() {}");
    project
        .test(&["--filter", "good"])
        .closes(0, "2 passed, 0 failed");
    project
        .test(&["--filter", "y_test"])
        .closes(0, "1 passed, 0 failed");
    let told = project.test(&["--filter", "nope"]);
    told.refuses(&["no test has `nope` in its name"]);
}

#[test]
fn the_first_failure_may_end_it() {
    let project = Project::new("fn test_a() { throw 1; }\nfn test_b() {}\nfn test_c() {}");
    project
        .test(&["--fail-fast", "--jobs", "1"])
        .closes(4, "0 passed, 1 failed")
        .says(&["2 not run after the first failure"]);
}

#[test]
fn a_seed_decides_what_chance_gives() {
    let project = Project::new("fn test_it() { print(random()); test::eq(1, 2); }");
    let draw = |seed: &str| {
        let told = project.json(&["--seed", seed]);
        told["tests"][0]["printed"][0].clone()
    };
    assert_eq!(draw("5"), draw("5"));
    assert_ne!(draw("5"), draw("6"));
    project
        .test(&["--seed", "6"])
        .says(&["seed 6: --seed 6 repeats this\n"]);
}

#[test]
fn coverage_tells_the_lines_that_were_not_reached() {
    let project = Project::new("fn test_it() { test::run(\"a.rhai\", #{ n: 1 }); }");
    project.write(
        "a.rhai",
        "// /// duvoscript\n// [args]\n// n = { type = \"int\" }\n// ///\nimport \"b\" as b;\nif args.n > 5 {\n    print(\"many\");\n}\nb::used();\n",
    );
    project.write("b.rhai", "fn used() {\n    1\n}\nfn unused() {\n    2\n}\n");
    let told = project.test(&["--coverage", "--lcov", "out.info"]);
    told.closes(0, "1 passed, 0 failed");
    let line = |name: &str| {
        let mut lines = told.out.lines();
        lines.find(|line| line.contains(name)).unwrap().to_owned()
    };
    assert!(line("  a.rhai").ends_with("not reached: 7"), "{told:?}");
    assert!(line("  b.rhai").ends_with("not reached: 5"), "{told:?}");
    let lcov = project.read("out.info");
    for part in [
        "SF:a.rhai\n",
        "DA:7,0\n",
        "SF:b.rhai\nDA:2,1\nDA:5,0\nLF:2\nLH:1\nend_of_record",
    ] {
        assert!(lcov.contains(part), "`{part}` is not in {lcov}");
    }
    let json = project.json(&["--coverage"]);
    assert_eq!(json["coverage"]["b.rhai"], json!({ "2": 1, "5": 0 }));
}
