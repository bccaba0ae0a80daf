//! What is still to come, in the order of its time.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::simulator::behaviour::processes::Work;

/// Something that happens by itself at its time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Event {
    /// The dispatcher looks for cases that wait.
    Dispatch,
    /// A job takes its next step, unless its course has changed since (`course`).
    Step {
        /// The job.
        job: Uuid,
        /// The number of the course that this step belongs to.
        course: u32,
    },
    /// The evaluation of a finished job is ready.
    Evaluate {
        /// The job.
        job: Uuid,
    },
    /// A dashboard ends its turn, unless it was stopped since (`turn`).
    Dashboard {
        /// The dashboard.
        dashboard: Uuid,
        /// The number of the turn.
        turn: u32,
    },
    /// The generation of the landscape ends.
    Landscape,
    /// Work on a process goes on.
    Process(Work),
    /// A schedule fires, unless it was changed since (`version`).
    Schedule {
        /// The schedule.
        schedule: Uuid,
        /// The version of the schedule that planned this.
        version: u32,
    },
}

/// Events in the order of their times; those of one moment in the order of their planning.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Vec<(Timestamp, Event)>", into = "Vec<(Timestamp, Event)>")]
pub(crate) struct Events {
    queue: BTreeMap<(Timestamp, u64), Event>,
    planned: u64,
}

impl Events {
    /// Plans an event.
    pub(crate) fn plan(&mut self, at: Timestamp, event: Event) {
        self.planned += 1;
        self.queue.insert((at, self.planned), event);
    }

    /// Takes out the first event, if it is due by `now`.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Option<(Timestamp, Event)> {
        let first = self.queue.first_entry()?;
        if first.key().0 > now {
            return None;
        }
        let ((at, _), event) = first.remove_entry();
        Some((at, event))
    }

    /// Returns when the next event is due.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.queue.keys().next().map(|(at, _)| *at)
    }

    /// Returns whether such an event is planned for no later than `by`.
    pub(crate) fn is_planned(&self, event: &Event, by: Timestamp) -> bool {
        self.queue
            .range(..=(by, u64::MAX))
            .any(|(_, planned)| planned == event)
    }
}

impl From<Vec<(Timestamp, Event)>> for Events {
    fn from(list: Vec<(Timestamp, Event)>) -> Self {
        let mut events = Self::default();
        for (at, event) in list {
            events.plan(at, event);
        }
        events
    }
}

impl From<Events> for Vec<(Timestamp, Event)> {
    fn from(events: Events) -> Self {
        let queue = events.queue.into_iter();
        queue.map(|((at, _), event)| (at, event)).collect()
    }
}
