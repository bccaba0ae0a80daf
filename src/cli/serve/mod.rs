//! `duvoscript serve`: the daemon.

mod ground;
mod signals;

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderName;
use clap::Args;
use serde_json::json;

use super::command::{Action, Context, Format};
use super::connect::{Watched, World};
use super::exit::{self, Exit};
use super::{output, show};
use crate::journal::Journal;
use crate::report::{Problem, Sources};
use crate::script::{self, Limits};
use crate::secret::Secret;
use crate::serve::{Daemon, Hooks, Listen, Parts, Served, Settings, Tls, token};
use ground::Ground;
use signals::{Signal, Signals};

/// Runs what is due, and shows it to people, until it is stopped
///
/// Schedules stand in the headers of scripts and in the project's `duvoscript.toml`; both are read
/// again when they change. Who may see and do things shows the token in the file `token` of the state
/// directory, which is made at the first start. SIGTERM lets runs suspend first, SIGHUP reads the
/// declarations again.
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript serve --sim")]
pub(super) struct Serve {
    /// Folder of the project; the nearest one above the working directory unless given
    #[arg(value_name = "FOLDER")]
    project: Option<PathBuf>,
    /// Where it listens
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8700")]
    listen: SocketAddr,
    /// Further name by which it is called, such as that of a proxy
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<String>,
    /// Certificate, with those that vouch for it, as PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Private key of the certificate, as PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Listen for other machines without encryption
    #[arg(long)]
    insecure_remote: bool,
    /// Runs that are executed at once at most; four times the cores unless given
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=1000))]
    workers: Option<u16>,
    /// Runs of one schedule that are executed at once at most
    #[arg(long, value_name = "NUMBER", default_value_t = 4,
        value_parser = clap::value_parser!(u16).range(1..=1000))]
    per_schedule: u16,
    /// How long runs may take to suspend when it is stopped
    #[arg(long, value_name = "DURATION", default_value = "20s", value_parser = duration)]
    grace: Duration,
    /// Operations each run may use up; 0 for no limit
    #[arg(long, value_name = "NUMBER", default_value_t = Limits::default().operations)]
    max_operations: u64,
    /// Memory each run may use up, in MiB; 0 for no limit
    #[arg(long, value_name = "MIB", default_value_t = Limits::default().memory_bytes >> 20)]
    max_memory: u64,
    /// File with the secret that webhooks are signed with (HMAC-SHA256)
    #[arg(long, value_name = "FILE", requires = "webhook_header")]
    webhook_secret: Option<PathBuf>,
    /// Header that holds the signature of webhooks
    #[arg(long, value_name = "NAME", requires = "webhook_secret")]
    webhook_header: Option<HeaderName>,
    /// Work on the built-in simulator, in a state directory that goes with it; a project without
    /// schedules is replaced by a small one that has some
    #[arg(long)]
    sim: bool,
    /// How many times faster than real the simulator's time runs
    #[arg(long, value_name = "FACTOR", requires = "sim", default_value_t = 1.0)]
    speed: f64,
    /// Scenario file of the simulator
    #[arg(long, value_name = "FILE", requires = "sim")]
    scenario: Option<PathBuf>,
}

impl Action for Serve {
    const NAME: &'static str = "serve";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        if !(self.speed.is_finite() && self.speed > 0.0) {
            let what = format!("--speed must be above 0, not `{}`", self.speed);
            return Err(Problem::usage(what));
        }
        let world = self.world(context)?;
        let ground = Ground::find(self.project.as_deref(), self.sim, context)?;
        let journal = Journal::open(&ground.state, Arc::clone(&world.clock))?;
        let parts = Parts {
            journal,
            clock: Arc::clone(&world.clock),
            chance: Arc::clone(&world.chance),
            project: Arc::clone(&ground.project),
            world: world.identity(),
            link: world.connector()(),
            environment: context.environment.all().clone(),
            veil: world.veil.clone(),
        };
        let served = world.runtime.block_on(self.serve(parts, &ground, context));
        // Whoever still blocks a thread ends with the process.
        world.runtime.shutdown_background();
        served
    }
}

