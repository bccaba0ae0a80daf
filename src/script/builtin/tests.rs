//! Runs builtins in a small engine against a Host in memory: every example, and every wrong type.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use rhai::{Dynamic, Engine, EvalAltResult};
use serde_json::{Value, json};

use super::ALL;
use crate::ids::Chance;
use crate::report::{Failure, FailureKind};
use crate::script::door::RunContext;
use crate::script::engine::build::build_engine;
use crate::script::json as script_json;
use crate::script::source::modules::Modules;
use crate::script::{Answer, Branch, Control, Effect, Halt, Host, Limits, Source, Step};

/// A world in memory: files, one variable, one web host, a clock that stands still.
#[derive(Debug)]
pub(super) struct FakeHost {
    chance: Chance,
    files: Mutex<BTreeMap<String, Vec<u8>>>,
    /// Effects other than files, as text.
    pub(super) seen: Mutex<Vec<String>>,
}

impl FakeHost {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            chance: Chance::from_seed(7),
            files: Mutex::default(),
            seen: Mutex::default(),
        })
    }

    pub(super) fn put(&self, file: &str, content: &[u8]) {
        let mut files = self.files.lock().unwrap();
        files.insert(file.into(), content.to_vec());
    }

    fn read(&self, file: &str) -> Result<Answer, Halt> {
        let files = self.files.lock().unwrap();
        let missing = || Failure::new(FailureKind::NotFound, format!("no file `{file}`"));
        Ok(Answer::Bytes(files.get(file).cloned().ok_or_else(missing)?))
    }
}

impl Host for FakeHost {
    fn perform(&self, _: &Step, effect: Effect) -> Result<Answer, Halt> {
        self.seen.lock().unwrap().push(format!("{effect:?}"));
        Ok(match effect {
            Effect::Now => Answer::Time("2026-05-04T09:30:00.123456Z".parse().unwrap()),
            Effect::Random => Answer::Bits(self.chance.bits()),
            Effect::Env(name) if name == "REGION" => Answer::Text("eu".into()),
            Effect::ReadFile(file) => return self.read(&file),
            Effect::WriteFile {
                file,
                content,
                append,
            } => {
                let mut files = self.files.lock().unwrap();
                let old = files.entry(file).or_default();
                if !append {
                    old.clear();
                }
                old.extend(content);
                Answer::Nothing
            }
            Effect::Download { .. } => Answer::Json(b"17".to_vec()),
            Effect::Http(request) => Answer::Json(echo(&request)),
            _ => Answer::Nothing,
        })
    }

    fn fork(&self, _: &Branch, _: &[Branch]) {}

    fn enter(&self, _: &Branch) -> Result<(), Halt> {
        Ok(())
    }

    fn leave(&self, _: &Branch, _: Option<&Branch>) {}

    fn join(&self, _: &Branch) -> Result<(), Halt> {
        Ok(())
    }

    fn import(&self, _: &str, path: &str) -> Result<Source, Failure> {
        Err(Failure::new(FailureKind::NotFound, path))
    }
}

/// Answers a request with what it was; the last part of the path is the status.
fn echo(request: &crate::script::HttpRequest) -> Vec<u8> {
    let body = request.body.as_deref().map(String::from_utf8_lossy);
    let status = request
        .url
        .rsplit('/')
        .next()
        .and_then(|part| part.parse().ok());
    let sent = json!({
        "method": request.method, "url": request.url, "headers": request.headers, "body": body,
    });
    let answer = json!({
        "status": status.unwrap_or(200),
        "headers": { "content-type": "application/json; charset=utf-8" },
        "body": sent.to_string(),
    });
    answer.to_string().into_bytes()
}

/// Returns the engine of a run before this Host.
pub(super) fn engine(host: Arc<FakeHost>) -> Engine {
    let run = RunContext {
        host: host.clone(),
        control: Arc::new(Control::default()),
        args: Dynamic::UNIT,
        limits: Limits::default(),
        end: Arc::default(),
        hooks: Arc::default(),
    };
    build_engine(&run, Modules::new(host, Arc::default()), false)
}

/// Runs code and returns its result as JSON, or the failure as `function: message`.
pub(super) fn run(code: &str) -> Result<Value, String> {
    run_on(&FakeHost::new(), code)
}

/// Runs code against a Host.
pub(super) fn run_on(host: &Arc<FakeHost>, code: &str) -> Result<Value, String> {
    match engine(host.clone()).eval::<Dynamic>(code) {
        Ok(value) => script_json::to_value(&value),
        Err(fault) => Err(describe(&fault)),
    }
}

