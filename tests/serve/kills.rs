//! SIGKILL while a slot fires, while a run wakes up, while an answer is taken: no slot runs twice, no
//! slot is without a fate, and no answer is lost.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::ground::{Daemon, Ground, until};

/// Every slot leaves one mark of its own.
const OFTEN: &str = "// /// duvoscript\n// [schedule]\n// every = \"1s\"\n// overlap = \"allow\"\n// catch_up = \"all\"\n// window = \"1h\"\n// ///\nsleep(\"20ms\"); files::append(\"ran.txt\", \"x\");";

fn slots(daemon: &Daemon<'_>) -> Vec<Value> {
    let slots = daemon.get("/api/v1/slots?limit=1000");
    slots.as_array().unwrap().clone()
}

#[test]
fn killed_while_firing_no_slot_runs_twice_and_none_is_forgotten() {
    for point in [
        "journal::slots::written=1*off->1*return",
        "journal::slots::after=1*off->1*return",
        "journal::slots::settled=1*off->1*return",
        "journal::claim::after=1*off->1*return",
        "run::at_once::before=1*off->1*return",
        "run::at_once::after=1*off->1*return",
    ] {
        let ground = Ground::new(&[("scripts/often.rhai", OFTEN)]);
        let killed = ground.serve_with(&[], point).unwrap();
        let (code, said) = killed.wait();
        assert_eq!(code, None, "{point} kills it: {said}");
        let daemon = ground.serve();
        until(
            || {
                slots(&daemon)
                    .iter()
                    .filter(|slot| slot["run_state"] == "done")
                    .count()
                    >= 4
            },
            "four slots",
        );
        let slots = slots(&daemon);
        let mut at: Vec<_> = slots
            .iter()
            .map(|slot| slot["at"].as_str().unwrap())
            .collect();
        at.reverse();
        let seconds: Vec<i64> = at
            .iter()
            .map(|at| at.parse::<jiff::Timestamp>().unwrap().as_second())
            .collect();
        let without_gap = seconds.windows(2).all(|pair| pair[1] == pair[0] + 1);
        assert!(without_gap, "{point}: {seconds:?}");
        let mut runs: BTreeMap<&str, usize> = BTreeMap::new();
        let all = daemon.get("/api/v1/runs?limit=1000");
        for run in all.as_array().unwrap() {
            *runs.entry(run["slot"].as_str().unwrap()).or_default() += 1;
        }
        assert!(runs.values().all(|count| *count == 1), "{point}: {runs:?}");
    }
}

#[test]
fn killed_while_waking_up_a_run_goes_on_once() {
    let script = "sleep(\"300ms\"); files::append(\"woken.txt\", \"x\"); 7";
    for point in [
        "journal::claim::after=1*off->1*return",
        "run::at_once::before=1*return",
        "run::at_once::after=1*return",
    ] {
        let ground = Ground::new(&[("nap.rhai", script)]);
        let daemon = ground.serve_with(&[], point).unwrap();
        let run = daemon.begin("nap.rhai");
        let (code, said) = daemon.wait();
        assert_eq!(code, None, "{point} kills it: {said}");
        let daemon = ground.serve();
        assert_eq!(daemon.until(&run, "done")["result"], 7);
        assert_eq!(ground.read("woken.txt"), "x", "{point}");
    }
}

#[test]
fn killed_while_an_answer_is_taken_it_is_not_lost() {
    let script = "let answer = ask(\"Go on?\", #{ deadline: \"1h\" }); files::append(\"said.txt\", answer); answer";
    for point in [
        "journal::deliver::after=1*return",
        "run::at_once::before=1*return",
        "run::at_once::after=1*return",
    ] {
        let ground = Ground::new(&[("ask.rhai", script)]);
        let daemon = ground.serve_with(&[], point).unwrap();
        let run = daemon.begin("ask.rhai");
        let item = daemon.item();
        let path = format!("/api/v1/inbox/{}", item["id"].as_str().unwrap());
        _ = daemon.try_send(daemon.posting(&path, &json!({ "text": "yes" })));
        let (code, said) = daemon.wait();
        assert_eq!(code, None, "{point} kills it: {said}");
        let daemon = ground.serve();
        assert_eq!(daemon.until(&run, "done")["result"], "yes", "{point}");
        assert_eq!(ground.read("said.txt"), "yes", "{point}");
    }
}
