//! Case triggers: at most one per assignment; two on one queue are a conflict that is shown, not refused.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Outcome, Route, set};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::{Row, Table, World};

pub(super) const ROUTES: &[Route] = &[
    ("triggers.list", list),
    ("triggers.create", create),
    ("triggers.get", get),
    ("triggers.update", update),
    ("triggers.delete", delete),
    ("triggers.preview_conflicts", preview_conflicts),
];

/// Case triggers.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) rows: Table<Trigger>,
}

/// What starts an assignment when its queue has cases.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Trigger {
    pub(crate) id: Uuid,
    pub(crate) agent_id: Uuid,
    pub(crate) case_queue_id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) enabled: bool,
    pub(crate) concurrency: Option<u32>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

impl Row for Trigger {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl World {
    /// Returns the case trigger of an assignment.
    pub(crate) fn trigger_of(&self, agent: Uuid) -> Option<&Trigger> {
        self.triggers
            .rows
            .iter()
            .find(|trigger| trigger.agent_id == agent)
    }

    /// Returns the case trigger of an assignment, when it is enabled and on this queue.
    pub(crate) fn enabled_trigger(&self, agent: Uuid, queue: Uuid) -> Option<&Trigger> {
        self.trigger_of(agent)
            .filter(|trigger| trigger.enabled && trigger.case_queue_id == queue)
    }

    /// Returns the other assignments whose enabled trigger is on a queue.
    pub(crate) fn conflicts(&self, agent: Uuid, queue: Uuid) -> Vec<Value> {
        let others = self.triggers.rows.iter().filter(|trigger| {
            trigger.enabled && trigger.case_queue_id == queue && trigger.agent_id != agent
        });
        others.map(|trigger| json!({ "id": trigger.agent_id, "name": self.agent_name(trigger.agent_id) })).collect()
    }

    /// Adds a case trigger.
    pub(crate) fn add_trigger(
        &mut self,
        agent_id: Uuid,
        case_queue_id: Uuid,
        enabled: bool,
        concurrency: Option<u32>,
    ) -> Uuid {
        let id = self.dice.id();
        self.triggers.rows.add(Trigger {
            id,
            agent_id,
            case_queue_id,
            user_id: self.me,
            enabled,
            concurrency,
            created_at: self.now,
            updated_at: self.now,
        });
        self.wake_dispatcher();
        id
    }
}

fn view(world: &World, trigger: &Trigger) -> Value {
    let conflicts = world.conflicts(trigger.agent_id, trigger.case_queue_id);
    json!({
        "id": trigger.id,
        "agent_id": trigger.agent_id,
        "case_queue_id": trigger.case_queue_id,
        "case_queue_name": world.queue_name(trigger.case_queue_id).unwrap_or_default(),
        "user_id": trigger.user_id,
        "enabled": trigger.enabled,
        "concurrency": trigger.concurrency,
        "created_at": trigger.created_at,
        "updated_at": trigger.updated_at,
        "creator_display_name": world.teams.name_of(trigger.user_id),
        "can_disable": true,
        "has_conflict": !conflicts.is_empty(),
        "conflicting_agents": conflicts,
    })
}

fn list(world: &mut World, request: &Request) -> Outcome {
    let agent = world.agent(request.id("agent_id"))?.id;
    let rows: Vec<_> = world
        .trigger_of(agent)
        .map(|trigger| view(world, trigger))
        .into_iter()
        .collect();
    Ok(json!({ "case_triggers": rows }).into())
}

/// Outer `None`: not given; inner `None`: no limit of its own.
#[expect(
    clippy::option_option,
    reason = "not given, and given as null, are not the same"
)]
fn concurrency(request: &Request) -> Option<Option<u32>> {
    let given = request.body.get("concurrency")?;
    Some(given.as_u64().and_then(|number| u32::try_from(number).ok()))
}

fn create(world: &mut World, request: &Request) -> Outcome {
    let agent = world.agent(request.id("agent_id"))?;
    let (agent, team) = (agent.id, agent.team_id);
    let queue = check_queue(
        world,
        team,
        request.body_id("case_queue_id").unwrap_or_default(),
    )?;
    if world.trigger_of(agent).is_some() {
        return Err(Refusal::conflict(
            "the assignment has a case trigger already",
        ));
    }
    let enabled = request.flag("enabled").unwrap_or(false);
    let id = world.add_trigger(agent, queue, enabled, concurrency(request).flatten());
    world.did("created", "trigger", id);
    show(world, id)
}

