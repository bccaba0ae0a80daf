//! Setups: the versions of an assignment, one of them live, and what is wired to each.
//!
//! Promoting makes the old live one historic and switches off a case trigger whose queue the new
//! one does not consume. A live setup is changed by the same calls as a draft.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::queues::{CONSUMER, PRODUCER};
use super::{Outcome, Route, logins, secrets, set};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::{Row, Table, World};

pub(super) const ROUTES: &[Route] = &[
    ("setups.list", list),
    ("setups.create", create),
    ("setups.get", get),
    ("setups.update", update),
    ("setups.promote", promote),
    ("setups.list_slots", list_slots),
    ("setups.attach_slots", attach_slots),
    ("setups.remove_slot", remove_slot),
    ("setups.list_pinned", list_pinned),
    ("setups.pin", pin),
    ("setups.unpin", unpin),
    ("setups.list_slot_queues", list_slot_queues),
    ("setups.replace_slot_queues", replace_slot_queues),
    ("setups.list_logins", list_logins),
    ("setups.attach_login", attach_login),
    ("setups.detach_login", detach_login),
    ("setups.list_secrets", list_secrets),
    ("setups.attach_secret", attach_secret),
    ("setups.detach_secret", detach_secret),
    ("setups.check_queues", check_queues),
];

/// Setups.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) rows: Table<Setup>,
}

/// A version of an assignment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Setup {
    pub(crate) id: Uuid,
    pub(crate) agent_id: Uuid,
    pub(crate) name: String,
    pub(crate) revision_name: Option<String>,
    pub(crate) revision_description: Option<String>,
    pub(crate) config: Value,
    pub(crate) status: Status,
    pub(crate) number: u32,
    pub(crate) parent_id: Option<Uuid>,
    pub(crate) created_by: Uuid,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) handover_targets: Vec<Uuid>,
    pub(crate) slots: Vec<Slot>,
    pub(crate) logins: Vec<Uuid>,
    pub(crate) secrets: Vec<Uuid>,
}

/// Whether new jobs use a setup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Draft,
    Live,
    Historic,
}

/// A place for connections or queues.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Slot {
    pub(crate) id: Uuid,
    pub(crate) integration_id: Uuid,
    pub(crate) is_custom: bool,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) created_at: Timestamp,
    pub(crate) pins: Vec<Pin>,
    pub(crate) queues: Vec<Uuid>,
}

/// A connection that a user has put into a slot.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Pin {
    pub(crate) connection_id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) created_at: Timestamp,
}

impl Row for Setup {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl Setup {
    /// Returns whether new jobs use it.
    pub(crate) fn is_live(&self) -> bool {
        self.status == Status::Live
    }

    /// Returns whether a slot of a type is linked to a queue.
    pub(crate) fn covers(&self, queue: Uuid, slot_type: &str) -> bool {
        let mut slots = self.slots.iter().filter(|slot| slot.kind == slot_type);
        slots.any(|slot| slot.queues.contains(&queue))
    }

    /// Returns the skills its configuration names.
    pub(crate) fn skills(&self) -> impl Iterator<Item = &str> {
        let skills = self
            .config
            .pointer("/data/skills")
            .and_then(Value::as_array);
        skills.into_iter().flatten().filter_map(Value::as_str)
    }
}

impl State {
    /// Returns the live setup of an assignment.
    pub(crate) fn live(&self, agent: Uuid) -> Option<&Setup> {
        self.rows
            .iter()
            .rev()
            .find(|setup| setup.agent_id == agent && setup.is_live())
    }

