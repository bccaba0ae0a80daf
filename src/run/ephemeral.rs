//! A run that keeps no record: every effect is performed at once, and gone with the process.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::runtime::Runtime;

use super::console::Reply;
use super::driver::{Driver, Sources};
use super::durable::{nothing_to_wait_for, too_long};
use super::in_flight::InFlight;
use super::live::{Live, Surroundings};
use super::plan::{Approval, Plan};
use super::port::{Landed, News, Outcome, Port, Stop, Submitted};
use super::project::Project;
use crate::clock::Sleep;
use crate::report::{Failure, FailureKind, Problem};
use crate::script::{Answer, Branch, Decision, Effect, Halt, Host, Question, Source, Step};

/// The Host of a run without a record.
pub struct EphemeralHost(Driver<Ephemeral>);

impl EphemeralHost {
    /// Returns the Host of a new run; `runtime` is one of the current thread, and runs that follow each
    /// other can share it.
    pub fn new(around: Surroundings, runtime: impl Into<Arc<Runtime>>) -> Self {
        let clock = Arc::clone(&around.clock);
        let project = Arc::clone(&around.project);
        let id = around.chance.uuid().to_string();
        let port = Ephemeral {
            flights: InFlight::new(Arc::clone(&clock)),
            next: 0,
            live: Arc::new(Live::new(around, id)),
        };
        Self(Driver::new(
            port,
            Box::new(Present(project)),
            clock,
            runtime,
        ))
    }

    /// Limits how long the run may take.
    #[must_use]
    pub fn ending(self, timeout: Option<Duration>) -> Self {
        let now = self.0.clock().now();
        let at = timeout.map(|timeout| now.checked_add(timeout).unwrap_or(Timestamp::MAX));
        Self(self.0.ending(at))
    }

    /// Holds the run to a plan.
    #[must_use]
    pub fn approved(self, plan: Option<Plan>) -> Self {
        let veil = self.0.port().live.around().veil.clone();
        Self(self.0.approved(plan.map(|plan| Approval::of(plan, veil))))
    }

    /// Cuts off whatever the run is waiting for; it cannot go on after that.
    pub fn stop(&self) {
        self.0.stop(Stop::Interrupted);
    }

    /// Forgets what is still under way after the script's end; simulated time waits for the run no
    /// longer.
    pub fn end(&self) {
        self.0.wind_down(Duration::ZERO);
        self.0.let_time_go();
    }

    /// Returns what broke the run, if it was neither the script nor the user.
    pub fn broken(&self) -> Option<Problem> {
        match self.0.why_stopped()? {
            Stop::Broken(problem) => Some(*problem),
            Stop::TimedOut => Some(too_long()),
            _ => None,
        }
    }
}

/// The sources as they are now.
pub(super) struct Present(pub(super) Arc<Project>);

impl Sources for Present {
    fn import(&self, importer: &str, path: &str) -> Result<Source, Failure> {
        self.0.import(importer, path)
    }

    fn embedded(&self, source: Source) -> Source {
        source
    }
}

struct Ephemeral {
    live: Arc<Live>,
    flights: InFlight<Outcome>,
    next: u32,
}

impl Port for Ephemeral {
    fn submit(&mut self, step: &Step, effect: Effect) -> Result<Submitted, Stop> {
        let effect = match self.live.at_once(effect) {
            Ok(outcome) => return Ok(Submitted::Done(outcome)),
            Err(effect) => effect,
        };
        let ticket = self.next;
        self.next += 1;
        let (live, key) = (Arc::clone(&self.live), step.key.0.clone());
        self.flights.start(ticket, async move {
            match effect {
                Effect::Ask(question) => ask(&live, &question).await,
                Effect::Signal(wait) => {
                    live.around().clock.sleep(wait.deadline).await;
                    Ok(Answer::Json(b"null".to_vec()))
                }
                Effect::Sleep(duration) => {
                    live.around().clock.sleep(duration).await;
                    Ok(Answer::Nothing)
                }
                effect => live.perform(&key, effect).await,
            }
        });
        Ok(Submitted::Pending(ticket))
    }

    fn decide(&mut self, _: &Step, _: Decision) -> Result<Submitted, Stop> {
        Err(nothing_to_wait_for())
    }

    async fn next(&mut self) -> Result<Landed, Stop> {
        let flown = self.flights.next().await.ok_or_else(nothing_to_wait_for)?;
        Ok(Landed {
            ticket: flown.ticket,
            news: News::Outcome(flown.result),
            awake: flown.awake,
        })
    }

    fn begin_clean_up(&mut self) -> Result<(), Stop> {
        Ok(())
    }

    async fn wind_down(&mut self, _: Sleep) {
        self.flights.clear();
    }
}

async fn ask(live: &Live, question: &Question) -> Result<Answer, Failure> {
    match (live.ask(question).await, question.deadline) {
        (Reply::Answered(text), _) => Ok(Answer::Json(
            serde_json::Value::from(text).to_string().into_bytes(),
        )),
        (Reply::TooLate, _) => Ok(Answer::Json(b"null".to_vec())),
        (Reply::Nobody, Some(deadline)) => {
            live.around().clock.sleep(deadline).await;
            Ok(Answer::Json(b"null".to_vec()))
        }
        (Reply::Nobody, None) => Err(nobody(question)),
    }
}

fn nobody(question: &Question) -> Failure {
    let text = format!("there is nobody to answer `{}`", question.text);
    Failure::new(FailureKind::Refused, text)
        .hint("run it in a terminal, or give the question a `deadline` and an `otherwise`")
}

impl Host for EphemeralHost {
    fn perform(&self, step: &Step, effect: Effect) -> Result<Answer, Halt> {
        self.0.perform(step, effect)
    }

    fn cleans_up(&self) -> bool {
        self.0.cleans_up()
    }

    fn fork(&self, parent: &Branch, first: &[Branch]) {
        self.0.fork(parent, first);
    }

    fn enter(&self, branch: &Branch) -> Result<(), Halt> {
        self.0.enter(branch)
    }

    fn leave(&self, branch: &Branch, next: Option<&Branch>) {
        self.0.leave(branch, next);
    }

    fn join(&self, parent: &Branch) -> Result<(), Halt> {
        self.0.join(parent)
    }

    fn import(&self, importer: &str, path: &str) -> Result<Source, Failure> {
        self.0.import(importer, path)
    }
}
