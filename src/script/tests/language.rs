//! The language around the calls: arguments, stops, limits, imports.

use serde_json::json;

use super::Fake;
use crate::script::Answer;
use crate::script::Halt;
use crate::script::Limits;
use crate::script::Outcome;
use crate::script::Stop;

#[test]
fn arguments_can_be_read_everywhere() {
    let text = r#"
        // /// duvoscript
        // [args]
        // limit = { type = "int", default = 1000 }
        // name = { type = "string" }
        // ///
        import "./other" as other;
        fn inside() { args.limit }
        fn nested() { [1].map(|x| [2].map(|y| args.name))[0][0] }
        let closure = || args.name;
        [args.limit, inside(), nested(), closure.call(), other::outside(), other::again()]
    "#;
    let other = "fn outside() { args.limit + 1 } fn again() { let f = || args.name; f.call() }";
    let ran = Fake::silent().file("other.rhai", other).run_with(
        text,
        &[("name", "x")],
        &Limits::default(),
    );
    assert_eq!(ran.value(), json!([1000, 1000, "x", "x", 1001, "x"]));
}

#[test]
fn closures_capture_arguments_and_own_variables_go_first() {
    let text = "fn f() { [1].map(|x| args.len())[0] } let g = || args.len(); [f(), g.call()]";
    assert_eq!(Fake::silent().run(text).value(), json!([0, 0]));
    let text = "let args = [1, 2]; fn f(args) { let g = || args; g.call() } let g = || args.len(); [g.call(), f(7)]";
    assert_eq!(Fake::silent().run(text).value(), json!([2, 7]));
}

#[test]
fn arguments_cannot_be_changed_behind_the_scripts_back() {
    let text = "fn change() { let mine = args; mine.limit = 1; mine } change(); args.len()";
    assert_eq!(Fake::silent().run(text).value(), json!(0));
}

#[test]
fn lists_are_sorted_by_a_key_into_a_new_list() {
    let text = "let l = [3, 1, 2]; [l.sort_by(|n| -n), sort_by(l, |n| n * l.len()), l]";
    let sorted = json!([[3, 2, 1], [1, 2, 3], [3, 1, 2]]);
    assert_eq!(Fake::silent().run(text).value(), sorted);
}

/// Every way in which a callback's error can be swallowed.
const SHAPES: [&str; 21] = [
    "try { effect(); } catch { print(`CAUGHT`); }",
    "fn f() { effect() } try { f(); } catch { print(`CAUGHT`); }",
    "fn g() { f() } fn f() { try { effect() } catch { print(`CAUGHT`) } } try { g(); } catch { print(`CAUGHT`); }",
    "try { [1, 2].map(|x| effect()); } catch { print(`CAUGHT`); }",
    "try { [1, 2].for_each(|| effect()); } catch { print(`CAUGHT`); }",
    "try { [1, 2].filter(|x| effect()); } catch { print(`CAUGHT`); }",
    "try { [1, 2].reduce(|s, x| effect(), 0); } catch { print(`CAUGHT`); }",
    "try { [1, 2].some(|x| effect()); } catch { print(`CAUGHT`); }",
    "try { [1, 2].all(|x| effect()); } catch { print(`CAUGHT`); }",
    "let a = [2, 1]; a.sort(|x, y| effect()); print(`CAUGHT`);",
    "try { #{a: 1}.filter(|k, v| effect()); } catch { print(`CAUGHT`); }",
    "let f = || effect(); try { f.call(); } catch { print(`CAUGHT`); }",
    "try { let s = `x ${effect()}`; } catch { print(`CAUGHT`); }",
    "try { [1].index_of(|x| effect()); } catch { print(`CAUGHT`); }",
    "try { [1].find(|x| effect()); } catch { print(`CAUGHT`); }",
    "try { [1].find_map(|x| effect()); } catch { print(`CAUGHT`); }",
    "let a = [1, 1]; try { a.dedup(|x, y| effect()); } catch { print(`CAUGHT`); } print(`CAUGHT`);",
    "let a = [1, 1]; try { a.drain(|x| effect()); } catch { print(`CAUGHT`); }",
    "let a = [1, 1]; try { a.retain(|x| effect()); } catch { }",
    "for x in duvo::jobs::each() { try { effect(); } catch { print(`CAUGHT`); } }",
    "try { try { effect(); } catch { effect(); } } catch { print(`CAUGHT`); }",
];

