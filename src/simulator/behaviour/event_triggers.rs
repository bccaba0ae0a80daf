//! Event triggers: what starts an assignment when something happens in a connected system. The
//! simulator keeps them; nothing happens in those systems.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Outcome, Route};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::{Row, Table, World};

pub(super) const ROUTES: &[Route] = &[
    ("event_triggers.list", list),
    ("event_triggers.set", set_trigger),
    ("event_triggers.list_types", list_types),
];

/// Connection type, kind of event, label, description.
const TYPES: [(&str, &str, &str, &str); 3] = [
    (
        "gmail",
        "new_email",
        "New e-mail",
        "Starts when an e-mail comes in",
    ),
    (
        "outlook",
        "new_email",
        "New e-mail",
        "Starts when an e-mail comes in",
    ),
    (
        "slack",
        "new_message",
        "New message",
        "Starts when a message is posted in a channel",
    ),
];

/// Event triggers.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) rows: Table<EventTrigger>,
}

/// An event trigger.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct EventTrigger {
    pub(crate) id: Uuid,
    pub(crate) agent_id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) slug: String,
    pub(crate) kind: String,
    pub(crate) filter: Map<String, Value>,
    pub(crate) connection_id: Uuid,
    pub(crate) enabled: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

impl Row for EventTrigger {
    fn id(&self) -> Uuid {
        self.id
    }
}

fn view(one: &EventTrigger) -> Value {
    json!({
        "id": one.id,
        "agent_id": one.agent_id,
        "user_id": one.user_id,
        "integration_slug": one.slug,
        "trigger_type": one.kind,
        "filter_config": one.filter,
        "integration_instance_id": one.connection_id,
        "enabled": one.enabled,
        "auto_disabled_at": null,
        "auto_disabled_reason": null,
        "consecutive_missing_connection_failures": 0,
        "first_missing_connection_failure_at": null,
        "last_missing_connection_failure_at": null,
        "created_at": one.created_at,
        "updated_at": one.updated_at,
    })
}

fn list(world: &mut World, request: &Request) -> Outcome {
    let agent = world.agent(request.id("agentId"))?.id;
    let mine = world
        .event_triggers
        .rows
        .iter()
        .filter(|one| one.agent_id == agent && one.user_id == world.me);
    Ok(json!({ "triggers": mine.map(view).collect::<Vec<_>>() }).into())
}

fn set_trigger(world: &mut World, request: &Request) -> Outcome {
    let agent = world.agent(request.id("agentId"))?;
    let (agent_id, team) = (agent.id, agent.team_id);
    let (slug, kind) = (
        request.text("integration_slug").unwrap_or_default(),
        request.text("trigger_type").unwrap_or_default(),
    );
    if !TYPES
        .iter()
        .any(|(of, name, ..)| *of == slug && *name == kind)
    {
        return Err(Refusal::invalid(format!(
            "there is no event `{kind}` of `{slug}`"
        )));
    }
    let connected = world
        .connections
        .rows
        .iter()
        .find(|one| one.team_id == team && one.kind == slug);
    let connection_id = connected
        .ok_or_else(|| Refusal::conflict(format!("there is no connection to `{slug}`")))?
        .id;
    let known = world.event_triggers.rows.iter().find(|one| {
        one.agent_id == agent_id && one.user_id == world.me && one.slug == slug && one.kind == kind
    });
    let (id, created_at) = match known {
        Some(known) => (known.id, known.created_at),
        None => (world.dice.id(), world.now),
    };
    let one = EventTrigger {
        id,
        agent_id,
        user_id: world.me,
        slug: slug.into(),
        kind: kind.into(),
        filter: request
            .body
            .get("filter_config")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default(),
        connection_id,
        enabled: request.flag("enabled").unwrap_or(true),
        created_at,
        updated_at: world.now,
    };
    let shown = view(&one);
    world.event_triggers.rows.add(one);
    world.did("set", "event_trigger", id);
    Ok(shown.into())
}

fn list_types(world: &mut World, request: &Request) -> Outcome {
    world.agent(request.id("agentId"))?;
    let types = TYPES.map(|(slug, kind, label, description)| {
        json!({
            "integration_slug": slug,
            "integration_name": world.connections.kind_of(slug).map_or(slug, |kind| &kind.name),
            "icon_url": format!("{}/_sim/icons/{slug}", world.base),
            "trigger_type": kind,
            "label": label,
            "description": description,
            "filter_schema": { "type": "object", "properties": { "contains": { "type": "string" } } },
        })
    });
    Ok(json!({ "trigger_types": types }).into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::simulator::trial::{Trial, text};

    #[tokio::test]
    async fn are_set_once_per_event() {
        let trial = Trial::company().await;
        let agent = trial.find("assignments.list", "Invoice matcher").await;
        let types = trial
            .call("event_triggers.list_types", &[&agent], json!({}))
            .await;
        let kind = text(&types["trigger_types"][0]["trigger_type"]);
        let wanted = json!({ "integration_slug": "gmail", "trigger_type": kind, "filter_config": { "contains": "invoice" } });
        let first = trial
            .call("event_triggers.set", &[&agent], wanted.clone())
            .await;
        let second = trial.call("event_triggers.set", &[&agent], wanted).await;
        assert_eq!(text(&first["id"]), text(&second["id"]));
        let unconnected = json!({ "integration_slug": "outlook", "trigger_type": "new_email" });
        assert_eq!(
            trial
                .refused("event_triggers.set", &[&agent], unconnected)
                .await
                .0,
            409
        );
    }
}
