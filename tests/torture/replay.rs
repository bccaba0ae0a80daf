//! Everything that could be different the next time stays what it was: after a kill, with another
//! source on disk, other files, another environment, and at another time.

use serde_json::Value;

use crate::world::{Case, World, result, was_killed};

const CASE: Case = Case {
    name: "replay.rhai",
    script: include_str!("replay.rhai"),
    data: &[
        ("helper.rhai", "fn answer() { 42 }\n"),
        ("data.txt", "as it was"),
    ],
};

/// Runs the script until it sleeps at its end, and kills it there; returns what it printed.
fn printed_and_killed(world: &World) -> String {
    let mut command = world.command(
        &["run", &world.option(), CASE.name],
        "run::send::before=3*off->1*return",
    );
    let killed = command.env("REGION", "eu-central").output().unwrap();
    assert!(
        was_killed(&killed),
        "{}",
        String::from_utf8_lossy(&killed.stderr)
    );
    String::from_utf8(killed.stderr).unwrap().trim().to_owned()
}

fn resumed(world: &World) -> Value {
    let mut command = world.command(&["runs", "resume", "last"], "");
    let output = command.env("REGION", "us-east").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", result(&output));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(stderr.trim(), "", "what was printed shows once");
    result(&output)
}

#[test]
fn nothing_differs_on_a_replay() {
    let world = World::new(&CASE);
    let printed = printed_and_killed(&world);
    world.control("POST", "clock", &serde_json::json!({ "seconds": 86_400 }));
    std::fs::write(
        world.folder.path().join("helper.rhai"),
        "fn answer() { 0 }\n",
    )
    .unwrap();
    std::fs::write(world.folder.path().join("data.txt"), "otherwise").unwrap();
    std::fs::write(
        world.folder.path().join(CASE.name),
        "throw \"another script\"",
    )
    .unwrap();
    let result = resumed(&world);
    let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    // The environment's value is a secret to whatever shows it, and the script's own all the same.
    assert_eq!(value(result.as_str().unwrap()), value(&printed));
    assert_eq!(value(&printed)["metadata"], "refused");
}

#[test]
fn a_run_goes_on_when_its_script_is_deleted() {
    let world = World::new(&CASE);
    let printed = printed_and_killed(&world);
    for file in ["helper.rhai", "data.txt", CASE.name] {
        std::fs::remove_file(world.folder.path().join(file)).unwrap();
    }
    assert_eq!(resumed(&world), printed);
}

#[test]
fn what_the_run_depends_on_is_what_it_was_told_to_be() {
    let world = World::new(&CASE);
    let printed = printed_and_killed(&world);
    assert!(printed.contains("\"helped\":42"), "{printed}");
    assert!(printed.contains("as it was"), "{printed}");
}