impl Serve {
    fn world(&self, context: &Context) -> Result<World, Problem> {
        if !self.sim {
            return World::lasting(context);
        }
        let watched = Watched {
            speed: self.speed,
            scenario: self.scenario.as_ref(),
        };
        World::watched(&watched, context)
    }

    async fn serve(
        &self,
        parts: Parts,
        ground: &Ground,
        context: &Context,
    ) -> Result<Exit, Problem> {
        // A signal that came before would end the process without a word.
        let mut signals = Signals::listen()?;
        let mut daemon = Daemon::start(parts, &self.settings())?;
        let key = token(&ground.state.join("token"))?;
        let hooks = self.hooks(ground)?;
        let served = Served::start(daemon.desk(), &self.listening(), key, hooks).await?;
        daemon.listens_at(&served.url())?;
        announce(&served, ground, context);
        let exit = loop {
            tokio::select! {
                problem = daemon.broken() => {
                    show(&problem, &Sources::default());
                    break exit::of(problem.kind);
                }
                signal = signals.next() => match signal {
                    Signal::Reload => daemon.reload(),
                    Signal::End => break exit::OK,
                },
            }
        };
        tell("stopping: runs suspend at their next effect");
        tokio::select! {
            is_empty = daemon.drain() => {
                if !is_empty {
                    tell("some runs did not stop in time; the next start takes them up again");
                }
            }
            // Twice means now.
            () = signals.end() => {}
        }
        served.stop().await;
        Ok(exit)
    }

    fn settings(&self) -> Settings {
        let or_none = |limit: u64| if limit == 0 { u64::MAX } else { limit };
        Settings {
            workers: self.workers.map_or_else(usual_workers, usize::from),
            per_schedule: usize::from(self.per_schedule),
            grace: self.grace,
            limits: Limits {
                operations: or_none(self.max_operations),
                memory_bytes: or_none(self.max_memory.saturating_mul(1 << 20)),
            },
        }
    }

    fn listening(&self) -> Listen {
        let files = self.tls_cert.clone().zip(self.tls_key.clone());
        Listen {
            address: self.listen,
            tls: files.map(|(certificate, key)| Tls { certificate, key }),
            insecure_remote: self.insecure_remote,
            hosts: self.hosts.clone(),
        }
    }

    fn hooks(&self, ground: &Ground) -> Result<Hooks, Problem> {
        let secret = self.webhook_secret.as_ref().map(|file| {
            std::fs::read_to_string(file).map_err(|fault| {
                Problem::usage(format!("`{}` cannot be read", file.display())).cause(&fault)
            })
        });
        let secret = secret.transpose()?;
        let secret = secret.map(|text| Secret::new(text.trim().to_owned()));
        Ok(Hooks {
            secret: token(&ground.state.join("webhook"))?,
            signature: self.webhook_header.clone().zip(secret),
        })
    }
}

/// Scripts mostly wait for others.
fn usual_workers() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    (cores * 4).clamp(4, 64)
}

fn announce(served: &Served, ground: &Ground, context: &Context) {
    let token = ground.state.join("token");
    match context.global.output {
        Format::Json => output::show(
            json!({
                "url": served.url(),
                "link": served.link(),
                "token_file": token,
                "project": ground.project.root(),
                "pid": std::process::id(),
            }),
            None,
            Format::Json,
        ),
        Format::Text | Format::Table => {
            tell(&format!("serving `{}`", ground.project.root().display()));
            tell(&format!("the page, once: {}", served.link()));
            tell(&format!(
                "the API: {}/api/v1/ (its token is in {})",
                served.url(),
                token.display()
            ));
        }
    }
}

/// Says something to whoever looks on.
fn tell(line: &str) {
    // A closed pipe is the reader's choice.
    _ = writeln!(anstream::stderr(), "{line}");
}

/// Reads a duration of the command line, as scripts write them.
fn duration(text: &str) -> Result<Duration, String> {
    script::duration(text)
}
