//! The functions of tests: run a script in a world of its own, and say what must hold afterwards.
//!
//! They are there only where the Host runs a test. What they ask of it goes through the door like any
//! other effect; comparing is done here.

use std::collections::BTreeMap;
use std::time::Duration;

use rhai::{Dynamic, EvalAltResult, FnPtr};
use serde_json::Value;

use crate::report::{Failure, FailureKind};
use crate::script::builtin::{self, Builtin};
use crate::script::door::{Door, Raise};
use crate::script::host::{Answer, Effect, Trial, TrialRun};
use crate::script::json as script_json;
use crate::script::native::compare;
use crate::script::native::options::Options;

/// How long a Job's request lies before a person of a test looks at it.
const PATIENCE: Duration = Duration::from_secs(600);

/// The code of the failure of what does not hold.
const ASSERTION: &str = "assertion";

/// The functions of tests.
pub(in crate::script) const ALL: &[Builtin] = &[
    Builtin {
        name: "test::run",
        params: &["script: string", "args?: Map", "options?: Map"],
        returns: "Map",
        doc: "Runs a script in the world of the test, and returns how it ended: `result`, `error` \
              (or `()`), `printed` and `logs`, `changed` (how much of what, by section) and `ledger` \
              (every change, in order).\n\nThe path is relative to the test. Options: `env` (a map: \
              the environment of the run) and `signals` (a map: signals that come early, by name).",
        examples: &[],
        run,
    },
    Builtin {
        name: "test::scenario",
        params: &["scenario: Map | string"],
        returns: "()",
        doc: "Declares the world of the test, before anything happens in it: a map with the keys of \
              a scenario file, the path of such a file, or `company` or `empty`. Without it the world \
              is the built-in company.",
        examples: &[],
        run: |door, args| {
            let scenario = plain(door, args[0])?;
            ask(door, Trial::Scenario(scenario))
        },
    },
    Builtin {
        name: "test::fault",
        params: &["rule: Map | Array"],
        returns: "()",
        doc: "Has calls go wrong by a rule, or a list of rules: `kind` (such as `error` or \
              `reset_after`) and, to taste, `endpoint`, `nth`, `times`, `share`, `status`, \
              `milliseconds`, `retry_after`.",
        examples: &[],
        run: |door, args| {
            let rule = plain(door, args[0])?;
            ask(door, Trial::Fault(rule))
        },
    },
    Builtin {
        name: "test::answer",
        params: &["closure: Fn", "options?: Map"],
        returns: "()",
        doc: "Answers for people, from here on: what a script asks, and what Jobs ask and no script \
              answers.\n\nThe closure gets the request (`title`, `description`, `choices`, `questions`, \
              `from`: `script` or `job`) and returns `approve()`, `deny()`, `answer(…)`, a text, or `()` \
              when nobody answers. Option: `after` (how long a Job's request lies before somebody \
              looks, default 10 min).",
        examples: &[],
        run: answer,
    },
    Builtin {
        name: "test::advance",
        params: &["duration: string | int"],
        returns: "()",
        doc: "Lets time pass in the world of the test.",
        examples: &[],
        run: |door, args| {
            let duration = builtin::duration(args[0]).map_err(|fault| door.invalid(fault))?;
            ask(door, Trial::Advance(duration))
        },
    },
    Builtin {
        name: "test::eq",
        params: &["seen: any", "expected: any", "message?: string"],
        returns: "()",
        doc: "Fails unless two values are the same; the failure shows where they differ.",
        examples: &[],
        run: |door, args| {
            let (seen, expected) = (plain(door, args[0])?, plain(door, args[1])?);
            let message = args.get(2).map(|message| message.to_string());
            same(door, seen, expected, message)
        },
    },
    Builtin {
        name: "test::contains",
        params: &["whole: any", "part: any", "message?: string"],
        returns: "()",
        doc: "Fails unless a text holds a text, a list an item, or a map all keys of another with \
              values that contain its values.",
        examples: &[],
        run: contains,
    },
    Builtin {
        name: "test::throws",
        params: &["closure: Fn", "expected?: string | Map"],
        returns: "any",
        doc: "Fails unless a closure throws; returns what it threw. `expected` is a part of the \
              message, or a map whose keys the error must have, such as `#{ kind: \"not_found\" }`.",
        examples: &[],
        run: throws,
    },
    Builtin {
        name: "test::changed",
        params: &["expected: Map"],
        returns: "()",
        doc: "Fails unless the runs of the test have changed just this, by section and what was \
              done: `#{ cases: #{ created: 2, deleted: 1 } }`; `#{}` for nothing.",
        examples: &[],
        run: |door, args| {
            let expected = plain(door, args[0])?;
            let seen = asked(door, Trial::Changed)?;
            let message = "the runs changed something else".to_owned();
            same(door, seen, expected, Some(message))
        },
    },
    Builtin {
        name: "test::snapshot",
        params: &["value: any", "name?: string"],
        returns: "()",
        doc: "Fails unless a value is what it was when it was kept: `duvoscript test --update` keeps \
              it, in `snapshots` beside the test.",
        examples: &[],
        run: snapshot,
    },
];

