//! Connections, their types, custom MCP servers, and OAuth flows.
//!
//! The types are those that the catalog allows as `integration_slug`. An OAuth flow hands out the
//! address of a page of the simulator; opening it makes the connection, or repairs the broken one.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Outcome, Route, set};
use crate::catalog::Kind as ShapeKind;
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::{Row, Table, World};

pub(super) const ROUTES: &[Route] = &[
    ("connections.list_types", list_types),
    ("connections.create_server", create_server),
    ("connections.delete_server", delete_server),
    ("connections.list", list),
    ("connections.create", create),
    ("connections.get", get),
    ("connections.update", update),
    ("connections.delete", delete),
    ("connections.get_header_names", get_header_names),
    ("connections.probe", probe),
    ("connections.start_composio", start_composio),
    ("connections.finalize_composio", finalize_composio),
    ("connections.start_oauth", start_oauth),
    ("connections.start_mcp_oauth", start_mcp_oauth),
    ("connections.check_mcp_oauth", check_mcp_oauth),
];

/// How long a person has to finish an OAuth flow.
const FLOW_LIFE: Duration = Duration::from_secs(60 * 60);

/// Types that need no connection.
const BUILT_IN: [&str; 6] = [
    "browser-agent",
    "exa",
    "human-in-the-loop",
    "case-queue-producer",
    "case-queue-consumer",
    "handover",
];

/// Connections, their types, and OAuth flows under way.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) rows: Table<Connection>,
    pub(crate) kinds: Table<Kind>,
    flows: BTreeMap<String, Flow>,
}

/// A connection type: a built-in one, or a custom MCP server.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Kind {
    pub(crate) id: Uuid,
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) is_custom: bool,
    /// The team of a custom one.
    pub(crate) team_id: Option<Uuid>,
    pub(crate) server_url: Option<String>,
    pub(crate) auth_method: Option<String>,
    pub(crate) created_at: Timestamp,
}

/// An authorised link to another system.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Connection {
    pub(crate) id: Uuid,
    pub(crate) team_id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) provider: String,
    pub(crate) server_url: Option<String>,
    pub(crate) auth_method: Option<String>,
    pub(crate) integration_id: Option<Uuid>,
    pub(crate) custom_integration_id: Option<Uuid>,
    pub(crate) plain_headers: BTreeMap<String, String>,
    pub(crate) secret_headers: BTreeMap<String, String>,
    pub(crate) shared: bool,
    pub(crate) broken_at: Option<Timestamp>,
    pub(crate) broken_reason: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// An OAuth flow that waits for a person.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Flow {
    team_id: Uuid,
    kind: String,
    name: String,
    server_url: Option<String>,
    custom_integration_id: Option<Uuid>,
    reconnect: Option<Uuid>,
    return_url: Option<String>,
    expires_at: Timestamp,
    is_done: bool,
}

impl Row for Kind {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl Row for Connection {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl State {
    /// Returns the connection type of an id.
    pub(crate) fn kind(&self, id: Uuid) -> Option<&Kind> {
        self.kinds.get(id)
    }

    /// Returns the built-in connection type of a slug.
    pub(crate) fn kind_of(&self, slug: &str) -> Option<&Kind> {
        self.kinds
            .iter()
            .find(|kind| kind.slug == slug && !kind.is_custom)
    }
}

/// Fills in the built-in connection types: those that the catalog allows.
pub(crate) fn add_kinds(world: &mut World) {
    let probe = crate::catalog::by_name("connections.probe").and_then(|entry| entry.body.as_ref());
    let field = probe.and_then(|body| {
        body.fields
            .iter()
            .find(|field| field.name == "integration_slug")
    });
    let Some(ShapeKind::Choice(slugs)) = field.map(|field| field.shape.kind) else {
        return;
    };
    for slug in slugs.iter().map(|slug| slug.trim_matches('"')) {
        world.connections.kinds.add(Kind {
            id: Uuid::new_v5(&Uuid::NAMESPACE_URL, slug.as_bytes()),
            slug: slug.into(),
            name: titled(slug),
            is_custom: false,
            team_id: None,
            server_url: None,
            auth_method: None,
            created_at: world.now,
        });
    }
}

/// `case-queue-consumer` is shown as `Case Queue Consumer`.
fn titled(slug: &str) -> String {
    let words = slug.split(['-', '_']).map(|word| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| {
            first.to_uppercase().chain(letters).collect()
        })
    });
    words.collect::<Vec<String>>().join(" ")
}

