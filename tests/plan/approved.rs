//! A run that is held to a plan.

use crate::world::World;

const SCRIPT: &str = r#"
let queue = duvo::queues::find("Invoices");
let made = duvo::cases::create(queue, [#{ title: "New one" }]);
duvo::cases::update_priority(queue, #{ case_ids: [made[0].id], priority: "high" });
files::write("made.txt", `made ${made[0].id}`);
"#;

#[test]
fn what_is_planned_passes_with_the_ids_that_come_out() {
    for more in [&[][..], &["--ephemeral"]] {
        let world = World::new(SCRIPT);
        world.plan();
        world.approved(more).ends(0, &[]);
        assert_eq!(world.made(), ["cases.create", "cases.update_priority"]);
        assert!(world.path().join("made.txt").exists());
    }
}

#[test]
fn another_value_is_refused_at_its_line_before_it_is_sent() {
    for more in [&[][..], &["--ephemeral"]] {
        let world = World::new(SCRIPT);
        world.plan();
        world.write("x.rhai", &SCRIPT.replace("high", "medium"));
        let words = [
            "cases.update_priority",
            "\"medium\"",
            "is not in the approved plan",
            "--> x.rhai:4:",
            "the plan holds next: change 2, cases.update_priority",
            "\"high\"",
        ];
        world.approved(more).ends(1, &words);
        assert_eq!(world.made(), ["cases.create"]);
    }
}

#[test]
fn one_change_too_many_is_refused() {
    let world = World::new(SCRIPT);
    world.plan();
    let more = format!("{SCRIPT}\nduvo::queues::create(#{{ name: \"More\" }});");
    world.write("x.rhai", &more);
    let words = [
        "queues.create",
        "--> x.rhai:7:",
        "the plan holds next: nothing more",
    ];
    world.approved(&[]).ends(1, &words);
    assert!(!world.made().contains(&"queues.create".to_owned()));
}

#[test]
fn what_the_script_catches_is_not_sent_either() {
    let world = World::new("");
    world.plan();
    world.write(
        "x.rhai",
        "try { duvo::queues::create(#{ name: \"More\" }); } catch (error) { print(error.kind) }",
    );
    let told = world.approved(&[]);
    assert_eq!(told.out, "refused\n", "{told:?}");
    assert_eq!(world.made(), Vec::<String>::new());
}

#[test]
fn branches_keep_to_their_own_part_of_the_plan() {
    let script = r"
        parallel([1, 2, 3], |number| duvo::queues::create(#{ name: `Queue ${number}` }));
    ";
    let world = World::new(script);
    world.plan();
    world.approved(&[]).ends(0, &[]);
    assert_eq!(world.made().len(), 3);
    world.write("x.rhai", &script.replace("[1, 2, 3]", "[1, 3]"));
    world.approved(&[]).ends(1, &["branch", "Queue 2"]);
}

#[test]
fn the_plan_holds_after_a_resume_too() {
    let script = r#"
        duvo::queues::create(#{ name: "One" });
        let word = signal::wait("word", #{ deadline: "1h", otherwise: "Two" });
        duvo::queues::create(#{ name: word });
    "#;
    let world = World::new(script);
    world.plan();
    world.kill_once_it_waits(&["run", "x.rhai", "--approve", "plan.json"]);
    world
        .call(&["runs", "signal", "last", "word", "\"Three\""])
        .ends(0, &[]);
    let resumed = world.call(&["runs", "resume", "last"]);
    let words = ["\"Three\"", "is not in the approved plan", "x.rhai:4"];
    resumed.ends(1, &words);
    assert_eq!(world.made(), ["queues.create"]);
}

#[test]
fn a_plan_that_cannot_be_used_is_a_wrong_argument() {
    let world = World::new(SCRIPT);
    let refuses = |text: &str, words: &[&str]| {
        world.write("plan.json", text);
        world.approved(&[]).ends(2, words);
    };
    refuses("", &["`plan.json` is no plan"]);
    refuses("[1]", &["`plan.json` is no plan"]);
    refuses("{\"form\": 1}", &["`plan.json` is no plan"]);
    let plan = world.plan();
    refuses(
        &plan.to_string().replace("\"form\":1", "\"form\":9"),
        &["form 9", "form 1"],
    );
    refuses(
        &plan.to_string().replace("\"x.rhai\"", "\"y.rhai\""),
        &["`y.rhai`", "`x.rhai`"],
    );
    std::fs::remove_file(world.path().join("plan.json")).unwrap();
    world.approved(&[]).ends(2, &["cannot read `plan.json`"]);
    assert_eq!(world.made(), Vec::<String>::new());
}
