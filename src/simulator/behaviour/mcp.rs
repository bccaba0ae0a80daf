//! The MCP server: every operation is a tool named by its operationId, and calling the tool is
//! calling the operation. It has no event stream.

use serde_json::{Map, Value, json};

use super::{Outcome, Route, answer};
use crate::catalog::{self, Endpoint, Field};
use crate::simulator::judge::{Unknown, judge, judge_fields};
use crate::simulator::reply::{Content, Refusal, Reply};
use crate::simulator::request::Request;
use crate::simulator::world::World;

pub(super) const ROUTES: &[Route] = &[("mcp.send", send), ("mcp.stream", stream)];

/// The version of the protocol that is spoken.
const PROTOCOL: &str = "2025-06-18";
/// The codes of JSON-RPC for an unknown method, and for wrong parameters.
const NO_METHOD: i64 = -32601;
const WRONG_PARAMS: i64 = -32602;

/// The document offers no other status, though the method is not supported.
fn stream(_: &mut World, _: &Request) -> Outcome {
    Ok(json!({ "error": "there is no event stream; use POST" }).into())
}

fn send(world: &mut World, request: &Request) -> Outcome {
    let Some(id) = request.body.get("id").filter(|id| !id.is_null()) else {
        return Ok(Reply::with_status(200, json!({})));
    };
    let params = request.body.get("params").cloned().unwrap_or_default();
    let outcome = match request.text("method").unwrap_or_default() {
        "initialize" => Ok(json!({
            "protocolVersion": PROTOCOL,
            "capabilities": { "tools": {} },
            "serverInfo": { "name": "duvo-simulator", "version": env!("CARGO_PKG_VERSION") },
        })),
        "ping" => Ok(json!({})),
        "tools/list" => Ok(json!({ "tools": tools().map(tool_view).collect::<Vec<_>>() })),
        "tools/call" => call(world, &params),
        other => Err((NO_METHOD, format!("there is no method `{other}`"))),
    };
    let mut message = json!({ "jsonrpc": "2.0", "id": id });
    match outcome {
        Ok(result) => message["result"] = result,
        Err((code, text)) => message["error"] = json!({ "code": code, "message": text }),
    }
    Ok(message.into())
}

/// What clears a whole queue is not offered, nor the MCP server itself, nor what needs a file.
fn tools() -> impl Iterator<Item = &'static Endpoint> {
    let is_offered = |entry: &&Endpoint| {
        entry.in_spec
            && entry.section != "mcp"
            && entry.name != "cases.clear"
            && entry.body_media == "application/json"
            && entry.answer_media == "application/json"
    };
    catalog::endpoints().filter(is_offered)
}

fn fields(entry: &'static Endpoint) -> impl Iterator<Item = &'static Field> {
    entry.params.iter().chain(entry.given_fields())
}

fn tool_view(entry: &'static Endpoint) -> Value {
    let properties =
        fields(entry).map(|field| (field.name.to_owned(), json!({ "description": field.doc })));
    let required = fields(entry).filter(|field| {
        field.required || entry.params.iter().any(|param| param.name == field.name)
    });
    json!({
        "name": entry.operation,
        "description": entry.doc,
        "inputSchema": {
            "type": "object",
            "properties": properties.collect::<Map<_, _>>(),
            "required": required.map(|field| field.name).collect::<Vec<_>>(),
        },
    })
}

type Called = Result<Value, (i64, String)>;

fn call(world: &mut World, params: &Value) -> Called {
    let name = params["name"].as_str().unwrap_or_default();
    let entry = tools().find(|entry| entry.operation == name);
    let entry = entry.ok_or_else(|| (WRONG_PARAMS, format!("there is no tool `{name}`")))?;
    let arguments = params["arguments"].as_object().cloned().unwrap_or_default();
    let outcome = checked(entry, arguments).and_then(|request| answer(world, &request));
    let (value, is_error) = match outcome {
        Ok(Reply {
            content: Content::Json(value),
            ..
        }) => (value, false),
        Ok(_) => (json!({}), false),
        Err(refusal) => (refusal.envelope(Some(entry)), true),
    };
    let text = json!({ "type": "text", "text": value.to_string() });
    Ok(json!({ "content": [text], "structuredContent": value, "isError": is_error }))
}

/// Parts the arguments of a tool into path, query and body, and checks them.
fn checked(
    endpoint: &'static Endpoint,
    mut arguments: Map<String, Value>,
) -> Result<Request, Refusal> {
    let invalid = |fault: catalog::Fault| Refusal::invalid(fault.to_string());
    let mut params = Vec::new();
    for param in endpoint.params {
        let mut value = arguments.shift_remove(param.name).unwrap_or_default();
        judge(&param.shape, &mut value, param.name, Unknown::Dropped).map_err(invalid)?;
        params.push((param.name, value.as_str().unwrap_or_default().to_owned()));
    }
    let (mut query, mut body) = (arguments.clone(), arguments);
    judge_fields(endpoint.query, false, &mut query, Unknown::Dropped).map_err(invalid)?;
    match &endpoint.body {
        Some(object) => judge_fields(object.fields, object.open, &mut body, Unknown::Dropped)
            .map_err(invalid)?,
        None => body.clear(),
    }
    Ok(Request {
        endpoint,
        params,
        query,
        body,
        upload: None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::simulator::trial::Trial;

    async fn rpc(trial: &Trial, method: &str, params: Value) -> Value {
        let message = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        trial.call("mcp.send", &[], message).await
    }

    #[tokio::test]
    async fn tools_are_operations() {
        let trial = Trial::company().await;
        let tools = rpc(&trial, "tools/list", json!({})).await;
        assert!(
            tools["result"]["tools"]
                .as_array()
                .is_some_and(|tools| tools.len() > 190)
        );
        let agent = trial.find("assignments.list", "Invoice matcher").await;
        let wanted =
            json!({ "name": "startRun", "arguments": { "teamId": trial.team, "agent_id": agent } });
        let started = rpc(&trial, "tools/call", wanted).await;
        assert_eq!(
            started["result"]["structuredContent"]["run"]["status"],
            "pending"
        );
        let wrong = json!({ "name": "getRun", "arguments": { "run_id": "x" } });
        assert_eq!(
            rpc(&trial, "tools/call", wrong).await["result"]["isError"],
            true
        );
        let unknown = json!({ "name": "clearQueueCases", "arguments": {} });
        assert_eq!(
            rpc(&trial, "tools/call", unknown).await["error"]["code"],
            -32602
        );
        assert_eq!(
            rpc(&trial, "resources/list", json!({})).await["error"]["code"],
            -32601
        );
    }
}
