//! `duvoscript schedule backfill`: runs for slots of the past that had none.

use clap::Args;
use serde_json::{Value, json};

use super::kept::local;
use super::named::{Place, finish, plain};
use super::{Shown, instant};
use crate::cli::command::{Action, Context, Format};
use crate::cli::exit::{self, Exit};
use crate::cli::output;
use crate::cli::runs::told::note;
use crate::clock::{Clock, SystemClock};
use crate::report::Problem;
use crate::schedule::{self, Made, Plan, backfill};

/// So many slots are made up for at once.
const MOST: usize = 10_000;

/// Makes up for slots of the past that have not run, one after the other
///
/// Slots that have run, are queued, or lie on days that are left out stay as they are.
#[derive(Args, Debug)]
#[command(
    after_help = "Example: duvoscript schedule backfill nightly --from 2026-10-01 --to 2026-10-07 --dry-run"
)]
pub(super) struct Backfill {
    /// Name of the schedule
    name: String,
    /// The first time: RFC 3339, or local in the schedule's zone
    #[arg(long, value_name = "TIME")]
    from: String,
    /// The last time
    #[arg(long, value_name = "TIME")]
    to: String,
    /// Say what would be, and do nothing
    #[arg(long)]
    dry_run: bool,
}

impl Action for Backfill {
    const NAME: &'static str = "backfill";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let place = Place::look(context)?;
        Ok(finish(self.backfill(&place, context)))
    }
}

impl Backfill {
    fn backfill(&self, place: &Place, context: &Context) -> Result<Exit, Shown> {
        let plan = &place.find(&self.name)?.plan;
        let wanted = schedule::Backfill {
            plan,
            from: instant("--from", &self.from, &plan.zone)?,
            to: instant("--to", &self.to, &plan.zone)?,
            by: context.environment.user(),
            most: MOST + 1,
        };
        if wanted.to < wanted.from {
            return Err(plain(Problem::usage("`--to` comes before `--from`")));
        }
        let now = SystemClock::new().now();
        let journal = place.new_journal()?;
        let look = backfill(&journal, &wanted, now, true);
        let mut made = look.map_err(|error| plain(error.into()))?;
        if made.len() > MOST {
            let what = format!("there are more than {MOST} slots from then to then");
            return Err(plain(
                Problem::usage(what).hint("make up for them in parts"),
            ));
        }
        if !self.dry_run {
            let done = backfill(&journal, &wanted, now, false);
            made = done.map_err(|error| plain(error.into()))?;
        }
        self.tell(&made, plan, context.global.output);
        let is_wanted = made.iter().any(|made| made.why_not.is_none());
        if let (true, false, Some(absence)) = (is_wanted, self.dry_run, place.absence()) {
            note(&absence);
        }
        Ok(exit::OK)
    }

    fn tell(&self, made: &[Made], plan: &Plan, format: Format) {
        let word = if self.dry_run { "would run" } else { "queued" };
        let row = |made: &Made| match format {
            Format::Json => {
                json!({ "at": made.at, "runs": made.why_not.is_none(), "why_not": made.why_not })
            }
            Format::Text | Format::Table => json!({
                "slot": local(made.at, &plan.zone),
                "what": made.why_not.as_deref().unwrap_or(word),
            }),
        };
        let rows: Vec<Value> = made.iter().map(row).collect();
        if rows.is_empty() && format != Format::Json {
            return note("no slot lies from then to then");
        }
        output::show(rows.into(), None, format);
    }
}
