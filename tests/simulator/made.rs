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
pub(crate) struct Seen {
    ids: BTreeMap<String, Vec<String>>,
    /// What belongs to an id: the ids that were seen beside it, and those that it was found under.
    kin: BTreeMap<String, BTreeMap<String, String>>,
}

impl Seen {
    /// Remembers all ids of an answer.
    pub(crate) fn learn(&mut self, call: &Call, answer: &Value) {
        let params = call.endpoint.given_params().zip(&call.path);
        let under: BTreeMap<_, _> = params
            .map(|(param, value)| (kind(call.endpoint, param.name), value.clone()))
            .collect();
        let section = noun(call.endpoint.section);
        let key = call.endpoint.list.or(call.endpoint.resource);
        let things = key.and_then(|key| answer.get(key)).unwrap_or(answer);
        self.walk(&section, things, &under);
        self.walk("", answer, &under);
    }

    fn walk(&mut self, what: &str, value: &Value, under: &BTreeMap<String, String>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.walk(what, item, under)),
            Value::Object(fields) => {
                let beside = fields.iter().filter_map(|(name, value)| {
                    let is_id =
                        name == "path" || name != "id" && name.to_lowercase().ends_with("id");
                    Some((noun(name), value.as_str().filter(|_| is_id)?.to_owned()))
                });
                let beside: BTreeMap<_, _> = beside.collect();
                for (what, id) in &beside {
                    self.keep(what, id);
                }
                if let Some(id) = fields.get("id").and_then(Value::as_str) {
                    self.keep(what, id);
                    let kin = self.kin.entry(id.to_owned()).or_default();
                    kin.extend(under.clone());
                    kin.extend(beside);
                }
                for (name, value) in fields {
                    if value.is_array() || value.is_object() {
                        self.walk(&noun(name), value, under);
                    }
                }
            }
            _ => {}
        }
    }

    fn keep(&mut self, what: &str, id: &str) {
        let known = self.ids.entry(what.to_owned()).or_default();
        if !known.iter().any(|one| one == id) {
            known.push(id.to_owned());
        }
        if known.len() > MOST {
            known.remove(0);
        }
    }

    /// Returns the ids of a kind.
    pub(crate) fn of(&self, what: &str) -> &[String] {
        self.ids.get(what).map_or(&[], Vec::as_slice)
    }
}

/// Returns what a parameter is the id of.
pub(crate) fn kind(endpoint: &Endpoint, param: &str) -> String {
    noun(if param == "id" {
        endpoint.section
    } else {
        param
    })
}

/// `agentId`, `agent_id` and `agents` are ids of one kind, and the API calls some kinds by several names.
fn noun(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    let stem = snake.trim_end_matches("_ids").trim_end_matches("_id");
    let stem = stem
        .trim_start_matches("source_")
        .trim_end_matches("_version");
    let one = match stem {
        _ if stem.ends_with("ss") => stem,
        _ if stem.ends_with("sses") => stem.trim_end_matches("es"),
        _ => stem.trim_end_matches('s'),
    };
    let known = SYNONYMS.iter().find(|(other, _)| *other == one);
    known.map_or(one, |(_, word)| word).to_owned()
}

const SYNONYMS: [(&str, &str); 15] = [
    ("assignment", "agent"),
    ("case_queue", "queue"),
    ("case_queue_item", "case"),
    ("case_trigger", "trigger"),
    ("claimed_by_run", "run"),
    ("copilot", "agent"),
    ("credential", "secret"),
    ("current_process_version", "current_process"),
    ("dashboard", "artifact"),
    ("exposed_credential", "login"),
    ("job", "run"),
    ("org", "organization"),
    ("pending_human_request", "request"),
    ("setup", "build"),
    ("transformation_proposal_version", "transformation_proposal"),
];

/// Makes up a call: the same with the same dice and the same ids seen.
pub(crate) fn call(endpoint: &'static Endpoint, seen: &Seen, dice: &Chance) -> Call {
    let params: Vec<_> = endpoint.given_params().collect();
    let mut path: Vec<String> = Vec::new();
    let mut kin = BTreeMap::new();
    // The last one tells what the ones before it should be.
    for param in params.iter().rev() {
        let what = kind(endpoint, param.name);
        let related = kin.get(&what).filter(|_| dice.fraction() < 0.97);
        let text = match related {
            Some(id) => String::clone(id),
            None => param_text(param, &what, seen, dice),
        };
        kin.extend(seen.kin.get(&text).cloned().unwrap_or_default());
        path.insert(0, text);
    }
    let fields = fields(endpoint.given_fields(), seen, dice);
    Call {
        endpoint,
        path,
        fields,
    }
}

fn param_text(param: &Field, what: &str, seen: &Seen, dice: &Chance) -> String {
    let known = seen.of(what);
    if !known.is_empty() && dice.fraction() < 0.97 {
        return pick(dice, known).clone();
    }
    let made = value(param, seen, dice);
    let text = made
        .as_str()
        .map_or_else(|| made.to_string(), str::to_owned);
    if text.is_empty() { "none".into() } else { text }
}

fn fields<'a>(
    fields: impl Iterator<Item = &'a Field>,
    seen: &Seen,
    dice: &Chance,
) -> Map<String, Value> {
    let mut made = Map::new();
    for field in fields {
        if field.required && dice.fraction() < 0.99 || dice.fraction() < 0.5 {
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

/// Names whose words stand in prose, or in a pattern.
const WORDS: [(&str, &[&str]); 9] = [
    ("status", &["pending", "completed", "failed", "needs_input"]),
    ("time", &["09:30"]),
    ("time_of_day", &["09:30"]),
    ("timezone", &["Europe/Prague"]),
    ("provider", &["slack", "gmail"]),
    ("kind", &["current-process", "transformation-proposal"]),
    ("server_url", &["http://127.0.0.1:9/mcp"]),
    ("file_name", &["plan.svg"]),
    ("fileName", &["plan.md"]),
];

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

fn plain(text: &Text, name: &str, dice: &Chance) -> Value {
    let common = ["Europe/Prague", "SAMPLE_KEY", "sample.svg", "sample"];
    let fits = |word: &&&str| {
        let rule = text
            .pattern
            .and_then(|rule| regex_lite::Regex::new(rule).ok());
        rule.is_some_and(|rule| rule.is_match(word))
    };
    let known = WORDS.iter().find(|(known, _)| *known == name);
    let mut made = match (known, text.pattern) {
        (Some((_, words)), _) => (*pick::<&str>(dice, words)).to_owned(),
        (None, Some(_)) => (*common.iter().find(fits).unwrap_or(&"sample")).to_owned(),
        (None, None) => words(dice),
    };
    while made.chars().count() < text.length.min.map_or(0, length) {
        made.push_str(" and more");
    }
    let most = text.length.max.map_or(500, length);
    json!(made.chars().take(most).collect::<String>())
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
