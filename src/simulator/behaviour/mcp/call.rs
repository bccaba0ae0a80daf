//! Calling a tool: its arguments become a checked request, whose answer becomes a result.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::routes::{Answer, WRONG_PARAMS};
use super::tools;
use crate::catalog::{Endpoint, Field, Kind};
use crate::simulator::behaviour::{Outcome, answer};
use crate::simulator::judge::{Unknown, judge, judge_fields};
use crate::simulator::reply::{Content, Refusal};
use crate::simulator::request::{Request, Upload};
use crate::simulator::world::World;

/// Performs `tools/call`.
pub(super) fn call(world: &mut World, params: &Value) -> Answer {
    let name = params["name"].as_str().unwrap_or_default();
    let endpoint = tools::endpoint(name)
        .ok_or_else(|| (WRONG_PARAMS, format!("there is no tool `{name}`")))?;
    let arguments = match params.get("arguments") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(arguments)) => arguments.clone(),
        Some(_) => return Err((WRONG_PARAMS, "`arguments` must be an object".into())),
    };
    let outcome = checked(world, endpoint, arguments).and_then(|request| answer(world, &request));
    Ok(result(endpoint, outcome))
}

/// Parts the arguments into path, query and body, and checks them as a request is checked.
fn checked(
    world: &World,
    endpoint: &'static Endpoint,
    mut given: Map<String, Value>,
) -> Result<Request, Refusal> {
    let mut params = Vec::new();
    for param in endpoint.params {
        let value = given
            .shift_remove(param.name)
            .or_else(|| own_team(world, param));
        params.push((param.name, path_text(param, value)?));
    }
    let is_query = |name: &str| endpoint.query.iter().any(|field| field.name == name);
    let (mut query, mut body): (Map<_, _>, Map<_, _>) =
        given.into_iter().partition(|(name, _)| is_query(name));
    judge_fields(endpoint.query, false, &mut query, Unknown::Dropped)
        .map_err(|fault| invalid(&fault))?;
    match &endpoint.body {
        Some(object) => judge_fields(object.fields, object.open, &mut body, Unknown::Dropped)
            .map_err(|fault| invalid(&fault))?,
        None => body.clear(),
    }
    let upload = take_upload(endpoint, &mut body);
    Ok(Request {
        endpoint,
        params,
        query,
        body,
        upload,
    })
}

fn invalid(fault: &crate::catalog::Fault) -> Refusal {
    Refusal::invalid(fault.to_string())
}

fn own_team(world: &World, param: &Field) -> Option<Value> {
    let me = world
        .teams
        .people
        .get(world.me)
        .filter(|_| param.name == "teamId")?;
    Some(json!(me.memberships.first()?.team_id))
}

fn path_text(param: &Field, value: Option<Value>) -> Result<String, Refusal> {
    let mut value =
        value.ok_or_else(|| Refusal::invalid(format!("`{}` is missing", param.name)))?;
    judge(&param.shape, &mut value, param.name, Unknown::Dropped)
        .map_err(|fault| invalid(&fault))?;
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    if text.contains(['\0', '\\']) || text.split('/').any(|part| part == "." || part == "..") {
        return Err(Refusal::invalid(format!(
            "`{}` must not hold `.`, `..`, backslashes or NUL",
            param.name
        )));
    }
    Ok(text)
}

/// A file comes as text here, and is named after its field.
fn take_upload(endpoint: &Endpoint, body: &mut Map<String, Value>) -> Option<Upload> {
    let fields = endpoint.body.as_ref()?.fields;
    let file = fields
        .iter()
        .find(|field| matches!(field.shape.kind, Kind::File))?;
    let content = body.shift_remove(file.name)?;
    let name = body
        .get("name")
        .and_then(Value::as_str)
        .unwrap_or(file.name)
        .to_owned();
    let bytes = content.as_str().unwrap_or_default().to_owned().into();
    Some(Upload {
        name: Some(name),
        bytes,
    })
}

fn result(endpoint: &'static Endpoint, outcome: Outcome) -> Value {
    let (value, is_error) = match outcome {
        Err(refusal) => (refusal.envelope(Some(endpoint)), true),
        Ok(reply) => match reply.content {
            Content::Json(value) => (value, false),
            Content::Nothing => (json!({ "success": true }), false),
            Content::Elsewhere(path) => (
                json!({ "error": "moved", "message": format!("use {path}") }),
                true,
            ),
            Content::Bytes(media, bytes) => {
                let content = match std::str::from_utf8(&bytes) {
                    Ok(text) => json!({ "type": "text", "text": text }),
                    Err(_) => blob(endpoint, media, &STANDARD.encode(&bytes)),
                };
                return json!({ "content": [content], "isError": false });
            }
        },
    };
    let mut result =
        json!({ "content": [{ "type": "text", "text": value.to_string() }], "isError": is_error });
    if value.is_object() {
        result["structuredContent"] = value;
    }
    result
}

fn blob(endpoint: &Endpoint, media: &str, encoded: &str) -> Value {
    let resource = json!({ "uri": format!("duvo:{}", endpoint.operation), "mimeType": media, "blob": encoded });
    json!({ "type": "resource", "resource": resource })
}
