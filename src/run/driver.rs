//! The Host of a run: hands effects to a port, and keeps the rule that at most one branch executes
//! script code at any moment.
//!
//! A branch gives the baton up while its effect is under way or while its own branches run. Only when
//! no branch can go on does one of the blocked threads ask the port what is done next; so the order
//! in which branches go on is the port's alone, and a replay repeats it.

use std::collections::{HashMap, VecDeque};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use jiff::Timestamp;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use super::plan::Approval;
use super::port::{Landed, News, Port, Stop, Submitted, Ticket};
use crate::clock::{self, Clock, Participant};
use crate::report::{Failure, guarded};
use crate::script::{Answer, Branch, Decision, Effect, Halt, Host, Source, Step};

/// How long what changes the world may take to come to its end after its run was stopped.
pub(super) const GRACE: Duration = Duration::from_secs(2);

/// Finds sources for a run: those of its project, or those it began with.
pub(super) trait Sources: Send + Sync {
    /// Finds the source that an import means.
    fn import(&self, importer: &str, path: &str) -> Result<Source, Failure>;

    /// Returns the text of an embedded module for this run.
    fn embedded(&self, source: Source) -> Source;
}

/// Drives one run.
pub(super) struct Driver<P> {
    clock: Arc<dyn Clock>,
    runtime: Arc<Runtime>,
    sources: Box<dyn Sources>,
    port: Mutex<P>,
    state: Mutex<State>,
    changed: Condvar,
    /// When the run must have ended.
    deadline: Option<Timestamp>,
    /// The plan that it is held to.
    approval: Option<Mutex<Approval>>,
}

#[derive(Debug, Default)]
struct State {
    /// Why nothing goes on any more.
    stop: Option<Stop>,
    /// Why the run was cancelled, once its clean-up has begun.
    cancelled: Option<Stop>,
    /// Wakes whoever drives the port when the run stops.
    stopped: CancellationToken,
    /// Who executes script code; nobody while all wait.
    holder: Option<Branch>,
    /// Whether a blocked thread asks the port for what is done next.
    driven: bool,
    ready: VecDeque<Branch>,
    pending: HashMap<Ticket, Branch>,
    landed: HashMap<Branch, News>,
    /// The parent of each live branch that came from a fork.
    parents: HashMap<Branch, Branch>,
    /// How many branches of each fork are still alive.
    forks: HashMap<Branch, usize>,
    /// Keeps simulated time from moving while script code runs.
    awake: Option<Participant>,
}

impl<P: Port> Driver<P> {
    /// Returns the Host of a run whose script is about to start.
    ///
    /// `runtime` is one of the current thread: a call needs no other thread.
    pub(super) fn new(
        port: P,
        sources: Box<dyn Sources>,
        clock: Arc<dyn Clock>,
        runtime: impl Into<Arc<Runtime>>,
    ) -> Self {
        let state = State {
            holder: Some(Branch::default()),
            awake: Some(clock.join()),
            ..State::default()
        };
        Self {
            clock,
            runtime: runtime.into(),
            sources,
            port: Mutex::new(port),
            state: Mutex::new(state),
            changed: Condvar::new(),
            deadline: None,
            approval: None,
        }
    }

    /// Has the run stop when its time is over.
    pub(super) fn ending(mut self, deadline: Option<Timestamp>) -> Self {
        self.deadline = deadline;
        self
    }

    /// Holds the run to a plan.
    pub(super) fn approved(mut self, approval: Option<Approval>) -> Self {
        self.approval = approval.map(Mutex::new);
        self
    }

