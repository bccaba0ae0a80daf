//! Suggestions: changes to the instructions that the platform proposes; taken over, they make a draft.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::setups::{NewSetup, Status as SetupStatus};
use super::{Outcome, Route};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::{Row, Table, World};

pub(super) const ROUTES: &[Route] = &[
    ("suggestions.list", list),
    ("suggestions.consume", consume),
    ("suggestions.reject", reject),
];

/// Suggestions.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) rows: Table<Suggestion>,
}

/// A proposed change of the instructions.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Suggestion {
    pub(crate) id: Uuid,
    pub(crate) agent_id: Uuid,
    pub(crate) status: Status,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) old: String,
    pub(crate) new: String,
    /// The job that gave the idea.
    pub(crate) job_id: Uuid,
    pub(crate) job_number: usize,
    pub(crate) resolved_at: Option<Timestamp>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// What became of a suggestion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Pending,
    Consumed,
    Rejected,
}

impl Row for Suggestion {
    fn id(&self) -> Uuid {
        self.id
    }
}

fn view(world: &World, one: &Suggestion) -> Value {
    json!({
        "id": one.id,
        "agent_id": one.agent_id,
        "status": one.status,
        "generated_by": "eval",
        "title": one.title,
        "description": one.description,
        "dedup_key": format!("aop:{}", one.id),
        "resolved_at": one.resolved_at,
        "resolved_by_user_id": one.resolved_at.map(|_| world.me),
        "superseded_reason": null,
        "superseded_by_suggestion_id": null,
        "created_at": one.created_at,
        "updated_at": one.updated_at,
        "sources": [{ "agent_run_id": one.job_id, "run_number": one.job_number, "created_at": one.created_at }],
        "type": "aop",
        "payload": { "oldSop": one.old, "newSop": one.new },
    })
}

fn list(world: &mut World, request: &Request) -> Outcome {
    let agent = world.agent(request.id("agent_id"))?.id;
    let is_open = |one: &Suggestion| one.status == Status::Pending;
    let wants_open = request.asked("status") != Some("history");
    let all = world
        .suggestions
        .rows
        .iter()
        .rev()
        .filter(|one| one.agent_id == agent);
    let (open, history): (Vec<_>, Vec<_>) = all.partition(|one| is_open(one));
    let pending = open.len();
    let (part, _) = request.page().cut(if wants_open { open } else { history });
    let rows: Vec<_> = part.into_iter().map(|one| view(world, one)).collect();
    Ok(json!({ "data": rows, "pending_count": pending }).into())
}

fn open(world: &World, request: &Request) -> Result<Uuid, Refusal> {
    let id = request.id("id");
    let one = world
        .suggestions
        .rows
        .get(id)
        .filter(|one| world.agent(one.agent_id).is_ok());
    let one = one.ok_or_else(|| Refusal::missing("suggestion", id))?;
    match one.status {
        Status::Pending => Ok(id),
        Status::Consumed | Status::Rejected => Err(Refusal::state(format!(
            "suggestion `{id}` is dealt with already"
        ))),
    }
}

fn resolve(world: &mut World, id: Uuid, status: Status) -> Result<Value, Refusal> {
    let now = world.now;
    if let Some(one) = world.suggestions.rows.get_mut(id) {
        (one.status, one.resolved_at, one.updated_at) = (status, Some(now), now);
    }
    let one = world
        .suggestions
        .rows
        .get(id)
        .ok_or_else(|| Refusal::missing("suggestion", id))?;
    Ok(view(world, one))
}

fn consume(world: &mut World, request: &Request) -> Outcome {
    let id = open(world, request)?;
    let one = world
        .suggestions
        .rows
        .get(id)
        .ok_or_else(|| Refusal::missing("suggestion", id))?;
    let (agent_id, new, name) = (one.agent_id, one.new.clone(), one.title.clone());
    let target = if let Some(id) = request.body_id("revision_id") {
        let setup = world.setup(id)?;
        let is_own = setup.agent_id == agent_id;
        is_own
            .then_some(id)
            .ok_or_else(|| Refusal::missing("setup", id))?
    } else {
        let source = world.setups.live(agent_id).map(|live| live.id);
        let status = SetupStatus::Draft;
        world.add_setup(NewSetup {
            agent_id,
            name,
            config: None,
            source,
            status,
        })
    };
    if let Some(input) = world
        .setups
        .rows
        .get_mut(target)
        .and_then(|setup| setup.config.pointer_mut("/data/input"))
    {
        *input = new.into();
    }
    let shown = resolve(world, id, Status::Consumed)?;
    world.did("consumed", "suggestion", id);
    Ok(json!({ "data": shown, "applied_revision_id": target }).into())
}

fn reject(world: &mut World, request: &Request) -> Outcome {
    let id = open(world, request)?;
    let shown = resolve(world, id, Status::Rejected)?;
    world.did("rejected", "suggestion", id);
    Ok(json!({ "data": shown }).into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::simulator::trial::{Trial, text};

    #[tokio::test]
    async fn make_a_draft_once() {
        let trial = Trial::company().await;
        let agent = trial.find("assignments.list", "Invoice matcher").await;
        let open = trial.call("suggestions.list", &[&agent], json!({})).await;
        assert_eq!(open["pending_count"], 1);
        let id = text(&open["data"][0]["id"]);
        let taken = trial.call("suggestions.consume", &[&id], json!({})).await;
        let draft = text(&taken["applied_revision_id"]);
        let draft = trial.call("setups.get", &[&agent, &draft], json!({})).await;
        assert_eq!(
            draft["build"]["config"]["data"]["input"],
            open["data"][0]["payload"]["newSop"]
        );
        assert_eq!(
            trial
                .refused("suggestions.reject", &[&id], json!({}))
                .await
                .0,
            409
        );
        let history = trial
            .call(
                "suggestions.list",
                &[&agent],
                json!({ "status": "history" }),
            )
            .await;
        assert_eq!(history["data"].as_array().map(Vec::len), Some(1));
    }
}
