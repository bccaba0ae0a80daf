//! Reads the schemas of a document: OpenAPI 3.0 (`nullable`, flags for exclusive bounds) and 3.1
//! (lists of types, `const`) alike.
//!
//! What it does not know says nothing; a schema without a known word is untyped.

use std::collections::BTreeSet;

use serde_json::Value;

use super::form::{Fields, Form, FormKind, Member, Rest, TextForm, length, number};
use crate::catalog::model::{Format, Range};

/// How deep schemas may nest, references followed.
const DEPTH: usize = 100;

/// How many schemas a document may have, each counted wherever it is referred to.
const SCHEMAS: usize = 500_000;

/// How many references a reference may lead through.
const HOPS: usize = 20;

/// The schemas of a document, read one by one.
pub(super) struct Schemas<'a> {
    root: &'a Value,
    /// The references that are being followed: one that is met again holds itself.
    open: Vec<&'a str>,
    depth: usize,
    left: usize,
    excess: Option<String>,
}

impl<'a> Schemas<'a> {
    /// Starts to read a document.
    pub(super) fn new(root: &'a Value) -> Self {
        Self {
            root,
            open: Vec::new(),
            depth: 0,
            left: SCHEMAS,
            excess: None,
        }
    }

    /// Returns why the document could not be read to its end, if it could not.
    pub(super) fn excess(self) -> Option<String> {
        self.excess
    }

    /// Returns what a value stands for: itself, or what its `$ref` points to.
    pub(super) fn resolve(&self, value: &'a Value) -> &'a Value {
        let mut value = value;
        for _ in 0..HOPS {
            let target = value.get("$ref").and_then(Value::as_str);
            match target.and_then(|target| self.target(target)) {
                Some(next) => value = next,
                None => break,
            }
        }
        value
    }

    /// Reads a schema as a field.
    pub(super) fn member(&mut self, schema: &'a Value, required: bool) -> Member {
        Member {
            required,
            form: self.form(schema),
            default: schema.get("default").map(Value::to_string),
        }
    }

    /// Reads a schema.
    pub(super) fn form(&mut self, schema: &'a Value) -> Form {
        if self.is_over() {
            return FormKind::Any.into();
        }
        self.left -= 1;
        self.depth += 1;
        let form = self.whole(schema);
        self.depth -= 1;
        form
    }

    fn is_over(&mut self) -> bool {
        let excess = match (self.left, self.depth) {
            (0, _) => format!("has more than {SCHEMAS} schemas"),
            (_, DEPTH..) => format!("nests schemas deeper than {DEPTH}"),
            _ => return false,
        };
        self.excess.get_or_insert(excess);
        true
    }

    /// Reads a schema: what it says itself, what it refers to, and all its alternatives, together.
    fn whole(&mut self, schema: &'a Value) -> Form {
        let mut form = own(self, schema);
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            form = form.both(self.referred(target));
        }
        for part in list(schema, "allOf") {
            form = form.both(self.form(part));
        }
        for word in ["anyOf", "oneOf"] {
            let members: Vec<_> = list(schema, word).map(|part| self.form(part)).collect();
            if !members.is_empty() {
                form = form.both(Form::any_of(members));
            }
        }
        form.nullable |= schema.get("nullable") == Some(&Value::Bool(true));
        form
    }

    fn referred(&mut self, target: &'a str) -> Form {
        match self.target(target) {
            Some(schema) if !self.open.contains(&target) => {
                self.open.push(target);
                let form = self.form(schema);
                self.open.pop();
                form
            }
            _ => FormKind::Any.into(),
        }
    }

    fn target(&self, target: &str) -> Option<&'a Value> {
        let pointer = target.strip_prefix('#')?;
        let pointer = percent_encoding::percent_decode_str(pointer).decode_utf8_lossy();
        self.root.pointer(&pointer)
    }
}