    /// Returns the plan that the run is held to.
    fn approval(&self) -> Option<MutexGuard<'_, Approval>> {
        let approval = self.approval.as_ref()?;
        Some(approval.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the run's clock.
    pub(super) fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    /// Lets what changes the world come to its end after the run has stopped.
    pub(super) fn wind_down(&self, patience: Duration) {
        // Its sleep is that of the patience. Simulated time stands still until the run is gone.
        let awake = self.clock.join();
        self.state().awake.take();
        let mut port = self.port();
        // Real sleep begins inside the runtime only.
        self.runtime.block_on(async {
            let patience = self.clock.sleep(patience);
            port.wind_down(patience).await;
        });
        self.state().awake = Some(awake);
    }

    /// Lets simulated time go on without the run, which is over but may still be held.
    pub(super) fn let_time_go(&self) {
        self.state().awake = None;
    }

    /// Stops the run: what it waits for is cut off. The first reason stays.
    pub(super) fn stop(&self, why: Stop) {
        let mut state = self.state();
        state.end(why);
        self.changed.notify_all();
    }

    /// Returns why the run was stopped, if it was.
    pub(super) fn why_stopped(&self) -> Option<Stop> {
        let state = self.state();
        state.stop.clone().or_else(|| state.cancelled.clone())
    }

    /// Looks at the port, after the run.
    pub(super) fn port(&self) -> MutexGuard<'_, P> {
        self.port.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the port take something of a branch, and waits for what comes of it.
    fn hand_over(
        &self,
        branch: &Branch,
        take: impl FnOnce(&mut P) -> Result<Submitted, Stop>,
    ) -> Result<Answer, Halt> {
        if self.state().stop.is_some() {
            return Err(Halt::Stopped);
        }
        match unbroken(|| take(&mut self.port())) {
            Ok(Submitted::Done(outcome)) => outcome.map_err(Halt::Failed),
            Ok(Submitted::Pending(ticket)) => self.wait_for_landing(branch, ticket),
            Err(stop) => {
                self.stop(stop);
                Err(Halt::Stopped)
            }
        }
    }

    fn wait_for_landing(&self, branch: &Branch, ticket: Ticket) -> Result<Answer, Halt> {
        {
            let mut state = self.state();
            state.pending.insert(ticket, branch.clone());
            state.pass_on();
            self.changed.notify_all();
        }
        self.wait_for_turn(branch)?;
        let landed = self.state().landed.remove(branch);
        match landed {
            Some(News::Outcome(outcome)) => outcome.map_err(Halt::Failed),
            Some(News::Uncertain(uncertain)) => Err(Halt::Uncertain(uncertain)),
            None => Err(Halt::Stopped),
        }
    }

    /// Waits until it is the branch's turn; drives the port when nobody else can go on.
    fn wait_for_turn(&self, branch: &Branch) -> Result<(), Halt> {
        let mut state = self.state();
        loop {
            if state.stop.is_some() {
                return Err(Halt::Stopped);
            }
            if state.holder.as_ref() == Some(branch) {
                return Ok(());
            }
            state = if state.holder.is_none() && !state.driven {
                state.driven = true;
                drop(state);
                let landed = unbroken(|| self.drive());
                self.hand_back(landed)
            } else {
                let waited = self.changed.wait(state);
                waited.unwrap_or_else(PoisonError::into_inner)
            };
        }
    }

    /// Waits for the next landing. Simulated time moves only meanwhile.
    fn drive(&self) -> Result<Landed, Stop> {
        let mut port = self.port();
        let (awake, stopped) = {
            let mut state = self.state();
            (state.awake.take(), state.stopped.clone())
        };
        let deadline = self.deadline.filter(|_| !self.is_cleaning_up());
        let timer = deadline.map(|at| (at, self.clock.join()));
        self.runtime.block_on(async {
            // Connections that were closed while nobody waited are noticed first.
            tokio::task::yield_now().await;
            if stopped.is_cancelled() {
                return Err(Stop::Interrupted);
            }
            let mut next = pin!(port.next());
            // An effect joins the clock for itself when it sets out, which is now at the latest.
            let first = poll_fn(|context| Poll::Ready(next.as_mut().poll(context))).await;
            drop(awake);
            if let Poll::Ready(landed) = first {
                return landed;
            }
            tokio::select! {
                biased;
                () = stopped.cancelled() => Err(Stop::Interrupted),
                landed = next => landed,
                () = time_is_over(self.clock.as_ref(), timer) => Err(Stop::TimedOut),
            }
        })
    }

    fn is_cleaning_up(&self) -> bool {
        self.state().cancelled.is_some()
    }

    fn hand_back(&self, landed: Result<Landed, Stop>) -> MutexGuard<'_, State> {
        let mut state = self.state();
        state.driven = false;
        match landed {
            Ok(landed) => {
                state.awake = Some(landed.awake);
                if let Some(branch) = state.pending.remove(&landed.ticket) {
                    state.landed.insert(branch.clone(), landed.news);
                    state.ready.push_back(branch);
                }
                state.pass_on();
            }
            Err(stop) => {
                state.awake = Some(self.clock.join());
                state.end(stop);
            }
        }
        self.changed.notify_all();
        state
    }
}

