//! `parallel` and `retry`: order, errors, stops, and what branches share.

use serde_json::{Value, json};

use super::Fake;
use crate::report::{Failure, FailureKind};
use crate::script::Answer;
use crate::script::Effect;
use crate::script::Halt;
use crate::script::Outcome;
use crate::script::StepKey;
use crate::script::Stop;

const ID: &str = "11111111-1111-4111-8111-111111111111";

/// Answers each `jobs.send_message` with its message, and fails those that say "bad".
fn echo() -> Fake {
    Fake::new(|_, effect| match effect {
        Effect::Call(call) => {
            let text = call.fields["message"].as_str().unwrap();
            if text.starts_with("bad") {
                return Err(
                    Failure::new(FailureKind::Conflict, format!("`{text}` is refused")).into(),
                );
            }
            let answer = json!({"message": {"id": text}});
            Ok(Answer::Json(answer.to_string().into_bytes()))
        }
        Effect::Random => Ok(Answer::Bits(u64::MAX)),
        _ => Ok(Answer::Nothing),
    })
}

fn last(keys: &[StepKey]) -> usize {
    keys.len() - 1
}

fn echoing(list: &str, rest: &str) -> String {
    format!(r#"parallel({list}, |x| duvo::jobs::send_message("{ID}", `${{x}}`).id{rest})"#)
}

#[test]
fn results_come_in_order_whatever_is_done_first() {
    let expected = json!((0..20).map(|n| n.to_string()).collect::<Vec<_>>());
    let list = json!((0..20).collect::<Vec<_>>()).to_string();
    for host in [
        echo(),
        echo().picking(last),
        echo().picking(|keys| keys.len() / 2),
    ] {
        assert_eq!(host.run(&echoing(&list, "")).value(), expected);
    }
}

#[test]
fn at_most_so_many_are_under_way_and_keys_tell_branch_and_step() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let most = std::sync::Arc::new(AtomicUsize::new(0));
    let seen = std::sync::Arc::clone(&most);
    let host = echo().picking(move |keys| {
        seen.fetch_max(keys.len(), Ordering::Relaxed);
        0
    });
    let ran = host.run(&format!(
        "print(`start`); parallel([0, 1, 2, 3], |x| {{ print(x); {} }}, #{{ concurrency: 2 }})",
        r#"duvo::jobs::send_message("11111111-1111-4111-8111-111111111111", `${x}`).id"#
    ));
    assert_eq!(ran.value(), json!(["0", "1", "2", "3"]));
    assert_eq!(most.load(Ordering::Relaxed), 2);
    assert_eq!(
        ran.keys(),
        [
            "0+0", "0/0.0+0", "0/1.0+0", "0/0.0", "0/1.0", "0/2.0+0", "0/3.0+0", "0/2.0", "0/3.0"
        ]
    );
}

