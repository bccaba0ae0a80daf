//! Which world a command works in: Duvo, with the key of the environment, or the simulator.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use url::Url;

use super::command::Context;
use super::in_step;
use crate::api::{self, Client};
use crate::clock::{Clock, ScaledClock, SystemClock, VirtualClock};
use crate::ids::Chance;
use crate::report::{Failure, Problem, ProblemKind};
use crate::run::Link;
use crate::secret::{Secret, Veil};
use crate::simulator::{self, Scenario, Simulator};

/// When simulated time begins: a Monday morning, the same in every run.
const SIMULATED_START: &str = "2026-01-05T08:00:00Z";

/// The options that choose a world.
#[derive(Args, Clone, Debug)]
pub(super) struct Choice {
    /// Work on the built-in simulator (no account, no network, simulated time), or on the one that
    /// `duvoscript sim --virtual` serves at URL
    #[arg(long, value_name = "URL", num_args = 0..=1, require_equals = true)]
    #[expect(
        clippy::option_option,
        reason = "not given, given, given with an address"
    )]
    pub(super) sim: Option<Option<Url>>,
    /// Scenario file of the simulator
    #[arg(long, value_name = "FILE", requires = "sim")]
    pub(super) scenario: Option<PathBuf>,
    /// Seed of the simulator's chance; the same seed and calls give the same answers
    #[arg(long, value_name = "NUMBER", requires = "sim", default_value_t = 1)]
    pub(super) seed: u64,
}

/// A world: where calls go, what time it is, and what happens by chance.
pub(super) struct World {
    pub(super) runtime: Runtime,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) chance: Arc<Chance>,
    /// The secrets that it gives access to.
    pub(super) veil: Veil,
    is_simulated: bool,
    target: Target,
    /// Serves until the world ends; `None` where calls go elsewhere.
    simulator_here: Option<Simulator>,
}

/// How a simulator is watched.
pub(super) struct Watched<'a> {
    /// How many times faster than real its time runs.
    pub(super) speed: f64,
    /// Its scenario file; the built-in scenario unless given.
    pub(super) scenario: Option<&'a PathBuf>,
}

/// Where calls go.
#[derive(Clone)]
enum Target {
    Simulator {
        url: Url,
        key: String,
        team: Option<String>,
    },
    Duvo(api::Sources),
}

impl World {
    /// Enters the world that the options choose.
    pub(super) fn enter(choice: &Choice, context: &Context) -> Result<Self, Problem> {
        let runtime = runtime()?;
        match &choice.sim {
            None => Ok(Self::real(context, runtime)),
            Some(None) => Self::simulated(choice, context, runtime),
            Some(Some(url)) => Self::in_step(url, context, runtime),
        }
    }

    /// Enters the world of the environment, which outlives the process.
    pub(super) fn lasting(context: &Context) -> Result<Self, Problem> {
        Ok(Self::real(context, runtime()?))
    }

    /// Enters the simulator, in a time that people can watch.
    pub(super) fn watched(watched: &Watched<'_>, context: &Context) -> Result<Self, Problem> {
        let clock = watched_clock(watched.speed);
        let mut settings = simulator::Settings::new();
        settings.clock = Arc::clone(&clock);
        settings.scenario = scenario(watched.scenario)?;
        let world = Self::inside(settings, clock, context, runtime()?)?;
        // People log in here: nobody may guess what lets them in.
        let chance = Arc::new(Chance::from_system());
        Ok(Self { chance, ..world })
    }

    /// Enters the world that a run began in; the environment must still lead there.
    pub(super) fn enter_again(identity: &Value, context: &Context) -> Result<Self, Problem> {
        let runtime = runtime()?;
        let simulator = identity.get("simulator").and_then(Value::as_str);
        let world = match simulator {
            Some(url) => Self::in_step(&parse_url(url)?, context, runtime)?,
            None => Self::real(context, runtime),
        };
        let here = world.identity();
        if here == *identity {
            return Ok(world);
        }
        let what = format!("the run began with {identity}, and this would be {here}");
        Err(Problem::usage(what)
            .hint("set DUVO_API_BASE_URL, DUVO_PROFILE and the team as they were when it began"))
    }

    /// Returns where calls go, in a form that can be compared; `None` for a simulator that ends with
    /// this process.
    pub(super) fn lasting_identity(&self) -> Option<Value> {
        self.simulator_here.is_none().then(|| self.identity())
    }

    /// Returns where calls go, in a form that can be compared.
    pub(super) fn identity(&self) -> Value {
        match &self.target {
            Target::Simulator { url, .. } => json!({ "simulator": url.as_str() }),
            Target::Duvo(sources) if self.is_simulated => {
                json!({ "simulator": sources.base_url })
            }
            Target::Duvo(sources) => json!({
                "api": sources.base_url,
                "profile": sources.profile,
                "team": sources.team.as_ref().or(sources.team_env.as_ref()),
            }),
        }
    }

    fn in_step(url: &Url, context: &Context, runtime: Runtime) -> Result<Self, Problem> {
        let mut sources = sources(context);
        sources.base_url = Some(url.to_string());
        Ok(Self {
            runtime,
            clock: Arc::new(in_step::clock(url)?),
            chance: Arc::new(Chance::from_system()),
            veil: Veil::default(),
            is_simulated: true,
            target: Target::Duvo(sources),
            simulator_here: None,
        })
    }