/// Does something with the port; a panic in it stops the run, or else the others would wait for ever.
fn unbroken<T>(work: impl FnOnce() -> Result<T, Stop>) -> Result<T, Stop> {
    let worked = guarded("the run", work);
    worked.unwrap_or_else(|problem| Err(Stop::Broken(Box::new(problem))))
}

/// Waits until a run's time is over, if it is limited.
async fn time_is_over(clock: &dyn Clock, timer: Option<(Timestamp, Participant)>) {
    match timer {
        Some((at, awake)) => {
            clock::until(clock, at).await;
            drop(awake);
        }
        None => std::future::pending().await,
    }
}

impl State {
    /// Ends the run; the first reason stays. Whoever waits for a turn goes home.
    fn end(&mut self, why: Stop) {
        self.stop.get_or_insert(why);
        self.stopped.cancel();
    }

    /// Hands the baton to whoever is next.
    fn pass_on(&mut self) {
        self.holder = self.ready.pop_front();
    }

    /// Begins the clean-up of a cancelled run: all that was under way is forgotten.
    fn clean_up(&mut self) {
        *self = Self {
            cancelled: self.stop.take(),
            holder: Some(Branch::clean_up()),
            awake: self.awake.take(),
            ..Self::default()
        };
    }
}

impl<P: Port> Host for Driver<P> {
    fn perform(&self, step: &Step, effect: Effect) -> Result<Answer, Halt> {
        let admitted = self.approval().map(|mut plan| plan.admit(step, &effect));
        let change = admitted.transpose()?.flatten();
        let answer = self.hand_over(&step.branch, |port| port.submit(step, effect));
        if let (Some(mut plan), Some(change)) = (self.approval(), change) {
            plan.learn(change, &step.branch, answer.as_ref());
        }
        answer
    }

    fn decide(&self, step: &Step, decision: Decision) -> Result<Answer, Halt> {
        self.hand_over(&step.branch, |port| port.decide(step, decision))
    }

    fn cleans_up(&self) -> bool {
        let is_cancelled = matches!(self.state().stop, Some(Stop::Cancelled | Stop::TimedOut));
        if !is_cancelled {
            return false;
        }
        let begun = self.port().begin_clean_up();
        self.wind_down(GRACE);
        let mut state = self.state();
        match begun {
            Ok(()) => state.clean_up(),
            Err(stop) => state.stop = Some(stop),
        }
        state.stop.is_none()
    }

    fn embedded(&self, source: Source) -> Source {
        self.sources.embedded(source)
    }

    fn fork(&self, parent: &Branch, first: &[Branch]) {
        if let Some(mut plan) = self.approval() {
            plan.fork(first);
        }
        let mut state = self.state();
        for branch in first {
            state.parents.insert(branch.clone(), parent.clone());
            state.ready.push_back(branch.clone());
        }
        state.forks.insert(parent.clone(), first.len());
        state.pass_on();
        self.changed.notify_all();
    }

    fn enter(&self, branch: &Branch) -> Result<(), Halt> {
        self.wait_for_turn(branch)
    }

    fn leave(&self, branch: &Branch, next: Option<&Branch>) {
        let mut state = self.state();
        let Some(parent) = state.parents.remove(branch) else {
            return;
        };
        if let Some(next) = next {
            state.parents.insert(next.clone(), parent);
            state.ready.push_front(next.clone());
        } else if let Some(alive) = state.forks.get_mut(&parent) {
            *alive -= 1;
            if *alive == 0 {
                state.forks.remove(&parent);
                state.ready.push_back(parent);
            }
        }
        // A branch that leaves because the run stops may not have had its turn.
        if state.holder.as_ref() == Some(branch) {
            state.pass_on();
        }
        self.changed.notify_all();
    }

    fn join(&self, parent: &Branch) -> Result<(), Halt> {
        self.wait_for_turn(parent)
    }

    fn import(&self, importer: &str, path: &str) -> Result<Source, Failure> {
        self.sources.import(importer, path)
    }
}
