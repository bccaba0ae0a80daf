//! From the arguments of a script to the path and the fields of a call.
//!
//! Ids come first, in path order; then, where the catalog names one, the field that may stand
//! alone; then one map with query and body fields together. A thing with an `id` stands for it.

use rhai::{Dynamic, Map};
use serde_json::Value;

use crate::catalog::{self, Call, Endpoint, Fault, Field, Format, Kind, Shape};
use crate::report::Failure;
use crate::script::json;

/// The arguments of a call, sorted out but not judged yet.
#[derive(Clone, Debug)]
pub(super) struct Given {
    /// Path parameters in path order.
    pub(super) path: Vec<String>,
    /// Query and body fields.
    pub(super) fields: serde_json::Map<String, Value>,
}

impl Given {
    /// Judges the arguments by the catalog, and makes them a call.
    pub(super) fn checked(mut self, endpoint: &'static Endpoint) -> Result<Call, Failure> {
        check(endpoint, &self.path, &mut self.fields)?;
        Ok(Call {
            endpoint,
            path: self.path,
            fields: self.fields,
        })
    }
}

/// Judges path and fields by the catalog.
pub(in crate::script) fn check(
    endpoint: &'static Endpoint,
    path: &[String],
    fields: &mut serde_json::Map<String, Value>,
) -> Result<(), Failure> {
    catalog::check_call(endpoint, path, fields).map_err(|fault| wrong(endpoint, &fault))
}

/// Returns what the catalog finds wrong with a call as a failure of it.
pub(super) fn wrong(endpoint: &Endpoint, fault: &Fault) -> Failure {
    let hint = fault
        .hint
        .clone()
        .unwrap_or_else(|| format!("call it as `{}`", catalog::signature(endpoint)));
    Failure::invalid(fault.to_string()).hint(hint)
}

/// Sorts out the arguments of a function.
pub(super) fn read(endpoint: &Endpoint, args: &[&mut Dynamic]) -> Result<Given, Failure> {
    let ids = endpoint.given_params().count().min(args.len());
    let path = path(endpoint, &args[..ids])?;
    let fields = match &args[ids..] {
        [] => serde_json::Map::new(),
        [only] => match shorthand(endpoint, only) {
            Some(field) => alone(field, only)?,
            None => fields(endpoint, only)?,
        },
        [first, rest, ..] => {
            let field = shorthand_field(endpoint)
                .ok_or_else(|| Failure::invalid("takes one map of fields, not two"))?;
            let mut both = alone(field, first)?;
            both.append(&mut fields(endpoint, rest)?);
            both
        }
    };
    Ok(Given { path, fields })
}

/// Returns the path parameters that arguments stand for.
pub(super) fn path(endpoint: &Endpoint, args: &[&mut Dynamic]) -> Result<Vec<String>, Failure> {
    let params = endpoint.given_params().zip(args);
    params.map(|(param, arg)| id_of(arg, param.name)).collect()
}

/// Returns the id that a value stands for: itself, or that of the thing it is.
pub(in crate::script) fn id_of(value: &Dynamic, param: &str) -> Result<String, Failure> {
    if let Ok(text) = value.as_immutable_string_ref() {
        return Ok(text.as_str().into());
    }
    if let Ok(number) = value.as_int() {
        return Ok(number.to_string());
    }
    let inner = value.as_map_ref().ok();
    let inner = inner
        .as_ref()
        .and_then(|map| map.get("id").or_else(|| map.get(param)));
    if let Some(Ok(id)) = inner.map(Dynamic::as_immutable_string_ref) {
        return Ok(id.as_str().into());
    }
    let failure = Failure::invalid(format!(
        "`{param}` must be an id, or a map that has one, not {}",
        shown(value)
    ));
    Err(if value.is_unit() {
        failure.hint("is the name of a property before it misspelt? A missing property is `()`")
    } else {
        failure
    })
}

fn shown(value: &Dynamic) -> String {
    match value.type_name() {
        "()" => "`()`".into(),
        "map" => "a map without one".into(),
        name => format!("a value of type `{name}`"),
    }
}

/// Returns the field that the only argument behind the ids is meant for, if it is no map of fields.
fn shorthand(endpoint: &Endpoint, given: &Dynamic) -> Option<&'static Field> {
    let field = shorthand_field(endpoint)?;
    let Ok(map) = given.as_map_ref() else {
        return Some(field);
    };
    // A thing may stand for its id here, too, unless its keys are fields of the call.
    let is_thing = is_id(&field.shape)
        && map.contains_key("id")
        && !endpoint.given_fields().any(|field| field.name == "id");
    is_thing.then_some(field)
}

fn shorthand_field(endpoint: &Endpoint) -> Option<&'static Field> {
    let name = endpoint.shorthand?;
    endpoint.given_fields().find(|field| field.name == name)
}

fn alone(field: &Field, value: &Dynamic) -> Result<serde_json::Map<String, Value>, Failure> {
    let value = to_json(value, Some(&field.shape), field.name)?;
    Ok(serde_json::Map::from_iter([(field.name.to_owned(), value)]))
}

/// Returns the fields of a map.
pub(super) fn fields(
    endpoint: &Endpoint,
    value: &Dynamic,
) -> Result<serde_json::Map<String, Value>, Failure> {
    let Ok(map) = value.as_map_ref() else {
        let message = format!(
            "wants a map of fields, not a value of type `{}`",
            value.type_name()
        );
        return Err(Failure::invalid(message)
            .hint(format!("call it as `{}`", catalog::signature(endpoint))));
    };
    fields_of(endpoint, &map)
}

/// Returns the fields of a map.
pub(super) fn fields_of(
    endpoint: &Endpoint,
    map: &Map,
) -> Result<serde_json::Map<String, Value>, Failure> {
    let convert = |(key, value): (&rhai::Identifier, &Dynamic)| {
        let field = endpoint
            .given_fields()
            .find(|field| field.name == key.as_str());
        let shape = field.map(|field| &field.shape);
        Ok((key.to_string(), to_json(value, shape, key)?))
    };
    map.iter().map(convert).collect()
}

/// Turns a value into JSON; things that stand for their ids become the ids at once.
fn to_json(value: &Dynamic, shape: Option<&Shape>, name: &str) -> Result<Value, Failure> {
    if shape.is_some_and(is_id)
        && let Ok(map) = value.as_map_ref()
        && let Some(Ok(id)) = map.get("id").map(Dynamic::as_immutable_string_ref)
    {
        return Ok(Value::from(id.as_str()));
    }
    if let Some(Kind::List(item, _)) = shape.map(|shape| &shape.kind)
        && let Ok(items) = value.as_array_ref()
    {
        return items
            .iter()
            .map(|value| to_json(value, Some(item), name))
            .collect();
    }
    json::to_value(value)
        .map_err(|fault| Failure::invalid(fault.replacen("the value", &format!("`{name}`"), 1)))
}

fn is_id(shape: &Shape) -> bool {
    matches!(&shape.kind, Kind::Text(text) if text.format == Format::Uuid)
}
