//! The chat about snapshots: a message starts a turn, which ends in a text, a question or a patch.
//!
//! What it does is the simulator's choice: a question (it ends in `?`) is answered with a text, a
//! message of fewer than four words is asked back about, and anything else becomes a patch.

use std::cmp::Reverse;
use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::generation::Event;
use super::rows::{ChatMessage, Conversation, Kind, SnapshotStatus, Turn};
use super::{generation, snapshots};
use crate::simulator::behaviour::Outcome;
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::{self, World};

/// How long it thinks about a message.
const THINKING: Duration = Duration::from_secs(6);
/// Conversations and messages that are shown at most.
const MOST_SHOWN: usize = 100;
/// What it asks about a short message.
const QUESTION: &str = "Which part do you mean?";

pub(super) fn list_conversations(world: &mut World, request: &Request) -> Outcome {
    let process = world.process_of(request)?.id;
    let kind = Kind::of(request.asked("snapshot_kind").unwrap_or_default());
    let fits = |chat: &&Conversation| {
        chat.process_id == process && chat.kind == kind && chat.user_id == world.me
    };
    let mut chats: Vec<_> = world
        .processes
        .conversations
        .iter()
        .rev()
        .filter(fits)
        .collect();
    chats.sort_by_key(|chat| Reverse(chat.updated_at));
    let rows: Vec<_> = chats.into_iter().take(MOST_SHOWN).map(view).collect();
    Ok(json!({ "conversations": rows }).into())
}

pub(super) fn list_messages(world: &mut World, request: &Request) -> Outcome {
    let chat = conversation(world, request, request.id("conversation_id"))?;
    let mut messages: Vec<_> = of_chat(world, chat.id)
        .rev()
        .take(MOST_SHOWN)
        .map(view_message)
        .collect();
    messages.reverse();
    Ok(json!({ "conversation": view(chat), "messages": messages }).into())
}

fn of_chat(world: &World, chat: Uuid) -> impl DoubleEndedIterator<Item = &ChatMessage> {
    world
        .processes
        .messages
        .iter()
        .filter(move |message| message.conversation_id == chat)
}

/// A conversation of the key's user about the process of the path.
fn conversation<'a>(
    world: &'a World,
    request: &Request,
    id: Uuid,
) -> Result<&'a Conversation, Refusal> {
    let process = world.process_of(request)?.id;
    let chat = world.processes.conversations.get(id);
    let fits = |chat: &&Conversation| chat.process_id == process && chat.user_id == world.me;
    chat.filter(fits)
        .ok_or_else(|| Refusal::missing("conversation", id))
}

pub(super) fn send(world: &mut World, request: &Request) -> Outcome {
    let process = world.process_of(request)?.id;
    let kind = Kind::of(request.text("snapshot_kind").unwrap_or_default());
    let baseline = request.body_id("baseline_snapshot_id").unwrap_or_default();
    if world.snapshot(process, kind, baseline)?.status == SnapshotStatus::Generating {
        return Err(Refusal::state("the snapshot is still being generated"));
    }
    let body = spoken(request)?;
    let chat = match request.body_id("conversation_id") {
        Some(id) => check_turn(world, request, id, &body)?,
        None if body["kind"] == "text" => open(world, process, kind, &body),
        None => return Err(Refusal::invalid("a new conversation starts with `content`")),
    };
    let message = say(world, chat, "user", body, baseline);
    turn(world, chat, Turn::Running);
    world.plan(
        THINKING,
        world::Event::Process(Event::Reply {
            conversation: chat,
            message,
        }),
    );
    world.did("sent", "chat_message", message);
    both(world, chat, message)
}

/// A message holds a text, or answers to what was asked.
fn spoken(request: &Request) -> Result<Value, Refusal> {
    let text = request
        .text("content")
        .filter(|text| !text.trim().is_empty());
    match (text, request.body.get("answers")) {
        (Some(text), None) => Ok(json!({ "kind": "text", "text": text })),
        (None, Some(answers)) => Ok(json!({ "kind": "hitl_answer", "answers": answers })),
        _ => Err(Refusal::invalid("give either `content` or `answers`")),
    }
}