impl World {
    /// Returns a connection that the key sees: its user's own, or a shared one.
    pub(crate) fn connection(&self, id: Uuid) -> Result<&Connection, Refusal> {
        let connection = self
            .connections
            .rows
            .get(id)
            .filter(|connection| self.sees_connection(connection));
        connection.ok_or_else(|| Refusal::missing("connection", id))
    }

    fn sees_connection(&self, connection: &Connection) -> bool {
        self.sees(connection.team_id) && (connection.shared || connection.user_id == self.me)
    }

    /// Returns the name of a broken connection that a setup relies on.
    pub(crate) fn broken_connection(&self, setup: Uuid) -> Option<String> {
        let slots = &self.setups.rows.get(setup)?.slots;
        slots.iter().find_map(|slot| {
            let mut pinned = slot
                .pins
                .iter()
                .filter_map(|pin| self.connections.rows.get(pin.connection_id))
                .peekable();
            pinned.peek()?;
            // One sound connection among those pinned is enough.
            pinned
                .all(|connection| connection.broken_at.is_some())
                .then(|| format!("`{}`", slot.name))
        })
    }

    /// Adds a connection.
    pub(crate) fn add_connection(&mut self, team_id: Uuid, name: &str, kind: &str) -> Uuid {
        let id = self.dice.id();
        self.connections.rows.add(Connection {
            id,
            team_id,
            user_id: self.me,
            name: name.into(),
            kind: kind.into(),
            provider: "native".into(),
            server_url: None,
            auth_method: Some("oauth".into()),
            integration_id: self.connections.kind_of(kind).map(|kind| kind.id),
            custom_integration_id: None,
            plain_headers: BTreeMap::new(),
            secret_headers: BTreeMap::new(),
            shared: false,
            broken_at: None,
            broken_reason: None,
            created_at: self.now,
            updated_at: self.now,
        });
        id
    }
}

fn view(connection: &Connection) -> Value {
    let mut view = json!({
        "id": connection.id,
        "name": connection.name,
        "type": connection.kind,
        "provider": connection.provider,
        "user_id": connection.user_id,
        "team_id": connection.team_id,
        "transport_type": "http",
        "auth_method": connection.auth_method,
        "custom_integration_id": connection.custom_integration_id,
        "integration_id": connection.integration_id,
        "has_headers": !(connection.plain_headers.is_empty() && connection.secret_headers.is_empty()),
        "has_oauth_tokens": connection.auth_method.as_deref() == Some("oauth"),
        "shared": connection.shared,
        "created_by": connection.user_id,
        "broken_at": connection.broken_at,
        "broken_reason": connection.broken_reason,
        "created_at": connection.created_at,
        "updated_at": connection.updated_at,
    });
    if let Some(url) = &connection.server_url {
        view["server_url"] = url.clone().into();
    }
    view
}

fn kind_view(kind: &Kind, team: Uuid) -> Value {
    let provider = match (kind.is_custom, BUILT_IN.contains(&kind.slug.as_str())) {
        (true, _) => "user",
        (_, true) => "system",
        _ => "native",
    };
    let mut view = json!({
        "id": kind.id,
        "name": kind.name,
        "type": kind.slug,
        "provider": provider,
        "user_id": null,
        "team_id": team,
        "auth_method": kind.auth_method,
        "created_at": kind.created_at,
        "updated_at": kind.created_at,
    });
    if let Some(url) = &kind.server_url {
        view["server_url"] = url.clone().into();
        view["custom_integration_id"] = kind.id.to_string().into();
    }
    view
}

fn paged(request: &Request, rows: Vec<Value>) -> Outcome {
    let page = request.page();
    let (part, total) = page.cut(rows);
    Ok(
        json!({ "integrations": part, "total": total, "limit": page.limit, "offset": page.offset })
            .into(),
    )
}

