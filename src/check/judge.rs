//! Judges values that are written out against the shapes of the catalog.
//!
//! What a run would judge is judged by the same code, [`catalog::check_value`]; here stands only what
//! a run does not need: to go on behind the first fault, to know its place, and to leave out what is
//! not known yet. In doubt nothing is told.

use serde_json::Value;

use super::rules::{MISSING_FIELD, Rule, UNKNOWN_FIELD, WRONG_VALUE};
use super::tree::{Kind, Name, Node, Spot};
use super::walk::Walker;
use crate::catalog::{self, Fault, Field, Format, Kind as ShapeKind, Object, Shape, Text};

/// What is judged: the function that is called, and whether variables may be followed.
#[derive(Clone, Copy)]
pub(super) struct Place<'f> {
    /// The function's name, for messages.
    pub(super) function: &'f str,
    /// Where its call starts.
    pub(super) at: Spot,
    /// Whether the value stands in the call itself. Behind a variable, other variables may have had
    /// other values.
    pub(super) is_here: bool,
}

impl<'a> Walker<'a> {
    /// Returns the value that a variable was declared with, when it is known to have it still.
    pub(super) fn followed<'p>(&self, node: &'a Node, place: Place<'p>) -> (&'a Node, Place<'p>) {
        let Kind::Variable(name) = &node.kind else {
            return (node, place);
        };
        let value = self.variable(name).and_then(|binding| binding.value);
        match value.filter(|value| place.is_here && is_written_out(value)) {
            Some(value) => {
                let is_here = false;
                (value, Place { is_here, ..place })
            }
            None => (node, place),
        }
    }

    /// Tells that nobody knows a field.
    pub(super) fn tell_unknown(
        &mut self,
        key: &Name,
        known: &[&'static Field],
        within: &str,
        place: Place<'_>,
    ) {
        let fault = catalog::unknown_field(&key.text, known, within);
        self.tell(UNKNOWN_FIELD, key.at, &fault, place);
    }

    /// Tells that a field is missing.
    pub(super) fn tell_missing(&mut self, name: &str, at: Spot, place: Place<'_>) {
        let message = format!("{}: `{name}` is missing", place.function);
        self.findings.add(MISSING_FIELD, at, message);
    }

    /// Judges the value of a field.
    pub(super) fn judge_field(
        &mut self,
        field: &'static Field,
        value: &'a Node,
        name: &str,
        place: Place<'_>,
    ) {
        // Nothing is "not given", unless the field itself may be nothing.
        if matches!(value.kind, Kind::Unit) && !field.shape.accepts_null() {
            if field.required {
                self.tell_missing(name, value.at, place);
            }
            return;
        }
        self.judge(&field.shape, value, name, place);
    }

    /// Judges a value.
    pub(super) fn judge(
        &mut self,
        shape: &'static Shape,
        node: &'a Node,
        name: &str,
        place: Place<'_>,
    ) {
        let (node, place) = self.followed(node, place);
        match (&shape.kind, &node.kind) {
            (ShapeKind::Any, _) => {}
            (ShapeKind::Object(object), Kind::Map(entries)) => {
                self.judge_object(object, entries, (name, node.at), place);
            }
            (ShapeKind::Map(item, _), Kind::Map(entries)) if json(node).is_none() => {
                for (key, value) in entries {
                    self.judge(item, value, &join(name, &key.text), place);
                }
            }
            (ShapeKind::List(item, _), Kind::List(items)) => {
                self.judge_length(shape, (items.len(), node.at), name, place);
                for (index, value) in items.iter().enumerate() {
                    self.judge(item, value, &format!("{name}[{index}]"), place);
                }
            }
            (ShapeKind::Text(text), Kind::Map(entries)) if is_thing(text, name, entries) => {}
            (ShapeKind::Union(shapes), Kind::Map(entries)) if json(node).is_none() => {
                let mut objects = shapes.iter().filter_map(object);
                if let (Some(only), None) = (objects.next(), objects.next()) {
                    self.judge_object(only, entries, (name, node.at), place);
                }
            }
            (_, Kind::Closure(..)) => {
                let fault = format!("must be {}, not a closure", catalog::shape_text(shape));
                self.tell_wrong(node.at, name, &fault, place);
            }
            _ => self.judge_whole(shape, node, name, place),
        }
    }

    /// Judges the fields of a map: those that are unknown, those that are missing, and the values.
    fn judge_object(
        &mut self,
        object: &'static Object,
        entries: &'a [(Name, Node)],
        (name, at): (&str, Spot),
        place: Place<'_>,
    ) {
        let known: Vec<_> = object.fields.iter().collect();
        for (key, value) in entries {
            let field = known.iter().find(|field| field.name == key.text.as_str());
            match field {
                Some(field) => self.judge_field(field, value, &join(name, field.name), place),
                None if object.open => {}
                None => self.tell_unknown(key, &known, name, place),
            }
        }
        for field in known.iter().filter(|field| field.required) {
            if !entries.iter().any(|(key, _)| key.text == field.name) {
                self.tell_missing(&join(name, field.name), at, place);
            }
        }
    }

    /// Judges how many items a list has; what the items are is judged one by one.
    fn judge_length(&mut self, shape: &Shape, list: (usize, Spot), name: &str, place: Place<'_>) {
        let mut items = Value::Array(vec![Value::Null; list.0]);
        let fault = catalog::check_value(shape, &mut items, name).err();
        if let Some(fault) = fault.filter(|fault| fault.field == name) {
            self.tell(WRONG_VALUE, list.1, &fault, place);
        }
    }

    /// Judges a value of which everything is known.
    fn judge_whole(&mut self, shape: &Shape, node: &Node, name: &str, place: Place<'_>) {
        let Some(mut value) = json(node) else { return };
        if let Err(fault) = catalog::check_value(shape, &mut value, name) {
            let inside = fault.field.strip_prefix(name).unwrap_or_default();
            let at = locate(node, inside).unwrap_or(node.at);
            self.tell(WRONG_VALUE, at, &fault, place);
        }
    }

    /// Adds what the catalog finds wrong.
    pub(super) fn tell(&mut self, rule: &'static Rule, at: Spot, fault: &Fault, place: Place<'_>) {
        let message = format!("{}: {fault}", place.function);
        self.findings
            .add_with(rule, at, message, fault.hint.clone());
    }

    /// Adds a value that is refused.
    pub(super) fn tell_wrong(&mut self, at: Spot, name: &str, fault: &str, place: Place<'_>) {
        let message = format!("{}: `{name}` {fault}", place.function);
        self.findings.add(WRONG_VALUE, at, message);
    }
}

