//! `parallel`: many items at once, with results in order.
//!
//! Only effects run side by side; of the branches' script code, one runs at a time, as the Host
//! says. Each branch works on its own copy of what its closure captured: two branches never wait
//! for each other's values, and nothing leaks out but the result.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rhai::{Array, Dynamic, EvalAltResult, FnPtr, Map};

use super::builtin::Builtin;
use super::door::{Door, End, Raise, current_branch, next_step, start_branch};
use super::host::Branch;
use super::options::Options;
use super::syntax::lowered;
use super::thread;
use crate::report::Problem;

const CONCURRENCY: i64 = 8;
const MOST_CONCURRENCY: i64 = 32;

/// The builtins of this file.
pub(super) const ALL: &[Builtin] = &[Builtin {
    name: "parallel",
    params: &["list: Array", "each: Fn", "options?: Map"],
    returns: "Array",
    doc: "Calls a closure with each item of a list, several at a time, and returns the results in \
          the order of the list.\n\nOptions: `concurrency` (1 to 32, default 8) and `errors`. With \
          `errors: \"first\"`, the default, the first failure is raised as soon as the items that \
          are under way have ended; no further ones are started. With `errors: \"collect\"` all \
          items are worked on, and the result is `#{ results, errors }`: `results` in the order of \
          the list with `()` for an item that failed, `errors` with a map for each failure, to which \
          `index` and `item` are added.\n\nEach item works on its own copy of the variables the \
          closure captured: what it assigns is not seen outside. Return what is wanted instead.",
    examples: &[
        ("parallel([1, 2, 3], |x| x * 2)", "[2, 4, 6]"),
        (
            "parallel([1, 0], |x| if x == 0 { throw \"zero\" } else { x }, #{ errors: \"collect\" })",
            r#"{"errors": [{"index": 1, "item": 0, "message": "zero"}], "results": [1, null]}"#,
        ),
    ],
    run: parallel,
}];

fn parallel(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let fail = |failure| door.fail(failure);
    let Some(items) = args[0].read_lock::<Array>().map(|items| items.clone()) else {
        return Err(door.invalid(format!(
            "wants a list first, not a value of type `{}`",
            args[0].type_name()
        )));
    };
    let Some(closure) = args[1].read_lock::<FnPtr>().map(|closure| closure.clone()) else {
        return Err(door.invalid("wants a closure second, such as `|item| …`"));
    };
    let options = args.get(2).map(|options| &**options);
    let options = Options::read(options, &["concurrency", "errors"]).map_err(fail)?;
    let most = options
        .whole("concurrency", 1, MOST_CONCURRENCY)
        .map_err(fail)?;
    let collects = options
        .word("errors", &["first", "collect"])
        .map_err(fail)?
        == "collect";
    if items.is_empty() {
        return Ok(collected(Vec::new(), &Array::new(), collects));
    }
    let most = usize::try_from(most.unwrap_or(CONCURRENCY)).unwrap_or(1);
    let fork = Fork {
        door,
        key: next_step().0,
        closure,
        collects,
        state: Mutex::new(State {
            outcomes: items.iter().map(|_| None).collect(),
            next: 0,
            first_failed: None,
        }),
        items,
    };
    fork.run(most)
}

/// One `parallel` under way.
struct Fork<'a> {
    door: &'a Door<'a>,
    key: String,
    items: Array,
    closure: FnPtr,
    collects: bool,
    state: Mutex<State>,
}

struct State {
    outcomes: Vec<Option<Result<Dynamic, Raise>>>,
    next: usize,
    first_failed: Option<usize>,
}

