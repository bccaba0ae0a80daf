//! Writes the catalog as an OpenAPI document, in the manner of version 3.0 or of 3.1.
//!
//! It must say all that the catalog says and nothing else: the drifts that the tests plant in it
//! are to be the only ones.

use std::collections::BTreeMap;

use duvoscript::catalog::{Endpoint, Field, Format, Kind, Object, Range, Shape, Text, endpoints};
use serde_json::{Map, Value, json};

/// Which manner the document is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// References to components, `nullable: true`, flags for exclusive bounds.
    V30,
    /// Everything in its place, lists of types, exclusive bounds as numbers.
    V31,
}

/// Returns the document of all endpoints that a document has.
pub(crate) fn document(version: Version) -> Value {
    let mut writer = Writer {
        version,
        schemas: BTreeMap::new(),
    };
    let mut paths: Map<String, Value> = Map::new();
    for endpoint in endpoints().filter(|endpoint| endpoint.in_spec) {
        let operation = writer.operation(endpoint);
        let item = paths.entry(endpoint.path).or_insert_with(|| json!({}));
        item[endpoint.method.as_str().to_lowercase()] = operation;
    }
    let number = match version {
        Version::V30 => "3.0.3",
        Version::V31 => "3.1.0",
    };
    json!({"openapi": number, "paths": paths, "components": {"schemas": writer.schemas}})
}

struct Writer {
    version: Version,
    schemas: BTreeMap<String, Value>,
}

impl Writer {
    fn operation(&mut self, endpoint: &Endpoint) -> Value {
        let mut parameters = Vec::new();
        for param in endpoint.params {
            let schema = self.schema(&param.shape);
            parameters.push(
                json!({"name": param.name, "in": "path", "required": true, "schema": schema}),
            );
        }
        for field in endpoint.query {
            let schema = self.property(field);
            parameters.push(json!({
                "name": field.name, "in": "query", "required": field.required, "schema": schema,
            }));
        }
        let mut operation = json!({
            "operationId": endpoint.operation,
            "parameters": parameters,
            "responses": self.responses(endpoint),
        });
        if let Some(body) = &endpoint.body {
            let schema = self.object(body);
            operation["requestBody"] =
                json!({"content": {endpoint.body_media: {"schema": schema}}});
        }
        if endpoint.deprecated {
            operation["deprecated"] = json!(true);
        }
        operation
    }

    fn responses(&mut self, endpoint: &Endpoint) -> Value {
        let mut responses = json!({});
        for status in endpoint.status {
            responses[status.to_string()] = match &endpoint.answer {
                Some(answer) => {
                    let schema = self.schema(answer);
                    json!({"content": {endpoint.answer_media: {"schema": schema}}})
                }
                None => json!({}),
            };
        }
        for status in endpoint.errors {
            responses[status.to_string()] = json!({"description": "failure"});
        }
        responses
    }

    fn schema(&mut self, shape: &Shape) -> Value {
        let mut schema = match &shape.kind {
            Kind::Any => return json!({}),
            Kind::Null => return self.null(),
            Kind::Boolean => json!({"type": "boolean"}),
            Kind::Integer(range) => self.number("integer", *range),
            Kind::Number(range) => self.number("number", *range),
            Kind::Text(text) => write_text(text),
            Kind::Choice(values) => choice(values),
            Kind::File => json!({"type": "string", "format": "binary"}),
            Kind::List(item, range) => {
                let mut list = json!({"type": "array", "items": self.schema(item)});
                bound(&mut list, "minItems", range.min);
                bound(&mut list, "maxItems", range.max);
                list
            }
            Kind::Map(item, _) => {
                json!({"type": "object", "additionalProperties": self.schema(item)})
            }
            Kind::Object(object) => self.referred(object),
            Kind::Union(shapes) => {
                let members: Vec<_> = shapes.iter().map(|shape| self.schema(shape)).collect();
                json!({"anyOf": members})
            }
        };
        if shape.nullable {
            self.make_nullable(&mut schema);
        }
        schema
    }