fn ask(door: &Door<'_>, trial: Trial) -> Result<Dynamic, Raise> {
    asked(door, trial).map(|_| Dynamic::UNIT)
}

/// Asks something of the Host of the test.
fn asked(door: &Door<'_>, trial: Trial) -> Result<Value, Raise> {
    match door.perform(Effect::Test(trial))? {
        Answer::Json(text) => serde_json::from_slice(&text).map_err(|fault| {
            let what = format!("the answer is no JSON: {fault}");
            door.fail(Failure::new(FailureKind::Protocol, what))
        }),
        _ => Ok(Value::Null),
    }
}

fn plain(door: &Door<'_>, value: &Dynamic) -> Result<Value, Raise> {
    script_json::to_value(value).map_err(|fault| door.invalid(fault))
}

fn fields(door: &Door<'_>, value: Option<&Dynamic>, what: &str) -> Result<Fields, Raise> {
    match value.filter(|value| !value.is_unit()) {
        None => Ok(Fields::new()),
        Some(value) => match plain(door, value)? {
            Value::Object(fields) => Ok(fields),
            _ => Err(door.invalid(format!("{what} must be a map"))),
        },
    }
}

type Fields = serde_json::Map<String, Value>;

fn run(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let Ok(script) = args[0]
        .as_immutable_string_ref()
        .map(|name| name.to_string())
    else {
        return Err(door.invalid("wants the path of a script first"));
    };
    let options = Options::read(args.get(2).map(|options| &**options), &["env", "signals"]);
    let options = options.map_err(|failure| door.fail(failure))?;
    let env = fields(door, options.get("env"), "`env`")?;
    let text = |value: Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let person = door.run.hooks().person.clone();
    let start = Trial::Run(TrialRun {
        script,
        args: fields(door, args.get(1).map(|args| &**args), "the arguments")?,
        env: env
            .into_iter()
            .map(|(name, value)| (name, text(value)))
            .collect::<BTreeMap<_, _>>(),
        signals: fields(door, options.get("signals"), "`signals`")?,
        person: person.as_ref().map(|(_, patience)| *patience),
    });
    let mut news = asked(door, start)?;
    loop {
        if let Some(ended) = news.get("ended") {
            return Ok(script_json::from_value(ended));
        }
        let request = news.get("asked").cloned().unwrap_or_default();
        let reply = reply(door, person.as_ref().map(|(closure, _)| closure), &request)?;
        news = asked(door, Trial::Reply(reply))?;
    }
}

