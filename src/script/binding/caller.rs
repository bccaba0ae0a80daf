//! Whoever sends a call: a native function now, or a lazy list later, both with a line to blame.

use crate::catalog::{Call, Endpoint};
use crate::report::Failure;
use crate::script::door::{self, Door, Raise, RunContext, Site};
use crate::script::host::{Answer, Effect, Halt};
use rhai::{Dynamic, EvalAltResult};

/// A line of a script that has effects.
pub(super) trait Caller {
    /// Has the Host perform an effect.
    fn perform(&self, effect: Effect) -> Result<Answer, Raise>;

    /// Returns a failure as an error of the line.
    fn fail(&self, failure: Failure) -> Raise;

    /// Calls an endpoint and decodes its answer.
    fn send(&self, call: Call) -> Result<Dynamic, Raise> {
        let answer = self.perform(Effect::Call(call))?;
        door::decode(answer).map_err(|failure| self.fail(failure))
    }

    /// Returns the error of an answer that is not what the catalog promises.
    fn broken(&self, endpoint: &Endpoint, what: &str) -> Raise {
        let kind = crate::report::FailureKind::Protocol;
        self.fail(Failure::new(kind, format!("the answer {what}")).at(endpoint.name))
    }
}

impl Caller for Door<'_> {
    fn perform(&self, effect: Effect) -> Result<Answer, Raise> {
        Door::perform(self, effect)
    }

    fn fail(&self, failure: Failure) -> Raise {
        Door::fail(self, failure)
    }
}

/// A line that was executed already, of which effects are still to come.
#[derive(Clone)]
pub(super) struct Later {
    run: RunContext,
    function: String,
    site: Site,
}

impl Later {
    /// Keeps the line of a call.
    pub(super) fn new(door: &Door<'_>) -> Self {
        Self {
            run: door.run.clone(),
            function: door.function.into(),
            site: door.site(),
        }
    }

    fn stop(&self) -> Raise {
        EvalAltResult::ErrorTerminated(Dynamic::UNIT, self.site.position).into()
    }
}

impl Caller for Later {
    fn perform(&self, effect: Effect) -> Result<Answer, Raise> {
        let answer = self.run.perform(effect, &self.site);
        answer.map_err(|halt| match halt {
            Halt::Failed(failure) => self.fail(failure),
            // A lazy list only reads, and a read is never uncertain.
            Halt::Stopped | Halt::Uncertain(_) => self.stop(),
        })
    }

    fn fail(&self, failure: Failure) -> Raise {
        door::raise(failure, &self.function, &self.site)
    }
}
