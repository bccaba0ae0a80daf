//! Calls of endpoints: the arguments are sorted out as the bindings do it, and judged by the catalog.

use serde_json::Value;

use super::judge::{Place, is_written_out, json};
use super::rules::WRONG_VALUE;
use super::tree::{Kind, Name, Node};
use super::walk::Walker;
use crate::catalog::{self, Endpoint, Field, Format, Kind as ShapeKind, Paging, Shape, Text};
use crate::script::{Function, How};

impl<'a> Walker<'a> {
    /// Judges the call of an endpoint's function.
    pub(super) fn check_endpoint(
        &mut self,
        function: &Function,
        arguments: &'a [Node],
        place: Place<'_>,
    ) {
        let (Some(endpoint), Some(how)) = (function.endpoint, function.how) else {
            return;
        };
        self.check_deprecated(endpoint, place);
        let ids = endpoint.given_params().count();
        for (param, id) in endpoint.given_params().zip(arguments) {
            self.check_id(param, id, place);
        }
        let rest = arguments.get(ids..).unwrap_or_default();
        if how != How::Find {
            return self.check_rest(endpoint, how, rest, place);
        }
        let Some((text, fields)) = rest.split_first() else {
            return;
        };
        if text.text().is_some_and(|text| text.trim().is_empty()) {
            let message = format!(
                "{}: wants the name of a thing, not an empty text",
                place.function
            );
            self.findings.add(WRONG_VALUE, text.at, message);
        }
        self.check_rest(endpoint, how, fields, place);
    }

    /// Judges an id: a text, a number, or a map that has one.
    pub(super) fn check_id(&mut self, param: &'static Field, id: &'a Node, place: Place<'_>) {
        let (node, place) = self.followed(id, place);
        let given = match json(node) {
            Some(Value::String(text)) => text,
            Some(Value::Number(number)) if number.is_i64() => number.to_string(),
            Some(Value::Object(fields)) => {
                match fields.get("id").or_else(|| fields.get(param.name)) {
                    Some(Value::String(text)) => text.clone(),
                    _ => return self.no_id(param, node, place),
                }
            }
            Some(_) => return self.no_id(param, node, place),
            None if matches!(node.kind, Kind::Closure(..)) => {
                return self.no_id(param, node, place);
            }
            None => return,
        };
        if let Err(fault) = catalog::check_param(param, &given) {
            self.tell(WRONG_VALUE, node.at, &fault, place);
        }
    }

    fn no_id(&mut self, param: &Field, node: &Node, place: Place<'_>) {
        let fault = "must be an id, or a map that has one";
        self.tell_wrong(node.at, param.name, fault, place);
    }

    /// Judges what stands behind the ids: a field that may stand alone, and a map of fields.
    fn check_rest(
        &mut self,
        endpoint: &'static Endpoint,
        how: How,
        rest: &'a [Node],
        place: Place<'_>,
    ) {
        let alone = endpoint
            .shorthand
            .and_then(|name| endpoint.given_fields().find(|field| field.name == name));
        match (rest, alone) {
            ([], _) => self.check_fields(endpoint, how, (&[], None), place),
            ([only], Some(field)) => {
                let (node, inner) = self.followed(only, place);
                match &node.kind {
                    Kind::Map(entries) if !stands_for_id(endpoint, field, entries) => {
                        let entries: Vec<_> = entries.iter().collect();
                        self.check_fields(endpoint, how, (&entries, None), inner);
                    }
                    Kind::Map(_) => {}
                    _ if is_written_out(node) => {
                        self.check_alone(endpoint, field, only, place);
                        self.check_fields(endpoint, how, (&[], Some(field)), place);
                    }
                    // It may be either.
                    _ => {}
                }
            }
            ([first, fields, ..], Some(field)) => {
                self.check_alone(endpoint, field, first, place);
                self.check_map(endpoint, how, (fields, Some(field)), place);
            }
            ([fields, ..], None) => self.check_map(endpoint, how, (fields, None), place),
        }
    }

