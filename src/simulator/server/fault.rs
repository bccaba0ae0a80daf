//! Faults, by rule: what goes wrong, at which endpoint, at which call, how often.
//!
//! Faults have dice of their own, so that a rule does not change what the world does.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::catalog::{Endpoint, Kind, Shape};
use crate::simulator::world::Dice;

/// A rule for one kind of fault.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// Name of the endpoint, such as `jobs.start`, `jobs.*` or `*`.
    #[serde(default = "any")]
    pub(crate) endpoint: String,
    /// Only the call of this number, counted from 1 over the calls that fit.
    #[serde(default)]
    pub(crate) nth: Option<u64>,
    /// Only this share of the calls, from 0 to 1.
    #[serde(default)]
    pub(crate) share: Option<f64>,
    /// So often at most.
    #[serde(default)]
    pub(crate) times: Option<u64>,
    /// What goes wrong.
    pub(crate) kind: Trouble,
    /// For `latency` and `slow`: how long, in milliseconds.
    #[serde(default = "second")]
    pub(crate) milliseconds: u64,
    /// For `error`: the status.
    #[serde(default = "unavailable")]
    pub(crate) status: u16,
    /// For `rate_limited`: the `retry-after`, in seconds.
    #[serde(default = "one")]
    pub(crate) retry_after: u64,
    /// How many calls have fitted so far.
    #[serde(default)]
    pub(crate) seen: u64,
    /// How often it has struck so far.
    #[serde(default)]
    pub(crate) struck: u64,
}

fn any() -> String {
    "*".into()
}

fn second() -> u64 {
    1000
}

fn unavailable() -> u16 {
    503
}

fn one() -> u64 {
    1
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Trouble {
    /// The answer comes late.
    Latency,
    /// 429 with `retry-after`; nothing is done.
    RateLimited,
    /// A 5xx; nothing is done.
    Error,
    /// The connection is reset before the body is read; nothing is done.
    ResetBefore,
    /// The change is made, and then the connection is reset.
    ResetAfter,
    /// The change is made, and half of the answer comes.
    Truncate,
    /// The answer comes byte by byte.
    Slow,
    /// An allowed value in the answer is one that nobody knows.
    ChangeEnum,
    /// The answer has a field that nobody knows.
    AddField,
    /// The answer lacks an optional field.
    DropField,
}

impl Trouble {
    /// Returns the word of the rule.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Latency => "latency",
            Self::RateLimited => "rate_limited",
            Self::Error => "error",
            Self::ResetBefore => "reset_before",
            Self::ResetAfter => "reset_after",
            Self::Truncate => "truncate",
            Self::Slow => "slow",
            Self::ChangeEnum => "change_enum",
            Self::AddField => "add_field",
            Self::DropField => "drop_field",
        }
    }
}

/// The rules in force.
#[derive(Debug)]
pub(super) struct Faults {
    rules: Vec<Rule>,
    dice: Dice,
}

impl Faults {
    /// Returns the rules of a scenario.
    pub(super) fn new(rules: Vec<Rule>, seed: u64) -> Self {
        // Any other seed than the world's will do.
        Self {
            rules,
            dice: Dice::new(seed ^ 0x5eed_fa17),
        }
    }

    /// Returns the rules, with their counts.
    pub(super) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Adds rules.
    pub(super) fn add(&mut self, rules: Vec<Rule>) {
        self.rules.extend(rules);
    }

    /// Takes all rules away.
    pub(super) fn clear(&mut self) {
        self.rules.clear();
    }

    /// Returns the rule that strikes a call, if one does.
    pub(super) fn strike(&mut self, endpoint: &str) -> Option<Rule> {
        let dice = &mut self.dice;
        self.rules
            .iter_mut()
            .find_map(|rule| rule.strikes(endpoint, dice).then(|| rule.clone()))
    }
}

impl Rule {
    /// Returns what is wrong with the rule.
    pub(crate) fn check(&self) -> Result<(), String> {
        if !(400..600).contains(&self.status) {
            return Err(format!(
                "the `status` of a fault is from 400 to 599, not {}",
                self.status
            ));
        }
        let is_share = |share: &f64| (0.0..=1.0).contains(share);
        match self.share.filter(|share| !is_share(share)) {
            Some(share) => Err(format!(
                "the `share` of a fault is from 0 to 1, not {share}"
            )),
            None => Ok(()),
        }
    }

