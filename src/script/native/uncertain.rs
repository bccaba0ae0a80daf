//! `on_uncertain` and `on_cancel`: what a script wants done when its run is cut off or cancelled.

use rhai::{Dynamic, FnPtr, Map};

use crate::script::builtin::Builtin;
use crate::script::door::{Door, Raise, aside};
use crate::script::host::{Branch, Decision, Uncertain};
use crate::script::json;

/// The builtins of this file.
pub(in crate::script) const ALL: &[Builtin] = &[
    Builtin {
        name: "on_cancel",
        params: &["clean_up: Fn"],
        returns: "()",
        doc: "Registers a closure that runs when the run is cancelled or passes its time limit, to \
              put things in order: stop a Job that it started, set a status.\n\nThe last one \
              registered runs first. Its effects are recorded like all others.",
        examples: &[("on_cancel(|| log::info(\"put in order\"))", "null")],
        run: on_cancel,
    },
    Builtin {
        name: "on_uncertain",
        params: &["decide: Fn"],
        returns: "()",
        doc: "Registers a closure that decides about a call that was cut off, when the run cannot \
              find out whether it was done.\n\nIt gets `#{ step, endpoint, request, since, why }` \
              and returns `\"retry\"` (send it again), `\"fail\"` (raise a failure that can be \
              caught), `#{ done: answer }` (it was done, with this answer of the API), or `\"ask\"` \
              (stop until a person says so with `duvoscript runs resolve`), which also holds without \
              such a closure. What it calls itself is recorded too.",
        examples: &[("on_uncertain(|cut| \"ask\")", "null")],
        run: on_uncertain,
    },
];

fn closure(door: &Door<'_>, given: &Dynamic) -> Result<FnPtr, Raise> {
    let closure = given.read_lock::<FnPtr>().map(|closure| closure.clone());
    closure.ok_or_else(|| {
        door.invalid(format!(
            "wants a closure such as `|| …`, not a value of type `{}`",
            given.type_name()
        ))
    })
}

fn on_cancel(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let closure = closure(door, args[0])?;
    door.run.hooks().on_cancel.push(closure);
    Ok(Dynamic::UNIT)
}

fn on_uncertain(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let closure = closure(door, args[0])?;
    door.run.hooks().on_uncertain = Some(closure);
    Ok(Dynamic::UNIT)
}

/// Has the script decide about an effect that was cut off.
///
/// Its own effects stand on a branch of their own: a replay that finds the outcome recorded does not
/// ask again, and the keys of all other steps stay what they were.
pub(in crate::script) fn decision(
    door: &Door<'_>,
    uncertain: &Uncertain,
) -> Result<Decision, Raise> {
    const ASIDE: &str = "/uncertain/";
    let Some(closure) = door.run.hooks().on_uncertain.clone() else {
        return Ok(Decision::Ask);
    };
    let key = &uncertain.step.key.0;
    if key.contains(ASIDE) {
        return Ok(Decision::Ask);
    }
    let verdict = aside(Branch(format!("{key}{ASIDE}")), || {
        door.call(&closure, (told(uncertain),))
    })?;
    let word = verdict.as_immutable_string_ref();
    let decision = match word.as_ref().map_or("", |word| word.as_str()) {
        "ask" => Some(Decision::Ask),
        "retry" => Some(Decision::Retry),
        "fail" => Some(Decision::Fail),
        _ => done(&verdict),
    };
    decision.ok_or_else(|| {
        door.invalid(
            "`on_uncertain` must return \"ask\", \"retry\", \"fail\" or `#{ done: answer }`",
        )
    })
}

fn done(verdict: &Dynamic) -> Option<Decision> {
    let map = verdict.as_map_ref().ok()?;
    let answer = map.get("done").filter(|_| map.len() == 1)?;
    json::to_value(answer).ok().map(Decision::Done)
}

fn told(uncertain: &Uncertain) -> Map {
    let text = |text: &str| Dynamic::from(text.to_owned());
    Map::from_iter([
        ("step".into(), text(&uncertain.step.key.0)),
        ("endpoint".into(), text(&uncertain.endpoint)),
        ("request".into(), json::from_value(&uncertain.request)),
        ("since".into(), text(&uncertain.since.to_string())),
        ("why".into(), text(&uncertain.why)),
    ])
}
