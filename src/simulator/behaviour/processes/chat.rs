//! Chats about a snapshot: a message starts a turn, which ends with a text, or with a change that
//! waits for a decision. A message with a question mark gets a text.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::Work;
use super::rows::{ChatMessage, Conversation, Kind, Snapshot, Status};
use crate::simulator::behaviour::{Outcome, Route};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::{Event, World};

pub(super) const ROUTES: &[Route] = &[
    ("processes.send_chat_message", send),
    ("processes.decide_chat_patch", decide),
    ("processes.list_conversations", list),
    ("processes.list_chat_messages", list_messages),
];

/// How long a turn takes.
const TURN: Duration = Duration::from_secs(5);
/// How many messages are shown.
const MOST_SHOWN: usize = 200;

fn view(world: &World, one: &Conversation) -> Value {
    json!({
        "id": one.id,
        "user_id": world.me,
        "process_id": one.process_id,
        "snapshot_kind": one.kind,
        "title": one.title,
        "sandbox_id": null,
        "session_id": null,
        "status": one.status,
        "created_at": one.created_at,
        "updated_at": one.updated_at,
        "deleted_at": null,
    })
}

fn message_view(conversation: Uuid, one: &ChatMessage) -> Value {
    json!({
        "id": one.id,
        "conversation_id": conversation,
        "role": one.role,
        "kind": one.body["kind"],
        "body": one.body,
        "baseline_snapshot_id": one.baseline,
        "created_at": one.at,
        "updated_at": one.at,
    })
}

/// What is added to a conversation, and the state that it has then.
struct Turn<'a> {
    role: &'a str,
    baseline: Uuid,
    body: Value,
    status: &'a str,
}

fn add(world: &mut World, conversation: Uuid, turn: Turn) -> Option<Value> {
    let (id, at) = (world.dice.id(), world.now);
    let one = world.processes.conversations.get_mut(conversation)?;
    (one.status, one.updated_at) = (turn.status.into(), at);
    let (role, baseline, body) = (turn.role.into(), turn.baseline, turn.body);
    let message = ChatMessage {
        id,
        role,
        baseline,
        body,
        at,
    };
    let shown = message_view(conversation, &message);
    one.messages.push(message);
    Some(shown)
}

fn send(world: &mut World, request: &Request) -> Outcome {
    let process = world.process_of(request)?.id;
    let kind = Kind::of(request.text("snapshot_kind").unwrap_or_default());
    let baseline = world
        .snapshot(
            process,
            kind,
            request.body_id("baseline_snapshot_id").unwrap_or_default(),
        )?
        .id;
    let body = match (request.text("content"), request.body.get("answers")) {
        (Some(text), None) => json!({ "kind": "text", "text": text }),
        (None, Some(answers)) => json!({ "kind": "hitl_answer", "answers": answers }),
        _ => return Err(Refusal::invalid("give either `content` or `answers`")),
    };
    let conversation = match request.body_id("conversation_id") {
        Some(id) => {
            let one = own(world, process, id)?;
            let wanted = if body["kind"] == "text" {
                "open"
            } else {
                "waiting_for_hitl"
            };
            if one.status != wanted {
                return Err(Refusal::state(format!(
                    "the conversation is `{}`",
                    one.status
                )));
            }
            id
        }
        None if body["kind"] == "text" => open(world, process, kind, &body),
        None => return Err(Refusal::state("nothing was asked yet")),
    };
    let message = add(
        world,
        conversation,
        Turn {
            role: "user",
            baseline,
            body,
            status: "running",
        },
    );
    world.plan(TURN, Event::Process(Work::Chat { conversation }));
    world.did("messaged", "conversation", conversation);
    answer(world, process, conversation, message.as_ref())
}

fn own(world: &World, process: Uuid, id: Uuid) -> Result<&Conversation, Refusal> {
    let one = world
        .processes
        .conversations
        .get(id)
        .filter(|one| one.process_id == process);
    one.ok_or_else(|| Refusal::missing("conversation", id))
}

fn open(world: &mut World, process_id: Uuid, kind: Kind, body: &Value) -> Uuid {
    let (id, now) = (world.dice.id(), world.now);
    let title = body["text"]
        .as_str()
        .unwrap_or_default()
        .chars()
        .take(60)
        .collect();
    world.processes.conversations.add(Conversation {
        id,
        process_id,
        kind,
        title,
        status: "open".into(),
        messages: Vec::new(),
        created_at: now,
        updated_at: now,
    });
    id
}

fn answer(world: &World, process: Uuid, conversation: Uuid, message: Option<&Value>) -> Outcome {
    let one = own(world, process, conversation)?;
    Ok(json!({ "conversation": view(world, one), "message": message }).into())
}

