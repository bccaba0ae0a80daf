//! The names of live things and their ids, fetched beside the prompt and kept for a minute.
//!
//! The prompt never waits for them: what is not there yet is there at the next key.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value};

use crate::catalog::{self, Call, Endpoint};
use crate::clock::{Clock, SystemClock};
use crate::report::Failure;
use crate::run::Link;

/// How long names are kept.
const KEPT: Duration = Duration::from_secs(60);
/// How long nothing is asked for after it could not be fetched.
const PAUSE: Duration = Duration::from_secs(10);

/// Makes a way to the API.
pub(in crate::repl) type Connect = Arc<dyn Fn() -> Result<Link, Failure> + Send + Sync>;

/// A thing that can be named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::repl) struct Named {
    pub(in crate::repl) id: String,
    pub(in crate::repl) name: String,
}

/// The things of one world.
pub(in crate::repl) struct Names {
    connect: Connect,
    clock: Arc<dyn Clock>,
    lists: Arc<Mutex<HashMap<&'static str, List>>>,
}

/// Things that are listed together.
#[derive(Debug, Default)]
struct List {
    things: Vec<Named>,
    /// Until when nobody asks for them again.
    good_until: Duration,
}

impl Names {
    /// Returns the things of a world, none of which is known yet.
    pub(in crate::repl) fn new(connect: Connect) -> Self {
        Self::timed(connect, Arc::new(SystemClock::new()))
    }

    /// Returns the same, kept as long as a clock says.
    pub(in crate::repl) fn timed(connect: Connect, clock: Arc<dyn Clock>) -> Self {
        Self {
            connect,
            clock,
            lists: Arc::default(),
        }
    }

    /// Returns the things that an id of this name can mean, as far as they are known; has them fetched
    /// when they are not, or are old.
    pub(in crate::repl) fn of_field(&self, field: &str) -> Vec<Named> {
        let Some(endpoint) = listing(field) else {
            return Vec::new();
        };
        let now = self.clock.elapsed();
        let mut lists = lock(&self.lists);
        let list = lists.entry(endpoint.name).or_default();
        if now >= list.good_until {
            list.good_until = now + KEPT;
            self.fetch(endpoint, now + PAUSE);
        }
        list.things.clone()
    }

    /// Fetches the things of a list; where that fails, it may be tried again from `again` on.
    fn fetch(&self, endpoint: &'static Endpoint, again: Duration) {
        let (connect, lists) = (Arc::clone(&self.connect), Arc::clone(&self.lists));
        let fetch = move || {
            let fetched = things(&connect, endpoint);
            let mut lists = lock(&lists);
            let list = lists.entry(endpoint.name).or_default();
            match fetched {
                Some(things) => list.things = things,
                None => list.good_until = again,
            }
        };
        // Without a thread there are no names, and nothing else is lost.
        _ = std::thread::Builder::new()
            .name("names".into())
            .spawn(fetch);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns the endpoint that lists what an id of this name means: its path with the id behind it is
/// that of another endpoint, in the team or outside it.
pub(super) fn listing(field: &str) -> Option<&'static Endpoint> {
    let of_one = |entry: &&Endpoint| {
        let last = entry.params.last();
        last.is_some_and(|last| same(last.name, field)) && entry.path.ends_with('}')
    };
    let lists = || {
        catalog::endpoints().filter(|entry| {
            entry.find.is_some() && entry.given_params().next().is_none() && !entry.deprecated
        })
    };
    let folders = catalog::endpoints().filter(of_one).filter_map(|entry| {
        let path = outside_team(entry.path);
        path.rsplit_once('/').map(|(folder, _)| folder.to_owned())
    });
    folders
        .into_iter()
        .find_map(|folder| lists().find(|list| outside_team(list.path) == folder))
}

fn outside_team(path: &str) -> String {
    match path.strip_prefix("/v2/teams/{teamId}/") {
        Some(rest) => format!("/v2/{rest}"),
        None => path.to_owned(),
    }
}

/// The API writes some names in two ways: `agent_id` and `agentId`.
fn same(one: &str, other: &str) -> bool {
    let plain = |name: &str| name.replace('_', "").to_lowercase();
    plain(one) == plain(other)
}

fn things(connect: &Connect, endpoint: &'static Endpoint) -> Option<Vec<Named>> {
    let link = connect().ok()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .ok()?;
    let mut fields = Map::new();
    if let catalog::Paging::Offset { max, .. } = endpoint.paging {
        fields.insert("limit".into(), max.into());
    }
    let call = Call {
        endpoint,
        path: Vec::new(),
        fields,
    };
    let response = runtime
        .block_on(link.client.call(&call, None, "names"))
        .ok()?;
    let answer: Value = serde_json::from_slice(&response.body).ok()?;
    let items = match endpoint.list? {
        "." => &answer,
        key => answer.get(key)?,
    };
    let text = |item: &Value, key: &str| item.get(key).and_then(Value::as_str).map(String::from);
    let named = |item: &Value| {
        Some(Named {
            id: text(item, "id")?,
            name: text(item, endpoint.find?)?,
        })
    };
    Some(items.as_array()?.iter().filter_map(named).collect())
}

#[cfg(test)]
mod tests {
    use super::listing;

    #[test]
    fn an_id_is_found_where_its_things_are_listed() {
        let of = |field| listing(field).map(|endpoint| endpoint.name);
        assert_eq!(of("agent_id"), Some("assignments.list"));
        assert_eq!(of("queue_id"), Some("queues.list"));
        assert_eq!(of("team_id"), Some("teams.list"));
        assert_eq!(of("message"), None);
        assert_eq!(of(""), None);
    }
}