fn check_turn(world: &World, request: &Request, id: Uuid, body: &Value) -> Result<Uuid, Refusal> {
    let chat = conversation(world, request, id)?;
    if json!(chat.kind) != request.body["snapshot_kind"] {
        return Err(Refusal::invalid(
            "the conversation is about snapshots of the other kind",
        ));
    }
    match (chat.status, body["kind"].as_str()) {
        (Turn::Open, Some("text")) => Ok(id),
        (Turn::WaitingForHitl, Some("hitl_answer")) if body["answers"].get(QUESTION).is_some() => {
            Ok(id)
        }
        (Turn::WaitingForHitl, Some("hitl_answer")) => Err(Refusal::invalid(format!(
            "`answers` must answer `{QUESTION}`"
        ))),
        (Turn::Open, _) => Err(Refusal::state("the conversation has asked nothing")),
        (Turn::WaitingForHitl, _) => Err(Refusal::state("the conversation waits for answers")),
        (Turn::Running, _) => Err(Refusal::state(
            "the conversation is in the middle of a turn",
        )),
        (Turn::WaitingForPatch, _) => Err(Refusal::state(
            "the conversation waits for a decision on its patch",
        )),
    }
}

fn open(world: &mut World, process_id: Uuid, kind: Kind, body: &Value) -> Uuid {
    let id = world.dice.id();
    let text = body["text"].as_str().unwrap_or_default();
    world.processes.conversations.add(Conversation {
        id,
        user_id: world.me,
        process_id,
        kind,
        title: text.chars().take(80).collect(),
        status: Turn::Open,
        created_at: world.now,
        updated_at: world.now,
    });
    world.did("created", "conversation", id);
    id
}

fn say(world: &mut World, conversation_id: Uuid, role: &str, body: Value, baseline: Uuid) -> Uuid {
    let id = world.dice.id();
    world.processes.messages.add(ChatMessage {
        id,
        conversation_id,
        role: role.into(),
        body,
        baseline_snapshot_id: baseline,
        created_at: world.now,
        updated_at: world.now,
    });
    id
}

fn turn(world: &mut World, chat: Uuid, status: Turn) {
    let now = world.now;
    if let Some(chat) = world.processes.conversations.get_mut(chat) {
        (chat.status, chat.updated_at) = (status, now);
    }
}

/// Ends a turn: with a text, a question or a patch.
pub(super) fn reply(world: &mut World, chat: Uuid, message: Uuid) {
    let Some(asked) = world.processes.messages.get(message).cloned() else {
        return;
    };
    let baseline = asked.baseline_snapshot_id;
    let (body, next) = match asked.body["text"].as_str() {
        Some(text) if text.trim_end().ends_with('?') => (
            json!({ "kind": "text", "text": "The steps and their sources tell what is known about it." }),
            Turn::Open,
        ),
        Some(text) if text.split_whitespace().count() < 4 => (question(), Turn::WaitingForHitl),
        Some(text) => (patch(world, baseline, text), Turn::WaitingForPatch),
        None => (
            patch(world, baseline, &answered(&asked.body)),
            Turn::WaitingForPatch,
        ),
    };
    say(world, chat, "assistant", body, baseline);
    turn(world, chat, next);
}

