//! Takes one input after the other: evaluates it or does what its command says, and shows the result.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};
use tokio::runtime::Runtime;

use super::commands;
use super::complete::{Known, Names};
use super::guard::{Guard, Rules};
use super::interrupt::Interrupt;
use super::private::holds_secret;
use super::record::Record;
use super::screen::Screen;
use super::show::{self, Look};
use super::world::{Entered, Place, Worlds};
use crate::catalog::{Endpoint, is_secret};
use crate::report::{Problem, ProblemKind, Sources, render};
use crate::run::{Console, EphemeralHost, Permissions, Project, Surroundings};
use crate::script::{Control, Evaluated, Finish, Host, Limits, Session, Source, Stop};
use crate::secret::mask;

/// How results are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For people.
    Words,
    /// As JSON.
    Json,
    /// As a table, also for one thing.
    Table,
}

/// What a session has around it.
pub struct Face {
    /// Where results are shown.
    pub screen: Arc<Screen>,
    /// Where scripts print, log and ask.
    pub console: Arc<dyn Console>,
    /// How the user stops what is under way.
    pub interrupt: Arc<Interrupt>,
    /// How worlds are entered.
    pub worlds: Box<dyn Worlds>,
    /// The files that can be reached.
    pub project: Arc<Project>,
    /// The environment; only what is allowed is given out.
    pub environment: BTreeMap<String, String>,
    /// What inputs may do beside calling the API.
    pub permissions: Permissions,
    /// How results are shown.
    pub form: Form,
    /// Whether nobody is asked before something is destroyed.
    pub assumes_yes: bool,
    /// The team that was named on the command line.
    pub team: Option<String>,
}

/// Why an input came to nothing.
#[derive(Debug)]
pub enum Trouble {
    /// It failed.
    Failed(Box<Problem>, Sources),
    /// The user stopped it.
    Interrupted,
}

impl<P: Into<Problem>> From<P> for Trouble {
    fn from(problem: P) -> Self {
        Self::Failed(Box::new(problem.into()), Sources::default())
    }
}

/// What comes after an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Another one.
    Go,
    /// Nothing.
    Leave,
}

/// A value that an input came to.
#[derive(Clone, Debug)]
pub(super) enum Shown {
    /// A value, and the endpoint that was called last on the way to it.
    Value(Value, Option<&'static Endpoint>),
    /// What JSON cannot hold, in words.
    Words(String),
}

/// A session with everything around it.
pub struct Shell {
    pub(super) face: Face,
    pub(super) session: Session,
    pub(super) world: Entered,
    /// The world that was left, to come back to.
    pub(super) left: Option<Entered>,
    pub(super) names: Names,
    pub(super) plans: bool,
    pub(super) record: Record,
    /// The endpoint behind the last value.
    pub(super) endpoint: Option<&'static Endpoint>,
    runtime: Arc<Runtime>,
}

impl Shell {
    /// Begins a session in a world.
    pub fn new(mut face: Face, place: Place) -> Result<Self, Problem> {
        let mut world = Entered::new(face.worlds.enter(place)?);
        world.join(face.team.take());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|fault| {
                Problem::new(ProblemKind::Bug, "cannot start the runtime").cause(&fault)
            })?;
        Ok(Self {
            face,
            session: Session::new(Limits::default()),
            names: Names::new(world.aside()),
            world,
            left: None,
            plans: false,
            record: Record::default(),
            endpoint: None,
            runtime: Arc::new(runtime),
        })
    }

    /// Returns whether somebody sits there.
    pub fn is_interactive(&self) -> bool {
        self.face.screen.is_interactive
    }

    /// Returns what stands before an input: the world, and what is special about it.
    pub fn prompt(&self) -> String {
        let team = self.world.team.as_ref().map(|team| format!("/{team}"));
        let plan = if self.plans { " plan" } else { "" };
        format!(
            "{}{}{plan}> ",
            self.world.world.name,
            team.unwrap_or_default()
        )
    }

    /// Takes an input or a command, and shows what comes of it.
    pub fn input(&mut self, text: &str) -> Result<Next, Trouble> {
        self.face.interrupt.forget();
        let text = text.trim();
        match text.strip_prefix(':') {
            _ if text.is_empty() => Ok(Next::Go),
            Some(command) => commands::run(self, command),
            None if text.starts_with('?') => commands::run(self, &format!("help {}", &text[1..])),
            None if ["exit", "quit"].contains(&text) => Ok(Next::Leave),
            None => {
                let (shown, next) = self.evaluate(text)?;
                self.show(&shown);
                Ok(next)
            }
        }
    }

    /// Evaluates an input, and keeps it for the script of the session.
    pub(super) fn evaluate(&mut self, text: &str) -> Result<(Shown, Next), Trouble> {
        let evaluated = self.guarded(&self.face.permissions.clone(), |session, host, control| {
            session.evaluate(text, host, control)
        });
        self.finish(evaluated, text)
    }

    /// Evaluates a file, as if it were typed.
    pub(super) fn load(
        &mut self,
        source: Source,
        args: &Map<String, Value>,
    ) -> Result<(Shown, Next), Trouble> {
        let text = source.text.clone();
        let evaluated = self.guarded(&self.face.permissions.clone(), |session, host, control| {
            session.load(source, args, host, control)
        });
        self.finish(evaluated, &text)
    }

