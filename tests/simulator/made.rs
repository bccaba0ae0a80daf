//! Makes up calls from the catalog: any endpoint, with values of its shapes, some of them wrong, and
//! with ids that were seen in answers.

use std::collections::BTreeMap;

use duvoscript::catalog::{Call, Endpoint, Field, Format, Kind, Range, Shape, Text};
use duvoscript::ids::Chance;
use serde_json::{Map, Value, json};

/// Ids of one kind that are remembered; older ones are forgotten.
const MOST: usize = 30;

/// Ids that were seen in answers, by what they are the ids of.
#[derive(Debug, Default)]
pub(crate) struct Seen(BTreeMap<String, Vec<String>>);

impl Seen {
    /// Remembers all ids of an answer.
    pub(crate) fn learn(&mut self, endpoint: &Endpoint, answer: &Value) {
        let last = endpoint.given_params().last().map(|param| noun(param.name));
        let whole = last.unwrap_or_else(|| endpoint.section.trim_end_matches('s').to_owned());
        self.walk(&whole, answer);
    }

    fn walk(&mut self, what: &str, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.walk(what, item)),
            Value::Object(fields) => {
                for (name, value) in fields {
                    match value {
                        Value::String(id) if name == "id" => self.keep(what, id),
                        Value::String(id) if name.ends_with("id") || name == "path" => {
                            self.keep(&noun(name), id);
                        }
                        Value::Array(_) | Value::Object(_) => self.walk(&noun(name), value),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn keep(&mut self, what: &str, id: &str) {
        let known = self.0.entry(what.to_owned()).or_default();
        if !known.iter().any(|one| one == id) {
            known.push(id.to_owned());
        }
        if known.len() > MOST {
            known.remove(0);
        }
    }

    /// Returns the ids of a kind.
    pub(crate) fn of(&self, what: &str) -> &[String] {
        self.0.get(what).map_or(&[], Vec::as_slice)
    }
}

/// `agentId`, `agent_id` and `agents` are ids of one kind; the API calls some kinds by two names.
pub(crate) fn noun(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    let stem = snake.trim_end_matches("_ids").trim_end_matches("_id");
    let stem = stem.trim_start_matches("source_").trim_end_matches('s');
    match stem {
        "case_queue" => "queue".into(),
        "case_queue_item" => "case".into(),
        "revision" => "build".into(),
        "claimed_by_run" => "run".into(),
        "copilot" => "agent".into(),
        other => other.into(),
    }
}

/// Makes up a call: the same with the same dice and the same ids seen.
pub(crate) fn call(endpoint: &'static Endpoint, seen: &Seen, dice: &Chance) -> Call {
    let path = endpoint.given_params().map(|param| {
        let value = value(param, seen, dice);
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    });
    let path: Vec<_> = path
        .map(|text| if text.is_empty() { "none".into() } else { text })
        .collect();
    let fields = fields(endpoint.given_fields(), seen, dice);
    Call {
        endpoint,
        path,
        fields,
    }
}

fn fields<'a>(
    fields: impl Iterator<Item = &'a Field>,
    seen: &Seen,
    dice: &Chance,
) -> Map<String, Value> {
    let mut made = Map::new();
    for field in fields {
        if field.required && dice.fraction() < 0.99 || dice.fraction() < 0.35 {
            made.insert(field.name.into(), value(field, seen, dice));
        }
    }
    made
}

fn value(field: &Field, seen: &Seen, dice: &Chance) -> Value {
    if dice.fraction() < 0.01 {
        return pick(
            dice,
            &[json!(-1), json!("odd"), json!([[]]), json!({"a": 1})],
        )
        .clone();
    }
    of_shape(&field.shape, field.name, seen, dice)
}

fn of_shape(shape: &Shape, name: &str, seen: &Seen, dice: &Chance) -> Value {
    if shape.nullable && dice.fraction() < 0.2 {
        return Value::Null;
    }
    match &shape.kind {
        Kind::Any => json!({ "amount": below(dice, 5000), "note": words(dice) }),
        Kind::Null => Value::Null,
        Kind::Boolean => json!(dice.fraction() < 0.5),
        Kind::Integer(range) | Kind::Number(range) => json!(number(*range, dice)),
        Kind::Text(text) => text_of(text, name, seen, dice),
        Kind::Choice(values) => {
            serde_json::from_str(pick::<&str>(dice, values)).unwrap_or_default()
        }
        Kind::File => json!(words(dice)),
        Kind::List(item, range) => {
            let least = range.min.unwrap_or_default();
            let most = range.max.unwrap_or(3.0).min(3.0).max(least);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "small"
            )]
            let count = least as u64 + below(dice, (most - least) as u64 + 1);
            (0..count)
                .map(|_| of_shape(item, name, seen, dice))
                .collect()
        }
        Kind::Map(item, _) => json!({ "SAMPLE_KEY": of_shape(item, name, seen, dice) }),
        Kind::Object(object) => Value::Object(fields(object.fields.iter(), seen, dice)),
        Kind::Union(members) => of_shape(pick(dice, members), name, seen, dice),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "bounds of the catalog are small"
)]
fn number(range: Range, dice: &Chance) -> i64 {
    let least = range.min.unwrap_or_default() as i64;
    let most = range.max.map_or(least + 5, |max| max as i64);
    let span = u64::try_from(most - least).unwrap_or_default().min(50);
    least + i64::try_from(below(dice, span + 1)).unwrap_or_default()
}

