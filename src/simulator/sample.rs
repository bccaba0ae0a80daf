//! Sample answers for endpoints that have no behaviour of their own: always the same for the same
//! shape and request, and within the limits that the document sets.
//!
//! What may be `null` is `null`, what is optional is left out, a list has one item.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::catalog::{Call, Field, Format, Kind, Object, Range, Shape, Text};

use super::request::Request;

/// Returns a sample of one shape, for tests.
#[cfg(test)]
pub(crate) fn of_shape(shape: &Shape, name: &str) -> Value {
    let endpoint = crate::catalog::by_name("teams.list").unwrap();
    let (params, query, body) = (Vec::new(), Map::new(), Map::new());
    let request = Request {
        endpoint,
        params,
        query,
        body,
        upload: None,
    };
    Source {
        request: &request,
        now: "2026-01-05T08:00:00Z".into(),
    }
    .value(shape, name)
}

/// Where a sample takes its values from.
struct Source<'a> {
    request: &'a Request,
    now: String,
}

/// Returns a sample of the answer to a request.
pub(crate) fn sample(request: &Request, now: jiff::Timestamp) -> Option<Value> {
    let source = Source {
        request,
        now: now.to_string(),
    };
    Some(source.value(request.endpoint.answer.as_ref()?, ""))
}

/// Returns a sample of the answer to a call, for whoever must answer without a world.
pub fn documented(call: &Call, now: jiff::Timestamp) -> Option<Value> {
    let request = Request {
        endpoint: call.endpoint,
        params: call
            .endpoint
            .given_params()
            .map(|param| param.name)
            .zip(call.path.iter().cloned())
            .collect(),
        query: Map::new(),
        body: call.fields.clone(),
        upload: None,
    };
    sample(&request, now)
}

impl Source<'_> {
    fn value(&self, shape: &Shape, name: &str) -> Value {
        if shape.nullable && Some(name) != self.request.endpoint.resource {
            return Value::Null;
        }
        match &shape.kind {
            Kind::Any | Kind::Map(..) => json!({}),
            Kind::Null => Value::Null,
            Kind::Boolean => Value::Bool(true),
            Kind::Integer(range) | Kind::Number(range) => number(*range, self.asked(name)),
            Kind::Text(text) => Value::from(self.text(text, name)),
            Kind::Choice(choices) => self.choice(choices, name),
            Kind::File => Value::from(""),
            Kind::List(item, range) => {
                let count = usize::from(range.max != Some(0.0));
                vec![self.value(item, name); count].into()
            }
            Kind::Object(object) => self.object(object),
            Kind::Union(members) => members
                .first()
                .map_or(Value::Null, |first| self.value(first, name)),
        }
    }

    fn object(&self, object: &Object) -> Value {
        let wanted =
            |field: &&Field| field.required || Some(field.name) == self.request.endpoint.resource;
        let fields = object.fields.iter().filter(wanted);
        let pairs =
            fields.map(|field| (field.name.to_owned(), self.value(&field.shape, field.name)));
        Value::Object(pairs.collect::<Map<_, _>>())
    }

    /// What the request says about a field of this name.
    fn asked(&self, name: &str) -> Option<Value> {
        let given = self
            .request
            .body
            .get(name)
            .or_else(|| self.request.query.get(name));
        given.filter(|value| !value.is_null()).cloned()
    }

    fn text(&self, text: &Text, name: &str) -> String {
        match text.format {
            Format::Uuid => self.id(name),
            Format::DateTime => self.now.clone(),
            Format::Date => self.now.chars().take(10).collect(),
            Format::Uri => "http://127.0.0.1/sample".into(),
            Format::Email => "sample@example.com".into(),
            Format::Plain | Format::Path | Format::Secret => self.plain(text.length, name),
        }
    }

    fn plain(&self, length: Range, name: &str) -> String {
        if name.ends_with("_at") || name.ends_with("At") {
            return self.now.clone();
        }
        if name == "id" || name.ends_with("_id") {
            return self.id(name);
        }
        if let Some(Value::String(text)) = self.asked(name) {
            return text;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a limit of the catalog"
        )]
        let least = length.min.unwrap_or(0.0) as usize;
        let text = if name.is_empty() { "sample" } else { name };
        format!("{text:x<least$}")
    }

    /// The id in the path for the thing itself unless it is new, one made from the name for others.
    fn id(&self, name: &str) -> String {
        const CREATED: u16 = 201;
        let is_new = self.request.endpoint.status == [CREATED];
        let param = if name == "id" && is_new {
            None
        } else if name == "id" {
            self.request
                .params
                .iter()
                .rfind(|(name, _)| *name != "teamId")
        } else {
            self.request
                .params
                .iter()
                .find(|(known, _)| same(known, name))
        };
        match param.and_then(|(_, value)| Uuid::try_parse(value).ok()) {
            Some(id) => id.to_string(),
            None => Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes()).to_string(),
        }
    }

    fn choice(&self, choices: &[&str], name: &str) -> Value {
        let asked = self
            .asked(name)
            .filter(|value| choices.contains(&value.to_string().as_str()));
        let first = || {
            choices
                .first()
                .and_then(|text| serde_json::from_str(text).ok())
        };
        asked.or_else(first).unwrap_or_default()
    }
}

/// `teamId` and `team_id` are the same name.
fn same(one: &str, other: &str) -> bool {
    let plain = |text: &str| text.replace('_', "").to_ascii_lowercase();
    plain(one) == plain(other)
}

fn number(range: Range, asked: Option<Value>) -> Value {
    if let Some(asked) = asked.filter(Value::is_number) {
        return asked;
    }
    let least = range.min.unwrap_or(0.0);
    let value = if range.exclusive { least + 1.0 } else { least };
    #[expect(clippy::cast_possible_truncation, reason = "a limit of the catalog")]
    let whole = value.max(0.0).min(range.max.unwrap_or(f64::MAX)) as i64;
    Value::from(whole)
}
