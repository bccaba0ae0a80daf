//! `duvoscript schedule next`: the next times of any expression.

use clap::Args;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::rows::{self, rfc3339};
use super::{Shown, counted, from, wrong};
use crate::cli::command::{Action, Context, Format};
use crate::cli::exit::{self, Exit};
use crate::cli::output;
use crate::report::{Problem, Sources};
use crate::schedule::{Gap, Plan, Repeated, Rules, Slot, Timing, When, zone};

/// Shows the next times of an expression, a pace, or a single time
#[derive(Args, Debug)]
#[command(
    after_help = "Example: duvoscript schedule next --cron '30 2 * * *' --timezone Europe/Prague -n 3"
)]
pub(in crate::cli) struct Next {
    #[command(flatten)]
    timing: Given,
    /// What a pace is counted from; midnight of 1 January 2026 in the zone unless set
    #[arg(long, value_name = "TIME", conflicts_with_all = ["cron", "at"])]
    anchor: Option<String>,
    /// Time zone, by its IANA name
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    timezone: String,
    /// What becomes of a local time that the clock jumps over
    #[arg(long, value_enum, default_value_t)]
    gap: Gap,
    /// When a local time fires that comes twice
    #[arg(long, value_enum, default_value_t)]
    repeated_hour: Repeated,
    /// Shows what comes after this time, RFC 3339 or local; after now unless set
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// How many
    #[arg(short = 'n', long, value_name = "NUMBER", default_value_t = 10, value_parser = counted())]
    count: u32,
    /// Prints an array of RFC 3339 times
    #[arg(long)]
    json: bool,
}

/// When it fires.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct Given {
    /// Cron expression of five fields, or six with seconds first
    #[arg(long, value_name = "EXPRESSION")]
    cron: Option<String>,
    /// Pace, such as `15m`, in absolute time
    #[arg(long, value_name = "DURATION")]
    every: Option<String>,
    /// Time, such as `2026-12-24T18:00`
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
}

impl Action for Next {
    const NAME: &'static str = "next";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let format = if self.json {
            Format::Json
        } else {
            context.global.output
        };
        match self.find() {
            Ok((plan, slots)) => {
                self.show(&plan, &slots, format);
                Ok(exit::OK)
            }
            Err((problem, sources)) => {
                crate::cli::show(&problem, &sources);
                Ok(exit::of(problem.kind))
            }
        }
    }
}

impl Next {
    fn find(&self) -> Result<(Plan, Vec<Slot>), Shown> {
        let zone = zone(&self.timezone);
        let zone = zone.map_err(|fault| wrong("--timezone", &self.timezone, fault))?;
        let after = from(self.from.as_deref(), &zone)?;
        let timing = self.timing(&zone)?;
        let mut plan = Plan::new("next", timing, zone);
        plan.rules = Rules {
            gap: self.gap,
            repeated: self.repeated_hour,
        };
        let slots = plan.after(after).filter(|slot| slot.excluded.is_none());
        let slots = slots.take(self.count as usize).collect();
        Ok((plan, slots))
    }

    fn timing(&self, zone: &TimeZone) -> Result<Timing, Shown> {
        let given = &self.timing;
        if let Some(text) = &given.cron {
            return Timing::cron(text).map_err(|fault| wrong("--cron", text, fault));
        }
        if let Some(text) = &given.every {
            let anchor = match &self.anchor {
                Some(text) => When::parse(text)
                    .map_err(|fault| wrong("--anchor", text, fault))?
                    .start(zone),
                None => None,
            };
            let anchor = anchor.unwrap_or_else(|| Timing::default_anchor(zone));
            return Timing::every(text, anchor).map_err(|fault| wrong("--every", text, fault));
        }
        match &given.at {
            Some(text) => Timing::once(text).map_err(|fault| wrong("--at", text, fault)),
            None => Err((
                Problem::usage("one of --cron, --every and --at is wanted"),
                Sources::default(),
            )),
        }
    }

    fn show(&self, plan: &Plan, slots: &[Slot], format: Format) {
        let text = self.timing.cron.as_deref().unwrap_or_default();
        let warnings = plan.timing.warnings().iter().cloned();
        let warnings: Vec<_> = warnings.map(|fault| fault.alone("--cron", text)).collect();
        rows::warn(&warnings);
        if format == Format::Json {
            let times = slots.iter().map(|slot| rfc3339(slot.at, &plan.zone));
            output::show(times.map(Value::String).collect(), None, format);
        } else {
            rows::show(slots, plan, format);
        }
    }
}
