//! A script under test: a durable run in the world of the test, which may die once on the way and is
//! taken up again.
//!
//! It runs on a thread of its own. What it asks comes to the test as news, and so does its end.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::sync::oneshot;

use super::coverage::Coverage;
use super::deadline::Deadline;
use super::ground::{Ground, lock, run_runtime};
use super::recorder::{Recorder, Said};
use super::{ledger, person};
use crate::clock::{Clock, Participant};
use crate::ids::Chance;
use crate::journal::{Journal, NewEvent};
use crate::report::{Failure, FailureKind, Problem};
use crate::run::{
    Around, Beginning, Concluded, Crash, DurableRun, End, Patience, Permissions, Stopper,
    Surroundings, Verdict, resolution,
};
use crate::script::{Control, Limits, Script, Stop, Uncertain};
use crate::secret::Veil;

/// What a script under test is started with.
pub(super) struct Start {
    pub(super) script: Script,
    pub(super) arguments: Map<String, Value>,
    pub(super) env: BTreeMap<String, String>,
    pub(super) signals: Map<String, Value>,
    /// How long requests of Jobs lie before the people of the test see them.
    pub(super) person: Option<Duration>,
    /// Which run of the test it is.
    pub(super) number: usize,
    /// Where it dies.
    pub(super) crash: Arc<Crash>,
    /// Notes which lines it reaches.
    pub(super) coverage: Option<Arc<Coverage>>,
}

/// What comes from a script under test.
pub(super) enum News {
    /// Somebody is asked something.
    Asked(Value, oneshot::Sender<Value>),
    /// It has ended, and time stands still until the test has seen it.
    Ended(Box<Result<Concluded, Problem>>, Participant),
}

/// What stops a script under test, while it runs.
type Hand = Arc<Mutex<Option<(Stopper, Arc<Control>)>>>;

/// A script under test.
pub(super) struct UnderTest {
    pub(super) said: Arc<Mutex<Said>>,
    news: Receiver<News>,
    reply: Option<oneshot::Sender<Value>>,
    hand: Hand,
}

impl UnderTest {
    /// Starts a script in a world.
    pub(super) fn start(ground: Arc<Ground>, start: Start) -> Self {
        let (sender, news) = channel();
        let said = Arc::<Mutex<Said>>::default();
        let hand = Arc::default();
        let thread = Thread {
            chance: Arc::new(Chance::from_seed(ground.seed ^ (start.number as u64 + 1))),
            ground,
            start,
            said: Arc::clone(&said),
            sender: sender.clone(),
            hand: Arc::clone(&hand),
            veil: Veil::default(),
        };
        // Time stands still until the run itself takes part in it.
        let beginning = thread.ground.clock.join();
        std::thread::spawn(move || {
            let ended = thread.run(beginning);
            let still = thread.ground.clock.join();
            // The run has kept the time still until here.
            lock(&thread.hand).take();
            _ = sender.send(News::Ended(Box::new(ended), still));
        });
        Self {
            said,
            news,
            reply: None,
            hand,
        }
    }

    /// Waits for what comes next, until the test has no time left.
    pub(super) fn next(&mut self, deadline: &Deadline) -> Result<News, Failure> {
        match self.news.recv_timeout(deadline.left()) {
            Ok(news) => Ok(news),
            Err(RecvTimeoutError::Timeout) => {
                self.stop();
                let what = format!("the script did not come to an end in {}", deadline.words());
                Err(Failure::new(FailureKind::Timeout, what).hint(
                    "this is real time: does a loop go on for ever? `--timeout` gives it more",
                ))
            }
            Err(RecvTimeoutError::Disconnected) => {
                Err(Failure::new(FailureKind::Protocol, "the script broke off"))
            }
        }
    }

    /// Keeps whom to answer.
    pub(super) fn expect_reply(&mut self, to: oneshot::Sender<Value>) {
        self.reply = Some(to);
    }

    /// Answers what was asked last.
    pub(super) fn reply(&mut self, answer: Value) {
        if let Some(reply) = self.reply.take() {
            // Whoever asked may have gone on without an answer.
            _ = reply.send(answer);
        }
    }

    fn stop(&self) {
        if let Some((stopper, control)) = lock(&self.hand).take() {
            control.stop(Stop::Interrupted);
            stopper.interrupt();
        }
    }
}

impl Drop for UnderTest {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The thread of a script under test.
struct Thread {
    ground: Arc<Ground>,
    start: Start,
    said: Arc<Mutex<Said>>,
    sender: Sender<News>,
    hand: Hand,
    /// The same before and after a death, as far as chance can be.
    chance: Arc<Chance>,
    veil: Veil,
}

impl Thread {
    /// Runs the script to its end, through its death if it dies.
    fn run(&self, beginning: Participant) -> Result<Concluded, Problem> {
        let journal = self.journal()?;
        let run = DurableRun::begin(&journal, self.beginning()?, self.around(true)?)?;
        let id = run.id().to_owned();
        self.send_signals(&journal, &id)?;
        let attending = self.start.person.map(|patience| {
            let attending = person::attend(Arc::clone(&self.ground), patience, self.asker());
            let sender = self.sender.clone();
            let clock = self.ground.clock.clone();
            self.ground.runtime.spawn(async move {
                let failure = attending.await;
                // The first end is the one that counts.
                _ = sender.send(News::Ended(Box::new(Err(failure.into())), clock.join()));
            })
        });
        drop(beginning);
        let mut concluded = self.see_through(run);
        if self.start.crash.has_struck() {
            let still = self.ground.clock.join();
            drop(concluded);
            journal.lose();
            concluded = self.live_again(journal, &id, still);
        }
        if let Some(attending) = attending {
            attending.abort();
            _ = self.ground.runtime.block_on(attending);
        }
        concluded
    }

