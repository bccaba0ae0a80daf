//! `duvoscript sim`: the simulator as a program of its own.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::command::{Action, Context, Format};
use super::connect::{runtime, scenario, virtual_clock, watched_clock};
use super::exit::{self, Exit};
use super::output;
use crate::report::Problem;
use crate::simulator::{Deprecated, Settings, Simulator, Webhooks};

/// Serves the Duvo API on this machine, in memory, until it is interrupted
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript sim --port 8080 --speed 60")]
pub(super) struct Sim {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Scenario file
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// Seed of its chance; the same seed and calls give the same answers
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// How many times faster than real its time runs
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    speed: f64,
    /// Let its time stand still but for `POST /_sim/clock`
    #[arg(long = "virtual", conflicts_with = "speed")]
    is_virtual: bool,
    /// Allowed requests a minute and key; 0 allows any number
    #[arg(long, value_name = "NUMBER", default_value_t = 300)]
    rate_limit: u32,
    /// Do not honour the header Idempotency-Key
    #[arg(long)]
    no_idempotency: bool,
    /// What the calls answer that the vendor has announced to remove
    #[arg(long, value_enum, default_value_t = Removed::Redirect)]
    deprecated: Removed,
    /// Share of the callbacks to `webhook_url` that come twice, from 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    webhook_duplicates: f64,
    /// Longest delay of a callback
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 0)]
    webhook_delay: u64,
    /// Share of callbacks that come after the next one, from 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    webhook_reorder: f64,
}

/// What the calls answer that the vendor has announced to remove.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Removed {
    /// 308 to their successor, as announced
    Redirect,
    /// 404, as after their removal
    Gone,
    /// The work itself, as before the announcement
    Served,
}

impl Action for Sim {
    const NAME: &'static str = "sim";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        if !(self.speed.is_finite() && self.speed > 0.0) {
            return Err(Problem::usage(format!(
                "--speed must be above 0, not `{}`",
                self.speed
            )));
        }
        let settings = self.settings()?;
        let runtime = runtime()?;
        let simulator = runtime
            .block_on(Simulator::start(settings))
            .map_err(Problem::from)?;
        announce(&simulator, context.global.output);
        // Without a handler for the signal, the default one ends the process: the same for the user.
        _ = runtime.block_on(tokio::signal::ctrl_c());
        Ok(exit::OK)
    }
}

impl Sim {
    fn settings(&self) -> Result<Settings, Problem> {
        let mut settings = Settings::new();
        if self.is_virtual {
            settings = settings.on_virtual(&virtual_clock()?);
        } else {
            settings.clock = watched_clock(self.speed);
        }
        settings.port = self.port;
        settings.seed = self.seed;
        settings.scenario = scenario(self.scenario.as_ref())?;
        settings.rate_limit = (self.rate_limit > 0).then_some(self.rate_limit);
        settings.idempotency = !self.no_idempotency;
        settings.deprecated = match self.deprecated {
            Removed::Redirect => Deprecated::Redirect,
            Removed::Gone => Deprecated::Gone,
            Removed::Served => Deprecated::Served,
        };
        settings.webhooks = Webhooks {
            duplicates: share("--webhook-duplicates", self.webhook_duplicates)?,
            delay_ms: self.webhook_delay,
            reorder: share("--webhook-reorder", self.webhook_reorder)?,
        };
        Ok(settings)
    }
}

fn share(option: &str, share: f64) -> Result<f64, Problem> {
    if (0.0..=1.0).contains(&share) {
        return Ok(share);
    }
    Err(Problem::usage(format!(
        "{option} must be from 0 to 1, not `{share}`"
    )))
}

fn announce(simulator: &Simulator, format: Format) {
    let (url, key) = (simulator.url(), simulator.key());
    match format {
        Format::Json => output::show(
            serde_json::json!({ "url": url, "key": key }),
            None,
            Format::Json,
        ),
        Format::Text | Format::Table => {
            let lines = format!("export DUVO_API_BASE_URL={url}\nexport DUVO_API_KEY={key}");
            // A closed pipe is the reader's choice.
            _ = writeln!(anstream::stdout(), "{lines}");
            _ = writeln!(
                anstream::stderr(),
                "the simulator serves until it is interrupted (Ctrl-C)"
            );
        }
    }
}