fn describe(fault: &EvalAltResult) -> String {
    let EvalAltResult::ErrorRuntime(value, _) = fault.unwrap_inner() else {
        return fault.to_string();
    };
    let Some(map) = value.read_lock::<rhai::Map>() else {
        return fault.to_string();
    };
    format!("{}: {}", map["endpoint"], map["message"])
}

#[test]
fn every_example_gives_its_result() {
    for builtin in ALL.iter().copied().flatten() {
        assert!(
            !builtin.examples.is_empty(),
            "{} has no example",
            builtin.name
        );
        for (code, result) in builtin.examples {
            let expected: Value = serde_json::from_str(result).unwrap();
            assert_eq!(run(code), Ok(expected), "{}: {code}", builtin.name);
        }
    }
}

#[test]
fn every_name_is_there_once_and_described() {
    let mut names = std::collections::BTreeSet::new();
    for builtin in ALL.iter().copied().flatten() {
        assert!(
            names.insert(builtin.name),
            "{} is there twice",
            builtin.name
        );
        assert!(builtin.doc.contains('.'), "{}", builtin.name);
        assert!(!builtin.doc.contains("  "), "{}", builtin.name);
        for param in builtin.params {
            assert!(param.contains(": "), "{}: {param}", builtin.name);
        }
    }
}

#[test]
fn wrong_arguments_fail_in_the_name_of_the_function() {
    const VALUES: [&str; 11] = [
        "()",
        "-1",
        "3",
        "\"\"",
        "\"a.b\"",
        "'c'",
        "1.5",
        "[]",
        "[1, \"x\", ()]",
        "#{}",
        "|x| x",
    ];
    let host = FakeHost::new();
    let engine = engine(host);
    for builtin in ALL.iter().copied().flatten() {
        let optional = builtin.params.iter().filter(|param| param.contains("?:"));
        for count in builtin.params.len() - optional.count()..=builtin.params.len() {
            for pick in 0..VALUES.len().pow(u32::try_from(count).unwrap()) {
                let mut rest = pick;
                let values: Vec<_> = (0..count)
                    .map(|_| {
                        let value = VALUES[rest % VALUES.len()];
                        rest /= VALUES.len();
                        value
                    })
                    .collect();
                let code = format!("{}({})", builtin.name, values.join(", "));
                if let Err(fault) = engine.eval::<Dynamic>(&code) {
                    let said = describe(&fault);
                    let start = format!("{}: ", builtin.name);
                    assert!(said.starts_with(&start), "{code}: {said}");
                }
            }
        }
    }
}

#[test]
fn lists_in_variables_stay_as_they_are() {
    let calls = [
        "sort_by(|x| -x)",
        "unique()",
        "chunk(2)",
        "flatten()",
        "group_by(|x| x)",
        "partition(|x| x > 1)",
        "zip([1])",
        "max_by(|x| x)",
        "sum()",
        "join(\"\")",
    ];
    for call in calls {
        // As a method, as a function, and with the variable shared by a closure.
        let (name, rest) = call.split_once('(').unwrap();
        let comma = if rest == ")" { "" } else { ", " };
        for code in [
            format!("let l = [3, 1, 2, 1]; let r = l.{call}; l"),
            format!("let l = [3, 1, 2, 1]; let r = {name}(l{comma}{rest}; l"),
            format!("let l = [3, 1, 2, 1]; let f = || l; let r = l.{call}; l"),
            format!("let l = [3, 1, 2, 1]; let f = || l; let r = {name}(l{comma}{rest}; l"),
            format!("const L = [3, 1, 2, 1]; let r = L.{call}; L"),
            format!("let m = #{{ l: [3, 1, 2, 1] }}; let r = m.l.{call}; m.l"),
        ] {
            assert_eq!(run(&code).as_ref(), Ok(&json!([3, 1, 2, 1])), "{code}");
        }
    }
}

#[test]
fn a_stop_inside_a_closure_cannot_be_caught() {
    let host = FakeHost::new();
    let engine = engine(host.clone());
    let control = engine
        .default_tag()
        .read_lock::<RunContext>()
        .unwrap()
        .control
        .clone();
    control.stop(crate::script::Stop::Interrupted);
    let code = "try { [1].sort_by(|x| { sleep(1); x }) } catch { log::info(\"caught\") } 1";
    let fault = engine.eval::<Dynamic>(code).unwrap_err();
    assert!(
        matches!(*fault, EvalAltResult::ErrorTerminated(..)),
        "{fault}"
    );
    assert!(host.seen.lock().unwrap().is_empty());
}