    fn real(context: &Context, runtime: Runtime) -> Self {
        Self {
            runtime,
            clock: Arc::new(SystemClock::new()),
            chance: Arc::new(Chance::from_system()),
            veil: Veil::default(),
            is_simulated: false,
            target: Target::Duvo(sources(context)),
            simulator_here: None,
        }
    }

    fn simulated(choice: &Choice, context: &Context, runtime: Runtime) -> Result<Self, Problem> {
        let clock = virtual_clock()?;
        let mut settings = simulator::Settings::new().on_virtual(&clock);
        settings.seed = choice.seed;
        settings.rate_limit = None;
        settings.scenario = scenario(choice.scenario.as_ref())?;
        Self::inside(settings, Arc::new(clock), context, runtime)
    }

    /// Enters a simulator of its own, which ends with the world.
    fn inside(
        settings: simulator::Settings,
        clock: Arc<dyn Clock>,
        context: &Context,
        runtime: Runtime,
    ) -> Result<Self, Problem> {
        let seed = settings.seed;
        let simulator = runtime
            .block_on(Simulator::start(settings))
            .map_err(Problem::from)?;
        Ok(Self {
            clock,
            chance: Arc::new(Chance::from_seed(seed)),
            veil: Veil::default(),
            is_simulated: true,
            target: Target::Simulator {
                url: parse_url(simulator.url())?,
                key: simulator.key().to_owned(),
                // The team of the environment is one of Duvo's.
                team: context.global.team.clone(),
            },
            simulator_here: Some(simulator),
            runtime,
        })
    }

    /// Returns what makes the API client of this world.
    pub(super) fn connector(&self) -> impl Fn() -> Result<Link, Failure> + Send + Sync + use<> {
        let (target, clock, chance, veil) = (
            self.target.clone(),
            Arc::clone(&self.clock),
            Arc::clone(&self.chance),
            self.veil.clone(),
        );
        move || {
            let settings: api::Settings = match &target {
                Target::Simulator { url, key, team } => api::Settings {
                    team: team.clone(),
                    ..api::Settings::new(url.clone(), Secret::new(key.clone()))
                },
                Target::Duvo(sources) => api::resolve(sources)?.into(),
            };
            veil.add(settings.key.expose());
            let client = Client::new(settings, Arc::clone(&clock), Arc::clone(&chance))?;
            Ok(Link::new(client, Arc::clone(&clock)))
        }
    }
}

/// Returns the runtime that network and timers use; scripts run on threads of their own.
pub(super) fn runtime() -> Result<Runtime, Problem> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime
        .map_err(|fault| Problem::new(ProblemKind::Bug, "cannot start the runtime").cause(&fault))
}

fn parse_url(url: &str) -> Result<Url, Problem> {
    Url::parse(url).map_err(|fault| {
        Problem::new(ProblemKind::Bug, "the simulator has no address").cause(&fault)
    })
}

/// Returns the runtime of one run, which goes on only while a branch of the run waits.
pub(super) fn run_runtime() -> Result<Runtime, Problem> {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.map_err(|fault| {
        Problem::new(ProblemKind::Bug, "cannot start the runtime of the run").cause(&fault)
    })
}

/// Reads a scenario file, or takes the built-in one.
pub(super) fn scenario(file: Option<&PathBuf>) -> Result<Scenario, Problem> {
    let Some(file) = file else {
        return Ok(Scenario::company());
    };
    let text = std::fs::read_to_string(file).map_err(|fault| {
        Problem::usage(format!("cannot read the scenario `{}`", file.display())).cause(&fault)
    })?;
    Scenario::parse(&file.display().to_string(), &text).map_err(Problem::from)
}

/// Returns a clock that stands at the start of simulated time.
pub(super) fn virtual_clock() -> Result<VirtualClock, Problem> {
    let start = SIMULATED_START.parse();
    let start =
        start.map_err(|_| Problem::new(ProblemKind::Bug, "the simulated start is no time"))?;
    Ok(VirtualClock::new(start))
}

/// Returns the clock of a simulator that people watch.
pub(super) fn watched_clock(speed: f64) -> Arc<dyn Clock> {
    let system = SystemClock::new();
    if (speed - 1.0).abs() < f64::EPSILON {
        Arc::new(system)
    } else {
        Arc::new(ScaledClock::new(system.now(), speed))
    }
}

/// Returns where the key, the server and the team may have been given.
pub(super) fn sources(context: &Context) -> api::Sources {
    let environment = &context.environment;
    let owned = |name: &str| environment.get(name).map(str::to_owned);
    api::Sources {
        key_file: context.global.api_key_file.clone(),
        key_env: owned("DUVO_API_KEY").map(Secret::new),
        key_file_env: owned("DUVO_API_KEY_FILE").map(PathBuf::from),
        base_url: owned("DUVO_API_BASE_URL"),
        team: context.global.team.clone(),
        team_env: owned("DUVO_TEAM_ID"),
        profile: owned("DUVO_PROFILE"),
        config: environment.config_file(),
    }
}
