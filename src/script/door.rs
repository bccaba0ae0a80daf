//! What a native function holds while a script calls it: the way to the Host, to closures, and to
//! errors that know the line they came from.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rhai::{Dynamic, EvalAltResult, FnPtr, FuncArgs, Map, NativeCallContext, Position};

use crate::report::{Failure, FailureKind, Problem};
use crate::script::control::{Control, Stop};
use crate::script::engine::limits::Limits;
use crate::script::engine::meter;
use crate::script::host::{
    self, Answer, Branch, Decision, Effect, Halt, Host, Step, StepKey, Uncertain,
};
use crate::script::json;
use crate::script::native;

/// An error on its way through the interpreter.
pub(crate) type Raise = Box<EvalAltResult>;

/// What a run of a script carries with it; the engine's tag holds it.
#[derive(Clone)]
pub(crate) struct RunContext {
    /// Who answers effects.
    pub(crate) host: Arc<dyn Host>,
    /// The run's stop flag and counters.
    pub(crate) control: Arc<Control>,
    /// The arguments, converted as the header declares.
    pub(crate) args: Dynamic,
    /// What the run may use up.
    pub(crate) limits: Limits,
    /// How the run ended itself, if it did.
    pub(crate) end: Arc<Mutex<Option<End>>>,
    /// What the script registered for later.
    pub(crate) hooks: Arc<Mutex<Hooks>>,
}

/// Closures that the script registered for what may happen to its run.
#[derive(Debug, Default)]
pub(crate) struct Hooks {
    /// What cleans up after a cancelled run; the last one registered runs first.
    pub(crate) on_cancel: Vec<FnPtr>,
    /// What decides about an effect that was cut off and cannot be looked up.
    pub(crate) on_uncertain: Option<FnPtr>,
    /// What answers in a test for people, and after how long.
    pub(crate) person: Option<(FnPtr, std::time::Duration)>,
}

/// How a run can end itself, away from its last line.
#[derive(Clone, Debug)]
pub(crate) enum End {
    /// `exit` was called with this value.
    Exit(Dynamic),
    /// Output could not be written.
    Failed(Failure),
    /// A branch ran into a fault of this program.
    Bug(Problem),
}

impl RunContext {
    /// Has the Host perform an effect; every effect first looks whether the run shall stop.
    pub(crate) fn perform(&self, effect: Effect, site: &Site) -> Result<Answer, Halt> {
        if self.control.is_stopped() {
            return Err(Halt::Stopped);
        }
        let step = Step {
            branch: current_branch(),
            key: match effect {
                Effect::Print(_) | Effect::Log(..) => next_line(),
                _ => next_step(),
            },
            site: site.place(),
        };
        let answer = meter::outside(effect, |effect| self.host.perform(&step, effect));
        self.heed(answer)
    }

    /// Has the Host settle an effect that was cut off.
    pub(crate) fn decide(&self, step: &Step, decision: Decision) -> Result<Answer, Halt> {
        let answer = meter::outside(decision, |decision| self.host.decide(step, decision));
        self.heed(answer)
    }

    fn heed(&self, answer: Result<Answer, Halt>) -> Result<Answer, Halt> {
        if let Err(Halt::Stopped) = answer {
            self.control.stop_silently();
        }
        answer
    }

    /// Returns what the script registered.
    pub(crate) fn hooks(&self) -> MutexGuard<'_, Hooks> {
        self.hooks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the run; the first end stays.
    pub(crate) fn end(&self, end: End) {
        let mut place = self.end.lock().unwrap_or_else(PoisonError::into_inner);
        if place.is_none() && !self.control.is_stopped() {
            *place = Some(end);
            self.control.stop(Stop::Ended);
        }
    }

    /// Takes how the run ended itself, if it did.
    pub(crate) fn ended(&self) -> Option<End> {
        let mut place = self.end.lock().unwrap_or_else(PoisonError::into_inner);
        place.take()
    }
}

/// Where a call stands in the sources.
#[derive(Clone, Debug, Default)]
pub(crate) struct Site {
    /// Name of the calling source; empty when it has none.
    pub(crate) source: String,
    /// Position of the called function's name.
    pub(crate) position: Position,
}