    fn null(&self) -> Value {
        match self.version {
            Version::V30 => json!({"enum": [null], "nullable": true}),
            Version::V31 => json!({"type": "null"}),
        }
    }

    fn make_nullable(&self, schema: &mut Value) {
        let inner = schema.take();
        *schema = match (self.version, inner.get("type"), inner.get("enum")) {
            (Version::V30, Some(_), None) => {
                let mut inner = inner;
                inner["nullable"] = json!(true);
                inner
            }
            (Version::V30, ..) => json!({"allOf": [inner], "nullable": true}),
            (Version::V31, Some(kind), None) => {
                let kinds = json!([kind, "null"]);
                let mut inner = inner;
                inner["type"] = kinds;
                inner
            }
            (Version::V31, ..) => json!({"anyOf": [inner, {"type": "null"}]}),
        };
    }

    /// Writes a named object as a component, the first time that it is met.
    fn referred(&mut self, object: &Object) -> Value {
        let Some(name) = object.name.filter(|_| self.version == Version::V30) else {
            return self.object(object);
        };
        if !self.schemas.contains_key(name) {
            self.schemas.insert(name.into(), Value::Null);
            let schema = self.object(object);
            self.schemas.insert(name.into(), schema);
        }
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    fn object(&mut self, object: &Object) -> Value {
        let mut properties = Map::new();
        for field in object.fields {
            properties.insert(field.name.into(), self.property(field));
        }
        let required: Vec<_> = object
            .fields
            .iter()
            .filter(|field| field.required)
            .collect();
        let required: Vec<_> = required.iter().map(|field| field.name).collect();
        json!({
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": object.open,
        })
    }

    fn property(&mut self, field: &Field) -> Value {
        let mut schema = self.schema(&field.shape);
        if let Some(default) = field.default {
            schema["default"] = serde_json::from_str(default).unwrap();
        }
        schema
    }

    fn number(&self, kind: &str, range: Range) -> Value {
        let mut schema = json!({ "type": kind });
        match (range.exclusive, self.version) {
            (true, Version::V31) => {
                bound(&mut schema, "exclusiveMinimum", range.min);
                bound(&mut schema, "exclusiveMaximum", range.max);
            }
            (exclusive, _) => {
                bound(&mut schema, "minimum", range.min);
                bound(&mut schema, "maximum", range.max);
                if exclusive {
                    schema["exclusiveMinimum"] = json!(range.min.is_some());
                    schema["exclusiveMaximum"] = json!(range.max.is_some());
                }
            }
        }
        schema
    }
}

fn write_text(text: &Text) -> Value {
    let mut schema = json!({"type": "string"});
    let format = match text.format {
        Format::Plain | Format::Secret => None,
        Format::Path => {
            schema["minLength"] = json!(1);
            None
        }
        Format::Uuid => Some("uuid"),
        Format::DateTime => Some("date-time"),
        Format::Date => Some("date"),
        Format::Uri => Some("uri"),
        Format::Email => Some("email"),
    };
    if let Some(format) = format {
        schema["format"] = json!(format);
    }
    bound(&mut schema, "minLength", text.length.min);
    bound(&mut schema, "maxLength", text.length.max);
    if let Some(pattern) = text.pattern {
        schema["pattern"] = json!(pattern);
    }
    schema
}

fn choice(values: &[&str]) -> Value {
    // Turned round, for the order of the values says nothing.
    let values = values.iter().rev();
    let values: Vec<Value> = values
        .map(|value| serde_json::from_str(value).unwrap())
        .collect();
    json!({ "enum": values })
}

fn bound(schema: &mut Value, key: &str, bound: Option<f64>) {
    if let Some(bound) = bound {
        schema[key] = json!(bound);
    }
}
