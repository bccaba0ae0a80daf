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
