//! What it means that something was found, or nothing: the rules by which a call is adopted.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use super::answer::{Find, rebuilt, response};
use super::found::{Adopted, Candidate, Found, id, ids};
use super::scope::Seen;
use super::search::{Search, Suspect, Suspects};
use super::window::Verdict;
use crate::catalog::{self, is_secret};
use crate::report::Failure;

/// What shows a row whose list names no telling fields.
const USUAL_COLUMNS: &[&str] = &["name", "title", "value", "status", "created_at"];

const TOO_MANY: &str = "there is too much to look through";
const GONE: &str = "what the call is about is not there any more";
pub(super) const CHANGED: &str =
    "what the call is about has been changed since, nobody can say by whom";
const NO_TIME: &str = "there is one like it, and nothing tells whether it was there before";
const UNREADABLE: &str = "it was carried out, but what it answered cannot be read any more";
const DOUBTFUL: &str = "what looks like its work may be older, or is different in part";

impl Search<'_> {
    /// Decides about a call as a whole.
    pub(super) async fn conclude(&self, subject: Seen, found: Suspects) -> Result<Found, Failure> {
        let plan = self.plan;
        if found.is_cut {
            return Ok(Found::cannot_tell(TOO_MANY, self.shown(&found.all)));
        }
        let is_about_state =
            !plan.open.is_empty() || !plan.done.is_empty() || plan.changed.is_some();
        if plan.since.is_none() {
            if !is_about_state {
                return Ok(self.judge_presence(&found));
            }
            let rows: Vec<_> = found.all.iter().map(|one| &one.seen).collect();
            let things = if plan.list.is_some() {
                rows
            } else {
                vec![&subject]
            };
            return self.judge_state(things).await;
        }
        let found = if plan.trace { self.first(found) } else { found };
        match (found.of(Verdict::Yes).as_slice(), found.all.len()) {
            (_, 0) if is_about_state => self.judge_state(vec![&subject]).await,
            (_, 0) => Ok(Found::Absent),
            ([one], 1) => self.adopt(&one.seen, vec![one.seen.row.clone()], 1).await,
            (sure, _) => Ok(Found::cannot_tell(
                doubt(sure.len()),
                self.shown(&found.all),
            )),
        }
    }

    /// Decides about a call whose items were looked up one by one.
    pub(super) async fn conclude_each(&self, found: Vec<Suspects>) -> Result<Found, Failure> {
        let all: Vec<Suspect> = found.iter().flat_map(|one| one.all.clone()).collect();
        if found.iter().any(|one| one.is_cut) {
            return Ok(Found::cannot_tell(TOO_MANY, self.shown(&all)));
        }
        if all.is_empty() {
            return Ok(Found::Absent);
        }
        let chosen = chosen(&found);
        let is_whole =
            self.plan.trace || (chosen.len() == found.len() && rows_of(&all).len() == found.len());
        match chosen.first() {
            Some(first) if is_whole => {
                let rows = chosen.iter().map(|one| one.seen.row.clone()).collect();
                self.adopt(&first.seen, rows, found.len()).await
            }
            _ => {
                let (some, wanted) = (chosen.len(), found.len());
                let why = format!("{some} of {wanted} were found beyond doubt");
                Ok(Found::cannot_tell(why, self.shown(&all)))
            }
        }
    }

    /// Decides by whether there is such a thing, where nothing tells since when.
    fn judge_presence(&self, found: &Suspects) -> Found {
        if found.all.is_empty() {
            Found::Absent
        } else {
            Found::cannot_tell(NO_TIME, self.shown(&found.all))
        }
    }

    /// Keeps the oldest trace only: what came later is not the call's.
    fn first(&self, mut found: Suspects) -> Suspects {
        let place = self.plan.since.unwrap_or_default();
        let time = |suspect: &Suspect| -> Option<Timestamp> {
            suspect.seen.one(place)?.as_str()?.parse().ok()
        };
        found.all.sort_by_key(time);
        found.all.truncate(1);
        found
    }

    /// Decides by the state of the things that a call is about.
    async fn judge_state(&self, things: Vec<&Seen>) -> Result<Found, Failure> {
        if things.iter().any(|seen| self.is_open(seen, &self.scope)) {
            return Ok(Found::Absent);
        }
        let done: Vec<&Seen> = things
            .iter()
            .copied()
            .filter(|seen| self.is_done(seen, &self.scope))
            .collect();
        match (done.as_slice(), things.as_slice()) {
            ([one], _) => self.adopt(one, vec![one.row.clone()], 1).await,
            ([_, _, ..], _) => {
                let rows: Vec<_> = done.iter().map(|seen| seen.row.clone()).collect();
                Ok(Found::cannot_tell(
                    doubt(done.len()),
                    self.shown_rows(&rows),
                ))
            }
            (_, []) => Ok(Found::cannot_tell(GONE, Vec::new())),
            _ if self.plan.otherwise_send => Ok(Found::Absent),
            (_, [one]) if self.is_untouched(one) => Ok(Found::Absent),
            _ => Ok(Found::cannot_tell(CHANGED, Vec::new())),
        }
    }

    fn is_untouched(&self, seen: &Seen) -> bool {
        let changed = self.plan.changed.and_then(|place| seen.one(place));
        changed.is_some_and(|at| self.scope.window.is_untouched(at))
    }

    pub(super) async fn adopt(
        &self,
        seen: &Seen,
        rows: Vec<Value>,
        wanted: usize,
    ) -> Result<Found, Failure> {
        let endpoint = self.lost.call.endpoint;
        let candidates = self.shown_rows(&rows);
        if self.plan.answer.is_empty() {
            return Ok(Found::cannot_tell(UNREADABLE, candidates));
        }
        let mut seen = seen.clone();
        if !self.read_whole(&self.scope, &mut seen).await? {
            return Ok(Found::cannot_tell(UNREADABLE, candidates));
        }
        let find = Find {
            seen: &seen,
            rows,
            wanted,
        };
        let answer = rebuilt(endpoint, self.plan.answer, &self.scope, &find);
        Ok(Found::Adopt(Adopted {
            made: ids(endpoint, &answer),
            answer: response(endpoint, &answer),
        }))
    }

    fn shown(&self, suspects: &[Suspect]) -> Vec<Candidate> {
        let rows: Vec<_> = suspects.iter().map(|one| one.seen.row.clone()).collect();
        self.shown_rows(&rows)
    }

    /// Shows rows by the telling fields of their list, each once.
    pub(super) fn shown_rows(&self, rows: &[Value]) -> Vec<Candidate> {
        let list = self.plan.list.as_ref().and_then(|list| list.endpoint);
        let columns = list
            .and_then(catalog::by_name)
            .map(|endpoint| endpoint.columns)
            .filter(|columns| !columns.is_empty())
            .unwrap_or(USUAL_COLUMNS);
        let mut shown: Vec<Candidate> = Vec::new();
        for row in rows.iter().filter(|row| !row.is_null()) {
            let candidate = Candidate {
                id: id(row).unwrap_or_default(),
                summary: summary(row, columns),
            };
            if !shown.contains(&candidate) {
                shown.push(candidate);
            }
        }
        shown
    }
}