    fn strikes(&mut self, endpoint: &str, dice: &mut Dice) -> bool {
        if !fits(&self.endpoint, endpoint) {
            return false;
        }
        self.seen += 1;
        let strikes = self.nth.is_none_or(|nth| nth == self.seen)
            && self.times.is_none_or(|times| self.struck < times)
            && self.share.is_none_or(|share| dice.fraction() < share);
        self.struck += u64::from(strikes);
        strikes
    }
}

fn fits(pattern: &str, endpoint: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => endpoint.starts_with(start),
        None => pattern == endpoint,
    }
}

/// Changes an answer as a newer version of the API might.
pub(super) fn distort(trouble: Trouble, endpoint: &Endpoint, answer: &mut Value) {
    match trouble {
        Trouble::AddField => add_field(endpoint, answer),
        Trouble::ChangeEnum => _ = endpoint.answer.map(|shape| change_enum(&shape, answer)),
        Trouble::DropField => _ = endpoint.answer.map(|shape| drop_field(&shape, answer)),
        _ => {}
    }
}

fn add_field(endpoint: &Endpoint, answer: &mut Value) {
    let new = json!({ "simulated": true });
    if let Some(Value::Object(resource)) = endpoint.resource.and_then(|key| answer.get_mut(key)) {
        resource.insert("brand_new_field".into(), new);
    } else if let Value::Object(fields) = answer {
        fields.insert("brand_new_field".into(), new);
    }
}

/// Changes the first value that comes from a list of allowed ones, or is a state.
fn change_enum(shape: &Shape, value: &mut Value) -> bool {
    match (&shape.kind, &mut *value) {
        (Kind::Choice(_), Value::String(text)) => {
            *text = "brand_new_value".into();
            true
        }
        (Kind::Object(object), Value::Object(fields)) => object.fields.iter().any(|field| {
            let Some(inner) = fields.get_mut(field.name) else {
                return false;
            };
            if field.name == "status" && inner.is_string() {
                *inner = "brand_new_value".into();
                return true;
            }
            change_enum(&field.shape, inner)
        }),
        (Kind::List(item, _), Value::Array(items)) => {
            items.iter_mut().any(|inner| change_enum(item, inner))
        }
        _ => false,
    }
}

fn drop_field(shape: &Shape, value: &mut Value) -> bool {
    let is_optional = |name: &str, fields: &Map<String, Value>, known: &[crate::catalog::Field]| {
        known
            .iter()
            .any(|field| field.name == name && !field.required)
            && fields.contains_key(name)
    };
    match (&shape.kind, &mut *value) {
        (Kind::Object(object), Value::Object(fields)) => {
            let optional = object
                .fields
                .iter()
                .find(|field| is_optional(field.name, fields, object.fields));
            if let Some(field) = optional {
                fields.shift_remove(field.name);
                return true;
            }
            object.fields.iter().any(|field| {
                fields
                    .get_mut(field.name)
                    .is_some_and(|inner| drop_field(&field.shape, inner))
            })
        }
        (Kind::List(item, _), Value::Array(items)) => {
            items.iter_mut().any(|inner| drop_field(item, inner))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strikes_where_and_when_the_rule_says() {
        let rule: Rule =
            serde_json::from_value(json!({ "endpoint": "jobs.*", "nth": 2, "kind": "error" }))
                .unwrap();
        let mut faults = Faults::new(vec![rule], 1);
        let struck: Vec<_> = ["jobs.get", "cases.get", "jobs.start", "jobs.get"]
            .map(|name| faults.strike(name).is_some())
            .into();
        assert_eq!(struck, [false, false, true, false]);
        assert_eq!(faults.rules()[0].seen, 3);
    }

    #[test]
    fn distorts_answers() {
        let entry = crate::catalog::by_name("jobs.list").unwrap();
        let mut answer =
            json!({ "data": [{ "status": "running", "eval_summaries": {} }], "total": 1 });
        distort(Trouble::ChangeEnum, entry, &mut answer);
        assert_eq!(answer["data"][0]["status"], "brand_new_value");
        distort(Trouble::DropField, entry, &mut answer);
        assert!(answer["data"][0].get("eval_summaries").is_none());
    }
}
