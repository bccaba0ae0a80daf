//! `duvoscript inbox list`: everything that waits for a person.

use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::around::{Around, answers, asker, unseen, until, whole};
use crate::cli::command::{Action, Context, Format};
use crate::cli::exit::{self, Exit};
use crate::cli::output;
use crate::cli::runs::told::note;
use crate::clock::distance;
use crate::inbox::Item;
use crate::report::Problem;

/// Lists what waits for a person: questions of scripts, and human requests of the team's Jobs
#[derive(Args, Debug)]
#[command(after_help = "Example: duvoscript inbox list --json")]
pub(super) struct List {}

impl Action for List {
    const NAME: &'static str = "list";

    fn run(self, context: &Context) -> Result<Exit, Problem> {
        let around = Around::open(context)?;
        let listing = around.wait(around.inbox().list())?;
        let format = context.global.output;
        let now = around.now();
        let rows = listing.items.iter().map(|item| match format {
            Format::Json => whole(item),
            Format::Text | Format::Table => row(item, now),
        });
        output::show(Value::Array(rows.collect()), None, format);
        if let Some(failure) = &listing.unseen {
            note(&unseen(failure));
        }
        Ok(exit::OK)
    }
}

fn row(item: &Item, now: Timestamp) -> Value {
    json!({
        "id": item.id,
        "kind": item.kind.as_str(),
        "asks": item.text,
        "answers": answers(item),
        "by": asker(item),
        "since": distance(item.since, now),
        "until": until(item, now),
    })
}