    /// Returns the newest setup of an assignment.
    pub(crate) fn newest(&self, agent: Uuid) -> Option<&Setup> {
        self.rows.iter().rev().find(|setup| setup.agent_id == agent)
    }
}

/// What a new setup is made from.
pub(crate) struct NewSetup {
    pub(crate) agent_id: Uuid,
    pub(crate) name: String,
    pub(crate) config: Option<Value>,
    pub(crate) source: Option<Uuid>,
    pub(crate) status: Status,
}

impl World {
    /// Adds a setup, wired as its source is.
    pub(crate) fn add_setup(&mut self, new: NewSetup) -> Uuid {
        let source = new.source.and_then(|id| self.setups.rows.get(id)).cloned();
        let number = self
            .setups
            .rows
            .iter()
            .filter(|setup| setup.agent_id == new.agent_id)
            .count()
            + 1;
        let id = self.dice.id();
        let mut slots = source
            .as_ref()
            .map_or_else(Vec::new, |source| source.slots.clone());
        for slot in &mut slots {
            slot.id = self.dice.id();
        }
        let inherited = source.as_ref().map(|source| source.config.clone());
        self.setups.rows.add(Setup {
            id,
            agent_id: new.agent_id,
            name: new.name,
            revision_name: None,
            revision_description: None,
            config: new.config.or(inherited).unwrap_or_else(empty_config),
            status: new.status,
            number: u32::try_from(number).unwrap_or(u32::MAX),
            parent_id: source.as_ref().map(|source| source.id),
            created_by: self.me,
            created_at: self.now,
            updated_at: self.now,
            handover_targets: Vec::new(),
            slots,
            logins: source
                .as_ref()
                .map_or_else(Vec::new, |source| source.logins.clone()),
            secrets: source.map_or_else(Vec::new, |source| source.secrets),
        });
        id
    }

    /// Returns a new slot for a connection type.
    pub(crate) fn new_slot(&mut self, integration: Uuid) -> Option<Slot> {
        let kind = self.connections.kind(integration)?;
        let (name, is_custom) = (kind.name.clone(), kind.is_custom);
        let kind = kind.slug.clone();
        Some(Slot {
            id: self.dice.id(),
            integration_id: integration,
            is_custom,
            kind,
            name,
            created_at: self.now,
            pins: Vec::new(),
            queues: Vec::new(),
        })
    }

    /// Makes a setup the live one.
    pub(crate) fn make_live(&mut self, id: Uuid) {
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

    /// Returns a setup of an assignment that the key sees.
    fn setup_of(&self, request: &Request) -> Result<&Setup, Refusal> {
        let (agent, id) = (
            request.id(first_of(request, ["agent_id", "agentId"])),
            request.id(first_of(request, ["build_id", "buildId"])),
        );
        let agent = self.agent(agent)?.id;
        let setup = self
            .setups
            .rows
            .get(id)
            .filter(|setup| setup.agent_id == agent);
        setup.ok_or_else(|| Refusal::missing("setup", id))
    }

    fn setup_of_mut(&mut self, request: &Request) -> Result<&mut Setup, Refusal> {
        let id = self.setup_of(request)?.id;
        self.did("changed", "setup", id);
        let now = self.now;
        let setup = self
            .setups
            .rows
            .get_mut(id)
            .ok_or_else(|| Refusal::missing("setup", id))?;
        setup.updated_at = now;
        Ok(setup)
    }

    /// Returns a setup that the key sees, by its own id.
    pub(crate) fn setup(&self, id: Uuid) -> Result<&Setup, Refusal> {
        let setup = self
            .setups
            .rows
            .get(id)
            .filter(|setup| self.agent(setup.agent_id).is_ok());
        setup.ok_or_else(|| Refusal::missing("setup", id))
    }
}

/// The two spellings that path parameters have.
fn first_of<'a>(request: &Request, names: [&'a str; 2]) -> &'a str {
    let [first, second] = names;
    if request.param(first).is_empty() {
        second
    } else {
        first
    }
}

fn empty_config() -> Value {
    json!({
        "version": "v2",
        "data": {
            "models": {
                "agent": { "model": "claude-sonnet-4-6" },
                "browsing": { "provider": "anthropic", "model": "claude-sonnet-4-5" },
            },
            "input": "",
            "files": [],
            "skills": [],
            "plugins": [],
            "subAgents": [],
        },
    })
}

/// Returns a setup as the API shows it.
pub(crate) fn view(world: &World, setup: &Setup) -> Value {
    json!({
        "id": setup.id,
        "copilot_id": setup.agent_id,
        "agent_id": setup.agent_id,
        "name": setup.name,
        "revision_name": setup.revision_name,
        "revision_description": setup.revision_description,
        "config": setup.config,
        "status": setup.status,
        "revision_number": setup.number,
        "parent_build_id": setup.parent_id,
        "created_by": setup.created_by,
        "created_by_name": world.teams.name_of(setup.created_by),
        "created_at": setup.created_at,
        "updated_at": setup.updated_at,
    })
}

