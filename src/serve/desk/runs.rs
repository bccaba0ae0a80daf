//! Runs: lists of them, and all about one.

use super::{Desk, at_most};
use crate::journal::{RunFilter, RunRow};
use crate::serve::refused::{Refused, Why};
use crate::serve::view::{
    LineView, ProblemView, RunBrief, RunView, SourceView, StepView, Timeline, parsed,
};

/// The most lines that are given at once.
const MOST_LINES: usize = 10_000;

impl Desk {
    /// Returns runs, the newest first: a hundred unless the filter says more, and a thousand at most.
    pub fn runs(&self, wanted: RunFilter) -> Result<Vec<RunBrief>, Refused> {
        let limit = Some(at_most(wanted.limit));
        let rows = self.journal().runs(&RunFilter { limit, ..wanted })?;
        Ok(rows.iter().map(|row| self.brief(row)).collect())
    }

    /// Returns a run by its id, by a unique beginning of it, or as `last`.
    pub fn run(&self, id: &str) -> Result<RunView, Refused> {
        let row = self.row(id)?;
        let timeline = self.timeline(&row)?;
        let events = self.journal().events(&row.id)?;
        Ok(RunView {
            brief: self.brief(&row),
            arguments: parsed(&row.arguments),
            world: parsed(&row.world),
            limits: parsed(&row.limits),
            engine: row.engine.clone(),
            exit: row.exit,
            result: row.result.as_deref().map(parsed),
            problem: ProblemView::of(&row),
            waits: timeline.waits(),
            events: events.into_iter().map(Into::into).collect(),
            place: timeline.place(),
        })
    }

    /// Returns the steps of a run, in the order in which they were asked for.
    pub fn steps(&self, id: &str) -> Result<Vec<StepView>, Refused> {
        let row = self.row(id)?;
        Ok(self.timeline(&row)?.steps())
    }

    /// Returns the lines that a run printed and logged after one of them.
    pub fn lines(&self, id: &str, after: Option<u64>) -> Result<Vec<LineView>, Refused> {
        let row = self.row(id)?;
        let lines = self.journal().lines(&row.id, after)?;
        Ok(lines.into_iter().take(MOST_LINES).map(Into::into).collect())
    }

    /// Returns the sources of a run, the script's own first.
    pub fn sources(&self, id: &str) -> Result<Vec<SourceView>, Refused> {
        let row = self.row(id)?;
        let sources = self.journal().sources(&row.id)?;
        Ok(sources.into_iter().map(Into::into).collect())
    }

    /// Returns the state that a run has ended in; none while it goes on.
    pub(in crate::serve) fn ended(&self, id: &str) -> Result<Option<String>, Refused> {
        let state = self.row(id)?.state;
        Ok(state.is_ended().then(|| state.to_string()))
    }

    pub(super) fn brief(&self, row: &RunRow) -> RunBrief {
        RunBrief::of(row, self.journal())
    }

    /// Finds the one run that is meant.
    pub(super) fn row(&self, id: &str) -> Result<RunRow, Refused> {
        let mut rows = self.journal().find(id)?;
        match (rows.len(), rows.pop()) {
            (1, Some(row)) => Ok(row),
            (_, Some(_)) => Err(Refused::new(
                Why::Conflict,
                format!("several runs begin with `{id}`"),
            )
            .hint("give more of the id")),
            (_, None) => Err(Refused::new(
                Why::NotFound,
                format!("there is no run `{id}`"),
            )),
        }
    }

    fn timeline(&self, row: &RunRow) -> Result<Timeline, Refused> {
        let journal = self.journal();
        Ok(Timeline {
            steps: journal.steps(&row.id)?,
            waits: journal.waits(&row.id)?,
            sources: journal.sources(&row.id)?,
            is_executed: journal.is_owned(row),
        })
    }
}
