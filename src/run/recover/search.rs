//! One look: reads what the catalog names, and gathers what may be the call's work.

use serde_json::Value;

use super::found::{Found, Lost, id};
use super::judge::{is_any_so, is_it, is_like};
use super::read::{Items, is_given, is_refusal, items, one};
use super::scope::{Scope, Seen};
use super::window::Verdict;
use crate::api::Client;
use crate::catalog::{LookUp, Pair};
use crate::report::Failure;

/// Of so many rows at most more is read than their list tells.
const MOST_READ: usize = 200;

pub(super) const UNNAMED: &str = "the call does not name what it is about one by one";

/// One look.
pub(super) struct Search<'a> {
    pub(super) client: &'a Client,
    pub(super) lost: &'a Lost<'a>,
    pub(super) plan: &'static LookUp,
    pub(super) scope: Scope<'a>,
}

/// Something that may be the call's work.
#[derive(Clone, Debug)]
pub(super) struct Suspect {
    pub(super) seen: Seen,
    pub(super) verdict: Verdict,
}

/// What was found for a call, or for one item of it.
#[derive(Debug, Default)]
pub(super) struct Suspects {
    pub(super) all: Vec<Suspect>,
    /// Whether there may be more.
    pub(super) is_cut: bool,
}

impl Search<'_> {
    /// Looks once.
    pub(super) async fn run(&self) -> Result<Found, Failure> {
        if self.plan.list.is_none() && !self.plan.each.is_empty() {
            return self.conclude_states().await;
        }
        let subject = self.subject(&self.scope).await?;
        let is_open = subject.get.is_some() && self.is_open(&subject, &self.scope);
        if is_open {
            return Ok(Found::Absent);
        }
        if self.plan.each.is_empty() {
            let rows = self.rows(&subject).await?;
            let suspects = self.suspects(&self.scope, &subject, &rows).await?;
            return self.conclude(subject, suspects).await;
        }
        let Some((name, wanted)) = self.wanted() else {
            return Ok(Found::cannot_tell(UNNAMED, Vec::new()));
        };
        let rows = self.rows(&subject).await?;
        let mut found = Vec::new();
        for item in &wanted {
            let scope = Scope {
                item: Some((name, item)),
                ..self.scope
            };
            found.push(self.suspects(&scope, &subject, &rows).await?);
        }
        self.conclude_each(found).await
    }

    /// Reads the thing that the call itself names, if the catalog says so.
    pub(super) async fn subject(&self, scope: &Scope<'_>) -> Result<Seen, Failure> {
        let mut subject = Seen::default();
        if let Some(get) = &self.plan.get
            && is_given(get, scope)
        {
            subject.get = Some(one(self.client, get, scope, &Value::Null).await?);
        }
        if let (None, Some(detail)) = (&self.plan.list, &self.plan.detail) {
            let found = items(self.client, detail, scope, &subject).await?;
            subject.detail = found.rows.into_iter().next();
        }
        Ok(subject)
    }

    async fn rows(&self, subject: &Seen) -> Result<Items, Failure> {
        let Some(list) = &self.plan.list else {
            return Ok(Items::default());
        };
        let mut items = items(self.client, list, &self.scope, subject).await?;
        let first = items.rows.first().zip(self.plan.since);
        let reaches_back = first.is_some_and(|(row, place)| {
            let at = row.get(place).unwrap_or_default();
            self.scope.window.holds(at) == Verdict::No
        });
        items.is_cut |= items.is_headless && !reaches_back;
        Ok(items)
    }

    /// Returns what is looked up item by item, and the field that holds it.
    pub(super) fn wanted(&self) -> Option<(&'static str, Vec<Value>)> {
        let given = |name: &&'static str| Some((*name, self.scope.given(name)?));
        let (name, value) = self.plan.each.iter().find_map(given)?;
        match value {
            Value::Array(items) => Some((name, items)),
            single => Some((name, vec![single])),
        }
    }

    async fn suspects(
        &self,
        scope: &Scope<'_>,
        subject: &Seen,
        rows: &Items,
    ) -> Result<Suspects, Failure> {
        let mut suspects = Suspects {
            is_cut: rows.is_cut,
            ..Suspects::default()
        };
        let mut reads = 0;
        for row in &rows.rows {
            let seen = Seen {
                row: row.clone(),
                ..subject.clone()
            };
            if self.is_other(scope, &seen) {
                continue;
            }
            if self.reads_more() && reads == MOST_READ {
                suspects.is_cut = true;
                break;
            }
            reads += 1;
            let Some(seen) = self.examined(scope, seen).await? else {
                continue;
            };
            let verdict = self.verdict(scope, &seen);
            if verdict != Verdict::No {
                suspects.all.push(Suspect { seen, verdict });
            }
        }
        Ok(suspects)
    }

    /// Returns whether a row alone tells that it is nothing of the call's.
    fn is_other(&self, scope: &Scope<'_>, seen: &Seen) -> bool {
        let on_row = self.plan.same.iter().filter(|pair| is_of_row(pair.at));
        let since = self.plan.since.filter(|place| is_of_row(place));
        (!self.makes_details() && self.is_taken(&seen.row))
            || is_it(on_row, scope, seen) == Verdict::No
            || since.is_some_and(|place| self.came_since(scope, seen, place) == Verdict::No)
    }

    /// Returns whether what the call makes is not a row, but what belongs to one.
    fn makes_details(&self) -> bool {
        self.plan
            .since
            .is_some_and(|place| place.starts_with("detail."))
    }

    /// Returns whether another call is known to have made something.
    fn is_taken(&self, thing: &Value) -> bool {
        self.plan.makes() && self.is_of_another(thing)
    }

    fn is_of_another(&self, thing: &Value) -> bool {
        id(thing).is_some_and(|id| self.lost.taken.contains(&id))
    }

    fn reads_more(&self) -> bool {
        self.needs_get() || self.plan.detail.is_some()
    }

    /// Returns whether something is judged that only `get` tells.
    fn needs_get(&self) -> bool {
        let plan = self.plan;
        let pairs = [plan.same, plan.like].into_iter().flatten();
        let ways = plan.open.iter().chain(plan.done);
        let pairs = pairs.chain(ways.copied().flatten());
        let within = plan.detail.as_ref().and_then(|detail| detail.within);
        let mut places = pairs
            .map(|pair: &Pair| pair.at)
            .chain(plan.since)
            .chain(plan.changed)
            .chain(within);
        places.any(|place| place.starts_with("get."))
    }

    /// Reads more about a row; `None` when it turns out to lack what it must have.
    ///
    /// What the call may have made, but cannot be read, stays and is doubtful.
    async fn examined(&self, scope: &Scope<'_>, mut seen: Seen) -> Result<Option<Seen>, Failure> {
        let stays_unread = self.plan.since.is_some();
        if self.needs_get() && !self.read_whole(scope, &mut seen).await? {
            return Ok(stays_unread.then_some(seen));
        }
        let Some(detail) = &self.plan.detail else {
            return Ok(Some(seen));
        };
        let found = match items(self.client, detail, scope, &seen).await {
            Err(failure) if is_refusal(&failure) => return Ok(stays_unread.then_some(seen)),
            found => found?,
        };
        seen.detail = found.rows.into_iter().find(|item| !self.is_taken(item));
        let counts = seen.detail.is_some() || detail.optional;
        Ok(counts.then_some(seen))
    }

    /// Reads what `get` tells about a row; returns whether it is there.
    pub(super) async fn read_whole(
        &self,
        scope: &Scope<'_>,
        seen: &mut Seen,
    ) -> Result<bool, Failure> {
        let Some(get) = self.plan.get.as_ref().filter(|_| seen.get.is_none()) else {
            return Ok(true);
        };
        match one(self.client, get, scope, &seen.row).await {
            Err(failure) if is_refusal(&failure) => Ok(false),
            answer => {
                seen.get = Some(answer?);
                Ok(true)
            }
        }
    }

    /// Judges a thing by its time and its content; what is doubtful in two ways is another one.
    fn verdict(&self, scope: &Scope<'_>, seen: &Seen) -> Verdict {
        let since = self.plan.since;
        let verdicts = [
            since.map_or(Verdict::Yes, |place| self.came_since(scope, seen, place)),
            is_it(self.plan.same, scope, seen),
            is_like(self.plan.like, scope, seen),
        ];
        let doubts = verdicts.iter().filter(|one| **one == Verdict::Perhaps);
        if doubts.count() > 1 {
            return Verdict::No;
        }
        verdicts.into_iter().fold(Verdict::Yes, Verdict::and)
    }

    fn came_since(&self, scope: &Scope<'_>, seen: &Seen, place: &str) -> Verdict {
        match seen.one(place) {
            None => Verdict::Perhaps,
            Some(at) if !self.plan.trace => scope.window.holds(at),
            Some(at) if self.is_of_another(&seen.row) => scope.window.holds_other(at),
            Some(at) => scope.window.holds_trace(at),
        }
    }

    pub(super) fn is_open(&self, seen: &Seen, scope: &Scope<'_>) -> bool {
        is_any_so(self.plan.open, scope, seen)
    }

    pub(super) fn is_done(&self, seen: &Seen, scope: &Scope<'_>) -> bool {
        is_any_so(self.plan.done, scope, seen)
    }
}

fn is_of_row(place: &str) -> bool {
    let start = place.split('.').next();
    start != Some("get") && start != Some("detail")
}
