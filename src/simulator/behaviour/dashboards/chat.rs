//! The chat by which dashboards are made and changed, one turn at a time.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::pages::page;
use super::rows::{Dashboard, Message, view};
use crate::simulator::behaviour::{Outcome, Route};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::{Event, World};

pub(super) const ROUTES: &[Route] = &[
    ("dashboards.create", create),
    ("dashboards.send_message", send_message),
    ("dashboards.list_messages", list_messages),
    ("dashboards.answer", answer),
    ("dashboards.stop", stop),
    ("dashboards.refresh", refresh),
];

/// How long a turn takes.
const TURN: Duration = Duration::from_secs(8);
/// Messages of a page when none are asked for.
const USUAL: u64 = 50;

fn message_view(world: &World, one: Uuid, message: &Message) -> Value {
    let mut view = json!({
        "id": message.id,
        "artifact_id": one,
        "author_user_id": message.is_user.then_some(world.me),
        "role": if message.is_user { "user" } else { "assistant" },
        "content": message.content,
        "created_at": message.at,
    });
    if let Some(call) = &message.question {
        view["message"] =
            json!({ "type": "question", "toolCallId": call, "questions": [message.content] });
    }
    if let Some(element) = &message.element {
        view["selected_element"] = element.clone();
    }
    view
}

fn create(world: &mut World, request: &Request) -> Outcome {
    let connections = request.body_ids("connection_ids").unwrap_or_default();
    connections
        .iter()
        .try_for_each(|id| world.connection(*id).map(drop))?;
    let me = world.teams.people.get(world.me);
    let team = me
        .and_then(|me| me.memberships.first())
        .map(|membership| membership.team_id);
    let (id, now) = (world.dice.id(), world.now);
    world.dashboards.rows.add(Dashboard {
        id,
        team_id: team.unwrap_or_default(),
        user_id: world.me,
        title: None,
        status: "not_started".into(),
        visibility: "private".into(),
        permission: "view".into(),
        refresh: None,
        refreshed_at: None,
        turn: 0,
        messages: Vec::new(),
        versions: Vec::new(),
        current: None,
        connections: connections.into_iter().map(|id| (id, now)).collect(),
        created_at: now,
        updated_at: now,
    });
    world.did("created", "dashboard", id);
    let message = ask(world, id, request);
    Ok(json!({ "artifact_id": id, "user_message": message }).into())
}

/// Adds the user's message and starts a turn.
fn ask(world: &mut World, id: Uuid, request: &Request) -> Value {
    let message = Message {
        id: world.dice.id(),
        is_user: true,
        content: request.text("message").unwrap_or_default().into(),
        at: world.now,
        question: None,
        element: request.body.get("selected_element").cloned(),
    };
    let shown = message_view(world, id, &message);
    if let Some(one) = world.dashboards.rows.get_mut(id) {
        one.messages.push(message);
    }
    run(world, id);
    shown
}

fn run(world: &mut World, id: Uuid) {
    let now = world.now;
    let Some(one) = world.dashboards.rows.get_mut(id) else {
        return;
    };
    (one.status, one.updated_at) = ("running".into(), now);
    one.turn += 1;
    let turn = one.turn;
    world.plan(
        TURN,
        Event::Dashboard {
            dashboard: id,
            turn,
        },
    );
}

/// Ends a turn: with a new version, or with a question.
pub(crate) fn finish(world: &mut World, id: Uuid, turn: u32) {
    let (version, message, call, now) = (
        world.dice.id(),
        world.dice.id(),
        world.dice.token(),
        world.now,
    );
    let Some(one) = world
        .dashboards
        .rows
        .get_mut(id)
        .filter(|one| one.turn == turn && one.status == "running")
    else {
        return;
    };
    let last = one.messages.iter().rev().find(|message| message.is_user);
    let wish = last.map_or_else(String::new, |message| message.content.clone());
    let has_asked = one
        .messages
        .iter()
        .rev()
        .take(2)
        .any(|message| message.question.is_some());
    let is_question = wish.contains('?') && !has_asked;
    let content = if is_question {
        "Which period shall it cover?"
    } else {
        "Done: the page is up to date."
    };
    if is_question {
        one.status = "pending".into();
    } else {
        one.title
            .get_or_insert_with(|| wish.chars().take(60).collect());
        one.status = "completed".into();
        let html = page(one.title.as_deref().unwrap_or_default(), &wish);
        one.add_version(version, html, None, now);
        one.refreshed_at = Some(now);
    }
    one.messages.push(Message {
        id: message,
        is_user: false,
        content: content.into(),
        at: now,
        question: is_question.then(|| format!("call_{call}")),
        element: None,
    });
}

fn check_idle(world: &World, request: &Request) -> Result<Uuid, Refusal> {
    let one = world.dashboard(request)?;
    if one.is_busy() {
        return Err(Refusal::conflict(
            "the dashboard is busy with the last message",
        ));
    }
    Ok(one.id)
}

fn send_message(world: &mut World, request: &Request) -> Outcome {
    let id = check_idle(world, request)?;
    if let Some(base) = request.body_id("from_revision_id") {
        let one = world.dashboard_mut(request)?;
        if !one.versions.iter().any(|version| version.id == base) {
            return Err(Refusal::missing("version", base));
        }
        one.current = Some(base);
    }
    world.did("messaged", "dashboard", id);
    let message = ask(world, id, request);
    Ok(json!({ "user_message": message }).into())
}

/// The page ends just before the message `before`, or with the last one.
fn list_messages(world: &mut World, request: &Request) -> Outcome {
    let one = world.dashboard(request)?;
    let all = &one.messages;
    let end = match request.asked_id("before") {
        Some(id) => all
            .iter()
            .position(|message| message.id == id)
            .ok_or_else(|| Refusal::missing("message", id))?,
        None => all.len(),
    };
    let limit = request
        .query
        .get("limit")
        .and_then(Value::as_u64)
        .unwrap_or(USUAL);
    let start = end.saturating_sub(usize::try_from(limit).unwrap_or(end));
    let rows: Vec<_> = all[start..end]
        .iter()
        .map(|message| message_view(world, one.id, message))
        .collect();
    Ok(json!({ "data": rows, "total": all.len(), "has_more": start > 0 }).into())
}

fn answer(world: &mut World, request: &Request) -> Outcome {
    let one = world.dashboard(request)?;
    let asked = one
        .messages
        .last()
        .and_then(|message| message.question.as_deref());
    if one.status != "pending" || asked.is_none() || asked != request.text("toolCallId") {
        return Err(Refusal::state(
            "the dashboard has not asked that, or not any more",
        ));
    }
    let id = one.id;
    world.did("answered", "dashboard", id);
    run(world, id);
    Ok(json!({ "ok": true }).into())
}

fn stop(world: &mut World, request: &Request) -> Outcome {
    let is_busy = world.dashboard(request)?.is_busy();
    let one = world.dashboard_mut(request)?;
    if is_busy {
        one.turn += 1;
        one.status = "interrupted".into();
    }
    Ok(json!({ "artifact": view(one) }).into())
}

fn refresh(world: &mut World, request: &Request) -> Outcome {
    let id = check_idle(world, request)?;
    if world.dashboard(request)?.current.is_none() {
        return Err(Refusal::conflict("there is no page to refresh yet"));
    }
    world.did("refreshed", "dashboard", id);
    run(world, id);
    Ok(view(world.dashboard(request)?).into())
}