fn list(world: &mut World, request: &Request) -> Outcome {
    let agent = world.agent(request.id("agent_id"))?.id;
    let page = request.page();
    let all = world
        .setups
        .rows
        .iter()
        .rev()
        .filter(|setup| setup.agent_id == agent);
    let (part, total) = page.cut(all.collect());
    let rows: Vec<_> = part.into_iter().map(|setup| view(world, setup)).collect();
    Ok(
        json!({ "builds": rows, "total": total, "limit": page.limit, "offset": page.offset })
            .into(),
    )
}

fn create(world: &mut World, request: &Request) -> Outcome {
    let agent_id = world.agent(request.id("agent_id"))?.id;
    let source = match request.body_id("source_build_id") {
        Some(id) => Some(world.setup(id)?.id),
        None => world.setups.live(agent_id).map(|live| live.id),
    };
    let targets = request.body_ids("handover_target_ids").unwrap_or_default();
    targets
        .iter()
        .try_for_each(|target| world.agent(*target).map(drop))?;
    let id = world.add_setup(NewSetup {
        agent_id,
        name: request.text("name").unwrap_or_default().into(),
        config: request.body.get("config").map(filled),
        source,
        status: Status::Draft,
    });
    world.did("created", "setup", id);
    if let Some(setup) = world.setups.rows.get_mut(id) {
        setup.handover_targets = targets;
    }
    let setup = world.setup(id)?;
    Ok(json!({ "build": view(world, setup), "agent": { "id": agent_id } }).into())
}

/// Fills in what a configuration may leave out and an answer must have.
pub(crate) fn filled(config: &Value) -> Value {
    let mut config = config.clone();
    if let Some(data) = config.get_mut("data").and_then(Value::as_object_mut) {
        for name in ["files", "skills", "plugins", "subAgents"] {
            data.entry(name).or_insert_with(|| json!([]));
        }
    }
    config
}

fn get(world: &mut World, request: &Request) -> Outcome {
    let setup = world.setup_of(request)?;
    Ok(json!({ "build": view(world, setup) }).into())
}

fn update(world: &mut World, request: &Request) -> Outcome {
    let id = world.setup(request.id("build_id"))?.id;
    let targets = request.body_ids("handoverTargetIds");
    targets
        .iter()
        .flatten()
        .try_for_each(|target| world.agent(*target).map(drop))?;
    let config = request.body.get("config").map(filled);
    if let Some(config) = &config {
        check_config(config)?;
    }
    let now = world.now;
    if let Some(setup) = world.setups.rows.get_mut(id) {
        set(&mut setup.config, config);
        set(&mut setup.handover_targets, targets);
        rename(setup, request);
        setup.updated_at = now;
    }
    world.did("changed", "setup", id);
    let setup = world.setup(id)?;
    Ok(json!({ "build": view(world, setup) }).into())
}

/// The document lets any map pass as a configuration; the platform does not.
fn check_config(config: &Value) -> Result<(), Refusal> {
    let Some(create) = crate::catalog::by_name("setups.create") else {
        return Ok(());
    };
    let fields = create.body.map_or(&[][..], |body| body.fields);
    let Some(field) = fields.iter().find(|field| field.name == "config") else {
        return Ok(());
    };
    let mut copy = config.clone();
    crate::simulator::judge::judge(
        &field.shape,
        &mut copy,
        "config",
        crate::simulator::judge::Unknown::Dropped,
    )
    .map_err(|fault| Refusal::invalid(fault.to_string()))
}

fn rename(setup: &mut Setup, request: &Request) {
    let given = |name: &str| {
        request
            .body
            .get(name)
            .map(|text| text.as_str().map(str::to_owned))
    };
    set(&mut setup.revision_name, given("revision_name"));
    set(
        &mut setup.revision_description,
        given("revision_description"),
    );
}