/// Reads what a schema says itself, its alternatives aside.
fn own<'a>(schemas: &mut Schemas<'a>, schema: &'a Value) -> Form {
    if let Some(form) = choice(schema) {
        return form;
    }
    let types: Vec<&str> = match schema.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ if schema.get("properties").is_some() => vec!["object"],
        _ if schema.get("items").is_some() => vec!["array"],
        _ => return FormKind::Any.into(),
    };
    let forms = types.into_iter().map(|name| match name {
        "null" => Form::null(),
        "boolean" => FormKind::Boolean.into(),
        "integer" => FormKind::Integer(integers(schema)).into(),
        "number" => FormKind::Number(numbers(schema)).into(),
        "string" => text(schema).into(),
        "array" => {
            let item = schemas.form(schema.get("items").unwrap_or(&Value::Null));
            let length = length(bound(schema, "minItems"), bound(schema, "maxItems"));
            FormKind::List(Box::new(item), length).into()
        }
        "object" => FormKind::Object(object(schemas, schema)).into(),
        _ => FormKind::Any.into(),
    });
    let forms = forms.collect();
    Form::any_of(forms)
}

/// Reads `enum` and `const`.
fn choice(schema: &Value) -> Option<Form> {
    let values = match schema.get("const") {
        Some(value) => std::slice::from_ref(value),
        None => schema.get("enum")?.as_array()?,
    };
    let known = values.iter().filter(|value| !value.is_null());
    let known: BTreeSet<String> = known.map(Value::to_string).collect();
    let nullable = known.len() < values.len() && values.contains(&Value::Null);
    if known.is_empty() && nullable {
        return Some(Form::null());
    }
    Some(Form {
        kind: FormKind::Choice(known),
        nullable,
    })
}

fn object<'a>(schemas: &mut Schemas<'a>, schema: &'a Value) -> Fields {
    let required: BTreeSet<&str> = list(schema, "required").filter_map(Value::as_str).collect();
    let properties = schema.get("properties").and_then(Value::as_object);
    let mut fields = Fields::default();
    for (name, property) in properties.into_iter().flatten() {
        let member = schemas.member(property, required.contains(name.as_str()));
        fields.named.insert(name.clone(), member);
    }
    fields.rest = match schema.get("additionalProperties") {
        Some(Value::Bool(false)) => Rest::Closed,
        None if properties.is_some() => Rest::Unsaid,
        None | Some(Value::Bool(true)) => Rest::Open(Box::new(FormKind::Any.into())),
        Some(rest) => Rest::Open(Box::new(schemas.form(rest))),
    };
    fields
}

fn text(schema: &Value) -> FormKind {
    let format = match schema.get("format").and_then(Value::as_str) {
        Some("binary") => return FormKind::File,
        Some("uuid") => Format::Uuid,
        Some("date-time") => Format::DateTime,
        Some("date") => Format::Date,
        Some("uri" | "url") => Format::Uri,
        Some("email") => Format::Email,
        _ => Format::Plain,
    };
    let pattern = schema.get("pattern").and_then(Value::as_str);
    FormKind::Text(TextForm {
        format,
        length: length(bound(schema, "minLength"), bound(schema, "maxLength")),
        pattern: pattern.map(|pattern| pattern.replace(r"\/", "/")),
    })
}

/// Reads the bounds of a number.
fn numbers(schema: &Value) -> Range {
    let (min, above) = edge(schema, "minimum", "exclusiveMinimum");
    let (max, below) = edge(schema, "maximum", "exclusiveMaximum");
    number(Range {
        min,
        max,
        exclusive: above || below,
    })
}

/// Reads the bounds of an integer; an exclusive one becomes the nearest that is allowed.
fn integers(schema: &Value) -> Range {
    let (min, above) = edge(schema, "minimum", "exclusiveMinimum");
    let (max, below) = edge(schema, "maximum", "exclusiveMaximum");
    number(Range {
        min: min.map(|min| if above { min.floor() + 1.0 } else { min }),
        max: max.map(|max| if below { max.ceil() - 1.0 } else { max }),
        exclusive: false,
    })
}

/// Reads one bound and whether it is itself outside: version 3.0 says so with a flag, 3.1 with the
/// bound under another name. A flag without a bound has lost a zero on its way: the vendor's
/// document has many of them.
fn edge(schema: &Value, word: &str, exclusive: &str) -> (Option<f64>, bool) {
    match schema.get(exclusive) {
        Some(Value::Number(bound)) => (bound.as_f64(), true),
        Some(Value::Bool(true)) => (bound(schema, word).or(Some(0.0)), true),
        _ => (bound(schema, word), false),
    }
}

fn bound(schema: &Value, key: &str) -> Option<f64> {
    schema.get(key).and_then(Value::as_f64)
}

fn list<'a>(schema: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    let items = schema.get(key).and_then(Value::as_array);
    items.into_iter().flatten()
}