fn list_types(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let wanted = request.asked("type");
    let kinds = world.connections.kinds.iter().filter(|kind| {
        kind.team_id.is_none_or(|owner| owner == team)
            && wanted.is_none_or(|wanted| kind.slug == wanted)
    });
    paged(request, kinds.map(|kind| kind_view(kind, team)).collect())
}

fn create_server(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    world.check_manager(team)?;
    let name = request.text("name").unwrap_or_default();
    let is_same = |kind: &Kind| kind.team_id == Some(team) && kind.name == name;
    if world.connections.kinds.iter().any(is_same) {
        return Err(Refusal::conflict(format!(
            "the team already has an MCP server `{name}`"
        )));
    }
    let kind = Kind {
        id: world.dice.id(),
        slug: "custom_mcp".into(),
        name: name.into(),
        is_custom: true,
        team_id: Some(team),
        server_url: request.text("server_url").map(Into::into),
        auth_method: request.text("auth_method").map(Into::into),
        created_at: world.now,
    };
    world.did("created", "mcp_server", kind.id);
    let shown = kind_view(&kind, team);
    world.connections.kinds.add(kind);
    Ok(shown.into())
}

fn delete_server(world: &mut World, request: &Request) -> Outcome {
    let id = request.id("custom_integration_id");
    let kind = world
        .connections
        .kinds
        .get(id)
        .filter(|kind| kind.team_id.is_some_and(|team| world.sees(team)));
    let team = kind
        .and_then(|kind| kind.team_id)
        .ok_or_else(|| Refusal::missing("MCP server", id))?;
    world.check_manager(team)?;
    for connection in world
        .connections
        .rows
        .ids(|connection| connection.custom_integration_id == Some(id))
    {
        remove(world, connection);
    }
    world.connections.kinds.remove(id);
    for setup in world.setups.rows.iter_mut() {
        setup.slots.retain(|slot| slot.integration_id != id);
    }
    world.did("deleted", "mcp_server", id);
    Ok(json!({ "success": true, "message": "the MCP server and its connections are gone" }).into())
}

fn list(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let wanted = request.asked("type");
    let rows = world.connections.rows.iter().rev().filter(|connection| {
        connection.team_id == team
            && world.sees_connection(connection)
            && wanted.is_none_or(|wanted| connection.kind == wanted)
    });
    paged(request, rows.map(view).collect())
}

fn headers(request: &Request, part: &str) -> Option<BTreeMap<String, String>> {
    let given = request.body.get("headers")?.get(part)?.as_object()?;
    Some(
        given
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .collect(),
    )
}

fn create(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let custom = request.body_id("custom_integration_id");
    let server = match custom {
        Some(id) => {
            let kind = world
                .connections
                .kinds
                .get(id)
                .filter(|kind| kind.team_id == Some(team));
            kind.ok_or_else(|| Refusal::missing("MCP server", id))?
                .server_url
                .clone()
        }
        None => None,
    };
    let server_url = request.text("server_url").map(str::to_owned).or(server);
    let server_url = server_url
        .ok_or_else(|| Refusal::invalid("give `server_url` or `custom_integration_id`"))?;
    let id = world.add_connection(
        team,
        request.text("name").unwrap_or_default(),
        request.text("type").unwrap_or("custom_mcp"),
    );
    if let Some(connection) = world.connections.rows.get_mut(id) {
        connection.provider = "user".into();
        connection.server_url = Some(server_url);
        connection.auth_method = request.text("auth_method").map(Into::into);
        connection.custom_integration_id = custom;
        set(&mut connection.plain_headers, headers(request, "plaintext"));
        set(&mut connection.secret_headers, headers(request, "secret"));
    }
    world.did("created", "connection", id);
    Ok(view(world.connection(id)?).into())
}

fn get(world: &mut World, request: &Request) -> Outcome {
    Ok(view(world.connection(request.id("connection_id"))?).into())
}

fn own(world: &World, request: &Request) -> Result<Uuid, Refusal> {
    let connection = world.connection(request.id("connection_id"))?;
    if connection.user_id != world.me {
        world.check_manager(connection.team_id)?;
    }
    Ok(connection.id)
}

