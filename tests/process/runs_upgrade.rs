//! `runs upgrade`, and runs that no longer do what is recorded.

use duvoscript::journal::{RunState, StoredSource};
use serde_json::json;

use crate::ground::{Going, Ground};

const OLD: &str = r#"// /// duvoscript
// [args]
// who = { type = "string", default = "Ada" }
// ///
import "part" as part;
print("working");
files::append("out.txt", part::word());
let pick = random::pick([1, 2, 3]);
let got = signal::wait("go", #{ deadline: "1h" });
`old ${got}`"#;

/// Begins a run, and kills it where it waits.
fn ground() -> Ground {
    let ground = Ground::new(OLD);
    ground.write("part.rhai", "fn word() { \"x\" }");
    let mut run: Going = ground.start(&["run", "x.rhai"]);
    run.line("working");
    ground.until("waiting");
    run.kill();
    ground
}

/// Returns all that is recorded of the newest run.
fn record(ground: &Ground) -> String {
    let mut record = Vec::new();
    ground
        .journal()
        .export(&ground.last().id, &mut record)
        .unwrap();
    String::from_utf8(record).unwrap()
}

#[test]
fn sources_that_fit_are_safe_and_switched_only_on_wish() {
    let ground = ground();
    let before = record(&ground);
    let new = OLD.replace(
        "`old ${got}`",
        "files::append(\"out.txt\", \"y\"); `new ${got}`",
    );
    ground.write(
        "x.rhai",
        &new.replace("print(\"working\");", "print(\"other\"); print(\"more\");"),
    );
    let told = ground.call(&["runs", "upgrade", "last"]);
    told.ends(0, &["safe: the 3 recorded steps are the same", "--apply"]);
    assert_eq!(
        (told.out.as_str(), ground.read("out.txt").as_str()),
        ("", "x")
    );
    assert_eq!(record(&ground), before, "a comparison writes nothing");

    ground.write("x.rhai", &new);
    let told = ground.json(&["runs", "upgrade", "last", "--apply"]);
    assert_eq!(
        (&told["safe"], &told["applied"]),
        (&json!(true), &json!(true))
    );
    assert_ne!(record(&ground), before);
    ground.call(&["runs", "signal", "last", "go", "1"]);
    assert_eq!(ground.call(&["runs", "resume", "last"]).out, "new 1\n");
    assert_eq!(ground.read("out.txt"), "xy");
    ground
        .call(&["runs", "upgrade", "last"])
        .ends(2, &["has ended"]);
}

#[test]
fn the_first_difference_is_shown_and_nothing_is_switched() {
    let ground = ground();
    let before = record(&ground);
    let differs = |text: &str, words: &[&str]| {
        ground.write("x.rhai", text);
        let told = ground.call(&["runs", "upgrade", "last", "--apply"]);
        told.ends(3, words).ends(3, &["nothing was changed"]);
        assert_eq!(told.out, "");
    };
    let first = OLD.replace("\"out.txt\"", "\"other.txt\"");
    differs(
        &first,
        &[
            "step 0 asks for something else",
            "x.rhai:7:8",
            "out.txt",
            "other.txt",
            "^^^^",
        ],
    );
    let missing = OLD.replace("let pick = random::pick([1, 2, 3]);\nlet got = signal::wait(\"go\", #{ deadline: \"1h\" });", "let got = 1;");
    differs(
        &missing,
        &[
            "step 1 is not asked for any more",
            "x.rhai:8",
            "random::pick",
        ],
    );
    differs(
        &OLD.replace("\"1h\"", "\"2h\""),
        &["step 2 asks for something else", "3600", "7200"],
    );
    differs("let x = ;", &["x.rhai:1"]);
    differs(
        &OLD.replace("random::pick", "random::pock"),
        &["no function `random::pock`", "would fail"],
    );
    differs(&OLD.replace("who =", "whom ="), &["no argument `whom`"]);
    ground.write("x.rhai", OLD);
    ground.write("part.rhai", "fn word() { \"longer\" }");
    let told = ground.call(&["runs", "upgrade", "last", "--json"]);
    told.ends(3, &[]);
    let difference = &told.json()["difference"];
    assert_eq!(
        (&difference["kind"], &difference["step"]),
        (&json!("changed"), &json!("0"))
    );
    std::fs::remove_file(ground.path().join("x.rhai")).unwrap();
    ground
        .call(&["runs", "upgrade", "last"])
        .ends(2, &["cannot read `x.rhai`"]);

    assert_eq!(record(&ground), before);
    assert!(!ground.path().join("other.txt").exists());
    ground.call(&["runs", "signal", "last", "go", "2"]);
    assert_eq!(ground.call(&["runs", "resume", "last"]).out, "old 2\n");
}

#[test]
fn a_run_in_hand_is_not_upgraded() {
    let ground = Ground::new("signal::wait(\"go\", #{ deadline: \"1h\" })");
    let run = ground.start(&["run", "x.rhai"]);
    ground.until("waiting");
    ground
        .call(&["runs", "upgrade", "last"])
        .ends(2, &["is being executed", "runs pause"]);
    run.kill();
}

#[test]
fn a_diverged_run_rests_and_goes_on_with_its_own_source() {
    let ground = ground();
    let journal = ground.journal();
    let run = ground.last();
    let own = journal.sources(&run.id).unwrap();
    let other = StoredSource {
        name: "x.rhai".into(),
        text: OLD.replace("\"out.txt\"", "\"other.txt\""),
    };
    journal
        .replace_sources(&run.id, &[other], &run.engine)
        .unwrap();
    let told = ground.call(&["runs", "resume", "last"]);
    told.ends(
        7,
        &[
            "step 0 of the run",
            "recorded:",
            "out.txt",
            "other.txt",
            "x.rhai:7",
            "nothing was sent",
        ],
    );
    assert_eq!(ground.last().state, RunState::Diverged);
    assert_eq!(
        ground.json(&["runs", "list", "--only", "diverged"])[0]["id"],
        run.id
    );
    ground
        .call(&["runs", "pause", "last"])
        .ends(2, &["rests already: diverged"]);
    assert!(!ground.path().join("other.txt").exists());

    journal.replace_sources(&run.id, &own, &run.engine).unwrap();
    ground.call(&["runs", "signal", "last", "go", "3"]);
    assert_eq!(ground.call(&["runs", "resume", "last"]).out, "old 3\n");
    assert_eq!(ground.read("out.txt"), "x");
}