impl Site {
    /// Returns the place as the Host is told it.
    fn place(&self) -> host::Site {
        host::Site {
            source: self.source.clone(),
            line: self.position.line().unwrap_or_default(),
            column: self.position.position().unwrap_or_default(),
        }
    }
}

thread_local! {
    /// The branch that runs on this thread.
    static BRANCH: RefCell<Numbered> = RefCell::default();
}

/// A branch, and what it counts.
#[derive(Debug, Default)]
struct Numbered {
    branch: Branch,
    /// The number of its next step.
    step: u32,
    /// The number of its next line since its last step.
    line: u32,
}

impl Numbered {
    fn first(branch: Branch) -> Self {
        Self {
            branch,
            ..Self::default()
        }
    }
}

/// Makes this thread run a branch from its first step on.
pub(crate) fn start_branch(branch: Branch) {
    BRANCH.with(|current| *current.borrow_mut() = Numbered::first(branch));
}

/// Returns the branch that runs on this thread.
pub(crate) fn current_branch() -> Branch {
    BRANCH.with(|current| current.borrow().branch.clone())
}

/// Takes the key of the next step of this thread's branch.
pub(crate) fn next_step() -> StepKey {
    BRANCH.with(|current| {
        let current = &mut *current.borrow_mut();
        let key = format!("{}{}", current.branch.0, current.step);
        current.step += 1;
        current.line = 0;
        StepKey(key)
    })
}

/// Returns the key that the next step of this thread's branch will have.
pub(crate) fn coming_step() -> StepKey {
    BRANCH.with(|current| {
        let current = current.borrow();
        StepKey(format!("{}{}", current.branch.0, current.step))
    })
}

/// Takes the key of the next line that this thread's branch prints or logs. Lines are counted apart,
/// so that one more of them moves no step.
fn next_line() -> StepKey {
    BRANCH.with(|current| {
        let current = &mut *current.borrow_mut();
        let key = format!("{}{}+{}", current.branch.0, current.step, current.line);
        current.line += 1;
        StepKey(key)
    })
}

/// Runs something on this thread as a branch of its own, beside the one that is under way.
pub(crate) fn aside<T>(branch: Branch, work: impl FnOnce() -> T) -> T {
    let outer = BRANCH.with(|current| current.replace(Numbered::first(branch)));
    let result = work();
    BRANCH.with(|current| *current.borrow_mut() = outer);
    result
}

/// The context of one native call.
pub(crate) struct Door<'a> {
    /// The interpreter's side of the call.
    pub(crate) ctx: &'a NativeCallContext<'a>,
    /// The run's side of the call.
    pub(crate) run: RunContext,
    /// The name scripts call, such as `duvo::jobs::get` or `time::now`.
    pub(crate) function: &'a str,
}

impl<'a> Door<'a> {
    /// Opens the door of a call; fails when no run stands behind the engine (as in a mere check).
    pub(crate) fn open(ctx: &'a NativeCallContext<'a>, function: &'a str) -> Result<Self, Raise> {
        let tag = ctx.tag().and_then(Dynamic::read_lock::<RunContext>);
        match tag {
            Some(run) => Ok(Self {
                ctx,
                run: run.clone(),
                function,
            }),
            None => Err(EvalAltResult::ErrorRuntime("no run".into(), ctx.call_position()).into()),
        }
    }

    /// Has the Host perform an effect.
    pub(crate) fn perform(&self, effect: Effect) -> Result<Answer, Raise> {
        self.try_perform(effect)?
            .map_err(|failure| self.fail(failure))
    }

    /// Has the Host perform an effect, and hands its failure to the caller.
    pub(crate) fn try_perform(&self, effect: Effect) -> Result<Result<Answer, Failure>, Raise> {
        match self.run.perform(effect, &self.site()) {
            Err(Halt::Uncertain(uncertain)) => self.settle(&uncertain),
            answer => self.answered(answer),
        }
    }

    fn answered(&self, answer: Result<Answer, Halt>) -> Result<Result<Answer, Failure>, Raise> {
        match answer {
            Ok(answer) => Ok(Ok(answer)),
            Err(Halt::Failed(failure)) => Ok(Err(failure)),
            Err(Halt::Stopped | Halt::Uncertain(_)) => Err(self.stop()),
        }
    }