fn update(world: &mut World, request: &Request) -> Outcome {
    let id = own(world, request)?;
    let team = world.connection(id)?.team_id;
    if request.flag("shared") == Some(true) {
        world.check_manager(team)?;
    }
    let now = world.now;
    let Some(connection) = world.connections.rows.get_mut(id) else {
        return Err(Refusal::missing("connection", id));
    };
    set(&mut connection.name, request.text("name").map(Into::into));
    set(
        &mut connection.server_url,
        request.text("server_url").map(|url| Some(url.into())),
    );
    set(
        &mut connection.auth_method,
        request
            .text("auth_method")
            .map(|method| Some(method.into())),
    );
    set(&mut connection.shared, request.flag("shared"));
    if request.body.get("headers").is_some_and(Value::is_null) {
        connection.plain_headers.clear();
        connection.secret_headers.clear();
    }
    set(&mut connection.plain_headers, headers(request, "plaintext"));
    if let Some(mut secret) = headers(request, "secret") {
        // An empty value keeps the old one.
        for (name, value) in &mut secret {
            if let Some(old) = connection
                .secret_headers
                .get(name)
                .filter(|_| value.is_empty())
            {
                value.clone_from(old);
            }
        }
        connection.secret_headers = secret;
    }
    connection.updated_at = now;
    let shown = view(connection);
    world.did("changed", "connection", id);
    Ok(shown.into())
}

fn remove(world: &mut World, id: Uuid) {
    for setup in world.setups.rows.iter_mut() {
        setup
            .slots
            .iter_mut()
            .for_each(|slot| slot.pins.retain(|pin| pin.connection_id != id));
    }
    world
        .event_triggers
        .rows
        .retain(|trigger| trigger.connection_id != id);
    world.connections.rows.remove(id);
    world.did("deleted", "connection", id);
}

fn delete(world: &mut World, request: &Request) -> Outcome {
    let id = own(world, request)?;
    remove(world, id);
    Ok(json!({ "success": true, "message": "the connection is gone" }).into())
}

fn get_header_names(world: &mut World, request: &Request) -> Outcome {
    let connection = world.connection(request.id("connection_id"))?;
    let mut headers = connection.plain_headers.clone();
    headers.extend(
        connection
            .secret_headers
            .keys()
            .map(|name| (name.clone(), String::new())),
    );
    Ok(json!({ "id": connection.id, "headers": headers }).into())
}

/// No server is really asked: one whose address holds `broken` or `unreachable` fails.
fn probe(world: &mut World, request: &Request) -> Outcome {
    world.check_team(request.team())?;
    let target = request
        .text("server_url")
        .or_else(|| request.text("integration_slug"));
    let target =
        target.ok_or_else(|| Refusal::invalid("give `server_url` or `integration_slug`"))?;
    if request.body.contains_key("headers") && !request.body.contains_key("server_url") {
        return Err(Refusal::invalid("`headers` go with `server_url` only"));
    }
    if is_unreachable(target) {
        return Ok(json!({ "success": false, "error": "the server did not answer" }).into());
    }
    let tool = json!({ "name": "search", "description": "Finds records", "input_schema": { "type": "object" } });
    Ok(json!({ "success": true, "tools": [tool] }).into())
}

fn is_unreachable(target: &str) -> bool {
    target.contains("broken") || target.contains("unreachable")
}

fn begin(world: &mut World, flow: Flow) -> (String, String) {
    let token = world.dice.token();
    let now = world.now;
    world
        .connections
        .flows
        .retain(|_, flow| flow.expires_at > now);
    world.connections.flows.insert(token.clone(), flow);
    world.did("started", "oauth_flow", &token);
    (format!("{}/_sim/oauth/{token}", world.base), token)
}

fn flow(world: &World, team_id: Uuid, kind: &str, request: &Request) -> Result<Flow, Refusal> {
    let reconnect = request.body_id("reconnect_instance_id");
    if let Some(id) = reconnect {
        world.connection(id)?;
    }
    Ok(Flow {
        team_id,
        kind: kind.into(),
        name: request
            .text("name")
            .map_or_else(|| titled(kind), Into::into),
        server_url: request.text("mcp_server_url").map(Into::into),
        custom_integration_id: request.body_id("custom_integration_id"),
        reconnect,
        return_url: request.text("return_url").map(Into::into),
        expires_at: world.after(FLOW_LIFE),
        is_done: false,
    })
}