    /// Takes up the run that has died, and sees it through.
    ///
    /// Time stands still until it is taken up.
    fn live_again(
        &self,
        dead: Journal,
        id: &str,
        mut still: Participant,
    ) -> Result<Concluded, Problem> {
        let mut last = Some(dead);
        loop {
            lock(&self.hand).take();
            drop(last.take());
            let journal = self.journal()?;
            *lock(&self.said) = Said::recorded(journal.lines(id, None)?);
            let run = DurableRun::take_up(&journal, id, |_, _| self.around(false))?;
            drop(still);
            let concluded = self.see_through(run)?;
            match &concluded.end {
                End::Uncertain(uncertain) if self.settles(&journal, id, uncertain)? => {
                    last = Some(journal);
                    still = concluded.still;
                }
                _ => return Ok(concluded),
            }
        }
    }

    /// Says what a person says who looks for a change that was cut off: that it shall be sent again,
    /// when it was not made. What was made cannot be told beyond doubt.
    fn settles(&self, journal: &Journal, id: &str, uncertain: &Uncertain) -> Result<bool, Problem> {
        let key = &uncertain.step.key.0;
        if ledger::holds(&self.ground.ledger(), &format!("{id}/{key}")) {
            return Ok(false);
        }
        let steps = journal.steps(id)?;
        let Some(step) = steps.iter().find(|step| step.key == *key) else {
            return Ok(false);
        };
        let again = resolution(journal, step, Verdict::Retry)?;
        Ok(journal.resolve(id, step.ticket, again)?)
    }

    fn journal(&self) -> Result<Journal, Problem> {
        let clock: Arc<dyn Clock> = Arc::new(self.ground.clock.clone());
        let state = self.ground.state(self.start.number);
        Ok(Journal::open_unhurried(&state, clock)?)
    }

    fn see_through(&self, run: DurableRun) -> Result<Concluded, Problem> {
        let control = match &self.start.coverage {
            Some(coverage) => Control::watching(coverage.watcher()),
            None => Control::default(),
        };
        let control = Arc::new(control);
        *lock(&self.hand) = Some((run.stopper(), Arc::clone(&control)));
        run.execute(control)
    }

    fn beginning(&self) -> Result<Beginning, Problem> {
        Ok(Beginning {
            script: self.start.script.clone(),
            arguments: self.start.arguments.clone(),
            world: json!({ "simulator": self.ground.simulator()?.url() }),
            limits: Limits::default(),
            timeout: None,
            parent: None,
            plan: None,
            imports: Vec::new(),
        })
    }

    fn around(&self, may_die: bool) -> Result<Around, Problem> {
        let header = self.start.script.header();
        let ground = Arc::clone(&self.ground);
        let clock: Arc<dyn Clock> = Arc::new(self.ground.clock.clone());
        let time = Arc::clone(&clock);
        let ask = self.asker();
        let ask = Box::new(move |question| ask(question).blocking_recv().unwrap_or_default());
        Ok(Around {
            surroundings: Surroundings {
                connect: Box::new(move || ground.link(Arc::clone(&time))),
                clock,
                chance: Arc::clone(&self.chance),
                project: Arc::clone(&self.ground.project),
                console: Arc::new(Recorder::new(Arc::clone(&self.said), ask)),
                environment: self.start.env.clone(),
                permissions: Permissions {
                    env: header.env.clone(),
                    hosts: local_only(&header.hosts),
                },
                veil: self.veil.clone(),
            },
            runtime: run_runtime()?,
            patience: Patience::InPlace,
            crash: may_die.then(|| Arc::clone(&self.start.crash)),
        })
    }

    fn asker(&self) -> person::Ask {
        let sender = self.sender.clone();
        Arc::new(move |question| {
            let (reply, answer) = oneshot::channel();
            // A test that is over answers nothing, which the receiver tells.
            _ = sender.send(News::Asked(question, reply));
            answer
        })
    }

    fn send_signals(&self, journal: &Journal, id: &str) -> Result<(), Problem> {
        for (name, value) in &self.start.signals {
            journal.deliver(NewEvent {
                run: id.to_owned(),
                name: name.clone(),
                value: value.to_string(),
                by: Some("test".into()),
                at: self.ground.clock.now(),
            })?;
        }
        Ok(())
    }
}

/// A test sends nothing to hosts of the real world.
fn local_only(hosts: &[String]) -> Vec<String> {
    let is_local = |host: &&String| {
        let name = host
            .rsplit_once(':')
            .map_or(host.as_str(), |(name, _)| name);
        ["localhost", "127.0.0.1", "[::1]"].contains(&name)
    };
    hosts.iter().filter(is_local).cloned().collect()
}