    fn check_map(
        &mut self,
        endpoint: &'static Endpoint,
        how: How,
        (fields, alone): (&'a Node, Option<&'static Field>),
        place: Place<'_>,
    ) {
        let (node, place) = self.followed(fields, place);
        if let Kind::Map(entries) = &node.kind {
            let entries: Vec<_> = entries.iter().collect();
            self.check_fields(endpoint, how, (&entries, alone), place);
        } else if is_written_out(node) || matches!(node.kind, Kind::Closure(..)) {
            let message = format!("{}: wants a map of fields here", place.function);
            let hint = format!("call it as `{}`", catalog::signature(endpoint));
            self.findings
                .add_with(WRONG_VALUE, node.at, message, Some(hint));
        }
    }

    /// Judges the value of a field, wherever it stands.
    fn check_alone(
        &mut self,
        endpoint: &Endpoint,
        field: &'static Field,
        value: &'a Node,
        place: Place<'_>,
    ) {
        // A list that is cut in batches may have any length.
        if endpoint.chunk != Some(field.name) {
            return self.judge(&field.shape, value, field.name, place);
        }
        let (node, place) = self.followed(value, place);
        if let (ShapeKind::List(item, _), Kind::List(items)) = (&field.shape.kind, &node.kind) {
            for (index, value) in items.iter().enumerate() {
                self.judge(item, value, &format!("{}[{index}]", field.name), place);
            }
        } else if !matches!(node.kind, Kind::List(_)) {
            self.judge(&field.shape, value, field.name, place);
        }
    }

    /// Judges the fields of a call, of which one may stand outside of the map.
    pub(super) fn check_fields(
        &mut self,
        endpoint: &'static Endpoint,
        how: How,
        (entries, alone): (&[&'a (Name, Node)], Option<&'static Field>),
        place: Place<'_>,
    ) {
        let known: Vec<&'static Field> = endpoint.given_fields().collect();
        for (key, value) in entries {
            match known.iter().find(|field| field.name == key.text.as_str()) {
                Some(field) if field.name == "limit" && follows_pages(endpoint, how) => {
                    self.check_limit(value, place);
                }
                Some(field) if matches!(value.kind, Kind::Unit) => {
                    self.judge_field(field, value, field.name, place);
                }
                Some(field) => self.check_alone(endpoint, field, value, place),
                None if endpoint.is_open() => {}
                None => self.tell_unknown(key, &known, "", place),
            }
        }
        let is_alone = |field: &Field| alone.is_some_and(|alone| alone.name == field.name);
        for field in known
            .iter()
            .filter(|field| field.required && !is_alone(field))
        {
            if !entries.iter().any(|(key, _)| key.text == field.name) {
                self.tell_missing(field.name, place.at, place);
            }
        }
    }

    /// Judges the `limit` of a list that follows its pages: any whole number.
    fn check_limit(&mut self, value: &'a Node, place: Place<'_>) {
        let (node, place) = self.followed(value, place);
        let is_count = match &node.kind {
            Kind::Int(number) => *number >= 0,
            _ => !is_written_out(node),
        };
        if !is_count {
            let fault = "must be a whole number of items, at least 0";
            self.tell_wrong(node.at, "limit", fault, place);
        }
    }
}

fn follows_pages(endpoint: &Endpoint, how: How) -> bool {
    matches!(how, How::List | How::Each | How::Find) && endpoint.paging != Paging::None
}

/// Returns whether a map stands for the id that it has, where a field may stand alone.
fn stands_for_id(endpoint: &Endpoint, field: &Field, entries: &[(Name, Node)]) -> bool {
    is_id(&field.shape)
        && entries.iter().any(|(key, _)| key.text == "id")
        && !endpoint.given_fields().any(|field| field.name == "id")
}

fn is_id(shape: &Shape) -> bool {
    let uuid = Format::Uuid;
    matches!(shape.kind, ShapeKind::Text(Text { format, .. }) if format == uuid)
}