fn start_oauth(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let provider = request.param("provider");
    if world.connections.kind_of(provider).is_none() || BUILT_IN.contains(&provider) {
        return Err(Refusal::missing("provider", provider));
    }
    let flow = flow(world, team, provider, request)?;
    Ok(json!({ "authorization_url": begin(world, flow).0 }).into())
}

fn start_mcp_oauth(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let flow = flow(
        world,
        team,
        request.text("integration_type").unwrap_or("custom_mcp"),
        request,
    )?;
    Ok(json!({ "authorization_url": begin(world, flow).0 }).into())
}

fn check_mcp_oauth(_: &mut World, request: &Request) -> Outcome {
    let url = request.text("mcp_server_url").unwrap_or_default();
    if is_unreachable(url) {
        return Ok(json!({ "supports_dcr": false }).into());
    }
    let endpoint = format!("{}/authorize", url.trim_end_matches('/'));
    Ok(json!({ "supports_dcr": true, "authorization_endpoint": endpoint, "scopes": ["read", "write"] }).into())
}

fn start_composio(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let mut flow = flow(
        world,
        team,
        request.text("auth_config_id").unwrap_or_default(),
        request,
    )?;
    flow.return_url = request.text("callback_url").map(Into::into);
    let (url, token) = begin(world, flow);
    Ok(json!({ "redirect_url": url, "status": "INITIATED", "connected_account_id": token }).into())
}

fn finalize_composio(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let token = request
        .text("connected_account_id")
        .unwrap_or_default()
        .to_owned();
    let flow = world
        .connections
        .flows
        .get(&token)
        .filter(|flow| flow.team_id == team);
    let flow = flow.ok_or_else(|| Refusal::missing("connected account", &token))?;
    if !flow.is_done {
        return Err(Refusal::state(
            "nobody has opened the address of the flow yet",
        ));
    }
    let id = world.add_connection(
        team,
        request.text("integration_name").unwrap_or_default(),
        request.text("app").unwrap_or_default(),
    );
    world.connections.flows.remove(&token);
    world.did("created", "connection", id);
    Ok(json!({ "integration_id": id, "mcp_url": format!("{}/_sim/mcp/{id}", world.base) }).into())
}