    fn finish(
        &mut self,
        (evaluated, guard): (Evaluated, Arc<Guard>),
        text: &str,
    ) -> Result<(Shown, Next), Trouble> {
        let (value, next) = match evaluated.finish {
            Finish::Done(value) => (value, Next::Go),
            Finish::Left(value) => (value, Next::Leave),
            Finish::Told(words) => {
                self.keep(text, true);
                return Ok((Shown::Words(words), Next::Go));
            }
            Finish::Failed(problem) => {
                let error = self.session.value("_e");
                self.record.failed(error);
                return Err(Trouble::Failed(Box::new(problem), evaluated.texts));
            }
            Finish::Stopped(Stop::Interrupted) => return Err(Trouble::Interrupted),
            Finish::Stopped(_) => {
                let broken = guard.run().broken();
                return Err(broken.map_or(Trouble::Interrupted, Trouble::from));
            }
        };
        let has_value = !value.is_null();
        if has_value {
            self.endpoint = guard.called();
        }
        self.keep(text, has_value);
        Ok((Shown::Value(value, guard.called()), next))
    }

    /// Keeps an input for the script of the session; one with a secret is only told of.
    fn keep(&mut self, text: &str, has_value: bool) {
        match holds_secret(text, &self.world.world.veil) {
            true => self
                .record
                .add("// an input with a secret was left out", false),
            false => self.record.add(text, has_value),
        }
    }

    /// Does something in the session with a Host of its own, which the user can stop.
    pub(super) fn guarded<T>(
        &mut self,
        permissions: &Permissions,
        work: impl FnOnce(&mut Session, Arc<dyn Host>, Arc<Control>) -> T,
    ) -> (T, Arc<Guard>) {
        let surroundings = self.surroundings(permissions.clone());
        let host = EphemeralHost::new(surroundings, Arc::clone(&self.runtime));
        let guard = Arc::new(Guard::new(host, self.rules()));
        // From here on, the run holds simulated time.
        self.world.awake = None;
        let control = Arc::new(Control::default());
        let (stopped, running) = (Arc::clone(&control), Arc::clone(&guard));
        let stop = move || {
            stopped.stop(Stop::Interrupted);
            running.run().stop();
        };
        let interrupt = Arc::clone(&self.face.interrupt);
        let host = Arc::clone(&guard) as Arc<dyn Host>;
        let session = &mut self.session;
        let done = interrupt.during(Box::new(stop), || work(session, host, control));
        self.world.awake = Some(self.world.world.clock.join());
        guard.end();
        (done, guard)
    }

    fn surroundings(&self, permissions: Permissions) -> Surroundings {
        let world = &self.world.world;
        Surroundings {
            connect: Box::new(self.world.connector()),
            clock: Arc::clone(&world.clock),
            chance: Arc::clone(&world.chance),
            project: Arc::clone(&self.face.project),
            console: Arc::clone(&self.face.console),
            environment: self.face.environment.clone(),
            permissions,
            veil: world.veil.clone(),
        }
    }

    fn rules(&self) -> Rules {
        let world = &self.world.world;
        let asks = world.place == Place::Live && !self.face.assumes_yes;
        Rules {
            plans: self.plans,
            asks_in: asks.then(|| world.name.clone()),
            screen: Arc::clone(&self.face.screen),
            veil: world.veil.clone(),
        }
    }

    /// Shows a result in the form of the session.
    pub(super) fn show(&self, shown: &Shown) {
        self.show_as(shown, self.face.form);
    }

    /// Shows a result in a form.
    pub(super) fn show_as(&self, shown: &Shown, form: Form) {
        let veil = &self.world.world.veil;
        let text = match shown {
            Shown::Words(words) => veil.hide(words).into_owned(),
            Shown::Value(value, endpoint) => {
                let value = self.masked(value);
                match form {
                    Form::Json if value.is_null() => String::new(),
                    Form::Json => show::json(&value),
                    Form::Words => show::words(&value, *endpoint, &self.look()),
                    Form::Table => show::table(&value, *endpoint, &self.look()),
                }
            }
        };
        self.tell(&text);
    }

    /// Returns a value without the secrets in it.
    pub(super) fn masked(&self, value: &Value) -> Value {
        let mut value = value.clone();
        mask(&mut value, &is_secret);
        self.world.world.veil.hide_in(&mut value);
        value
    }

    /// Shows text, page by page where it is long.
    pub(super) fn tell(&self, text: &str) {
        self.face.screen.show(text, &self.face.interrupt);
    }

    /// Returns how values look here and now.
    pub(super) fn look(&self) -> Look {
        Look {
            width: self.face.screen.width(),
            now: self.world.world.clock.now(),
            zone: self.face.screen.zone.clone(),
        }
    }

    /// Returns what completion can draw on.
    pub(super) fn known(&self) -> Known<'_> {
        Known {
            session: &self.session,
            names: &self.names,
            root: self.face.project.root(),
        }
    }

    /// Returns what a person is told of trouble.
    pub(super) fn told(&self, trouble: &Trouble, styled: bool) -> String {
        match trouble {
            Trouble::Interrupted => "interrupted".into(),
            Trouble::Failed(problem, sources) => {
                let text = render(problem, sources, styled);
                self.world.world.veil.hide(&text).into_owned()
            }
        }
    }
}
