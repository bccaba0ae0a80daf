//! `runs signal`, `answer` and `resolve`: what people tell a run.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use duvoscript::journal::{Journal, NewRun, NewStep, RunState, StoredSource, Write as Put};
use serde_json::json;

use crate::ground::{Ground, until};

#[test]
fn a_signal_counts_before_and_during_the_wait_and_only_once() {
    let script = r#"print("ready"); sleep("2s");
        let early = signal::wait("early", #{ deadline: "1h" });
        let late = signal::wait("late", #{ deadline: "1h" });
        [early, late]"#;
    let ground = Ground::new(script);
    let mut run = ground.start(&["run", "x.rhai", "--json"]);
    ground.until_steps(1);
    ground
        .call(&["runs", "signal", "last", "early", "{\"n\": 1}"])
        .ends(0, &["has the signal `early`"]);
    let second = ground.call(&["runs", "signal", "last", "early", "2"]);
    second.ends(
        2,
        &[
            "had the signal `early` before",
            "{\"n\":1}",
            "from ada",
            "the first one counts",
        ],
    );
    let is_late = || {
        ground
            .last()
            .reason
            .is_some_and(|reason| reason.contains("`late`"))
    };
    until(is_late, "the second wait");
    ground
        .call(&["runs", "signal", "last", "late", "yes"])
        .ends(2, &["is no JSON", "'\"yes\"'"]);
    ground
        .call(&["runs", "signal", "last", "answer:1", "1"])
        .ends(2, &["runs answer"]);
    ground
        .call(&["runs", "signal", "last", "late", "\"yes\""])
        .ends(0, &[]);
    let told = run.wait();
    assert_eq!(told.json(), json!([{ "n": 1 }, "yes"]));
    ground
        .call(&["runs", "signal", "last", "late", "1"])
        .ends(2, &["has ended: done"]);
    let events = &ground.json(&["runs", "show", "last"])["events"];
    assert_eq!(
        (&events[0]["name"], &events[0]["by"]),
        (&json!("early"), &json!("ada"))
    );
}

#[test]
fn a_question_is_answered_from_elsewhere() {
    let script = r#"ask("Approve 1,250 EUR?", #{ choices: ["approve", "deny"], deadline: "1h" })"#;
    let ground = Ground::new(script);
    let mut run = ground.start(&["run", "x.rhai"]);
    ground.until("waiting");
    let shown = ground.call(&["runs", "show", "last"]).out;
    assert!(
        shown.contains("Approve 1,250 EUR?") && shown.contains("runs answer"),
        "{shown}"
    );
    ground
        .call(&["runs", "answer", "last", "maybe"])
        .ends(2, &["none of the choices", "approve, deny"]);
    ground
        .call(&["runs", "answer", "last", "9", "deny"])
        .ends(2, &["step `9` asks nothing"]);
    ground
        .call(&["runs", "answer", "last", "D"])
        .ends(0, &["has the answer to `Approve"]);
    assert_eq!(run.wait().out, "deny\n");
    ground
        .call(&["runs", "answer", "last", "deny"])
        .ends(2, &["has ended"]);
}

#[test]
fn of_several_questions_one_is_named() {
    let script = r#"parallel(["Colour?", "Name?"], |q| ask(q, #{ deadline: "1h" }))"#;
    let ground = Ground::new(script);
    let run = ground.start(&["run", "x.rhai"]);
    let journal = ground.journal();
    let both = || {
        ground.until("waiting").steps == 2 && journal.waits(&ground.last().id).unwrap().len() == 2
    };
    until(both, "both questions");
    run.kill();
    let told = ground.call(&["runs", "answer", "last", "red"]);
    told.ends(2, &["asks several questions", "Colour?", "Name?"]);
    let waits = ground.json(&["runs", "show", "last"])["waits"].clone();
    for (wait, answer) in waits.as_array().unwrap().iter().zip(["red", "Ada"]) {
        let step = wait["step"].as_str().unwrap();
        ground
            .call(&["runs", "answer", "last", step, answer])
            .ends(0, &["runs resume"]);
        let again = ground.call(&["runs", "answer", "last", step, "x"]);
        again.ends(2, &[&format!("`\"{answer}\"` from ada")]);
    }
    assert_eq!(
        ground.json(&["runs", "resume", "last"]),
        json!(["red", "Ada"])
    );
}

/// A server that hangs at its first request, and answers all later ones.
struct Hanging {
    port: u16,
    requests: Arc<AtomicUsize>,
}

impl Hanging {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&requests);
        std::thread::spawn(move || {
            let mut kept: Vec<TcpStream> = Vec::new();
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let _ = stream.read(&mut [0; 4096]).unwrap();
                if counted.fetch_add(1, Ordering::SeqCst) > 0 {
                    let answer =
                        "HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\nsent";
                    stream.write_all(answer.as_bytes()).unwrap();
                }
                kept.push(stream);
            }
        });
        Self { port, requests }
    }

    fn count(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    /// Runs a script that posts once, kills it there, and takes it up again.
    fn cut_off(&self) -> Ground {
        let port = self.port;
        let script = format!(
            "// /// duvoscript\n// hosts = [\"127.0.0.1:{port}\"]\n// ///\n\
             files::append(\"before.txt\", \"x\");\n\
             let told = ();\n\
             try {{ told = http::post(\"http://127.0.0.1:{port}/\", #{{ n: 1 }}).body }} \
             catch (e) {{ told = e.kind }}\ntold"
        );
        let ground = Ground::new(&script);
        let run = ground.start(&["run", "x.rhai"]);
        until(|| self.count() == 1, "the request");
        run.kill();
        let told = ground.call(&["runs", "resume", "last"]);
        told.ends(7, &["was cut off", "runs resolve", "x.rhai:6"]);
        assert_eq!(ground.last().state, RunState::Uncertain);
        ground
    }
}