/// Returns whether a value is written out, at least in part.
pub(super) fn is_written_out(node: &Node) -> bool {
    matches!(
        node.kind,
        Kind::Map(_)
            | Kind::List(_)
            | Kind::Text(_)
            | Kind::Int(_)
            | Kind::Float(_)
            | Kind::Bool(_)
            | Kind::Char(_)
    )
}

/// Returns a value that is written out down to its last part as JSON.
pub(super) fn json(node: &Node) -> Option<Value> {
    Some(match &node.kind {
        Kind::Unit => Value::Null,
        Kind::Bool(flag) => Value::from(*flag),
        Kind::Int(number) => Value::from(*number),
        Kind::Float(number) => Value::from(*number),
        Kind::Char(letter) => Value::from(letter.to_string()),
        Kind::Text(text) => Value::from(text.as_str()),
        Kind::List(items) => items.iter().map(json).collect::<Option<_>>()?,
        Kind::Map(entries) => {
            let pairs = entries.iter();
            let pairs = pairs.map(|(key, value)| Some((key.text.to_string(), json(value)?)));
            Value::Object(pairs.collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

/// Returns whether a map stands for the id that it has.
fn is_thing(text: &Text, name: &str, entries: &[(Name, Node)]) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let is_id =
        text.format == Format::Uuid || (text.format == Format::Plain && last.ends_with("_id"));
    is_id
        && entries
            .iter()
            .any(|(key, _)| key.text == "id" || key.text == last)
}

fn object(shape: &'static Shape) -> Option<&'static Object> {
    match shape.kind {
        ShapeKind::Object(object) => Some(object),
        _ => None,
    }
}

/// Returns the name of a field within another.
fn join(at: &str, name: &str) -> String {
    if at.is_empty() {
        name.into()
    } else {
        format!("{at}.{name}")
    }
}

/// Finds the place that a path such as `[1].title` means.
fn locate(node: &Node, path: &str) -> Option<Spot> {
    if path.is_empty() {
        return Some(node.at);
    }
    if let Some(rest) = path.strip_prefix('[') {
        let (index, rest) = rest.split_once(']')?;
        let Kind::List(items) = &node.kind else {
            return None;
        };
        return locate(items.get(index.parse::<usize>().ok()?)?, rest);
    }
    let path = path.strip_prefix('.')?;
    let end = path.find(['.', '[']).unwrap_or(path.len());
    let Kind::Map(entries) = &node.kind else {
        return None;
    };
    let (_, value) = entries.iter().find(|(key, _)| key.text == path[..end])?;
    locate(value, &path[end..])
}