fn text_of(text: &Text, name: &str, seen: &Seen, dice: &Chance) -> Value {
    let known = seen.of(&noun(name));
    let is_id = text.format == Format::Uuid || name.to_lowercase().ends_with("id");
    if (is_id || text.format == Format::Path) && !known.is_empty() && dice.fraction() < 0.95 {
        return pick(dice, known).clone().into();
    }
    match text.format {
        Format::Uuid => json!(dice.uuid()),
        Format::DateTime => {
            json!(format!("2026-01-0{}T08:30:00Z", 1 + below(dice, 9)))
        }
        Format::Date => json!("2026-01-05"),
        Format::Uri => json!("https://example.com/sample"),
        Format::Email => json!(format!("p{}@example.com", below(dice, 9))),
        Format::Path => json!(pick(dice, &["notes.md", "in/box.csv", "SKILL.md"])),
        Format::Plain | Format::Secret => plain(text, name, dice),
    }
}

/// Statuses are told in words that the catalog has in prose only.
fn plain(text: &Text, name: &str, dice: &Chance) -> Value {
    let mut made = match name {
        "status" => (*pick(dice, &["pending", "completed", "failed", "needs_input"])).to_owned(),
        "time" | "time_of_day" => "09:30".into(),
        "timezone" => "Europe/Prague".into(),
        _ => words(dice),
    };
    if text.pattern.is_some() {
        made = "SAMPLE_KEY".into();
    }
    while made.chars().count() < text.length.min.map_or(0, length) {
        made.push_str(" and more");
    }
    json!(
        made.chars()
            .take(text.length.max.map_or(500, length))
            .collect::<String>()
    )
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "lengths"
)]
fn length(bound: f64) -> usize {
    bound as usize
}

fn words(dice: &Chance) -> String {
    let words = [
        "Invoice",
        "Nordwind GmbH",
        "ä&ö %2F \"q\"",
        "vrácené zboží",
        "no\nline",
    ];
    format!("{} {}", pick(dice, &words), below(dice, 1000))
}

fn below(dice: &Chance, bound: u64) -> u64 {
    dice.bits() % bound.max(1)
}

fn pick<'v, T>(dice: &Chance, from: &'v [T]) -> &'v T {
    #[expect(clippy::cast_possible_truncation, reason = "an index of a small list")]
    let index = below(dice, from.len() as u64) as usize;
    &from[index]
}
