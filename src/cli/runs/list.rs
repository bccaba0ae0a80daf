//! `duvoscript runs list`: which runs there are.

use std::sync::Arc;

use clap::Args;
use serde_json::{Value, json};

use super::shown_state;
use crate::cli::command::{Action, Context};
use crate::cli::exit::{self, Exit};
use crate::cli::{output, state};
use crate::clock::SystemClock;
use crate::journal::{Journal, RunFilter, RunRow};
use crate::report::Problem;

/// Lists runs, newest first
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript runs list --limit 5")]
pub(super) struct List {
    /// At most so many
    #[arg(long, value_name = "NUMBER", default_value_t = 50)]
    limit: usize,
}

impl Action for List {
    const NAME: &'static str = "list";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let journal = state::journal(context, Arc::new(SystemClock::new()))?;
        let filter = RunFilter {
            limit: Some(self.limit),
            ..RunFilter::default()
        };
        let runs = journal.runs(&filter)?;
        let rows: Vec<_> = runs.iter().map(|run| row(&journal, run)).collect();
        output::show(Value::Array(rows), None, context.global.output);
        Ok(exit::OK)
    }
}

fn row(journal: &Journal, run: &RunRow) -> Value {
    json!({
        "id": run.id,
        "state": shown_state(journal, run),
        "script": run.script,
        "created_at": run.created_at,
        "steps": run.steps,
        "reason": run.reason,
    })
}