fn promote(world: &mut World, request: &Request) -> Outcome {
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

fn slot_view(slot: &Slot) -> Value {
    let id = |is_it: bool| is_it.then_some(slot.integration_id);
    json!({
        "id": slot.id,
        "integration_id": id(!slot.is_custom),
        "custom_integration_id": id(slot.is_custom),
        "integration_type": slot.kind,
        "integration_name": slot.name,
        "created_at": slot.created_at,
    })
}

fn list_slots(world: &mut World, request: &Request) -> Outcome {
    let slots = &world.setup_of(request)?.slots;
    Ok(json!({ "integrations": slots.iter().map(slot_view).collect::<Vec<_>>() }).into())
}

fn attach_slots(world: &mut World, request: &Request) -> Outcome {
    let setup = world.setup_of(request)?;
    let known: Vec<_> = setup.slots.iter().map(|slot| slot.integration_id).collect();
    let mut wanted = request.body_ids("integration_ids").unwrap_or_default();
    wanted.dedup();
    let mut slots = Vec::new();
    for id in wanted.into_iter().filter(|id| !known.contains(id)) {
        slots.push(
            world
                .new_slot(id)
                .ok_or_else(|| Refusal::invalid(format!("no connection type `{id}`")))?,
        );
    }
    let count = slots.len();
    world.setup_of_mut(request)?.slots.extend(slots);
    Ok(json!({ "success": true, "count": count }).into())
}

/// The parameter takes the slot's own id as well as the id of its connection type.
fn is_slot(slot: &Slot, id: Uuid) -> bool {
    slot.id == id || slot.integration_id == id
}

fn slot_of(world: &mut World, request: &Request) -> Result<Uuid, Refusal> {
    let id = request.id("integration_id");
    let slot = world
        .setup_of(request)?
        .slots
        .iter()
        .find(|slot| is_slot(slot, id));
    slot.map(|slot| slot.id)
        .ok_or_else(|| Refusal::missing("slot", id))
}

fn with_slot<T>(
    world: &mut World,
    request: &Request,
    change: impl FnOnce(&mut Slot) -> T,
) -> Result<T, Refusal> {
    let id = slot_of(world, request)?;
    let slots = &mut world.setup_of_mut(request)?.slots;
    let slot = slots.iter_mut().find(|slot| slot.id == id);
    slot.map(change).ok_or_else(|| Refusal::missing("slot", id))
}

fn remove_slot(world: &mut World, request: &Request) -> Outcome {
    let id = slot_of(world, request)?;
    world
        .setup_of_mut(request)?
        .slots
        .retain(|slot| slot.id != id);
    Ok(json!({ "success": true }).into())
}

fn list_pinned(world: &mut World, request: &Request) -> Outcome {
    let id = slot_of(world, request)?;
    let slots = &world.setup_of(request)?.slots;
    let pins = slots
        .iter()
        .filter(|slot| slot.id == id)
        .flat_map(|slot| &slot.pins);
    let mine = pins.filter(|pin| pin.user_id == world.me);
    let rows =
        mine.map(|pin| json!({ "connection_id": pin.connection_id, "created_at": pin.created_at }));
    Ok(json!({ "connections": rows.collect::<Vec<_>>() }).into())
}

fn pin(world: &mut World, request: &Request) -> Outcome {
    let connection_id = world
        .connection(request.body_id("connection_id").unwrap_or_default())?
        .id;
    let pin = Pin {
        connection_id,
        user_id: world.me,
        created_at: world.now,
    };
    with_slot(world, request, |slot| {
        if !slot
            .pins
            .iter()
            .any(|known| known.connection_id == pin.connection_id && known.user_id == pin.user_id)
        {
            slot.pins.push(pin);
        }
    })?;
    Ok(json!({ "success": true }).into())
}

fn unpin(world: &mut World, request: &Request) -> Outcome {
    let (me, connection) = (world.me, request.id("connection_id"));
    let is_it = |pin: &Pin| pin.connection_id == connection && pin.user_id == me;
    with_slot(world, request, |slot| {
        let count = slot.pins.len();
        slot.pins.retain(|pin| !is_it(pin));
        slot.pins.len() < count
    })?
    .then(|| json!({ "success": true }).into())
    .ok_or_else(|| Refusal::missing("pinned connection", connection))
}

fn queue_names(world: &World, ids: &[Uuid]) -> Value {
    let rows = ids
        .iter()
        .filter_map(|id| Some(json!({ "id": id, "name": world.queue_name(*id)? })));
    json!({ "queues": rows.collect::<Vec<_>>() })
}

fn is_queue_slot(slot: &Slot) -> bool {
    slot.kind == PRODUCER || slot.kind == CONSUMER
}

fn list_slot_queues(world: &mut World, request: &Request) -> Outcome {
    let id = slot_of(world, request)?;
    let slot = world
        .setup_of(request)?
        .slots
        .iter()
        .find(|slot| slot.id == id && is_queue_slot(slot));
    let slot = slot.ok_or_else(|| Refusal::invalid("only case queue slots have queues"))?;
    Ok(queue_names(world, &slot.queues).into())
}

fn replace_slot_queues(world: &mut World, request: &Request) -> Outcome {
    let mut queues = request.body_ids("queue_ids").unwrap_or_default();
    queues
        .iter()
        .try_for_each(|id| world.queue(*id).map(drop))?;
    queues.sort_unstable();
    queues.dedup();
    let replaced = queues.clone();
    with_slot(world, request, |slot| {
        let fits = is_queue_slot(slot);
        if fits {
            slot.queues = replaced;
        }
        fits
    })?
    .then_some(())
    .ok_or_else(|| Refusal::invalid("only case queue slots have queues"))?;
    world.wake_dispatcher();
    Ok(queue_names(world, &queues).into())
}

/// The document knows no 404 here: an unknown setup has no logins.
fn list_logins(world: &mut World, request: &Request) -> Outcome {
    let setup = world.setup_of(request).ok();
    let ids = setup.into_iter().flat_map(|setup| &setup.logins);
    let rows = ids
        .filter_map(|id| world.logins.rows.get(*id))
        .map(logins::attached_view);
    Ok(Value::Array(rows.collect()).into())
}

fn attach_login(world: &mut World, request: &Request) -> Outcome {
    let id = request.body_id("exposedCredentialId").unwrap_or_default();
    let id = world.login(id)?.id;
    attach(&mut world.setup_of_mut(request)?.logins, id);
    Ok(json!({ "success": true }).into())
}

fn detach_login(world: &mut World, request: &Request) -> Outcome {
    let id = request.id("exposedCredentialId");
    detach(
        &mut world.setup_of_mut(request)?.logins,
        id,
        "attached login",
    )
}

fn list_secrets(world: &mut World, request: &Request) -> Outcome {
    let ids = world.setup_of(request)?.secrets.clone();
    let rows = ids
        .iter()
        .filter_map(|id| world.secrets.rows.get(*id))
        .map(secrets::view);
    Ok(Value::Array(rows.collect()).into())
}

fn attach_secret(world: &mut World, request: &Request) -> Outcome {
    let id = request.body_id("credentialId").unwrap_or_default();
    let id = world.secret(id)?.id;
    attach(&mut world.setup_of_mut(request)?.secrets, id);
    Ok(json!({ "success": true }).into())
}

fn detach_secret(world: &mut World, request: &Request) -> Outcome {
    let id = request.id("credentialId");
    detach(
        &mut world.setup_of_mut(request)?.secrets,
        id,
        "attached secret",
    )
}

fn attach(list: &mut Vec<Uuid>, id: Uuid) {
    if !list.contains(&id) {
        list.push(id);
    }
}

fn detach(list: &mut Vec<Uuid>, id: Uuid, what: &str) -> Outcome {
    let place = list.iter().position(|known| *known == id);
    list.remove(place.ok_or_else(|| Refusal::missing(what, id))?);
    Ok(json!({ "success": true }).into())
}

fn check_queues(world: &mut World, request: &Request) -> Outcome {
    let setup = world.setup_of(request)?;
    let team = world.agent(setup.agent_id)?.team_id;
    let slots = setup.slots.iter().filter(|slot| is_queue_slot(slot));
    let rows: Vec<_> = slots
        .map(|slot| {
            json!({
                "config_id": slot.id,
                "integration_type": slot.kind,
                "linked_queue_count": slot.queues.len(),
            })
        })
        .collect();
    let has_queues = world.queues.rows.iter().any(|queue| queue.team_id == team);
    Ok(json!({ "configs": rows, "has_available_queues": has_queues }).into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::simulator::trial::{Trial, text};

    async fn of_matcher(trial: &Trial) -> (String, String) {
        let agent = trial.find("assignments.list", "Invoice matcher").await;
        let setups = trial.call("setups.list", &[&agent], json!({})).await;
        let live = text(&setups["builds"][0]["id"]);
        (agent, live)
    }

    #[tokio::test]
    async fn are_drafted_promoted_and_rolled_back() {
        let trial = Trial::company().await;
        let (agent, live) = of_matcher(&trial).await;
        let draft = trial
            .call("setups.create", &[&agent], json!({ "name": "Next" }))
            .await;
        let draft = text(&draft["build"]["id"]);
        let status = |id: String| {
            let (trial, agent) = (&trial, &agent);
            async move {
                text(&trial.call("setups.get", &[agent, &id], json!({})).await["build"]["status"])
            }
        };
        assert_eq!(
            (
                status(draft.clone()).await.as_str(),
                status(live.clone()).await.as_str()
            ),
            ("draft", "live")
        );
        let copied = trial
            .call("setups.list_slots", &[&agent, &draft], json!({}))
            .await;
        assert_eq!(
            copied["integrations"].as_array().map(Vec::len),
            Some(3),
            "the wiring is copied"
        );
        trial
            .call(
                "setups.promote",
                &[&draft],
                json!({ "revision_name": "v2" }),
            )
            .await;
        assert_eq!(
            (
                status(draft.clone()).await.as_str(),
                status(live.clone()).await.as_str()
            ),
            ("live", "historic")
        );
        assert_eq!(
            trial
                .refused("setups.promote", &[&draft], json!({}))
                .await
                .0,
            409
        );
        trial.call("setups.promote", &[&live], json!({})).await;
        assert_eq!(
            (status(draft).await.as_str(), status(live).await.as_str()),
            ("historic", "live")
        );
    }

    #[tokio::test]
    async fn a_promotion_that_lost_the_queue_disables_the_trigger() {
        let trial = Trial::company().await;
        let (agent, _) = of_matcher(&trial).await;
        let draft = trial
            .call("setups.create", &[&agent], json!({ "name": "Without" }))
            .await;
        let draft = text(&draft["build"]["id"]);
        let slots = trial
            .call("setups.list_slots", &[&agent, &draft], json!({}))
            .await;
        let slot = text(&slots["integrations"][0]["id"]);
        trial
            .call("setups.remove_slot", &[&agent, &draft, &slot], json!({}))
            .await;
        trial.call("setups.promote", &[&draft], json!({})).await;
        let triggers = trial.call("triggers.list", &[&agent], json!({})).await;
        assert_eq!(triggers["case_triggers"][0]["enabled"], false);
    }

    #[expect(clippy::too_many_lines, reason = "one story")]
    #[tokio::test]
    async fn slots_are_attached_pinned_and_linked() {
        let trial = Trial::company().await;
        let made = trial.call("assignments.create", &[], json!({ "name": "New", "build": { "name": "First", "config": {
            "version": "v2",
            "data": {
                "models": { "agent": { "model": "gpt-5" }, "browsing": { "provider": "google", "model": "gemini-2.5-pro" } },
                "input": "Do it",
            },
        } } })).await;
        let (agent, setup) = (text(&made["agent"]["id"]), text(&made["build"]["id"]));
        assert_eq!(made["build"]["status"], "live");
        let types = trial
            .call(
                "connections.list_types",
                &[],
                json!({ "type": "case-queue-consumer" }),
            )
            .await;
        let consumer = text(&types["integrations"][0]["id"]);
        let types = trial
            .call("connections.list_types", &[], json!({ "type": "gmail" }))
            .await;
        let gmail = text(&types["integrations"][0]["id"]);
        let attach = json!({ "integration_ids": [consumer, gmail] });
        assert_eq!(
            trial
                .call("setups.attach_slots", &[&agent, &setup], attach.clone())
                .await["count"],
            2
        );
        assert_eq!(
            trial
                .call("setups.attach_slots", &[&agent, &setup], attach)
                .await["count"],
            0
        );
        let mailbox = trial
            .find("connections.list", "Accounts payable mailbox")
            .await;
        trial
            .call(
                "setups.pin",
                &[&agent, &setup, &gmail],
                json!({ "connection_id": mailbox }),
            )
            .await;
        let pinned = trial
            .call("setups.list_pinned", &[&agent, &setup, &gmail], json!({}))
            .await;
        assert_eq!(pinned["connections"][0]["connection_id"], mailbox.as_str());
        trial
            .call(
                "setups.unpin",
                &[&agent, &setup, &gmail, &mailbox],
                json!({}),
            )
            .await;
        assert_eq!(
            trial
                .refused(
                    "setups.unpin",
                    &[&agent, &setup, &gmail, &mailbox],
                    json!({})
                )
                .await
                .0,
            404
        );
        let queue = trial.find("queues.list", "Invoices").await;
        let linked = json!({ "queue_ids": [queue] });
        assert_eq!(
            trial
                .refused(
                    "setups.replace_slot_queues",
                    &[&agent, &setup, &gmail],
                    linked.clone()
                )
                .await
                .0,
            400
        );
        trial
            .call(
                "setups.replace_slot_queues",
                &[&agent, &setup, &consumer],
                linked,
            )
            .await;
        let checked = trial
            .call("setups.check_queues", &[&agent, &setup], json!({}))
            .await;
        assert_eq!(checked["configs"][0]["linked_queue_count"], 1);
        let users = trial
            .call("queues.list_assignments", &[&queue], json!({}))
            .await;
        assert_eq!(users["consumers"].as_array().map(Vec::len), Some(2));
    }

    #[tokio::test]
    async fn logins_and_secrets_are_attached_and_detached() {
        let trial = Trial::company().await;
        let (agent, live) = of_matcher(&trial).await;
        let secrets = trial.call("secrets.list", &[], json!({})).await;
        let free = secrets
            .as_array()
            .unwrap()
            .iter()
            .find(|secret| secret["name"] == "Credit check")
            .unwrap();
        let secret = text(&free["id"]);
        trial
            .call(
                "setups.attach_secret",
                &[&agent, &live],
                json!({ "credentialId": secret }),
            )
            .await;
        let attached = trial
            .call("setups.list_secrets", &[&agent, &live], json!({}))
            .await;
        assert_eq!(attached.as_array().map(Vec::len), Some(2));
        trial
            .call("setups.detach_secret", &[&agent, &live, &secret], json!({}))
            .await;
        assert_eq!(
            trial
                .refused("setups.detach_secret", &[&agent, &live, &secret], json!({}))
                .await
                .0,
            404
        );
        let logins = trial.call("logins.list", &[&trial.me], json!({})).await;
        let login = text(&logins[0]["id"]);
        trial
            .call(
                "setups.attach_login",
                &[&agent, &live],
                json!({ "exposedCredentialId": login }),
            )
            .await;
        let attached = trial
            .call("setups.list_logins", &[&agent, &live], json!({}))
            .await;
        assert_eq!(attached[0]["domain"], "portal.nordwind.example");
        trial
            .call("setups.detach_login", &[&agent, &live, &login], json!({}))
            .await;
    }

    #[tokio::test]
    async fn configurations_are_checked_on_update_too() {
        let trial = Trial::company().await;
        let (_, live) = of_matcher(&trial).await;
        assert_eq!(
            trial
                .refused(
                    "setups.update",
                    &[&live],
                    json!({ "config": { "version": "v9" } })
                )
                .await
                .0,
            400
        );
        let named = trial
            .call(
                "setups.update",
                &[&live],
                json!({ "revision_name": "gold" }),
            )
            .await;
        assert_eq!(named["build"]["revision_name"], "gold");
        let cleared = trial
            .call("setups.update", &[&live], json!({ "revision_name": null }))
            .await;
        assert!(cleared["build"]["revision_name"].is_null());
    }
}
