//! How a daemon ends, and how the next one goes on.

use std::process::Command;

use serde_json::json;

use crate::ground::{Ground, until};

const TWO_STEPS: &str = r#"
files::append("begun.txt", "x");
let answer = ask("Go on?", #{ deadline: "1h" });
files::append("ended.txt", "x");
answer
"#;

#[test]
fn sigterm_drains_and_the_next_start_goes_on() {
    let ground = Ground::new(&[
        ("ask.rhai", TWO_STEPS),
        (
            "busy.rhai",
            "let n = 0; while n < 300 { sleep(\"5ms\"); n += 1; } n",
        ),
        ("loop.rhai", "loop { }"),
    ]);
    let daemon = ground.serve_with(&["--grace", "2s"], "").unwrap();
    let asking = daemon.begin("ask.rhai");
    daemon.until(&asking, "waiting");
    let busy = daemon.begin("busy.rhai");
    let looping = daemon.begin("loop.rhai");
    daemon.until(&looping, "running");
    daemon.signal("TERM");
    let (code, said) = daemon.wait();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("stopping"), "{said}");

    let daemon = ground.serve();
    assert_eq!(daemon.until(&busy, "done")["result"], 300);
    assert_eq!(daemon.until(&looping, "running")["state"], "running");
    let item = daemon.item();
    let path = format!("/api/v1/inbox/{}", item["id"].as_str().unwrap());
    daemon.post(&path, &json!({ "text": "yes" }));
    daemon.until(&asking, "done");
    assert_eq!(
        (ground.read("begun.txt"), ground.read("ended.txt")),
        ("x".into(), "x".into())
    );
}

#[test]
fn a_second_daemon_says_who_holds_the_first() {
    let ground = Ground::new(&[]);
    let daemon = ground.serve();
    let (code, said) = ground.serve_with(&[], "").err().unwrap();
    assert_eq!(code, Some(6), "{said}");
    let pid = format!("process {}", daemon.child.id());
    for word in [pid.as_str(), "since", &daemon.url] {
        assert!(said.contains(word), "`{word}` is not in {said}");
    }
    daemon.kill();
    ground.serve().get("/api/v1/overview");
}

#[test]
fn of_two_that_start_at_once_one_serves() {
    let ground = Ground::new(&[]);
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let start = || ground.serve_with(&[], "");
        let both = [scope.spawn(start), scope.spawn(start)];
        both.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let serving = outcomes.iter().filter(|outcome| outcome.is_ok());
    assert_eq!(serving.count(), 1);
    let refused = outcomes.into_iter().find_map(Result::err).unwrap();
    assert_eq!(refused.0, Some(6), "{}", refused.1);
}

#[test]
fn a_broken_journal_ends_the_daemon_with_a_word() {
    let ground = Ground::new(&[(
        "x.rhai",
        "let text = \"x\"; text.pad(100000, \"y\"); print(text); 1",
    )]);
    // No file may become larger than half a megabyte: to the journal the disk is full.
    let program = ground.program(&["serve", "--json", "--listen", "127.0.0.1:0"]);
    let mut shell = Command::new("/bin/sh");
    shell.current_dir(ground.folder.path()).env_clear();
    shell.args(["-c", "trap '' XFSZ; ulimit -f 1024; exec \"$0\" \"$@\""]);
    shell.arg(program.get_program()).args(program.get_args());
    let daemon = ground.serve_as(shell).unwrap();
    until(
        || {
            let request = daemon.posting("/api/v1/runs", &json!({ "script": "x.rhai" }));
            daemon
                .try_send(request)
                .is_none_or(|answer| answer.status == 500)
        },
        "the journal to break",
    );
    let (code, said) = daemon.wait();
    assert_eq!(code, Some(6), "{said}");
    assert!(said.contains("journal"), "{said}");
}