impl Fork<'_> {
    fn run(self, most: usize) -> Result<Dynamic, Raise> {
        let (door, host) = (self.door, &self.door.run.host);
        let joined = std::thread::scope(|scope| {
            let mut workers = Vec::new();
            for _ in 0..most.min(self.items.len()) {
                // A worker starts when it hears its item, so that none runs before the fork.
                let (tell, told) = channel();
                match thread::spawn(scope, "branch", || self.work(told)) {
                    Ok(thread) => workers.push((thread, tell)),
                    Err(problem) if workers.is_empty() => return Err(problem),
                    Err(_) => break,
                }
            }
            let first: Vec<_> = (0..workers.len()).map(|index| self.branch(index)).collect();
            self.state().next = workers.len();
            let parent = current_branch();
            host.fork(&parent, &first);
            for (index, (_, tell)) in workers.iter().enumerate() {
                start(tell, index);
            }
            let ended: Vec<_> = workers
                .into_iter()
                .map(|(thread, _)| thread::join(thread))
                .collect();
            let joined = host.join(&parent);
            ended.into_iter().collect::<Result<(), Problem>>()?;
            Ok(joined)
        });
        match joined {
            Ok(Ok(())) if !door.run.control.is_stopped() => self.result(),
            Ok(_) => {
                door.run.control.stop_silently();
                Err(door.stop())
            }
            Err(problem) => {
                door.run.end(End::Bug(problem));
                Err(door.stop())
            }
        }
    }

    /// Works on one item after the other; every branch that was forked leaves exactly once.
    fn work(&self, told: Receiver<usize>) {
        let Ok(mut index) = told.recv() else {
            return;
        };
        let run = &self.door.run;
        let mut branch = self.branch(index);
        if run.host.enter(&branch).is_err() {
            run.control.stop_silently();
        }
        loop {
            start_branch(branch.clone());
            let outcome = thread::guard(|| self.item(index));
            let next = self.keep(index, outcome);
            if next.is_none() {
                run.limits.settle(&run.control);
            }
            let following = next.map(|next| self.branch(next));
            run.host.leave(&branch, following.as_ref());
            match (next, following) {
                (Some(next), Some(following)) => (index, branch) = (next, following),
                _ => return,
            }
        }
    }

    fn item(&self, index: usize) -> Result<Dynamic, Raise> {
        if self.door.run.control.is_stopped() {
            return Err(self.door.stop());
        }
        let mut closure = self.closure.clone();
        closure.iter_curry_mut().for_each(detach);
        let mut item = self.items.get(index).cloned().unwrap_or_default();
        detach(&mut item);
        self.door.call(&closure, (item,))
    }

    /// Keeps the outcome of an item; returns the next one to work on. Called while holding the baton.
    fn keep(
        &self,
        index: usize,
        outcome: Result<Result<Dynamic, Raise>, Problem>,
    ) -> Option<usize> {
        let run = &self.door.run;
        let outcome = outcome.unwrap_or_else(|problem| {
            run.end(End::Bug(problem));
            Err(self.door.stop())
        });
        let mut state = self.state();
        if outcome.is_err() {
            state.first_failed.get_or_insert(index);
        }
        state.outcomes[index] = Some(outcome);
        let goes_on = self.collects || state.first_failed.is_none();
        let next = state.next;
        if run.control.is_stopped() || !goes_on || next == self.items.len() {
            return None;
        }
        state.next += 1;
        Some(next)
    }

    fn result(self) -> Result<Dynamic, Raise> {
        let site = self.door.site();
        let state = self
            .state
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let outcomes = state.outcomes.into_iter().zip(&self.items).enumerate();
        let named =
            |(index, (outcome, item)): (usize, (Option<Result<Dynamic, Raise>>, &Dynamic))| {
                outcome
                    .unwrap_or(Ok(Dynamic::UNIT))
                    .map_err(|error| named(error, index, item, &site))
            };
        let mut outcomes: Vec<_> = outcomes.map(named).collect();
        match state.first_failed {
            Some(index) if !self.collects => outcomes.swap_remove(index),
            _ => Ok(collected(outcomes, &self.items, self.collects)),
        }
    }

    fn branch(&self, index: usize) -> Branch {
        Branch(format!("{}/{index}.", self.key))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn start(worker: &Sender<usize>, index: usize) {
    // The worker waits for this; were it gone, joining it would tell why.
    let _ = worker.send(index);
}

/// Cuts a value off from the variables it is shared with, through lists, maps and closures.
fn detach(value: &mut Dynamic) {
    if value.is_shared() {
        *value = value.flatten_clone();
    }
    if let Some(mut items) = value.write_lock::<Array>() {
        return items.iter_mut().for_each(detach);
    }
    if let Some(mut map) = value.write_lock::<Map>() {
        return map.values_mut().for_each(detach);
    }
    if let Some(mut closure) = value.write_lock::<FnPtr>() {
        closure.iter_curry_mut().for_each(detach);
    }
}

/// Names the item in the error: for people in the call stack, for `catch` in the map.
fn named(mut error: Raise, index: usize, item: &Dynamic, site: &super::door::Site) -> Raise {
    let layer = format!("item {index} (`{}`) of parallel", short(item));
    let thrown = innermost(&mut error);
    if let Some(mut map) = thrown.and_then(|thrown| thrown.write_lock::<Map>()) {
        map.insert(
            "index".into(),
            i64::try_from(index).unwrap_or(i64::MAX).into(),
        );
        map.insert("item".into(), item.clone());
    }
    if let EvalAltResult::ErrorInFunctionCall(name, ..) = &mut *error
        && name.starts_with("anon$")
    {
        *name = layer;
        return error;
    }
    EvalAltResult::ErrorInFunctionCall(layer, site.source.clone(), error, site.position).into()
}

fn innermost(error: &mut EvalAltResult) -> Option<&mut Dynamic> {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _)
        | EvalAltResult::ErrorInModule(_, inner, _) => innermost(inner),
        EvalAltResult::ErrorRuntime(thrown, _) => Some(thrown),
        _ => None,
    }
}

fn short(item: &Dynamic) -> String {
    let text = match item.as_map_ref() {
        Ok(map) => {
            let telling = ["name", "title", "id"]
                .into_iter()
                .find_map(|key| map.get(key));
            telling.map_or_else(|| item.to_string(), ToString::to_string)
        }
        Err(_) => item.to_string(),
    };
    let text = text.replace('\n', " ");
    if text.chars().count() > 40 {
        format!("{}…", text.chars().take(40).collect::<String>())
    } else {
        text
    }
}

fn collected(outcomes: Vec<Result<Dynamic, Raise>>, items: &Array, collects: bool) -> Dynamic {
    let mut errors = Array::new();
    let mut results = Array::with_capacity(outcomes.len());
    for (index, (outcome, item)) in outcomes.into_iter().zip(items).enumerate() {
        results.push(outcome.unwrap_or_else(|error| {
            errors.push(caught(&error, index, item));
            Dynamic::UNIT
        }));
    }
    if !collects {
        return results.into();
    }
    Map::from([
        ("results".into(), results.into()),
        ("errors".into(), errors.into()),
    ])
    .into()
}

/// Returns an error as the map that stands in the list of errors.
fn caught(error: &EvalAltResult, index: usize, item: &Dynamic) -> Dynamic {
    let mut map = match error.unwrap_inner() {
        EvalAltResult::ErrorRuntime(thrown, _) => match thrown.as_map_ref() {
            Ok(map) => map.clone(),
            Err(_) => message(thrown.to_string()),
        },
        other => message(lowered(&other.to_string())),
    };
    map.insert(
        "index".into(),
        i64::try_from(index).unwrap_or(i64::MAX).into(),
    );
    map.insert("item".into(), item.clone());
    map.into()
}

fn message(text: String) -> Map {
    Map::from_iter([("message".into(), text.into())])
}