/// Has the closure of the test answer a request; `null` when nobody does.
fn reply(door: &Door<'_>, person: Option<&FnPtr>, request: &Value) -> Result<Value, Raise> {
    match person {
        None => Ok(Value::Null),
        Some(closure) => {
            let given = script_json::from_value(request);
            let answered = door.call(closure, (given,))?;
            plain(door, &answered)
        }
    }
}

fn answer(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let Some(closure) = args[0].read_lock::<FnPtr>().map(|closure| closure.clone()) else {
        return Err(door.invalid("wants a closure, such as `|request| approve()`"));
    };
    let options = Options::read(args.get(1).map(|options| &**options), &["after"]);
    let after = options.and_then(|options| options.duration("after"));
    let after = after.map_err(|failure| door.fail(failure))?;
    door.run.hooks().person = Some((closure, after.unwrap_or(PATIENCE)));
    Ok(Dynamic::UNIT)
}

fn contains(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let (whole, part) = (plain(door, args[0])?, plain(door, args[1])?);
    let Some(missing) = compare::missing(&whole, &part) else {
        return Ok(Dynamic::UNIT);
    };
    let message = args.get(2).map_or(missing, |message| message.to_string());
    differ(door, whole, part, message)
}

fn throws(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let Some(closure) = args[0].read_lock::<FnPtr>().map(|closure| closure.clone()) else {
        return Err(door.invalid("wants a closure, such as `|| duvo::jobs::get(id)`"));
    };
    let thrown = match door.call(&closure, ()) {
        Ok(_) => return Err(broken(door, "the closure does not throw")),
        Err(_) if door.run.control.is_stopped() => return Err(door.stop()),
        Err(error) => match error.unwrap_inner() {
            EvalAltResult::ErrorRuntime(thrown, _) => thrown.clone(),
            other => other.to_string().into(),
        },
    };
    let Some(expected) = args.get(1).filter(|expected| !expected.is_unit()) else {
        return Ok(thrown);
    };
    let (seen, expected) = (plain(door, &thrown)?, plain(door, expected)?);
    let message = |error: &Value| error.get("message").cloned().unwrap_or_default();
    let whole = match (&seen, &expected) {
        (Value::Object(_), Value::String(_)) => message(&seen),
        _ => seen.clone(),
    };
    match compare::missing(&whole, &expected) {
        None => Ok(thrown),
        Some(_) => differ(
            door,
            whole,
            expected,
            "the closure throws something else".into(),
        ),
    }
}

fn snapshot(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let name = args.get(1).map(|name| name.to_string()).unwrap_or_default();
    let value = plain(door, args[0])?;
    let kept = asked(
        door,
        Trial::Snapshot {
            name,
            value: value.clone(),
        },
    )?;
    match kept.get("kept") {
        Some(kept) => {
            let message = "it is not what was kept".to_owned();
            same(door, value, kept.clone(), Some(message))
        }
        None => Ok(Dynamic::UNIT),
    }
}

fn same(
    door: &Door<'_>,
    seen: Value,
    expected: Value,
    message: Option<String>,
) -> Result<Dynamic, Raise> {
    match compare::difference(&seen, &expected) {
        None => Ok(Dynamic::UNIT),
        Some(difference) => {
            let message = match message {
                Some(message) => format!("{message}: {difference}"),
                None => difference,
            };
            differ(door, seen, expected, message)
        }
    }
}

/// Tells the Host of two values, so that it can show how they differ, and fails.
fn differ(
    door: &Door<'_>,
    seen: Value,
    expected: Value,
    message: String,
) -> Result<Dynamic, Raise> {
    asked(door, Trial::Differ { seen, expected })?;
    Err(broken(door, message))
}

#[expect(
    clippy::unnecessary_box_returns,
    reason = "errors of the interpreter are boxed"
)]
fn broken(door: &Door<'_>, message: impl Into<String>) -> Raise {
    let mut failure = Failure::invalid(message);
    failure.code = Some(ASSERTION.into());
    door.fail(failure)
}
