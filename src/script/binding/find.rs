//! Finds the one thing a text means: by id, by name, or by a part of the name that only it has.

use rhai::{Array, Dynamic};

use super::arguments::{self, Given};
use super::paging::Pages;
use crate::catalog::Endpoint;
use crate::report::{Failure, FailureKind, nearest};
use crate::script::door::{Door, Raise};

/// How many names an error shows.
const SHOWN: usize = 5;

/// Finds one item of a list: the arguments are the ids of the path, the text, and fields.
pub(super) fn find(
    door: &Door<'_>,
    endpoint: &'static Endpoint,
    args: &[&mut Dynamic],
) -> Result<Dynamic, Raise> {
    let fail = |failure| door.fail(failure);
    let ids = endpoint.given_params().count();
    let path = arguments::path(endpoint, &args[..ids]).map_err(fail)?;
    let text = arguments::id_of(args[ids], "text").map_err(fail)?;
    if text.trim().is_empty() {
        return Err(door.invalid("wants the name of a thing, not an empty text"));
    }
    let fields = match args.get(ids + 1) {
        Some(fields) => arguments::fields(endpoint, fields).map_err(fail)?,
        None => serde_json::Map::new(),
    };
    let mut pages = Pages::new(endpoint, Given { path, fields }).map_err(fail)?;
    let mut items = Array::new();
    while let Some(page) = pages.next(door)? {
        for item in page {
            if field(&item, "id").as_deref() == Some(text.as_str()) {
                return Ok(item);
            }
            items.push(item);
        }
    }
    choose(items, &text, endpoint.find.unwrap_or("name")).map_err(fail)
}

fn choose(mut items: Array, text: &str, by: &str) -> Result<Dynamic, Failure> {
    let names: Vec<String> = items
        .iter()
        .map(|item| field(item, by).unwrap_or_default())
        .collect();
    let lower = text.to_lowercase();
    let exact = |name: &String| name == text;
    let same = |name: &String| name.to_lowercase() == lower;
    let part = |name: &String| name.to_lowercase().contains(&lower);
    let tests: [&dyn Fn(&String) -> bool; 3] = [&exact, &same, &part];
    for fits in tests {
        let mut found = names.iter().enumerate().filter(|(_, name)| fits(name));
        match (found.next(), found.next()) {
            (Some((index, _)), None) => return Ok(items.swap_remove(index)),
            (Some(_), Some(_)) => return Err(several(&items, &names, text, fits)),
            (None, _) => {}
        }
    }
    Err(none(&names, text, by))
}

fn several(items: &Array, names: &[String], text: &str, fits: &dyn Fn(&String) -> bool) -> Failure {
    let found = items.iter().zip(names).filter(|(_, name)| fits(name));
    let found: Vec<_> = found
        .map(|(item, name)| match field(item, "id") {
            Some(id) => format!("`{name}` ({id})"),
            None => format!("`{name}`"),
        })
        .collect();
    let message = format!(
        "`{text}` may mean {} of them: {}",
        found.len(),
        listed(&found)
    );
    Failure::new(FailureKind::Conflict, message).hint("give the whole name, or the id")
}

fn none(names: &[String], text: &str, by: &str) -> Failure {
    let failure = Failure::new(FailureKind::NotFound, format!("none has the {by} `{text}`"));
    if names.is_empty() {
        return failure.hint("the list is empty");
    }
    if let Some(near) = nearest(text, names.iter().map(String::as_str)) {
        return failure.hint(format!("did you mean `{near}`?"));
    }
    let known: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    failure.hint(format!("there are {}", listed(&known)))
}

fn listed(all: &[String]) -> String {
    let shown = all
        .iter()
        .take(SHOWN)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    match all.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown}, and {more} more"),
    }
}

fn field(item: &Dynamic, name: &str) -> Option<String> {
    let map = item.as_map_ref().ok()?;
    let value = map.get(name)?;
    Some(value.as_immutable_string_ref().ok()?.to_string())
}