impl Suspects {
    fn of(&self, verdict: Verdict) -> Vec<&Suspect> {
        let fits = |suspect: &&Suspect| suspect.verdict == verdict;
        self.all.iter().filter(fits).collect()
    }
}

/// Returns a sure suspect for every item that has one, none of them twice.
fn chosen(found: &[Suspects]) -> Vec<&Suspect> {
    let mut used = BTreeSet::new();
    let mut chosen = Vec::new();
    for one in found {
        // Lists begin with the newest; what was made in one go is told in the order of the call.
        let mut sure = one.of(Verdict::Yes).into_iter().rev();
        chosen.extend(sure.find(|suspect| used.insert(suspect.seen.row.to_string())));
    }
    chosen
}

fn rows_of(suspects: &[Suspect]) -> BTreeSet<String> {
    suspects
        .iter()
        .map(|one| one.seen.row.to_string())
        .collect()
}

fn doubt(sure: usize) -> String {
    match sure {
        0 | 1 => DOUBTFUL.into(),
        several => format!("{several} look like its work, and it made one at most"),
    }
}

fn summary(row: &Value, columns: &[&str]) -> String {
    let shown = columns
        .iter()
        .filter(|name| **name != "id" && !is_secret(name));
    let text = |value: &Value| match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    let texts: Vec<_> = shown.filter_map(|name| text(row.get(name)?)).collect();
    texts.join(", ")
}