    /// Has the script decide about an effect that was cut off, if it wants to.
    fn settle(&self, uncertain: &Uncertain) -> Result<Result<Answer, Failure>, Raise> {
        let decision = native::uncertain::decision(self, uncertain)?;
        self.answered(self.run.decide(&uncertain.step, decision))
    }

    /// Returns where the call stands.
    pub(crate) fn site(&self) -> Site {
        Site {
            source: self.ctx.call_source().unwrap_or_default().into(),
            position: self.ctx.call_position(),
        }
    }

    /// Has the Host perform an effect and turns its answer into a script value.
    pub(crate) fn value(&self, effect: Effect) -> Result<Dynamic, Raise> {
        let answer = self.perform(effect)?;
        self.decode(answer)
    }

    /// Turns an answer into a script value.
    pub(crate) fn decode(&self, answer: Answer) -> Result<Dynamic, Raise> {
        decode(answer).map_err(|failure| self.fail(failure))
    }

    /// Returns the error of a failed call: a map that `catch` receives, at the line of the call.
    pub(crate) fn fail(&self, failure: Failure) -> Raise {
        raise(failure, self.function, &self.site())
    }

    /// Returns the error of a wrong argument.
    pub(crate) fn invalid(&self, message: impl Into<String>) -> Raise {
        self.fail(Failure::invalid(message))
    }

    /// Returns the error that ends the run; scripts cannot catch it.
    pub(crate) fn stop(&self) -> Raise {
        EvalAltResult::ErrorTerminated(Dynamic::UNIT, self.ctx.call_position()).into()
    }

    /// Calls a closure of the script.
    pub(crate) fn call(&self, closure: &FnPtr, args: impl FuncArgs) -> Result<Dynamic, Raise> {
        let outcome = closure.call_within_context::<Dynamic>(self.ctx, args);
        // A stop must not be wrapped on its way out, or the script could catch it.
        if self.run.control.is_stopped() {
            Err(self.stop())
        } else {
            outcome
        }
    }
}

/// Turns an answer into a script value.
pub(crate) fn decode(answer: Answer) -> Result<Dynamic, Failure> {
    Ok(match answer {
        Answer::Nothing => Dynamic::UNIT,
        #[expect(clippy::cast_possible_wrap, reason = "all 64 bits are kept")]
        Answer::Bits(bits) => (bits as i64).into(),
        Answer::Time(time) => time.to_string().into(),
        Answer::Text(text) => text.into(),
        Answer::Bytes(bytes) => Dynamic::from_blob(bytes),
        Answer::Json(text) => json::decode(&text).map_err(|fault| {
            let shown: String = String::from_utf8_lossy(&text).chars().take(200).collect();
            Failure::new(
                FailureKind::Protocol,
                format!("the answer is no JSON ({fault}): `{shown}`"),
            )
        })?,
    })
}

/// Returns the error of a failed call of `function`, at its line.
pub(crate) fn raise(failure: Failure, function: &str, site: &Site) -> Raise {
    let failure = if failure.endpoint.is_none() {
        failure.at(function)
    } else {
        failure
    };
    let mut map = failure_map(&failure);
    let number = |number: Option<usize>| i64::try_from(number.unwrap_or(0)).unwrap_or(i64::MAX);
    if !site.position.is_none() {
        map.insert("line".into(), number(site.position.line()).into());
        map.insert("position".into(), number(site.position.position()).into());
    }
    map.insert("source".into(), site.source.clone().into());
    EvalAltResult::ErrorRuntime(map.into(), site.position).into()
}

/// Returns a failure as the map that scripts catch.
pub(crate) fn failure_map(failure: &Failure) -> Map {
    let optional = |text: &Option<String>| text.clone().map_or(Dynamic::UNIT, Dynamic::from);
    let mut map = Map::new();
    map.insert("kind".into(), failure.kind.as_str().into());
    map.insert("message".into(), failure.message.clone().into());
    map.insert(
        "status".into(),
        failure
            .status
            .map_or(Dynamic::UNIT, |status| i64::from(status).into()),
    );
    map.insert("code".into(), optional(&failure.code));
    map.insert("endpoint".into(), optional(&failure.endpoint));
    map.insert("request_id".into(), optional(&failure.request_id));
    map.insert("retryable".into(), failure.retryable.into());
    map.insert("hint".into(), optional(&failure.hint));
    map
}