/// Ends a turn with a text, or with a change of the first task's title.
pub(super) fn reply(world: &mut World, conversation: Uuid) {
    let Some(one) = world.processes.conversations.get(conversation) else {
        return;
    };
    let Some(last) = one.messages.last() else {
        return;
    };
    let (asked, baseline) = (
        last.body["text"].as_str().unwrap_or_default().to_owned(),
        last.baseline,
    );
    if asked.contains('?') {
        let body = json!({ "kind": "text", "text": "The captures say nothing about that." });
        add(
            world,
            conversation,
            Turn {
                role: "assistant",
                baseline,
                body,
                status: "open",
            },
        );
        return;
    }
    let body = json!({
        "kind": "patch",
        "status": "pending",
        "summary": format!("Renames the first task: {asked}"),
        "patch": [{ "op": "replace", "path": "/steps/1/title", "value": asked }],
        "draft_snapshot_id": null,
        "snapshot_id": null,
    });
    add(
        world,
        conversation,
        Turn {
            role: "assistant",
            baseline,
            body,
            status: "waiting_for_patch",
        },
    );
}

fn decide(world: &mut World, request: &Request) -> Outcome {
    let process = world.process_of(request)?.id;
    let id = request.id("message_id");
    let (conversation, baseline, title) = pending(world, process, id)?;
    let is_accepted = request.text("decision") == Some("accept");
    let snapshot = if is_accepted {
        patched(world, baseline, &title)
    } else {
        None
    };
    let now = world.now;
    let Some(one) = world.processes.conversations.get_mut(conversation) else {
        return Err(Refusal::missing("conversation", conversation));
    };
    (one.status, one.updated_at) = ("open".into(), now);
    let message = one.messages.iter_mut().find(|message| message.id == id);
    let shown = message.map(|message| {
        message.body["status"] = if is_accepted { "accepted" } else { "declined" }.into();
        message.body["snapshot_id"] = json!(snapshot);
        message_view(conversation, message)
    });
    world.did(
        if is_accepted { "accepted" } else { "declined" },
        "patch",
        id,
    );
    answer(world, process, conversation, shown.as_ref())
}

/// Returns the conversation of a change that waits for a decision, its baseline, and the new title.
fn pending(world: &World, process: Uuid, id: Uuid) -> Result<(Uuid, Uuid, Value), Refusal> {
    let mut own = world
        .processes
        .conversations
        .iter()
        .filter(|one| one.process_id == process);
    let found = own.find_map(|one| {
        let message = one.messages.iter().find(|message| message.id == id)?;
        Some((one.id, message))
    });
    let (conversation, message) = found.ok_or_else(|| Refusal::missing("message", id))?;
    if message.body["status"] != "pending" {
        return Err(Refusal::state(
            "there is no change that waits for a decision",
        ));
    }
    let title = message.body["patch"][0]["value"].clone();
    Ok((conversation, message.baseline, title))
}

/// Makes a live snapshot out of another one and a new title.
fn patched(world: &mut World, baseline: Uuid, title: &Value) -> Option<Uuid> {
    let base = world.processes.snapshots.get(baseline)?.clone();
    let (id, now) = (world.dice.id(), world.now);
    let mut data = base.data.clone();
    if let Some(old) = data.pointer_mut("/steps/1/title") {
        *old = title.clone();
    }
    let (parent_id, status, by_ai) = (Some(base.id), Status::Draft, true);
    world.processes.snapshots.add(Snapshot {
        id,
        parent_id,
        status,
        by_ai,
        data,
        created_at: now,
        updated_at: now,
        ..base
    });
    world.enliven(id);
    Some(id)
}

fn list(world: &mut World, request: &Request) -> Outcome {
    let process = world.process_of(request)?.id;
    let kind = Kind::of(request.asked("snapshot_kind").unwrap_or_default());
    let all = world.processes.conversations.iter().rev();
    let own = all.filter(|one| one.process_id == process && one.kind == kind);
    let rows: Vec<_> = own.map(|one| view(world, one)).collect();
    Ok(json!({ "conversations": rows }).into())
}

fn list_messages(world: &mut World, request: &Request) -> Outcome {
    let process = world.process_of(request)?.id;
    let one = own(world, process, request.id("conversation_id"))?;
    let skip = one.messages.len().saturating_sub(MOST_SHOWN);
    let messages: Vec<_> = one
        .messages
        .iter()
        .skip(skip)
        .map(|message| message_view(one.id, message))
        .collect();
    Ok(json!({ "conversation": view(world, one), "messages": messages }).into())
}