fn answered(body: &Value) -> String {
    let answers = body["answers"]
        .as_object()
        .into_iter()
        .flat_map(|answers| answers.values());
    answers
        .filter_map(Value::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}

fn question() -> Value {
    let option =
        |label: &str, description: &str| json!({ "label": label, "description": description });
    json!({
        "kind": "hitl_question",
        "questions": [{
            "question": QUESTION,
            "header": "Part",
            "options": [option("The summary", "the text above the flow"), option("A step", "one of the steps")],
            "multiSelect": false,
        }],
    })
}

/// Proposes a new summary, as a draft that waits for a decision.
fn patch(world: &mut World, baseline: Uuid, text: &str) -> Value {
    let Some(old) = world.processes.snapshots.get(baseline).cloned() else {
        return json!({ "kind": "error", "text": "the snapshot is gone" });
    };
    let summary = format!(
        "{} {text}",
        old.data["summary"].as_str().unwrap_or_default()
    );
    let origin = [old.source_id, Some(baseline)];
    let draft = generation::add_blank(world, old.process_id, old.kind, origin);
    if let Some(snapshot) = world.processes.snapshots.get_mut(draft) {
        let version = snapshot.data["version"].clone();
        (snapshot.status, snapshot.data) = (SnapshotStatus::Draft, old.data);
        snapshot.data["version"] = version;
        snapshot.data["summary"] = summary.trim().into();
    }
    json!({
        "kind": "patch",
        "status": "pending",
        "summary": text,
        "patch": [{ "op": "replace", "path": "/summary", "value": summary.trim() }],
        "draft_snapshot_id": draft,
        "snapshot_id": null,
    })
}

pub(super) fn decide(world: &mut World, request: &Request) -> Outcome {
    let id = request.id("message_id");
    let missing = || Refusal::missing("message", id);
    let message = world.processes.messages.get(id).ok_or_else(missing)?;
    let chat = conversation(world, request, message.conversation_id)
        .map_err(|_| missing())?
        .id;
    if message.body["kind"] != "patch" {
        return Err(Refusal::invalid("the message proposes no patch"));
    }
    if message.body["status"] != "pending" {
        return Err(Refusal::state("the patch was decided on already"));
    }
    let draft = message.body["draft_snapshot_id"]
        .as_str()
        .and_then(|id| Uuid::try_parse(id).ok())
        .unwrap_or_default();
    let is_accepted = request.text("decision") == Some("accept");
    if is_accepted {
        world.idle_process(request)?;
        snapshots::make_live(world, draft)?;
    } else {
        world.processes.snapshots.remove(draft);
    }
    let now = world.now;
    if let Some(message) = world.processes.messages.get_mut(id) {
        message.updated_at = now;
        message.body["status"] = if is_accepted { "accepted" } else { "declined" }.into();
        message.body["draft_snapshot_id"] = Value::Null;
        message.body["snapshot_id"] = is_accepted
            .then_some(draft)
            .map_or(Value::Null, |id| json!(id));
    }
    turn(world, chat, Turn::Open);
    world.did(
        if is_accepted { "accepted" } else { "declined" },
        "chat_patch",
        id,
    );
    both(world, chat, id)
}

fn both(world: &World, chat: Uuid, message: Uuid) -> Outcome {
    let missing = || Refusal::missing("conversation", chat);
    let conversation = world
        .processes
        .conversations
        .get(chat)
        .ok_or_else(missing)?;
    let message = world.processes.messages.get(message).ok_or_else(missing)?;
    Ok(json!({ "conversation": view(conversation), "message": view_message(message) }).into())
}

fn view(chat: &Conversation) -> Value {
    json!({
        "id": chat.id,
        "user_id": chat.user_id,
        "process_id": chat.process_id,
        "snapshot_kind": chat.kind,
        "title": chat.title,
        "sandbox_id": null,
        "session_id": null,
        "status": chat.status,
        "created_at": chat.created_at,
        "updated_at": chat.updated_at,
        "deleted_at": null,
    })
}

fn view_message(message: &ChatMessage) -> Value {
    json!({
        "id": message.id,
        "conversation_id": message.conversation_id,
        "role": message.role,
        "kind": message.body["kind"],
        "body": message.body,
        "baseline_snapshot_id": message.baseline_snapshot_id,
        "created_at": message.created_at,
        "updated_at": message.updated_at,
    })
}
