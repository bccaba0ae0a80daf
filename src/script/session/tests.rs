//! Sessions against a Host without a world.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{Finish, Part, Session};
use crate::report::render;
use crate::script::tests::fake::Fake;
use crate::script::{Control, Limits, Source, Stop};

struct Trial(Session);

impl Trial {
    fn new() -> Self {
        Self(Session::new(Limits::default()))
    }

    fn input(&mut self, text: &str) -> Finish {
        self.evaluated(text).0
    }

    /// Evaluates, and returns what a person is told of a problem.
    fn evaluated(&mut self, text: &str) -> (Finish, String) {
        let host = Arc::new(Fake::silent().file("m.rhai", "fn two() { 2 } private fn x() {}"));
        let evaluated = self.0.evaluate(text, host, Arc::default());
        let told = match &evaluated.finish {
            Finish::Failed(problem) => render(problem, &evaluated.texts, false),
            _ => String::new(),
        };
        (evaluated.finish, told)
    }

    fn value(&mut self, text: &str) -> Value {
        match self.input(text) {
            Finish::Done(value) => value,
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn inputs_see_what_earlier_ones_declared() {
    let mut trial = Trial::new();
    trial.value("let a = 20; const B = 1;");
    trial.value("fn twice(x) { x * 2 }");
    trial.value("import \"m\" as m;");
    trial.value("let f = |x| x + a;");
    assert_eq!(trial.value("twice(a) + m::two()"), json!(42));
    assert_eq!(trial.value("f.call(B)"), json!(21));
    assert_eq!(trial.value("_ + 1"), json!(22));
    trial.value("let a = \"new\";");
    assert_eq!(trial.value("a"), json!("new"));
    trial.value("fn twice(x) { `${x}${x}` }");
    assert_eq!(trial.value("twice(a)"), json!("newnew"));
    assert_eq!(trial.0.variables().len(), 3);
}

#[test]
fn constants_and_imports_are_seen_in_functions() {
    let mut trial = Trial::new();
    trial.value("const RATE = 3; import \"m\" as m;");
    trial.value("fn rated(x) { x * global::RATE + m::two() }");
    assert_eq!(trial.value("rated(2)"), json!(8));
    trial.value("let RATE = 100;");
    assert_eq!(trial.value("RATE"), json!(100));
    trial.value("const RATE = 5;");
    assert_eq!(trial.value("rated(2)"), json!(12));
}

#[test]
fn the_last_value_and_the_last_error_can_be_used() {
    let mut trial = Trial::new();
    trial.value("40");
    assert_eq!(trial.value("_ + 2"), json!(42));
    trial.value("let x = 1;");
    assert_eq!(trial.value("`${_}`"), json!("42"));
    assert_eq!(trial.value("switch 3 { 1 => 2, _ => 9 }"), json!(9));
    assert_eq!(trial.value("switch 3 { 1 => 2, _\n => 8 }"), json!(8));
    assert!(matches!(
        trial.input("throw #{ kind: \"mine\" }"),
        Finish::Failed(_)
    ));
    assert_eq!(trial.value("_e.kind"), json!("mine"));
    assert_eq!(trial.value("[1, _, _]"), json!([1, "mine", "mine"]));
}

#[test]
fn a_failed_input_changes_nothing() {
    let mut trial = Trial::new();
    trial.value("let n = 1; let list = [1]; let add = || n += 1; fn f() { 1 }");
    for text in [
        "n = 2; list.push(2); let other = 1; throw 1",
        "add.call(); throw 1",
        "fn f() { 2 } throw 1",
        "const C = 1; import \"m\" as m; throw 1",
        "n = ",
        "import \"missing\" as x;",
    ] {
        assert!(matches!(trial.input(text), Finish::Failed(_)), "{text}");
    }
    assert_eq!(trial.value("[n, list, f()]"), json!([1, [1], 1]));
    for text in ["other", "C", "m::two()", "global::C"] {
        assert!(matches!(trial.input(text), Finish::Failed(_)), "{text}");
    }
    trial.value("add.call()");
    assert_eq!(trial.value("n"), json!(2));
}

#[test]
fn problems_are_shown_in_the_input_that_has_the_line() {
    let mut trial = Trial::new();
    trial.value("fn f(x) {\n    throw \"no \" + x\n}");
    trial.value("1 + 1");
    let (_, told) = trial.evaluated("let a = 1;\nf(a)");
    assert!(told.contains("--> input 1:2:5"), "{told}");
    assert!(told.contains("2 |     throw \"no \" + x"), "{told}");
    assert!(told.contains("`f` at input 3:2:1"), "{told}");
    let (_, told) = trial.evaluated("let b = (1;");
    assert!(told.contains("--> input 4:1:"), "{told}");
}

#[test]
fn a_file_keeps_its_name_and_lines() {
    let mut trial = Trial::new();
    trial.value("1\n+\n1");
    let source = Source {
        name: "lib/x.rhai".into(),
        text: "// a file\nfn broken() {\n    throw args.why\n}\n".into(),
    };
    let args: Map<String, Value> = json!({"why": "because"}).as_object().cloned().unwrap();
    let host = Arc::new(Fake::silent());
    let loaded = trial.0.load(source, &args, host, Arc::default());
    assert!(matches!(loaded.finish, Finish::Done(_)));
    let (_, told) = trial.evaluated("broken()");
    assert!(told.contains("--> lib/x.rhai:3:5"), "{told}");
}

#[test]
fn an_endless_input_can_be_stopped_and_an_exit_is_told() {
    let mut trial = Trial::new();
    trial.value("let a = 1;");
    let control = Arc::new(Control::default());
    let stop = Arc::clone(&control);
    let stopper = std::thread::spawn(move || {
        std::thread::yield_now();
        stop.stop(Stop::Interrupted);
    });
    let host = Arc::new(Fake::silent());
    let ended = trial.0.evaluate("a = 2; loop {}", host, control).finish;
    stopper.join().unwrap();
    assert!(
        matches!(ended, Finish::Stopped(Stop::Interrupted)),
        "{ended:?}"
    );
    assert_eq!(trial.value("a"), json!(1));
    assert!(matches!(trial.input("exit(3)"), Finish::Left(value) if value == json!(3)));
    assert!(matches!(trial.input("|| 1"), Finish::Told(_)));
}

#[test]
fn tells_what_it_holds() {
    let mut trial = Trial::new();
    trial.value(
        "let job = #{ status: \"x\", inner: [#{ deep: 1 }] }; import \"m\" as m; fn f(a, b) {}",
    );
    let part = |key: &str| Part::Key(key.into());
    assert_eq!(trial.0.keys("job", &[]), ["inner", "status"]);
    let inner = [part("inner"), Part::Item(0)];
    assert_eq!(trial.0.keys("job", &inner), ["deep"]);
    assert!(trial.0.keys("job", &[part("no")]).is_empty());
    assert!(trial.0.keys("nobody", &[]).is_empty());
    let functions = trial.0.functions();
    let signatures: Vec<_> = functions.iter().map(|own| own.signature.as_str()).collect();
    assert_eq!(signatures, ["f(a, b)", "m::two()"]);
    let variables = trial.0.variables();
    assert_eq!(
        (variables[0].name.as_str(), variables[0].kind.as_str()),
        ("job", "map")
    );
    trial.0.clear();
    assert!(trial.0.variables().is_empty());
}
