//! Decides between asking for a Job and listing a page: whatever needs fewer requests.
//!
//! A page costs as much as one Job, so it is worth its request when it shows two that are waited
//! for. Which Jobs a page shows is found out by trying: a try shows at least the Job it begins with.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use super::job::Job;
use super::look::{Look, Page, Shown};

/// Up to so many Jobs are asked for one by one, whatever pages they are on.
const FEW: usize = 3;
/// A page with fewer Jobs that are waited for is not worth its request.
const WORTH: usize = 2;
/// So many pages in a row that cannot be had mean that the list cannot be had.
const FAILURES: u32 = 2;
/// How long the list is left alone when it cannot be had.
const REST: Duration = Duration::from_secs(5 * 60);

/// What is known of the list.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// The page after one that was worth its request, as far as it has not been tried.
    next: Option<Page>,
    /// When the list may be asked again.
    rests_until: Duration,
    failures: u32,
    /// Whether the newest of many unknown Jobs is asked for next, and not the oldest.
    asks_newest: bool,
}

impl Listing {
    /// Returns how to look at the Job that is due.
    pub(super) fn choose(
        &mut self,
        jobs: &BTreeMap<String, Job>,
        due: (&String, &Job),
        now: Duration,
    ) -> Look {
        let (id, job) = due;
        let must_ask = job.is_ripe || job.is_alone;
        if must_ask || jobs.len() <= FEW || now < self.rests_until {
            return Look::Job(id.clone());
        }
        if let Some(page) = job.page {
            return Look::Page(page);
        }
        let loose = || jobs.iter().filter(|(_, job)| job.is_loose());
        if loose().count() <= FEW {
            return Look::Job(id.clone());
        }
        let oldest = loose().filter_map(|(_, job)| job.created).min();
        if let Some(page) = self.next.or(oldest.map(Page::from)) {
            return Look::Page(page);
        }
        // They may have been named in the order of their creation, or against it: from the oldest
        // on, pages show the others.
        let new = loose().filter(|(_, job)| job.is_new());
        let asked = if self.asks_newest {
            new.max_by_key(|(_, job)| job.number())
        } else {
            new.min_by_key(|(_, job)| job.number())
        };
        self.asks_newest = !self.asks_newest;
        let asked = asked.filter(|_| job.is_new());
        Look::Job(asked.map_or(id, |(id, _)| id).clone())
    }

    /// Learns which Jobs a page shows.
    pub(super) fn learn(&mut self, jobs: &mut BTreeMap<String, Job>, shown: &Shown) {
        self.failures = 0;
        let Shown { page, rows, next } = shown;
        let ids = rows.iter().map(|row| row.id.as_str());
        let shown: HashSet<&str> = ids.filter(|id| jobs.contains_key(*id)).collect();
        let loose = shown
            .iter()
            .filter(|id| jobs.get(**id).is_some_and(Job::is_loose));
        let next = next.filter(|_| loose.count() >= WORTH);
        if next.is_some() || self.next == Some(*page) {
            self.next = next;
        }
        let is_worth = shown.len() >= WORTH;
        for (id, job) in jobs.iter_mut() {
            let is_shown = shown.contains(id.as_str());
            let is_first = job.created.map(Page::from) == Some(*page);
            if is_shown && is_worth {
                (job.page, job.is_alone) = (Some(*page), false);
            } else if job.page == Some(*page) {
                (job.page, job.is_alone) = (None, is_first || !is_shown);
            } else if is_first && job.is_loose() {
                // Where more were created in that moment than a page holds, it may be on the next.
                job.is_alone = next.is_none();
            }
        }
    }

    /// Notes that a page could not be had this time.
    pub(super) fn miss(&mut self, now: Duration) {
        self.next = None;
        self.failures += 1;
        if self.failures >= FAILURES {
            self.rest(now);
        }
    }

    /// Leaves the list alone for a while.
    pub(super) fn rest(&mut self, now: Duration) {
        self.next = None;
        self.rests_until = now.saturating_add(REST);
    }
}
