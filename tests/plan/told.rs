//! The list of changes, as text and as JSON, and what only the real system can tell.

use serde_json::json;

use crate::world::World;

const TWO: &str = r#"
let queue = duvo::queues::find("Invoices");
let made = duvo::cases::create(queue, [#{ title: "New one" }]);
duvo::cases::update_priority(queue, #{ case_ids: [made[0].id], priority: "high" });
files::write("made.txt", `made ${made[0].id}`);
print(files::read("made.txt"));
made[0].title
"#;

#[test]
fn changes_are_listed_in_order_with_their_values_and_nothing_is_sent() {
    let world = World::new(TWO);
    let plan = world.plan();
    let changes = plan["changes"].as_array().unwrap().iter();
    let names: Vec<_> = changes.map(|change| &change["name"]).collect();
    assert_eq!(names, ["cases.create", "cases.update_priority", "made.txt"]);
    let first = &plan["changes"][0];
    assert_eq!(first["at"], "x.rhai:3");
    let wanted = json!({ "cases": [{ "title": "New one" }] });
    assert_eq!(first["request"]["fields"], wanted);
    assert_eq!(plan["changes"][1]["request"]["fields"]["priority"], "high");
    assert_eq!(plan["result"], "New one");
    assert_eq!(world.made(), Vec::<String>::new());
    assert!(!world.path().join("made.txt").exists());
}

#[test]
fn it_says_which_change_needs_the_answer_to_another() {
    let world = World::new(TWO);
    let plan = world.plan();
    let needs = [&plan["changes"][1]["needs"], &plan["changes"][2]["needs"]];
    assert_eq!(needs, [&json!([1]), &json!([1])]);
    let ids = &plan["changes"][1]["request"]["fields"]["case_ids"];
    assert_eq!(*ids, json!(["<id of change 1: added_cases.0.id>"]));
    let text = world.call(&["plan", "x.rhai"]).out;
    for line in [
        "x.rhai would make 3 changes:",
        "1. cases.create   at x.rhai:3",
        "     queue_id: \"",
        "     priority: \"high\"",
        "(needs the answer to change 1, which only the real system can give)",
        "3. write file made.txt   at x.rhai:5",
    ] {
        assert!(text.contains(line), "`{line}` is not in {text}");
    }
}

#[test]
fn what_is_assumed_is_said() {
    let world = World::new(
        r#"
        let agent = duvo::assignments::find("Invoice matcher");
        let job = duvo::jobs::start(#{ agent_id: agent.id, message: "Go" });
        let done = duvo::jobs::finish(job, #{ timeout: "2h" });
        if done.status == "completed" { duvo::jobs::send_message(job, #{ message: "Thanks" }); }
        "#,
    );
    let text = world.call(&["plan", "x.rhai"]).out;
    assert!(
        text.contains("that the Job completes, and asks nobody"),
        "{text}"
    );
    assert!(text.contains("2. "), "{text}");
}

#[test]
fn a_script_that_destroys_nothing_else_is_told_apart() {
    let world = World::new(
        r#"
        let agent = duvo::assignments::find("Invoice matcher");
        duvo::assignments::delete(agent);
        "#,
    );
    let text = world.call(&["plan", "x.rhai"]).out;
    assert!(text.contains("assignments.delete  (destroys)"), "{text}");
    let rehearsed = world.call(&["plan", "--sim", "x.rhai"]);
    assert!(rehearsed.out.contains("(destroys)"), "{rehearsed:?}");
    assert_eq!(world.made(), Vec::<String>::new());
}

#[test]
fn a_rehearsal_tells_new_ids_of_any_form() {
    let world = World::new(
        r#"
        let sandbox = duvo::sandboxes::create();
        let agent = duvo::assignments::find("Invoice matcher");
        duvo::jobs::start(#{ agent_id: agent.id, message: "Go", sandbox_id: sandbox.sandbox_id });
        "#,
    );
    let told = world.call(&["plan", "--sim", "x.rhai"]);
    assert!(
        told.out.contains("<id of change 1: sandbox_id>"),
        "{told:?}"
    );
}

#[test]
fn a_script_that_changes_nothing_has_an_empty_plan() {
    for script in ["", "duvo::queues::list().len()"] {
        let told = World::new(script).call(&["plan", "x.rhai"]);
        assert_eq!(told.out, "x.rhai would change nothing\n");
        told.ends(0, &[]);
    }
}

#[test]
fn a_script_that_fails_has_the_plan_until_there() {
    let world = World::new("files::write(\"a.txt\", \"a\");\nthrow \"no more\";");
    let told = world.call(&["plan", "x.rhai"]);
    assert!(told.out.contains("1. write file a.txt"), "{told:?}");
    assert!(
        told.out
            .contains("the plan ends before the script does: no more"),
        "{told:?}"
    );
    told.ends(1, &["--> x.rhai:2:1"]);
}

#[test]
fn bad_input_has_its_exit_code() {
    let world = World::new("let");
    world.call(&["plan", "nope.rhai"]).ends(2, &["nope.rhai"]);
    world.call(&["plan", "x.rhai"]).ends(3, &["--> x.rhai:1"]);
    world.call(&["plan"]).ends(2, &["SCRIPT"]);
}
