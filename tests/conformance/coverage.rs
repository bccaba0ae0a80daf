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

    /// Returns whether nothing is missing and nothing is wrong.
    pub(crate) fn is_whole(&self) -> bool {
        self.complaints.is_empty() && self.missing().next().is_none()
    }

    /// Returns the verdict, line by line: complaints, what is missing, and the counts.
    pub(crate) fn lines(&self) -> Vec<String> {
        let told = |(complaint, place): (&Complaint, &String)| format!("{complaint} ({place})");
        let mut lines: Vec<_> = self.complaints.iter().map(told).collect();
        lines.extend(self.missing());
        lines.extend(self.counts());
        lines
    }

    fn missing(&self) -> impl Iterator<Item = String> {
        catalog::endpoints().flat_map(|endpoint| {
            let name = endpoint.name;
            let success = (!self.successes.contains(name))
                .then(|| format!("{name} ({}): no success seen", endpoint.operation));
            let failure = (!self.failures.contains(name)).then(|| {
                format!(
                    "{name} ({}): no documented failure seen",
                    endpoint.operation
                )
            });
            success.into_iter().chain(failure)
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
        [
            format!(
                "conformance: of the document's operations {}",
                line(&|entry| entry.in_spec)
            ),
            format!(
                "conformance: of the guide's further endpoints {}",
                line(&|entry| !entry.in_spec)
            ),
            format!(
                "conformance: {} lists seen with items",
                count(&self.filled, &|entry| entry.list.is_some())
            ),
        ]
    }

    /// Returns the lists that were never seen with an item.
    pub(crate) fn empty_lists(&self) -> Vec<&'static str> {
        catalog::endpoints()
            .filter(|endpoint| endpoint.list.is_some() && !self.filled.contains(endpoint.name))
            .map(|endpoint| endpoint.name)
            .collect()
    }
}
