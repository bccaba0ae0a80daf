//! `duvoscript sim`: the simulator as a program of its own.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::command::{Action, Context, Format};
use super::connect::{runtime, scenario, watched_clock};
use super::exit::{self, Exit};
use super::output;
use crate::report::Problem;
use crate::simulator::{Settings, Simulator};

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
    /// Allowed requests a minute and key; 0 allows any number
    #[arg(long, value_name = "NUMBER", default_value_t = 300)]
    rate_limit: u32,
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
        let mut settings = Settings::new();
        settings.clock = watched_clock(self.speed);
        settings.port = self.port;
        settings.seed = self.seed;
        settings.scenario = scenario(self.scenario.as_ref())?;
        settings.rate_limit = (self.rate_limit > 0).then_some(self.rate_limit);
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
