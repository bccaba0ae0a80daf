//! The Host of an input: it asks before what destroys, and in a plan it shows what would be sent.
//!
//! All else goes to the run behind it.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::planned;
use super::screen::Screen;
use crate::catalog::{self, Call, Endpoint, Method, Repeat, is_secret};
use crate::report::{Failure, FailureKind};
use crate::run::EphemeralHost;
use crate::script::{
    Answer, Branch, Effect, Halt, Host, HttpRequest, Question, Request, Step, pass_on_to,
};
use crate::secret::{Veil, mask};

/// How an input is guarded.
#[derive(Clone)]
pub(super) struct Rules {
    /// Whether what would change the world is shown and not sent.
    pub(super) plans: bool,
    /// The world that must not be harmed without a question, if it is one.
    pub(super) asks_in: Option<String>,
    /// Where plans are shown.
    pub(super) screen: Arc<Screen>,
    /// What must not be shown.
    pub(super) veil: Veil,
}

/// The Host of an input.
pub(super) struct Guard {
    inner: EphemeralHost,
    rules: Rules,
    /// The endpoint that was called last.
    called: Mutex<Option<&'static Endpoint>>,
    is_over: AtomicBool,
}

impl Guard {
    pub(super) fn new(inner: EphemeralHost, rules: Rules) -> Self {
        Self {
            inner,
            rules,
            called: Mutex::default(),
            is_over: AtomicBool::new(false),
        }
    }

    /// Ends the input: what still holds this Host, such as a lazy list, has no effect any more.
    pub(super) fn end(&self) {
        self.is_over.store(true, Relaxed);
        self.inner.end();
    }

    /// Returns the run behind it.
    pub(super) fn run(&self) -> &EphemeralHost {
        &self.inner
    }

    /// Returns the endpoint that was called last.
    pub(super) fn called(&self) -> Option<&'static Endpoint> {
        *self.called.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn call(&self, step: &Step, call: Call) -> Result<Answer, Halt> {
        let endpoint = call.endpoint;
        *self.called.lock().unwrap_or_else(PoisonError::into_inner) = Some(endpoint);
        if endpoint.repeat != Repeat::Read && self.rules.plans {
            self.plan(&format!("duvo::{}", written(&call)));
            return Ok(planned::answer(&call));
        }
        if endpoint.destructive {
            self.confirm(step, &written(&call))?;
        }
        self.inner.perform(step, Effect::Call(call))
    }

    fn request(&self, step: &Step, request: Request) -> Result<Answer, Halt> {
        let text = format!("{} {}", request.method.as_str(), request.path);
        if request.method != Method::Get && self.rules.plans {
            self.plan(&text);
            return Ok(Answer::Json(b"null".to_vec()));
        }
        let known = catalog::match_path(request.method, &request.path);
        let destroys = known.map_or(request.method == Method::Delete, |entry| entry.destructive);
        if destroys {
            self.confirm(step, &text)?;
        }
        self.inner.perform(step, Effect::Request(request))
    }

    fn http(&self, step: &Step, request: HttpRequest) -> Result<Answer, Halt> {
        let only_reads = ["GET", "HEAD"].contains(&request.method.as_str());
        if self.rules.plans && !only_reads {
            self.plan(&format!("{} {}", request.method, request.url));
            let answer = json!({ "status": 200, "headers": {}, "body": "" });
            return Ok(Answer::Json(answer.to_string().into_bytes()));
        }
        self.inner.perform(step, Effect::Http(request))
    }

    fn plan(&self, what: &str) {
        let told = self.rules.veil.hide(what).into_owned();
        self.rules.screen.write(&format!("plan: {told}"));
    }

    /// Asks whether something shall be destroyed; only a yes lets it pass.
    fn confirm(&self, step: &Step, what: &str) -> Result<(), Halt> {
        let Some(world) = &self.rules.asks_in else {
            return Ok(());
        };
        let question = Question {
            text: format!("{what} cannot be undone in {world}: go on?"),
            details: None,
            choices: vec!["no".into(), "yes".into()],
            deadline: None,
            then: None,
            round: None,
        };
        let refused = |why: &str| {
            let failure = Failure::new(FailureKind::Refused, format!("{what} was not sent: {why}"));
            Halt::Failed(failure)
        };
        match self.inner.perform(step, Effect::Ask(question)) {
            Ok(Answer::Json(answer)) if answer == br#""yes""# => Ok(()),
            Ok(_) => Err(refused("you said no")),
            Err(Halt::Failed(_)) => {
                let Halt::Failed(failure) = refused("nobody could be asked") else {
                    return Err(Halt::Stopped);
                };
                Err(Halt::Failed(
                    failure.hint("`duvoscript repl --yes` does not ask"),
                ))
            }
            Err(halt) => Err(halt),
        }
    }
}

/// Returns a call as a script would write it, secrets masked.
fn written(call: &Call) -> String {
    let mut fields = Value::Object(call.fields.clone());
    mask(&mut fields, &is_secret);
    let ids = call.path.iter().map(|id| format!("{id:?}"));
    let fields = (!call.fields.is_empty()).then(|| format!("#{fields}"));
    let given: Vec<String> = ids.chain(fields).collect();
    let name = call.endpoint.name.replace('.', "::");
    format!("{name}({})", given.join(", "))
}

impl Host for Guard {
    pass_on_to!(inner);

    fn perform(&self, step: &Step, effect: Effect) -> Result<Answer, Halt> {
        if self.is_over.load(Relaxed) {
            let failure = Failure::invalid("what an earlier input began lazily has ended with it");
            let hint = "take the whole list, or loop over it in the same input";
            return Err(Halt::Failed(failure.hint(hint)));
        }
        match effect {
            Effect::Call(call) => self.call(step, call),
            Effect::Request(request) => self.request(step, request),
            Effect::Http(request) => self.http(step, request),
            Effect::Upload { file, .. } if self.rules.plans => {
                self.plan(&format!("upload of `{file}`"));
                Ok(Answer::Nothing)
            }
            effect => self.inner.perform(step, effect),
        }
    }

    fn answers_people(&self) -> bool {
        self.rules.screen.is_interactive
    }

    fn fork(&self, parent: &Branch, first: &[Branch]) {
        self.inner.fork(parent, first);
    }
}
