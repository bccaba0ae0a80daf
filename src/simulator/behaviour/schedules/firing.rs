//! Schedules fire on the simulator's clock and start jobs on the live setup.
//!
//! Each time is planned when the one before has come, or when the schedule changes.

use uuid::Uuid;

use super::rows::Schedule;
use super::timing::Timing;
use crate::simulator::behaviour::jobs;
use crate::simulator::world::{Event, World};

impl World {
    /// Adds a schedule and plans its first time.
    pub(crate) fn add_schedule(&mut self, agent_id: Uuid, timing: Timing, enabled: bool) -> Uuid {
        let id = self.dice.id();
        let setup_id = self
            .setups
            .live(agent_id)
            .map_or(Uuid::nil(), |setup| setup.id);
        self.schedules.rows.add(Schedule {
            id,
            agent_id,
            setup_id,
            user_id: self.me,
            enabled,
            timing,
            recurring: Some(true),
            version: 0,
            created_at: self.now,
            updated_at: self.now,
        });
        plan(self, id);
        id
    }
}

pub(super) fn plan(world: &mut World, id: Uuid) {
    let Some(schedule) = world
        .schedules
        .rows
        .get(id)
        .filter(|schedule| schedule.enabled)
    else {
        return;
    };
    let version = schedule.version;
    if let Some(at) = schedule.timing.next(world.now) {
        world.plan_at(
            at,
            Event::Schedule {
                schedule: id,
                version,
            },
        );
    }
}

/// Starts the job of a schedule whose time has come.
pub(crate) fn fire(world: &mut World, id: Uuid, version: u32) {
    let schedule = world
        .schedules
        .rows
        .get(id)
        .filter(|schedule| schedule.version == version && schedule.enabled);
    let Some(schedule) = schedule else { return };
    let start = jobs::Start {
        agent_id: schedule.agent_id,
        source: "schedule",
        user_id: Some(schedule.user_id),
        message: None,
        sandbox_id: None,
        webhook_url: None,
        queue_id: None,
    };
    let is_last = schedule.recurring == Some(false);
    // Without a live setup there is nothing to start; the schedule stays as it is.
    let _ = jobs::start(world, start);
    if let Some(schedule) = world.schedules.rows.get_mut(id).filter(|_| is_last) {
        schedule.enabled = false;
    }
    plan(world, id);
}