#[test]
fn a_stop_cannot_be_swallowed() {
    for shape in SHAPES {
        let shape = shape.replace(
            "effect()",
            "duvo::call(`stopRun`, #{ run_id: `11111111-1111-4111-8111-111111111111` })",
        );
        let ran = Fake::new(|_, effect| match effect {
            crate::script::Effect::Call(call) if call.endpoint.name == "jobs.list" => {
                Ok(Answer::Json(
                    json!({"data": [{}, {}], "total": 2})
                        .to_string()
                        .into_bytes(),
                ))
            }
            crate::script::Effect::Print(_) => Ok(Answer::Nothing),
            _ => Err(Halt::Stopped),
        })
        .run(&shape);
        let is_stopped = matches!(ran.ended.outcome, Outcome::Stopped(Stop::ByHost));
        assert!(is_stopped, "{shape}: {:?}", ran.ended.outcome);
        assert!(ran.printed().is_empty(), "{shape} went on");
    }
}

#[test]
fn exit_ends_the_script_from_anywhere() {
    for text in [
        "exit(7); 1",
        "fn f() { exit(7) } f(); 1",
        "try { [1].map(|x| exit(7)); } catch { print(`CAUGHT`); } 1",
    ] {
        let ran = Fake::silent().run(text);
        assert_eq!((ran.value(), ran.printed().len()), (json!(7), 0), "{text}");
    }
    assert_eq!(Fake::silent().run("exit(); 1").value(), json!(null));
}

#[test]
fn an_endless_loop_and_a_flood_of_memory_end_with_the_limit_named() {
    let limits = Limits {
        operations: 100_000,
        memory_bytes: 20 << 20,
    };
    for text in [
        "loop {}",
        "try { [1].map(|x| { loop {} }); } catch {} loop {}",
        "fn f() { while true {} } f()",
    ] {
        let text = Fake::silent().run_with(text, &[], &limits).problem();
        assert!(text.contains("used up its 100000 operations"), "{text}");
        assert!(text.contains("`--max-operations N`"), "{text}");
    }
    for text in [
        "let s = `x`; loop { s += s; }",
        "let a = [1]; loop { a += a; }",
        "let m = #{}; let i = 0; loop { m[`key number ${i}`] = [i, i, i, i, i, i, i, i]; i += 1; }",
        "let a = []; loop { a = [a, a]; }",
        "let b = blob(1000); loop { b += b; }",
        "let s = `` ; loop { s.pad(9000000, `x`); s += s; }",
    ] {
        let limits = Limits {
            operations: u64::MAX,
            ..limits.clone()
        };
        let text = Fake::silent().run_with(text, &[], &limits).problem();
        assert!(text.contains("used up its 20 MB of memory"), "{text}");
        assert!(text.contains("`--max-memory MB`"), "{text}");
    }
}

#[test]
fn limits_of_depth_and_size_are_named() {
    for (text, expected) in [
        (
            "fn f(n) { f(n + 1) } f(0)",
            "more than 200 calls are open inside each other",
        ),
        ("[].pad(1000000000000, 0)", "at most 10000000 items at once"),
        (
            "`x`.pad(1000000000000, 'y')",
            "at most 10000000 items at once",
        ),
        ("blob(9000000000000)", "at most 10000000 items at once"),
    ] {
        let problem = Fake::silent().run(text).problem();
        assert!(problem.contains(expected), "{problem}");
    }
    let deep = format!("{}1{}", "(".repeat(100_000), ")".repeat(100_000));
    assert!(
        Fake::silent()
            .run(&deep)
            .problem()
            .contains("nested too deeply")
    );
    let long = format!("// {}", "x".repeat(1 << 20));
    assert!(
        Fake::silent()
            .run(&long)
            .problem()
            .contains("a source may have 1048576")
    );
}

#[test]
fn builtins_win_over_the_core() {
    let text = "sleep(1); sleep(0.5); let l = [1, 3, 2]; [l.sort_by(|x| -x), sort_by(l, |x| x), l]";
    if crate::script::functions()
        .iter()
        .any(|function| function.name == "sort_by")
    {
        let ran = Fake::silent().run(text);
        assert_eq!(ran.value(), json!([[3, 2, 1], [1, 2, 3], [1, 3, 2]]));
        assert_eq!(ran.keys().len(), 2);
    }
    let core = crate::script::core_functions();
    for function in crate::script::functions() {
        let name = function.name.as_str();
        // The core's `zip` takes another number of arguments.
        let is_settled = ["sleep", "sort_by", "zip"].contains(&name);
        assert!(
            is_settled || !core.iter().any(|other| other.name == name),
            "{name} is in the core, too: see `language.rs`"
        );
    }
}

