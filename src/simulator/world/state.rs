//! The world itself: one field a section, and what all of them share.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{Dice, Event, Events};
use crate::simulator::behaviour::{
    assignments, cases, connections, dashboards, event_triggers, files, jobs, labels, landscape,
    logins, memory, organizations, processes, queues, sandboxes, schedules, secrets, setups,
    skills, suggestions, teams, triggers,
};
use crate::simulator::reply::Refusal;
use crate::simulator::scenario::Scenario;
use crate::simulator::settings::Deprecated;

/// Everything a simulated platform knows.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct World {
    /// The present, to the millisecond.
    pub(crate) now: Timestamp,
    /// The bearer key that is accepted.
    pub(crate) key: String,
    /// The user the key belongs to.
    pub(crate) me: Uuid,
    /// Ids and chance.
    pub(crate) dice: Dice,
    events: Events,
    pub(crate) teams: teams::State,
    pub(crate) assignments: assignments::State,
    pub(crate) setups: setups::State,
    pub(crate) jobs: jobs::State,
    pub(crate) queues: queues::State,
    pub(crate) cases: cases::State,
    pub(crate) labels: labels::State,
    pub(crate) triggers: triggers::State,
    pub(crate) files: files::State,
    pub(crate) sandboxes: sandboxes::State,
    pub(crate) connections: connections::State,
    pub(crate) secrets: secrets::State,
    pub(crate) logins: logins::State,
    pub(crate) skills: skills::State,
    pub(crate) schedules: schedules::State,
    pub(crate) memory: memory::State,
    pub(crate) suggestions: suggestions::State,
    pub(crate) event_triggers: event_triggers::State,
    pub(crate) organizations: organizations::State,
    pub(crate) processes: processes::State,
    pub(crate) landscape: landscape::State,
    pub(crate) dashboards: dashboards::State,
    /// Callbacks that wait to be sent.
    pub(crate) outbox: Vec<Callback>,
    /// Address of the simulator, for signed URLs.
    #[serde(skip)]
    pub(crate) base: String,
    /// How jobs behave.
    #[serde(skip)]
    pub(crate) scenario: Arc<Scenario>,
    /// What the calls answer that the vendor has announced to remove.
    #[serde(skip)]
    pub(crate) deprecated: Deprecated,
    /// What the request under way has changed, for the ledger.
    #[serde(skip)]
    pub(crate) effects: Vec<Effect>,
}

/// A callback to the `webhook_url` of a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Callback {
    /// Where it goes.
    pub(crate) url: String,
    /// What it says.
    pub(crate) body: Value,
}

/// One change that a request has made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Effect {
    /// What was done: `created`, `changed`, `deleted`, …
    pub(crate) did: Cow<'static, str>,
    /// To what: `job`, `case`, …
    pub(crate) what: Cow<'static, str>,
    /// Its id.
    pub(crate) id: Box<str>,
}

impl World {
    /// Returns an empty world at a time.
    pub(crate) fn new(seed: u64, now: Timestamp) -> Self {
        let mut dice = Dice::new(seed);
        Self {
            now: to_millis(now),
            key: format!("dv_sim_{}", dice.token()),
            me: Uuid::nil(),
            dice,
            events: Events::default(),
            teams: teams::State::default(),
            assignments: assignments::State::default(),
            setups: setups::State::default(),
            jobs: jobs::State::default(),
            queues: queues::State::default(),
            cases: cases::State::default(),
            labels: labels::State::default(),
            triggers: triggers::State::default(),
            files: files::State::default(),
            sandboxes: sandboxes::State::default(),
            connections: connections::State::default(),
            secrets: secrets::State::default(),
            logins: logins::State::default(),
            skills: skills::State::default(),
            schedules: schedules::State::default(),
            memory: memory::State::default(),
            suggestions: suggestions::State::default(),
            event_triggers: event_triggers::State::default(),
            organizations: organizations::State::default(),
            processes: processes::State::default(),
            landscape: landscape::State::default(),
            dashboards: dashboards::State::default(),
            outbox: Vec::new(),
            base: String::new(),
            scenario: Arc::new(Scenario::empty()),
            deprecated: Deprecated::default(),
            effects: Vec::new(),
        }
    }

    /// Lets everything happen that is due by `now`, each thing at its own time.
    pub(crate) fn run_until(&mut self, now: Timestamp) {
        let now = to_millis(now).max(self.now);
        while let Some((at, event)) = self.events.take_due(now) {
            self.now = self.now.max(at);
            match event {
                Event::Dispatch => cases::dispatch(self),
                Event::Step { job, course } => jobs::step(self, job, course),
                Event::Evaluate { job } => jobs::evaluate(self, job),
                Event::Schedule { schedule, version } => schedules::fire(self, schedule, version),
                Event::Process(event) => processes::happen(self, &event),
                Event::Landscape(event) => landscape::happen(self, &event),
                Event::Dashboard(event) => dashboards::happen(self, &event),
            }
        }
        self.now = now;
        self.effects.clear();
    }

    /// Plans an event after a while.
    pub(crate) fn plan(&mut self, after: Duration, event: Event) {
        let at = self.after(after);
        self.plan_at(at, event);
    }

    /// Plans an event at a time.
    pub(crate) fn plan_at(&mut self, at: Timestamp, event: Event) {
        self.events.plan(at, event);
    }

    /// Returns when the next event is due.
    pub(crate) fn next_event(&self) -> Option<Timestamp> {
        self.events.next()
    }

    /// Has the dispatcher look for cases at its next tick: the next whole second.
    pub(crate) fn wake_dispatcher(&mut self) {
        let next = Timestamp::from_second(self.now.as_second() + 1).unwrap_or(self.now);
        if !self.events.is_planned(&Event::Dispatch, next) {
            self.plan_at(next, Event::Dispatch);
        }
    }

    /// Returns the time after a while.
    pub(crate) fn after(&self, span: Duration) -> Timestamp {
        self.now.checked_add(span).unwrap_or(Timestamp::MAX)
    }

    /// Returns the time a while ago.
    pub(crate) fn before(&self, span: Duration) -> Timestamp {
        self.now.checked_sub(span).unwrap_or(Timestamp::MIN)
    }

    /// Notes a change that the request under way has made.
    pub(crate) fn did(
        &mut self,
        did: &'static str,
        what: &'static str,
        id: impl std::fmt::Display,
    ) {
        self.effects.push(Effect {
            did: did.into(),
            what: what.into(),
            id: id.to_string().into(),
        });
    }

    /// Notes what went away with something else.
    pub(crate) fn lost(&mut self, what: &'static str, ids: &[Uuid]) {
        for id in ids {
            self.did("deleted", what, id);
        }
    }

    /// Returns whether the key can act on a team.
    pub(crate) fn sees(&self, team: Uuid) -> bool {
        self.teams.is_member(self.me, team)
    }

    /// Refuses a team that the key cannot act on.
    pub(crate) fn check_team(&self, team: Uuid) -> Result<Uuid, Refusal> {
        if self.sees(team) {
            return Ok(team);
        }
        Err(Refusal::new(
            &[403, 404, 401],
            "forbidden",
            format!("the key cannot act on team `{team}`"),
        ))
    }
}

/// The API's times have milliseconds, no more.
fn to_millis(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
}
