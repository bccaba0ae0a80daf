//! Asking for dashboards and for changes of them, and the chat about that.

use std::collections::HashSet;

use serde_json::{Value, json};
use uuid::Uuid;

use super::life::{self, QUESTION};
use super::rows::{Dashboard, Message, Status, Turn, Visibility};
use crate::simulator::behaviour::Outcome;
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

/// How many messages are listed when nothing is said.
const DEFAULT_LIMIT: usize = 50;
/// Dashboards that a simulator keeps at most.
const MOST_DASHBOARDS: usize = 10_000;

pub(super) fn create(world: &mut World, request: &Request) -> Outcome {
    let wish = request.text("message").unwrap_or_default().to_owned();
    let sources = request.body_ids("connection_ids").unwrap_or_default();
    sources
        .iter()
        .try_for_each(|id| super::connections::check(world, *id))?;
    if world.dashboards.rows.len() >= MOST_DASHBOARDS {
        return Err(Refusal::invalid(format!(
            "the simulator keeps {MOST_DASHBOARDS} dashboards at most"
        )));
    }
    let me = world.teams.people.get(world.me);
    let team = me
        .and_then(|me| me.memberships.first())
        .map(|membership| membership.team_id);
    let team = team.ok_or_else(|| Refusal::forbidden("the key belongs to no team"))?;
    let id = add(world, team, world.me);
    for source in sources {
        super::connections::add(world, id, source);
    }
    let message = life::say(world, id, Some(world.me), &wish, Value::Null);
    life::begin(
        world,
        id,
        Turn {
            wish: Some(wish),
            from: None,
            question: None,
            was_answered: false,
        },
    );
    world.did("created", "dashboard", id);
    Ok(json!({ "artifact_id": id, "user_message": view_of(world, message)? }).into())
}

/// Adds a dashboard without a page.
pub(super) fn add(world: &mut World, team_id: Uuid, user_id: Uuid) -> Uuid {
    let (id, now) = (world.dice.id(), world.now);
    world.dashboards.rows.add(Dashboard {
        id,
        team_id,
        user_id,
        title: None,
        status: Status::Completed,
        visibility: Visibility::Private,
        is_editable: false,
        refresh_frequency: None,
        last_refresh_at: None,
        next_refresh_at: None,
        created_at: now,
        updated_at: now,
        connections: Vec::new(),
        head: None,
        turn: None,
        course: 0,
        plan: 0,
    });
    id
}

fn view_of(world: &World, id: Uuid) -> Result<Value, Refusal> {
    let message = world.dashboards.messages.get(id);
    message
        .map(view)
        .ok_or_else(|| Refusal::missing("message", id))
}

fn view(message: &Message) -> Value {
    json!({
        "id": message.id,
        "artifact_id": message.dashboard_id,
        "author_user_id": message.author,
        "role": if message.author.is_some() { "user" } else { "assistant" },
        "content": message.content,
        "created_at": message.created_at,
        "revision_id": message.version_id,
        "message": message.call,
        "selected_element": message.element,
    })
}

pub(super) fn send(world: &mut World, request: &Request) -> Outcome {
    let dashboard = world.editable(request)?;
    dashboard.check_idle()?;
    let (id, head) = (dashboard.id, dashboard.head);
    let from = match request.body_id("from_revision_id") {
        Some(version) => Some(super::versions::of(world, id, version)?.id),
        None => head,
    };
    let wish = request.text("message").unwrap_or_default().to_owned();
    let message = life::say(world, id, Some(world.me), &wish, Value::Null);
    if let Some(message) = world.dashboards.messages.get_mut(message) {
        message.element = request.body.get("selected_element").cloned();
    }
    // The chat goes on from that version, so its branch is the one that is listed.
    if let Some(dashboard) = world.dashboards.rows.get_mut(id) {
        dashboard.head = from;
    }
    life::begin(
        world,
        id,
        Turn {
            wish: Some(wish),
            from,
            question: None,
            was_answered: false,
        },
    );
    world.did("sent", "dashboard_message", message);
    Ok(json!({ "user_message": view_of(world, message)? }).into())
}

pub(super) fn list(world: &mut World, request: &Request) -> Outcome {
    let dashboard = world.editable(request)?;
    let branch = branch(world, dashboard);
    let its = |message: &&Message| {
        message.dashboard_id == dashboard.id
            && message
                .version_id
                .is_none_or(|version| branch.contains(&version))
    };
    let all: Vec<_> = world.dashboards.messages.iter().filter(its).collect();
    let end = match request.asked_id("before") {
        None => all.len(),
        Some(id) => {
            let place = all.iter().position(|message| message.id == id);
            place.ok_or_else(|| Refusal::missing("message", id))?
        }
    };
    let limit = request
        .query
        .get("limit")
        .and_then(Value::as_u64)
        .and_then(|limit| usize::try_from(limit).ok());
    let start = end.saturating_sub(limit.unwrap_or(DEFAULT_LIMIT));
    let rows: Vec<_> = all
        .iter()
        .take(end)
        .skip(start)
        .map(|message| view(message))
        .collect();
    Ok(json!({ "data": rows, "total": all.len(), "has_more": start > 0 }).into())
}

/// The present version, and those it came from.
fn branch(world: &World, dashboard: &Dashboard) -> HashSet<Uuid> {
    let parent = |id: &Uuid| {
        world
            .dashboards
            .versions
            .get(*id)
            .and_then(|version| version.parent_id)
    };
    std::iter::successors(dashboard.head, parent).collect()
}

pub(super) fn answer(world: &mut World, request: &Request) -> Outcome {
    let dashboard = world.editable(request)?;
    let id = dashboard.id;
    let call = request.text("toolCallId").unwrap_or_default();
    let open = dashboard
        .turn
        .as_ref()
        .and_then(|turn| turn.question.as_deref());
    if open != Some(call) {
        let asked =
            |message: &&Message| message.dashboard_id == id && message.call["toolCallId"] == call;
        return Err(match world.dashboards.messages.iter().find(asked) {
            Some(_) => Refusal::state("the question is no longer open"),
            None => Refusal::missing("question", call),
        });
    }
    let answers = request.body.get("answers").and_then(Value::as_object);
    let Some(text) = answers
        .and_then(|answers| answers.get(QUESTION))
        .and_then(Value::as_str)
    else {
        return Err(Refusal::state(format!(
            "`answers` must answer `{QUESTION}`"
        )));
    };
    let text = text.to_owned();
    if let Some(turn) = world
        .dashboards
        .rows
        .get_mut(id)
        .and_then(|dashboard| dashboard.turn.as_mut())
    {
        (turn.question, turn.was_answered) = (None, true);
        turn.wish = turn.wish.take().map(|wish| format!("{wish}: {text}"));
    }
    life::say(world, id, Some(world.me), &text, Value::Null);
    life::plan_end(world, id);
    world.did("answered", "dashboard_question", id);
    Ok(json!({ "ok": true }).into())
}