#[test]
fn a_person_settles_what_was_cut_off() {
    let settled: [(&[&str], &str, usize, &str); 3] = [
        (&["--retry"], "will be sent again", 2, "sent\n"),
        (
            &[
                "--done",
                r#"{"status": 200, "headers": {}, "body": "it was"}"#,
            ],
            "counts as done",
            1,
            "it was\n",
        ),
        (&["--fail"], "counts as failed", 1, "network\n"),
    ];
    for (said, told, requests, result) in settled {
        let server = Hanging::start();
        let ground = server.cut_off();
        let resolve = [&["runs", "resolve", "last", "1"], said].concat();
        ground.call(&resolve).ends(0, &[told, "runs resume"]);
        let resumed = ground.call(&["runs", "resume", "last"]);
        assert_eq!(
            (resumed.code, resumed.out.as_str()),
            (Some(0), result),
            "{resumed:?}"
        );
        assert_eq!(server.count(), requests, "{said:?}");
        assert_eq!(ground.read("before.txt"), "x");
        if requests == 1 {
            let step = ground.json(&["runs", "show", "last", "1"]);
            assert_eq!(step["note"], "settled by a person");
        }
    }
}

#[test]
fn only_what_is_in_doubt_is_settled() {
    let server = Hanging::start();
    let ground = server.cut_off();
    let resolve = |more: &[&str]| ground.call(&[&["runs", "resolve", "last"], more].concat());
    resolve(&["0", "--retry"]).ends(2, &["step `0` (before.txt) has its outcome already"]);
    resolve(&["7", "--retry"]).ends(2, &["has no step `7`"]);
    resolve(&["1"]).ends(2, &["--retry"]);
    resolve(&["1", "--retry", "--fail"]).ends(2, &["cannot be used with"]);
    resolve(&["1", "--done", "yes"]).ends(2, &["is no JSON"]);
    resolve(&["1", "--done", "5"]).ends(0, &["warning", "status"]);
    resolve(&["1", "--done", "5"]).ends(2, &["has its outcome already"]);
    ground.call(&["runs", "cancel", "last"]).ends(0, &[]);
    resolve(&["1", "--retry"]).ends(2, &["has ended"]);
}

#[test]
fn an_answer_is_held_against_the_catalog() {
    let ground = Ground::new("duvo::jobs::start(#{})");
    begun(&ground.journal(), "jobs.start");
    let resolve = |answer: &str| ground.call(&["runs", "resolve", "last", "1", "--done", answer]);
    resolve("{\"id\": \"x\"}").ends(0, &["warning: this is not what `jobs.start` answers"]);
}

#[test]
fn nothing_is_done_anew_behind_a_step_in_doubt() {
    let ground = Ground::new("");
    let journal = ground.journal();
    let step = begun(&journal, "jobs.start");
    let next = NewStep {
        ticket: 1,
        key: "2".into(),
        ..step
    };
    journal.put(Put::Step(next)).unwrap();
    journal.flush().unwrap();
    let told = ground.call(&["runs", "rerun", "last", "--from", "2"]);
    told.ends(2, &["step `1` (jobs.start) comes before", "runs resolve"]);
}

/// Puts a run that was killed in its first call into the journal; returns that call.
fn begun(journal: &Journal, endpoint: &str) -> NewStep {
    let at = "2026-01-05T08:00:00Z".parse().unwrap();
    let run = || "11111111-1111-4111-8111-111111111111".to_owned();
    journal
        .put(Put::Run(NewRun {
            state: RunState::Uncertain,
            ..NewRun::queued(run(), "x.rhai", duvoscript::run::ENGINE, at)
        }))
        .unwrap();
    let source = StoredSource {
        name: "x.rhai".into(),
        text: String::new(),
    };
    journal.put(Put::Source { run: run(), source }).unwrap();
    let step = NewStep {
        run: run(),
        ticket: 0,
        key: "1".into(),
        kind: "call".into(),
        name: endpoint.into(),
        fingerprint: [0; 16],
        source: "x.rhai".into(),
        line: 1,
        column: 1,
        request: "{}".into(),
        mutates: true,
        at,
    };
    journal.put(Put::Step(step.clone())).unwrap();
    journal.flush().unwrap();
    step
}