#[test]
fn examples_hold() {
    for builtin in crate::script::native::ALL.iter().copied().flatten() {
        for (code, result) in builtin.examples {
            let expected: serde_json::Value = serde_json::from_str(result).unwrap();
            assert_eq!(Fake::silent().run(code).value(), expected, "{code}");
        }
    }
}

#[test]
fn what_would_differ_on_a_replay_is_switched_off() {
    let text = Fake::silent().run("eval(`1`)").problem();
    assert!(text.contains("`eval` is switched off"), "{text}");
    for text in [
        "get_fn_metadata_list()",
        "get_fn_metadata_list(`f`)",
        "get_fn_metadata_list(`f`, 1)",
    ] {
        let problem = Fake::silent().run(text).problem();
        assert!(problem.contains("cannot list its functions"), "{problem}");
    }
    assert!(
        Fake::silent()
            .run("timestamp()")
            .problem()
            .contains("there is no function `timestamp`")
    );
}

#[test]
fn every_function_can_be_written() {
    let mut names: Vec<String> = crate::catalog::endpoints()
        .flat_map(crate::script::binding::functions)
        .map(|function| format!("{}();", function.name))
        .collect();
    names.push("duvo::call(); duvo::request()".into());
    let text = format!("if false {{ {} }}", names.join("\n"));
    assert_eq!(Fake::silent().run(&text).value(), json!(null));
}

#[test]
fn prints_and_debugs_through_the_host() {
    let ran = Fake::silent().run("print(`a`); print(1 + 1); debug(`b`); ()");
    ran.value();
    assert_eq!(ran.printed(), ["a", "2"]);
    assert_eq!(ran.keys(), ["0+0", "0+1", "0+2"]);
}

#[test]
fn output_that_cannot_be_written_ends_the_run() {
    use crate::report::{Failure, FailureKind};
    let ran = Fake::new(|_, _| Err(Failure::new(FailureKind::Io, "the pipe is closed").into()))
        .run("print(`a`); print(`b`); 1");
    assert!(ran.problem().contains("the pipe is closed"));
    assert_eq!(ran.printed(), ["a"]);
}

#[test]
fn imports_are_found_beside_their_importer_and_kept() {
    let ran = Fake::silent()
        .file(
            "lib/a.rhai",
            "import \"./b\" as b; fn one() { b::two() - 1 } const X = 5; export X;",
        )
        .file("lib/b.rhai", "fn two() { 2 }")
        .run("import \"./lib/a\" as a; import \"lib/a\" as again; [a::one(), again::one(), a::X]");
    assert_eq!(ran.value(), json!([1, 1, 5]));
    let names: Vec<_> = ran
        .ended
        .sources
        .iter()
        .map(|source| source.name.as_str())
        .collect();
    assert_eq!(names, ["main.rhai", "lib/a.rhai", "lib/b.rhai"]);
}

#[test]
fn imports_in_a_circle_are_named() {
    let ran = Fake::silent()
        .file("a.rhai", "import \"./b\" as b;")
        .file("b.rhai", "import \"./a\" as a;")
        .run("import \"./a\" as a;");
    let text = ran.problem();
    assert!(
        text.contains("the imports go in a circle: main.rhai -> a.rhai -> b.rhai -> a.rhai"),
        "{text}"
    );
    assert!(text.contains("b.rhai:1:8"), "{text}");
    let text = Fake::silent()
        .file("main.rhai", "")
        .run("import \"./main\" as a;")
        .problem();
    assert!(text.contains("circle: main.rhai -> main.rhai"), "{text}");
}

#[test]
fn a_panic_ends_only_the_run() {
    let ran = Fake::new(|_, _| panic!("the Host is broken")).run("print(`x`)");
    let text = ran.problem();
    assert!(
        text.contains("a fault of the program") && text.contains("the Host is broken"),
        "{text}"
    );
}

#[test]
fn a_result_that_is_no_json_is_named() {
    let text = Fake::silent().run("#{ f: |x| x }").problem();
    assert!(text.contains("the value.f is of type Fn"), "{text}");
}
