//! The two endpoints, and the methods that come through the one of them.

use serde_json::{Value, json};

use super::{call, tools};
use crate::simulator::behaviour::{Outcome, Route};
use crate::simulator::reply::{Content, Refusal, Reply};
use crate::simulator::request::Request;
use crate::simulator::world::World;

pub(in crate::simulator) const ROUTES: &[Route] = &[("mcp.send", send), ("mcp.stream", stream)];

/// Versions of the protocol that are understood, the newest first.
const PROTOCOLS: [&str; 3] = ["2025-06-18", "2025-03-26", "2024-11-05"];

/// What a method gives back: a result, or an error with its code.
pub(super) type Answer = Result<Value, (i32, String)>;

/// The error for a method that does not exist.
const NO_METHOD: i32 = -32601;
/// The error for a message that is no request.
const NO_REQUEST: i32 = -32600;
/// The error for wrong parameters.
pub(super) const WRONG_PARAMS: i32 = -32602;

fn send(world: &mut World, request: &Request) -> Outcome {
    let id = request.body.get("id").cloned().filter(|id| !id.is_null());
    let Some(id) = id else {
        // Nobody waits for an answer to a notification.
        return Ok(Reply {
            status: Some(202),
            content: Content::Nothing,
        });
    };
    let params = request
        .body
        .get("params")
        .cloned()
        .unwrap_or_else(|| json!({}));
    let answer = match request.text("jsonrpc") {
        Some("2.0") => perform(world, request.text("method").unwrap_or_default(), &params),
        _ => Err((NO_REQUEST, "`jsonrpc` must be `2.0`".into())),
    };
    Ok(match answer {
        Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
        Err((code, message)) => {
            json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } })
        }
    }
    .into())
}

fn perform(world: &mut World, method: &str, params: &Value) -> Answer {
    match method {
        "initialize" => Ok(introduction(params)),
        "ping" => Ok(json!({})),
        "tools/list" => Ok(json!({ "tools": tools::all() })),
        "tools/call" => call::call(world, params),
        _ => Err((NO_METHOD, format!("there is no method `{method}`"))),
    }
}

fn introduction(params: &Value) -> Value {
    let asked = params["protocolVersion"].as_str();
    let version = PROTOCOLS
        .into_iter()
        .find(|known| asked == Some(known))
        .unwrap_or(PROTOCOLS[0]);
    json!({
        "protocolVersion": version,
        "capabilities": { "tools": { "listChanged": false } },
        "serverInfo": { "name": "duvo", "version": env!("CARGO_PKG_VERSION") },
    })
}

/// There is no stream to open.
fn stream(_: &mut World, _: &Request) -> Outcome {
    Err(Refusal::new(
        &[405],
        "method_not_allowed",
        "the server opens no stream; use POST",
    ))
}
