//! Shapes of the catalog as JSON Schema.

use serde_json::{Map, Value, json};

use crate::catalog::{Field, Format, Kind, Object, Range, Shape, Text};

/// Returns the schema of a field, with its words and its default.
pub(super) fn field(field: &Field) -> Value {
    let mut schema = shape(&field.shape);
    if !field.doc.is_empty() {
        schema["description"] = field.doc.into();
    }
    if let Some(default) = field
        .default
        .and_then(|text| serde_json::from_str::<Value>(text).ok())
    {
        schema["default"] = default;
    }
    schema
}

fn shape(shape: &Shape) -> Value {
    let schema = plain(&shape.kind);
    if shape.nullable {
        json!({ "anyOf": [schema, { "type": "null" }] })
    } else {
        schema
    }
}

fn plain(kind: &Kind) -> Value {
    match kind {
        Kind::Any => json!({}),
        Kind::Null => json!({ "type": "null" }),
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Integer(range) => number("integer", *range),
        Kind::Number(range) => number("number", *range),
        Kind::Text(given) => text(given),
        Kind::Choice(choices) => {
            let values = choices
                .iter()
                .filter_map(|choice| serde_json::from_str(choice).ok());
            json!({ "enum": values.collect::<Vec<Value>>() })
        }
        Kind::File => json!({ "type": "string", "description": "content of the file" }),
        Kind::List(item, range) => {
            let mut schema = json!({ "type": "array", "items": shape(item) });
            bound(&mut schema, *range, ["minItems", "maxItems"]);
            schema
        }
        Kind::Map(item, _) => json!({ "type": "object", "additionalProperties": shape(item) }),
        Kind::Object(given) => object(given),
        Kind::Union(members) => json!({ "anyOf": members.iter().map(shape).collect::<Vec<_>>() }),
    }
}

fn number(kind: &str, range: Range) -> Value {
    let mut schema = json!({ "type": kind });
    let names = if range.exclusive {
        ["exclusiveMinimum", "exclusiveMaximum"]
    } else {
        ["minimum", "maximum"]
    };
    bound(&mut schema, range, names);
    schema
}

fn text(text: &Text) -> Value {
    let mut schema = json!({ "type": "string" });
    bound(&mut schema, text.length, ["minLength", "maxLength"]);
    if let Some(pattern) = text.pattern {
        schema["pattern"] = pattern.into();
    }
    let format = match text.format {
        Format::Uuid => "uuid",
        Format::DateTime => "date-time",
        Format::Date => "date",
        Format::Uri => "uri",
        Format::Email => "email",
        Format::Plain | Format::Path | Format::Secret => return schema,
    };
    schema["format"] = format.into();
    schema
}

fn object(object: &Object) -> Value {
    let properties: Map<_, _> = object
        .fields
        .iter()
        .map(|one| (one.name.into(), field(one)))
        .collect();
    let required: Vec<_> = object
        .fields
        .iter()
        .filter(|one| one.required)
        .map(|one| one.name)
        .collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": object.open,
    })
}

fn bound(schema: &mut Value, range: Range, [least, most]: [&str; 2]) {
    for (name, bound) in [(least, range.min), (most, range.max)] {
        if let Some(bound) = bound {
            schema[name] = whole(bound);
        }
    }
}

/// A bound without a fraction is written as a whole number.
fn whole(bound: f64) -> Value {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "only what has no fraction and fits is cast"
    )]
    match bound {
        _ if bound.fract() == 0.0 && bound.abs() < 9.0e15 => json!(bound as i64),
        _ => json!(bound),
    }
}
