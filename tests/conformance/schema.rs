//! Turns the schemas of an OpenAPI 3.0 document, and the shapes of the catalog, into JSON Schema.
//!
//! Stricter than the document in one point: an object with known fields takes no others unless the
//! document says so. Parts of an `allOf` are closed together, for closed one by one nothing fits.

use duvoscript::catalog::{Field, Format, Kind, Object, Range, Shape, Text};
use serde_json::{Map, Value, json};

/// What is copied as it stands; everything else but the keywords below is prose.
const PLAIN: [&str; 10] = [
    "type",
    "enum",
    "required",
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
];

/// Returns the JSON Schema of a schema of the document; `defs` are the document's named schemas.
pub(crate) fn from_openapi(schema: &Value, defs: &Map<String, Value>) -> Value {
    let mut root = convert(schema, true);
    if schema.to_string().contains("\"$ref\"") {
        let defs: Map<String, Value> = defs
            .iter()
            .map(|(name, schema)| (name.clone(), convert(schema, true)))
            .collect();
        root["$defs"] = Value::from(defs);
    }
    root
}

/// Converts one schema; what is not `closed` leaves unknown fields to the schema around it.
fn convert(schema: &Value, closed: bool) -> Value {
    let Some(old) = schema.as_object() else {
        return schema.clone();
    };
    let mut new = Map::new();
    for key in PLAIN {
        new.extend(old.get(key).map(|value| (key.to_owned(), value.clone())));
    }
    if let Some(Value::String(target)) = old.get("$ref") {
        let target = target.replace("#/components/schemas/", "#/$defs/");
        new.insert("$ref".into(), target.into());
    }
    bounds(old, &mut new);
    children(old, &mut new, closed);
    if old.get("nullable") == Some(&Value::Bool(true)) {
        return or_null(new);
    }
    new.into()
}

/// In OpenAPI 3.0 `exclusiveMinimum` is a flag beside `minimum`, in JSON Schema the bound itself.
fn bounds(old: &Map<String, Value>, new: &mut Map<String, Value>) {
    for (bound, flag) in [
        ("minimum", "exclusiveMinimum"),
        ("maximum", "exclusiveMaximum"),
    ] {
        let is_exclusive = old.get(flag) == Some(&Value::Bool(true));
        let key = if is_exclusive { flag } else { bound };
        new.extend(old.get(bound).map(|value| (key.to_owned(), value.clone())));
    }
}

fn children(old: &Map<String, Value>, new: &mut Map<String, Value>, closed: bool) {
    let is_object = old.contains_key("properties");
    let is_sum = old.contains_key("allOf") || is_object && is_choice(old);
    for key in ["allOf", "anyOf", "oneOf"] {
        if let Some(Value::Array(branches)) = old.get(key) {
            let branches = branches
                .iter()
                .map(|branch| convert(branch, closed && !is_sum));
            new.insert(key.into(), branches.collect());
        }
    }
    if let Some(Value::Object(fields)) = old.get("properties") {
        let fields: Map<String, Value> = fields
            .iter()
            .map(|(name, field)| (name.clone(), convert(field, true)))
            .collect();
        new.insert("properties".into(), fields.into());
    }
    if let Some(items) = old.get("items") {
        new.insert("items".into(), convert(items, true));
    }
    let others = match old.get("additionalProperties") {
        Some(Value::Bool(false)) | None if !(closed && is_object) || is_sum => None,
        Some(Value::Bool(false)) | None => Some(Value::Bool(false)),
        Some(others) => Some(convert(others, true)),
    };
    new.extend(others.map(|others| ("additionalProperties".to_owned(), others)));
    if closed && is_sum {
        new.insert("unevaluatedProperties".into(), false.into());
    }
}

fn is_choice(schema: &Map<String, Value>) -> bool {
    schema.contains_key("anyOf") || schema.contains_key("oneOf")
}

fn or_null(mut schema: Map<String, Value>) -> Value {
    let is_plain = !is_choice(&schema) && !schema.contains_key("allOf");
    match schema.get("type") {
        Some(Value::String(kind)) if is_plain => {
            let kind = json!([kind, "null"]);
            schema.insert("type".into(), kind);
            if let Some(Value::Array(values)) = schema.get_mut("enum") {
                values.push(Value::Null);
            }
            schema.into()
        }
        _ => json!({ "anyOf": [schema, { "type": "null" }] }),
    }
}

/// Returns the JSON Schema of a shape of the catalog.
pub(crate) fn from_shape(shape: &Shape) -> Value {
    let schema = from_kind(&shape.kind);
    match schema {
        Value::Object(schema) if shape.nullable => or_null(schema),
        schema => schema,
    }
}

/// Returns the JSON Schema of an object of the catalog.
pub(crate) fn from_object(object: &Object) -> Value {
    from_fields(object.fields.iter(), object.open)
}

fn from_fields(fields: impl Iterator<Item = &'static Field>, open: bool) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for field in fields {
        properties.insert(field.name.into(), from_shape(&field.shape));
        if field.required {
            required.push(field.name);
        }
    }
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": open,
    })
}

fn from_kind(kind: &Kind) -> Value {
    match kind {
        Kind::Any => json!({}),
        Kind::Null => json!({ "type": "null" }),
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Integer(range) => ranged("integer", *range, "minimum", "maximum"),
        Kind::Number(range) => ranged("number", *range, "minimum", "maximum"),
        Kind::Text(text) => from_text(text),
        Kind::Choice(values) => {
            let values = values
                .iter()
                .filter_map(|text| serde_json::from_str(text).ok());
            json!({ "enum": values.collect::<Vec<Value>>() })
        }
        Kind::File => json!({ "type": "string" }),
        Kind::List(item, range) => {
            let mut schema = ranged("array", *range, "minItems", "maxItems");
            schema["items"] = from_shape(item);
            schema
        }
        Kind::Map(item, pattern) => {
            let mut schema = json!({ "type": "object", "additionalProperties": from_shape(item) });
            if let Some(pattern) = pattern {
                schema["propertyNames"] = json!({ "pattern": pattern });
            }
            schema
        }
        Kind::Object(object) => from_object(object),
        Kind::Union(shapes) => {
            json!({ "anyOf": shapes.iter().map(from_shape).collect::<Vec<_>>() })
        }
    }
}

fn from_text(text: &Text) -> Value {
    let mut schema = ranged("string", text.length, "minLength", "maxLength");
    let format = match text.format {
        Format::Plain | Format::Path | Format::Secret => None,
        Format::Uuid => Some("uuid"),
        Format::DateTime => Some("date-time"),
        Format::Date => Some("date"),
        Format::Uri => Some("uri"),
        Format::Email => Some("email"),
    };
    if let Some(format) = format {
        schema["format"] = format.into();
    }
    if let Some(pattern) = text.pattern {
        schema["pattern"] = pattern.into();
    }
    schema
}

fn ranged(kind: &str, range: Range, min: &str, max: &str) -> Value {
    let mut schema = json!({ "type": kind });
    for (bound, key) in [(range.min, min), (range.max, max)] {
        let key = match (range.exclusive, key) {
            (true, "minimum") => "exclusiveMinimum",
            (true, "maximum") => "exclusiveMaximum",
            _ => key,
        };
        if let Some(bound) = bound {
            schema[key] = bound.into();
        }
    }
    schema
}
