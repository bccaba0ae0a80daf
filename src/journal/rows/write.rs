//! What can be put into the journal's queue.

use jiff::Timestamp;

use super::{NewLine, NewRun, NewStep, OutcomeRow, RunState, StoredSource, WaitRow};

/// A change of what the journal keeps; the changes of one caller are made in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// A run begins; its id must be new.
    Run(NewRun),
    /// A source of a run.
    Source {
        /// Id of the run.
        run: String,
        /// The source.
        source: StoredSource,
    },
    /// The intent of a step.
    Step(NewStep),
    /// The outcome of a step that has none yet.
    Outcome {
        /// Id of the run.
        run: String,
        /// Ticket of the step.
        ticket: u32,
        /// Its place in the order of completions.
        done_seq: u32,
        /// When it was completed.
        at: Timestamp,
        /// How often it was sent.
        attempts: u32,
        /// What a person should know about it.
        note: Option<String>,
        /// The outcome.
        outcome: OutcomeRow,
    },
    /// A line that the run prints or logs; dropped when there is one with its key.
    Line(NewLine),
    /// A step waits; replaces what it waited for before.
    Wait(WaitRow),
    /// A step waits no more.
    EndWait {
        /// Id of the run.
        run: String,
        /// Ticket of the step.
        ticket: u32,
    },
    /// The run is in another state. Takes back that it is ready: whoever writes this looks at the
    /// run's events and orders afterwards.
    State {
        /// Id of the run.
        run: String,
        /// The state, none of the ended ones.
        state: RunState,
        /// When to wake it up.
        wake_at: Option<Timestamp>,
        /// Why, in one line.
        reason: Option<String>,
    },
    /// The run has ended.
    End {
        /// Id of the run.
        run: String,
        /// One of the ended states.
        state: RunState,
        /// When it ended.
        at: Timestamp,
        /// Its exit code.
        exit: i32,
        /// Its result, as JSON.
        result: Option<String>,
        /// Its problem, as JSON.
        problem: Option<String>,
    },
    /// The run is being cancelled.
    CancelledAt {
        /// Id of the run.
        run: String,
        /// How much of the record its main line may see.
        done_seq: u32,
    },
}

impl Write {
    /// Returns the id of the run that it belongs to.
    pub fn run(&self) -> &str {
        match self {
            Self::Run(new) => &new.id,
            Self::Step(new) => &new.run,
            Self::Line(new) => &new.run,
            Self::Wait(row) => &row.run,
            Self::Source { run, .. }
            | Self::Outcome { run, .. }
            | Self::EndWait { run, .. }
            | Self::State { run, .. }
            | Self::End { run, .. }
            | Self::CancelledAt { run, .. } => run,
        }
    }

    /// Returns what it is, in a word or two.
    pub(in crate::journal) fn name(&self) -> &'static str {
        match self {
            Self::Run(_) => "the start",
            Self::Source { .. } => "a source",
            Self::Step(_) => "a step",
            Self::Outcome { .. } => "an outcome",
            Self::Line(_) => "a line",
            Self::Wait(_) | Self::EndWait { .. } => "a wait",
            Self::State { .. } => "a state",
            Self::End { .. } => "the end",
            Self::CancelledAt { .. } => "the cancelling",
        }
    }

    /// Returns about how many bytes it holds.
    pub(in crate::journal) fn size(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        match self {
            Self::Run(new) => new.arguments.len(),
            Self::Source { source, .. } => source.text.len(),
            Self::Step(new) => new.request.len(),
            Self::Outcome { outcome, note, .. } => {
                outcome.body.len() + outcome.sealed.as_ref().map_or(0, Vec::len) + text(note)
            }
            Self::Line(new) => new.text.len(),
            Self::Wait(row) => row.about.len(),
            Self::State { reason, .. } => text(reason),
            Self::End {
                result, problem, ..
            } => text(result) + text(problem),
            Self::EndWait { .. } | Self::CancelledAt { .. } => 0,
        }
    }
}