#[test]
fn the_first_failure_stops_new_items_and_names_its_item() {
    let ran = echo().run(&echoing(
        r#"["a", "bad 1", "bad 2", "never"]"#,
        ", #{ concurrency: 2 }",
    ));
    let text = ran.problem();
    assert!(text.contains("`bad 1` is refused"), "{text}");
    assert!(text.contains("item 1 (`bad 1`) of parallel"), "{text}");
    assert!(ran.calls().iter().all(|call| call[2]["message"] != "never"));
    let ran = echo()
        .picking(last)
        .run(&echoing(r#"["bad 1", "bad 2"]"#, ""));
    assert!(
        ran.problem().contains("`bad 2` is refused"),
        "the first that happened, not the first of the list"
    );
    let ran = echo().run(&format!(
        "let kind = (); try {{ {} }} catch (e) {{ kind = [e.kind, e.index, e.item]; }} kind",
        echoing(r#"["a", "bad"]"#, "")
    ));
    assert_eq!(ran.value(), json!(["conflict", 1, "bad"]));
}

#[test]
fn all_errors_can_be_collected() {
    let text = format!(
        "let done = {}; [done.results, done.errors.map(|e| [e.index, e.item, e.message])]",
        echoing(r#"["a", "bad", "c"]"#, r#", #{ errors: "collect" }"#)
    );
    assert_eq!(
        echo().run(&text).value(),
        json!([["a", null, "c"], [[1, "bad", "`bad` is refused"]]])
    );
    assert_eq!(
        Fake::silent()
            .run("parallel([], |x| x, #{ errors: \"collect\" })")
            .value(),
        json!({"results": [], "errors": []})
    );
    assert_eq!(Fake::silent().run("parallel([], |x| x)").value(), json!([]));
}

#[test]
fn can_be_nested() {
    let text = "parallel([1, 2], |x| parallel([10, 20], |y| { print(`${x} ${y}`); x * y }))";
    for host in [Fake::silent(), Fake::silent().picking(last)] {
        let ran = host.run(text);
        assert_eq!(ran.value(), json!([[10, 20], [20, 40]]));
        let mut keys = ran.keys();
        keys.sort();
        assert_eq!(
            keys,
            ["0/0.0/0.0+0", "0/0.0/1.0+0", "0/1.0/0.0+0", "0/1.0/1.0+0"]
        );
    }
}

#[test]
fn branches_work_on_their_own_copies() {
    let text = r"
        let total = 0;
        let list = [1, 2, 3];
        let add = |n| { total += n; total };
        let sums = parallel([1, 2, 3], |x| {
            list.push(x);
            list.for_each(|| print(this));
            total += x;
            [total, list.len, add.call(x)]
        });
        [sums, total, list]
    ";
    let expected: Value = json!([[[1, 4, 1], [2, 4, 2], [3, 4, 3]], 0, [1, 2, 3]]);
    for host in [Fake::silent(), Fake::silent().picking(last)] {
        assert_eq!(host.run(text).value(), expected);
    }
}

#[test]
fn functions_and_imports_can_be_used_inside() {
    let ran = Fake::silent()
        .file("other.rhai", "fn twice(x) { x * 2 }")
        .run("import \"./other\" as other; fn inc(x) { x + 1 } parallel([1, 2], |x| other::twice(inc(x)))");
    assert_eq!(ran.value(), json!([4, 6]));
    let ran = Fake::silent().run("fn inc(x) { x + 1 } parallel([1, 2], Fn(\"inc\"))");
    assert_eq!(ran.value(), json!([2, 3]));
}

#[test]
fn a_stop_passes_through() {
    for text in [
        "try { parallel([1, 2, 3], |x| { print(x); x }); } catch { debug(`CAUGHT`); }",
        "try { parallel([1, 2], |x| parallel([1, 2], |y| print(y)), #{ errors: `collect` }); } catch { debug(`CAUGHT`); }",
    ] {
        let ran = Fake::new(|_, effect| match effect {
            Effect::Print(_) => Err(Halt::Stopped),
            _ => Ok(Answer::Nothing),
        })
        .run(text);
        assert!(
            matches!(ran.ended.outcome, Outcome::Stopped(Stop::ByHost)),
            "{:?}",
            ran.ended.outcome
        );
        let effects = ran.host.effects.lock().unwrap();
        assert!(
            !effects
                .iter()
                .any(|(_, effect)| matches!(effect, Effect::Log(..)))
        );
    }
    assert_eq!(
        Fake::silent()
            .run("parallel([1, 2], |x| exit(x)); 3")
            .value(),
        json!(1)
    );
}

#[test]
fn a_panic_in_a_branch_ends_only_the_run() {
    let ran = Fake::new(|_, _| panic!("broken")).run("parallel([1, 2], |x| print(x))");
    assert!(ran.problem().contains("a fault of the program"));
}

#[test]
fn the_limits_hold_for_all_branches_together() {
    use crate::script::Limits;
    let limits = Limits {
        operations: 100_000,
        ..Limits::default()
    };
    let text = "parallel([1, 2, 3, 4], |x| { let n = 0; loop { n += 1; } })";
    let problem = Fake::silent().run_with(text, &[], &limits).problem();
    assert!(
        problem.contains("used up its 100000 operations"),
        "{problem}"
    );
    let limits = Limits {
        memory_bytes: 16 << 20,
        ..Limits::default()
    };
    let text = "parallel([1, 2, 3, 4], |x| { let s = blob(5000000); print(x); s })";
    let problem = Fake::silent().run_with(text, &[], &limits).problem();
    assert!(problem.contains("used up its 16 MB"), "{problem}");
}

#[test]
fn wrong_options_are_named() {
    for (text, expected) in [
        ("parallel(1, |x| x)", "wants a list first"),
        ("parallel([1], 1)", "wants a closure second"),
        (
            "parallel([1], |x| x, #{ concurency: 1 })",
            "did you mean `concurrency`?",
        ),
        (
            "parallel([1], |x| x, #{ concurrency: 0 })",
            "a whole number from 1 to 32, not `0`",
        ),
        (
            "parallel([1], |x| x, #{ errors: \"all\" })",
            "`first` or `collect`, not `all`",
        ),
        ("parallel([1])", "takes 2 or 3 arguments, not 1"),
    ] {
        let problem = Fake::silent().run(text).problem();
        assert!(problem.contains(expected), "{problem}");
    }
}

fn failing(times: usize, retryable: bool) -> Fake {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let count = AtomicUsize::new(0);
    Fake::new(move |_, effect| match effect {
        Effect::Print(_) if count.fetch_add(1, Ordering::Relaxed) < times => Ok(Answer::Nothing),
        Effect::Call(_) => {
            let mut failure = Failure::new(FailureKind::Unavailable, "down");
            failure.retryable = retryable;
            if count.fetch_add(1, Ordering::Relaxed) < times {
                Err(failure.into())
            } else {
                Ok(Answer::Json(b"{\"success\": true}".to_vec()))
            }
        }
        Effect::Random => Ok(Answer::Bits(u64::MAX)),
        _ => Ok(Answer::Nothing),
    })
}

#[test]
fn retry_repeats_what_may_pass_with_growing_pauses() {
    let work = format!("|| duvo::jobs::stop(`{ID}`).success");
    let ran = failing(3, true).run(&format!(
        "retry(#{{ attempts: 5, backoff: `10s`, max_backoff: 30 }}, {work})"
    ));
    assert_eq!(ran.value(), json!(true));
    let effects = ran.host.effects.lock().unwrap();
    let pauses: Vec<_> = effects
        .iter()
        .filter_map(|(_, effect)| match effect {
            Effect::Sleep(pause) => Some(pause.as_secs()),
            _ => None,
        })
        .collect();
    assert_eq!(pauses, [5, 10, 15]);
    drop(effects);
    let ran = failing(9, true).run(&format!("retry({work})"));
    assert!(ran.problem().contains("down"));
    assert_eq!(ran.calls().len(), 3);
    let ran = failing(9, false).run(&format!("retry({work})"));
    assert!(ran.problem().contains("down"));
    assert_eq!(ran.calls().len(), 1);
    let ran = failing(2, false).run(&format!(
        "retry(#{{ on: |e| e.kind == `unavailable` }}, {work})"
    ));
    assert_eq!(ran.value(), json!(true));
}
