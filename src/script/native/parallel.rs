//! `parallel`: many items at once, with results in order.
//!
//! Only effects run side by side; of the branches' script code, one runs at a time, as the Host
//! says. Each branch works on its own copy of what its closure captured: two branches never wait
//! for each other's values, and nothing leaks out but the result.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rhai::{Array, Dynamic, FnPtr, Map};

use crate::report::Problem;
use crate::script::builtin::Builtin;
use crate::script::door::{Door, End, Raise, current_branch, next_step, start_branch};
use crate::script::engine::meter;
use crate::script::engine::thread;
use crate::script::host::{Branch, Halt};
use crate::script::native::item::{caught, detach, named};
use crate::script::native::options::Options;

const CONCURRENCY: i64 = 8;
const MOST_CONCURRENCY: i64 = 32;

/// The builtins of this file.
pub(in crate::script) const ALL: &[Builtin] = &[Builtin {
    name: "parallel",
    params: &[
        "list: Array",
        "each: Fn",
        "options?: #{ concurrency: int, errors: \"first\" | \"collect\" }",
    ],
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
    let options = Options::read(options, door.function).map_err(fail)?;
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
        let run = &self.door.run;
        match self.spread(most) {
            Ok(Ok(())) if !run.control.is_stopped() => self.result(),
            Ok(_) => {
                run.control.stop_silently();
                Err(self.door.stop())
            }
            Err(problem) => {
                run.end(End::Bug(problem));
                Err(self.door.stop())
            }
        }
    }

    /// Has workers do all items, and waits until the baton is back.
    fn spread(&self, most: usize) -> Result<Result<(), Halt>, Problem> {
        let host = &self.door.run.host;
        std::thread::scope(|scope| {
            let mut workers = Vec::new();
            for _ in 0..most.min(self.items.len()) {
                // A worker starts when it hears its item, so that none runs before the fork.
                let (tell, told) = channel();
                match thread::spawn(scope, "branch", move || self.work(&told)) {
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
            let ended = workers.into_iter().map(|(thread, _)| thread::join(thread));
            let ended: Vec<_> = ended.collect();
            let joined = host.join(&parent);
            ended.into_iter().collect::<Result<(), Problem>>()?;
            Ok(joined)
        })
    }

    /// Works on one item after the other; every branch that was forked leaves exactly once.
    fn work(&self, told: &Receiver<usize>) {
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
                meter::settle(&run.limits, &run.control);
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
        let outcomes = outcomes.map(|(index, (outcome, item))| {
            let outcome = outcome.unwrap_or(Ok(Dynamic::UNIT));
            outcome.map_err(|error| named(error, index, item, &site))
        });
        let mut outcomes: Vec<_> = outcomes.collect();
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
