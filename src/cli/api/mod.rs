//! `duvoscript api`: the catalog of endpoints, and single calls.

mod call;
mod diff;
mod list;
mod show;

use super::command::{Entry, Topic, entry};
use crate::catalog::{self, Endpoint};
use crate::report::{Problem, nearest};

/// `duvoscript api`.
#[derive(Debug)]
pub(super) struct Api;

impl Topic for Api {
    const NAME: &'static str = "api";
    const ABOUT: &'static str = "Shows the endpoints of the API, and calls them";
    const EXAMPLE: &'static str = "duvoscript api show jobs.start";
    const COMMANDS: &'static [Entry] = &[
        entry::<list::List>(),
        entry::<show::Show>(),
        entry::<call::Call>(),
        entry::<diff::Diff>(),
    ];
}

/// Finds an endpoint by its name (`jobs.start`, `jobs::start`) or its operationId (`startRun`).
fn find(name: &str) -> Result<&'static Endpoint, Problem> {
    let plain = name.trim_start_matches("duvo::").replace("::", ".");
    if let Some(endpoint) = catalog::by_name(&plain).or_else(|| catalog::by_operation(name)) {
        return Ok(endpoint);
    }
    Err(Problem::usage(format!("there is no endpoint `{name}`")).hint(suggestion(&plain)))
}

/// Says which endpoint could be meant, first of all one of the section that was named.
fn suggestion(name: &str) -> String {
    let names = || catalog::endpoints().map(|endpoint| endpoint.name);
    let meant = |near: &str| format!("did you mean `{near}`?");
    let section = name.split('.').next().unwrap_or_default();
    if catalog::section(section).is_none() {
        return nearest(name, names())
            .map_or_else(|| "`duvoscript api list` shows all of them".into(), meant);
    }
    let prefix = format!("{section}.");
    let near = nearest(name, names().filter(|other| other.starts_with(&prefix)));
    match near.filter(|_| name.contains('.')) {
        Some(near) => meant(near),
        None => format!("`duvoscript api list {prefix}` shows those of the section"),
    }
}
