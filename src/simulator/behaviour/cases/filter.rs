//! Which cases are meant: the filters of lists, searches and bulk calls.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::rows::Case;
use crate::simulator::behaviour::contains;
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

const STATUSES: [&str; 6] = [
    "pending",
    "claimed",
    "completed",
    "failed",
    "needs_input",
    "postponed",
];
const PRIORITIES: [&str; 3] = ["none", "medium", "high"];

/// Conditions on cases, all of which must hold.
#[derive(Debug, Default)]
pub(super) struct Filter {
    statuses: Vec<String>,
    priorities: Vec<String>,
    created_from: Option<Timestamp>,
    updated_from: Option<Timestamp>,
    labels: Vec<(String, Vec<String>)>,
    pub(super) search: String,
}

impl Filter {
    /// Reads the filter of a list, where lists are joined by commas.
    pub(super) fn of_query(request: &Request) -> Result<Self, Refusal> {
        let list = |name: &str| -> Vec<String> {
            let text = request.asked(name).unwrap_or_default();
            text.split(',')
                .map(str::trim)
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let filter = Self {
            statuses: list("status"),
            priorities: list("priority"),
            created_from: time(request.asked("created_at_from"), "created_at_from")?,
            updated_from: time(request.asked("updated_at_from"), "updated_at_from")?,
            labels: Vec::new(),
            search: request.asked("search").unwrap_or_default().into(),
        };
        check(&filter.statuses, &STATUSES, "status")?;
        check(&filter.priorities, &PRIORITIES, "priority")?;
        Ok(filter)
    }

    /// Reads the filter of a body.
    pub(super) fn of_body(request: &Request) -> Result<Self, Refusal> {
        let none = Map::new();
        let given = request
            .body
            .get("filters")
            .and_then(Value::as_object)
            .unwrap_or(&none);
        let text = |name: &str| given.get(name).and_then(Value::as_str);
        let labels = given.get("labels").and_then(Value::as_object);
        Ok(Self {
            statuses: texts(given.get("status")),
            priorities: texts(given.get("priority")),
            created_from: time(text("created_at_from"), "filters.created_at_from")?,
            updated_from: time(text("updated_at_from"), "filters.updated_at_from")?,
            labels: labels
                .into_iter()
                .flatten()
                .map(|(key, values)| (key.clone(), texts(Some(values))))
                .collect(),
            search: request.text("search").unwrap_or_default().into(),
        })
    }

    /// Returns whether a case fits.
    pub(super) fn fits(&self, world: &World, case: &Case) -> bool {
        let status = || match case.display_status(world) {
            "in_progress" => "claimed",
            other => other,
        };
        (self.statuses.is_empty() || self.statuses.iter().any(|wanted| wanted == status()))
            && (self.priorities.is_empty()
                || self
                    .priorities
                    .iter()
                    .any(|wanted| wanted == case.priority.as_str()))
            && self.created_from.is_none_or(|from| case.created_at >= from)
            && self.updated_from.is_none_or(|from| case.updated_at >= from)
            && (contains(&case.title, &self.search) || contains(&case.data, &self.search))
            && self
                .labels
                .iter()
                .all(|(key, values)| has_label(world, case, key, values))
    }

    /// Returns the cases of a queue that fit, in the wanted order.
    pub(super) fn sorted<'w>(
        &self,
        world: &'w World,
        queue: Uuid,
        by: Option<&str>,
        order: Option<&str>,
    ) -> Vec<&'w Case> {
        let all = world.cases.rows.iter();
        let mut found: Vec<_> = all
            .filter(|case| case.queue_id == queue && self.fits(world, case))
            .collect();
        match by {
            Some("updated_at") => found.sort_by_key(|case| case.updated_at),
            Some("postponed_to") => {
                found.sort_by_key(|case| (case.postponed_to.is_none(), case.postponed_to));
            }
            _ => found.sort_by_key(|case| case.created_at),
        }
        if order != Some("asc") {
            found.reverse();
        }
        found
    }
}

fn texts(list: Option<&Value>) -> Vec<String> {
    let list = list.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn time(text: Option<&str>, name: &str) -> Result<Option<Timestamp>, Refusal> {
    let Some(text) = text else { return Ok(None) };
    let wrong = || {
        Refusal::invalid(format!(
            "`{name}` must be a time such as `2026-01-31T12:00:00Z`, not `{text}`"
        ))
    };
    let midnight = || {
        let day: jiff::civil::Date = text.parse().ok()?;
        jiff::tz::TimeZone::UTC
            .to_timestamp(day.at(0, 0, 0, 0))
            .ok()
    };
    let time = text.parse().ok().or_else(midnight);
    time.map(Some).ok_or_else(wrong)
}

fn check(given: &[String], known: &[&str], name: &str) -> Result<(), Refusal> {
    match given.iter().find(|word| !known.contains(&word.as_str())) {
        Some(word) => Err(Refusal::invalid(format!(
            "`{name}` must be of {}, not `{word}`",
            known.join(", ")
        ))),
        None => Ok(()),
    }
}

fn has_label(world: &World, case: &Case, key: &str, values: &[String]) -> bool {
    let mut labels = case
        .labels
        .iter()
        .filter_map(|id| world.labels.rows.get(*id));
    labels.any(|label| label.key == key && (values.is_empty() || values.contains(&label.value)))
}

/// Returns where in the data a text was found.
pub(super) fn snippet(data: &str, search: &str) -> Option<Value> {
    if search.is_empty() || !contains(data, search) {
        return None;
    }
    // Lower case can change lengths, so characters are compared one by one.
    let (data, wanted): (Vec<_>, _) = (data.chars().collect(), search.to_lowercase());
    let length = search.chars().count();
    let at = data
        .windows(length)
        .position(|part| part.iter().collect::<String>().to_lowercase() == wanted)?;
    let text = |from: usize, to: usize| data[from..to.min(data.len())].iter().collect::<String>();
    Some(json!({
        "before": text(at.saturating_sub(40), at),
        "match": text(at, at + length),
        "after": text((at + length).min(data.len()), at + length + 40),
    }))
}
