//! The tests of the example scripts, and the examples of the standard library.

use std::path::Path;

use crate::project::{command, told};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_example_script_has_tests_and_they_pass() {
    for entry in std::fs::read_dir(root().join("scripts")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if let Some(stem) = name
            .strip_suffix(".rhai")
            .filter(|stem| !stem.ends_with("_test"))
        {
            let tests = path.with_file_name(format!("{stem}_test.rhai"));
            assert!(tests.is_file(), "`{name}` has no tests");
        }
    }
    let seen = told(command(root(), &["scripts", "--coverage"]));
    assert_eq!(seen.code, Some(0), "{seen:?}");
    assert!(seen.out.ends_with(" passed, 0 failed\n"), "{seen:?}");
    let covered = seen.out.lines().filter(|line| line.contains('%'));
    for line in covered {
        let share: u32 = line.split('%').next().unwrap().trim().parse().unwrap();
        assert!(share >= 60, "{line}");
    }
}

#[test]
fn a_script_bears_death_at_every_border() {
    for script in ["scripts/triage_cases.rhai", "scripts/rotate_secret.rhai"] {
        let seen = told(command(root(), &[script, "--crash-everywhere"]));
        assert_eq!(seen.code, Some(0), "{seen:?}");
        assert!(seen.out.contains("killed"), "{seen:?}");
    }
}

#[test]
fn the_examples_of_the_standard_library_hold() {
    let seen = told(command(root(), &["stdlib"]));
    assert_eq!(seen.code, Some(0), "{seen:?}");
    assert!(
        seen.out.contains("ok   stdlib/approvals.rhai::by_amount ("),
        "{seen:?}"
    );
}
