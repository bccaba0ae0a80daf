//! A setup becomes the live one.
//!
//! The old live one becomes historic, and a case trigger whose queue the new one does not consume
//! is switched off.

use serde_json::json;
use uuid::Uuid;

use super::revisions::rename;
use super::rows::Status;
use crate::simulator::behaviour::Outcome;
use crate::simulator::behaviour::queues::CONSUMER;
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

pub(super) fn promote(world: &mut World, request: &Request) -> Outcome {
    let setup = world.setup(request.id("build_id"))?;
    let id = setup.id;
    if setup.is_live() {
        return Err(Refusal::state(format!("setup `{id}` is live already")));
    }
    if let Some(setup) = world.setups.rows.get_mut(id) {
        rename(setup, request);
    }
    world.make_live(id);
    world.did("promoted", "setup", id);
    Ok(json!({ "success": true }).into())
}

impl World {
    /// Makes a setup the live one.
    fn make_live(&mut self, id: Uuid) {
        let Some(agent) = self.setups.rows.get(id).map(|setup| setup.agent_id) else {
            return;
        };
        for setup in self
            .setups
            .rows
            .iter_mut()
            .filter(|setup| setup.agent_id == agent)
        {
            if setup.id == id {
                setup.status = Status::Live;
            } else if setup.is_live() {
                setup.status = Status::Historic;
            }
        }
        self.drop_uncovered_trigger(agent);
        self.wake_dispatcher();
    }

    fn drop_uncovered_trigger(&mut self, agent: Uuid) {
        let Some(live) = self.setups.live(agent) else {
            return;
        };
        let Some(trigger) = self.trigger_of(agent) else {
            return;
        };
        let (id, is_covered) = (trigger.id, live.covers(trigger.case_queue_id, CONSUMER));
        if !is_covered && let Some(trigger) = self.triggers.rows.get_mut(id) {
            trigger.enabled = false;
        }
    }
}