fn check_queue(world: &World, team: Uuid, queue: Uuid) -> Result<Uuid, Refusal> {
    let queue = world.queue(queue)?;
    (queue.team_id == team)
        .then_some(queue.id)
        .ok_or_else(|| Refusal::missing("queue", queue.id))
}

fn show(world: &World, id: Uuid) -> Outcome {
    let trigger = world
        .triggers
        .rows
        .get(id)
        .ok_or_else(|| Refusal::missing("case trigger", id))?;
    Ok(json!({ "case_trigger": view(world, trigger) }).into())
}

fn own(world: &World, request: &Request) -> Result<Uuid, Refusal> {
    let agent = world.agent(request.id("agent_id"))?.id;
    let id = request.id("trigger_id");
    let trigger = world.trigger_of(agent).filter(|trigger| trigger.id == id);
    trigger
        .map(|trigger| trigger.id)
        .ok_or_else(|| Refusal::missing("case trigger", id))
}

fn get(world: &mut World, request: &Request) -> Outcome {
    let id = own(world, request)?;
    show(world, id)
}

fn update(world: &mut World, request: &Request) -> Outcome {
    let id = own(world, request)?;
    let team = world.agent(request.id("agent_id"))?.team_id;
    let queue = request
        .body_id("case_queue_id")
        .map(|queue| check_queue(world, team, queue))
        .transpose()?;
    let now = world.now;
    if let Some(trigger) = world.triggers.rows.get_mut(id) {
        set(&mut trigger.case_queue_id, queue);
        set(&mut trigger.enabled, request.flag("enabled"));
        set(&mut trigger.concurrency, concurrency(request));
        trigger.updated_at = now;
    }
    world.did("changed", "trigger", id);
    world.wake_dispatcher();
    show(world, id)
}

fn delete(world: &mut World, request: &Request) -> Outcome {
    let id = own(world, request)?;
    world.triggers.rows.remove(id);
    world.did("deleted", "trigger", id);
    Ok(json!({ "success": true }).into())
}

fn preview_conflicts(world: &mut World, request: &Request) -> Outcome {
    let agent = world.agent(request.id("agent_id"))?.id;
    let queue = world
        .queue(request.asked_id("case_queue_id").unwrap_or_default())?
        .id;
    let conflicts = world.conflicts(agent, queue);
    Ok(json!({ "has_conflict": !conflicts.is_empty(), "conflicting_agents": conflicts }).into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::simulator::trial::{Trial, text};

    #[tokio::test]
    async fn one_an_assignment_and_conflicts_are_shown() {
        let trial = Trial::company().await;
        let matcher = trial.find("assignments.list", "Invoice matcher").await;
        let clerk = trial.find("assignments.list", "Purchase order clerk").await;
        let queue = trial.find("queues.list", "Invoices").await;
        let wanted = json!({ "case_queue_id": queue, "enabled": true });
        assert_eq!(
            trial
                .refused("triggers.create", &[&matcher], wanted.clone())
                .await
                .0,
            409
        );
        let preview = trial
            .call(
                "triggers.preview_conflicts",
                &[&clerk],
                json!({ "case_queue_id": queue }),
            )
            .await;
        assert_eq!(preview["conflicting_agents"][0]["name"], "Invoice matcher");
        let old = trial.call("triggers.list", &[&clerk], json!({})).await;
        let old = text(&old["case_triggers"][0]["id"]);
        trial
            .call("triggers.delete", &[&clerk, &old], json!({}))
            .await;
        let made = trial.call("triggers.create", &[&clerk], wanted).await;
        assert_eq!(made["case_trigger"]["has_conflict"], true);
        let id = text(&made["case_trigger"]["id"]);
        let off = trial
            .call(
                "triggers.update",
                &[&clerk, &id],
                json!({ "enabled": false, "concurrency": 1 }),
            )
            .await;
        assert_eq!(off["case_trigger"]["concurrency"], 1);
        trial.call("triggers.get", &[&clerk, &id], json!({})).await;
        assert_eq!(
            trial
                .refused(
                    "triggers.update",
                    &[&clerk, &id],
                    json!({ "concurrency": 3 })
                )
                .await
                .0,
            400
        );
    }
}