/// Completes a flow, as the person does who opens its address; returns where the browser goes next.
pub(crate) fn authorize(world: &mut World, token: &str) -> Result<Option<String>, Refusal> {
    let now = world.now;
    let flow = world
        .connections
        .flows
        .get_mut(token)
        .filter(|flow| flow.expires_at > now && !flow.is_done);
    let flow =
        flow.ok_or_else(|| Refusal::new(&[404], "not_found", "no such flow, or it is over"))?;
    flow.is_done = true;
    let flow = flow.clone();
    // A Composio flow is finished by a call of its own; its kind is no type of ours.
    let is_composio = world.connections.kind_of(&flow.kind).is_none() && flow.server_url.is_none();
    if let Some(id) = flow.reconnect {
        if let Some(connection) = world.connections.rows.get_mut(id) {
            (
                connection.broken_at,
                connection.broken_reason,
                connection.updated_at,
            ) = (None, None, now);
        }
        world.did("repaired", "connection", id);
    } else if !is_composio {
        let id = world.add_connection(flow.team_id, &flow.name, &flow.kind);
        if let Some(connection) = world.connections.rows.get_mut(id) {
            connection.server_url = flow.server_url;
            connection.custom_integration_id = flow.custom_integration_id;
        }
        world.did("created", "connection", id);
    }
    Ok(flow.return_url)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::simulator::trial::{Trial, text};

    #[tokio::test]
    async fn are_made_by_opening_the_page_of_a_flow() {
        let trial = Trial::company().await;
        let started = trial
            .call("connections.start_oauth", &["outlook"], json!({}))
            .await;
        let url = text(&started["authorization_url"]);
        let page = url.strip_prefix(trial.simulator.url()).unwrap();
        assert_eq!(trial.raw("GET", page, &[], "").await.status, 200);
        assert_eq!(
            trial.raw("GET", page, &[], "").await.status,
            404,
            "a flow is over once"
        );
        let listed = trial
            .call("connections.list", &[], json!({ "type": "outlook" }))
            .await;
        assert_eq!(listed["total"], 1);
        let broken = trial.find("connections.list", "Warehouse sheets").await;
        assert!(
            trial.call("connections.get", &[&broken], json!({})).await["broken_at"].is_string()
        );
        let again = json!({ "reconnect_instance_id": broken });
        let started = trial
            .call("connections.start_oauth", &["googlesheets"], again)
            .await;
        let url = text(&started["authorization_url"]);
        trial
            .raw(
                "GET",
                url.strip_prefix(trial.simulator.url()).unwrap(),
                &[],
                "",
            )
            .await;
        assert!(trial.call("connections.get", &[&broken], json!({})).await["broken_at"].is_null());
        assert_eq!(
            trial
                .refused("connections.start_oauth", &["nothing"], json!({}))
                .await
                .0,
            404
        );
    }

    #[tokio::test]
    async fn custom_servers_come_and_go_with_their_connections() {
        let trial = Trial::company().await;
        let server = json!({ "name": "Prices", "auth_method": "headers", "server_url": "https://prices.example/mcp" });
        let made = trial
            .call("connections.create_server", &[], server.clone())
            .await;
        assert_eq!(
            trial
                .refused("connections.create_server", &[], server)
                .await
                .0,
            409
        );
        let server = text(&made["id"]);
        let connection = trial
            .call(
                "connections.create",
                &[],
                json!({
                    "name": "Prices of Alex",
                    "provider": "user",
                    "auth_method": "headers",
                    "custom_integration_id": server,
                    "headers": { "plaintext": { "X-Team": "a" }, "secret": { "X-Key": "hunter2" } },
                }),
            )
            .await;
        let id = text(&connection["id"]);
        let headers = trial
            .call("connections.get_header_names", &[&id], json!({}))
            .await;
        assert_eq!(headers["headers"], json!({ "X-Key": "", "X-Team": "a" }));
        let shared = trial
            .call("connections.update", &[&id], json!({ "shared": true }))
            .await;
        assert_eq!(shared["shared"], true);
        trial
            .call("connections.delete_server", &[&server], json!({}))
            .await;
        assert_eq!(
            trial.refused("connections.get", &[&id], json!({})).await.0,
            404
        );
    }

    #[tokio::test]
    async fn probes_fail_politely() {
        let trial = Trial::company().await;
        let probe = |url: &'static str| {
            let trial = &trial;
            async move {
                trial
                    .call("connections.probe", &[], json!({ "server_url": url }))
                    .await["success"]
                    .clone()
            }
        };
        assert_eq!(probe("https://fine.example/mcp").await, true);
        assert_eq!(probe("https://unreachable.example/mcp").await, false);
        assert_eq!(
            trial.refused("connections.probe", &[], json!({})).await.0,
            400
        );
    }

    #[tokio::test]
    async fn composio_flows_end_with_a_call() {
        let trial = Trial::company().await;
        let start = json!({ "auth_config_id": "ac_1", "callback_url": "https://app.example/back" });
        let started = trial.call("connections.start_composio", &[], start).await;
        let finish = json!({ "app": "gmail", "integration_name": "Mail", "connected_account_id": started["connected_account_id"] });
        assert_eq!(
            trial
                .refused("connections.finalize_composio", &[], finish.clone())
                .await
                .0,
            409
        );
        let url = text(&started["redirect_url"]);
        let page = trial
            .raw(
                "GET",
                url.strip_prefix(trial.simulator.url()).unwrap(),
                &[],
                "",
            )
            .await;
        assert_eq!(
            (page.status, page.headers["location"].to_str().unwrap()),
            (303, "https://app.example/back")
        );
        let made = trial
            .call("connections.finalize_composio", &[], finish)
            .await;
        trial
            .call(
                "connections.get",
                &[&text(&made["integration_id"])],
                json!({}),
            )
            .await;
    }
}
