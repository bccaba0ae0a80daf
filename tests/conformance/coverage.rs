//! Counts what was seen of each endpoint, and keeps what was found wrong.

use std::collections::{BTreeMap, BTreeSet};

use duvoscript::catalog::{self, Endpoint};

use super::exceptions::{self, Allowance};
use super::judge::Complaint;

/// What was seen so far.
#[derive(Debug, Default)]
pub(crate) struct Coverage {
    successes: BTreeSet<&'static str>,
    failures: BTreeSet<&'static str>,
    /// Endpoints of lists that were seen with an item in them.
    filled: BTreeSet<&'static str>,
    /// Complaints, and the first step that gave rise to each.
    complaints: BTreeMap<Complaint, String>,
}

impl Coverage {
    /// Takes note of an answer that kept its promises.
    pub(crate) fn note(&mut self, endpoint: &'static Endpoint, status: u16) {
        let is_refused = exceptions::has(endpoint, Allowance::AlwaysRefused);
        if (200..300).contains(&status) || is_refused && status == 405 {
            self.successes.insert(endpoint.name);
        }
        if (400..500).contains(&status) {
            self.failures.insert(endpoint.name);
        }
    }

    /// Takes note of a list that held something.
    pub(crate) fn note_filled(&mut self, endpoint: &'static Endpoint) {
        self.filled.insert(endpoint.name);
    }

    /// Keeps a complaint, and the step that gave rise to it.
    pub(crate) fn complain(&mut self, place: &str, complaint: Complaint) {
        self.complaints
            .entry(complaint)
            .or_insert_with(|| place.to_owned());
    }

    /// Returns what is missing or wrong, line by line, without what is known to be pending.
    pub(crate) fn faults(&self) -> Vec<String> {
        let told = self.told();
        let mut faults: Vec<_> = told
            .iter()
            .filter(|(name, _)| !exceptions::is_pending(name))
            .map(|(_, line)| line.clone())
            .collect();
        let pending = exceptions::PENDING.iter().map(|(name, _)| *name);
        let reached = pending.filter(|name| told.iter().all(|(other, _)| other != name));
        faults.extend(reached.map(|name| format!("{name}: reached now, so it is not pending")));
        faults
    }

    /// Returns all lines: what is wrong, what is missing, and the counts.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mark = |(name, line): (String, String)| {
            let mark = if exceptions::is_pending(&name) {
                "pending: "
            } else {
                ""
            };
            format!("{mark}{line}")
        };
        self.told()
            .into_iter()
            .map(mark)
            .chain(self.counts())
            .collect()
    }

    /// Returns complaints and what is missing: what it is about, and a line.
    fn told(&self) -> Vec<(String, String)> {
        let wrong = self.complaints.iter().map(|(complaint, place)| {
            (complaint.endpoint.clone(), format!("{complaint} ({place})"))
        });
        wrong.chain(self.missing()).collect()
    }

    fn missing(&self) -> impl Iterator<Item = (String, String)> {
        let lacks = [
            (&self.successes, "no success seen"),
            (&self.failures, "no documented failure seen"),
        ];
        catalog::endpoints().flat_map(move |endpoint| {
            let lacking = lacks
                .into_iter()
                .filter(|(seen, _)| !seen.contains(endpoint.name));
            lacking.map(move |(_, what)| {
                let line = format!("{} ({}): {what}", endpoint.name, endpoint.operation);
                (endpoint.name.to_owned(), line)
            })
        })
    }

    fn counts(&self) -> [String; 3] {
        let count = |set: &BTreeSet<&str>, of: &dyn Fn(&Endpoint) -> bool| {
            let seen = |endpoint: &&Endpoint| set.contains(endpoint.name);
            let all = || catalog::endpoints().filter(|endpoint| of(endpoint));
            format!("{} of {}", all().filter(seen).count(), all().count())
        };
        let line = |of: &dyn Fn(&Endpoint) -> bool| {
            let (successes, failures) = (count(&self.successes, of), count(&self.failures, of));
            format!("{successes} succeed, {failures} fail as documented")
        };
        let (own, further) = (line(&|entry| entry.in_spec), line(&|entry| !entry.in_spec));
        let filled = count(&self.filled, &|entry| entry.list.is_some());
        let empty = self.empty_lists().join(", ");
        [
            format!("conformance: of the document's operations {own}"),
            format!("conformance: of the guide's further endpoints {further}"),
            format!("conformance: {filled} lists seen with items, but not: {empty}"),
        ]
    }

    /// Returns the lists that were never seen with an item.
    fn empty_lists(&self) -> Vec<&'static str> {
        catalog::endpoints()
            .filter(|endpoint| endpoint.list.is_some() && !self.filled.contains(endpoint.name))
            .map(|endpoint| endpoint.name)
            .collect()
    }
}
