//! One item of a `parallel`: cut off from the variables of the others, and named in its errors.

use rhai::{Array, Dynamic, EvalAltResult, FnPtr, Map};

use crate::script::door::{Raise, Site};
use crate::script::problem::syntax::lowered;
use crate::script::source::compile::CLOSURE;

/// Cuts a value off from the variables it is shared with, through lists, maps and closures.
pub(in crate::script) fn detach(value: &mut Dynamic) {
    if value.is_shared() {
        *value = value.flatten_clone();
    }
    if let Some(mut items) = value.write_lock::<Array>() {
        return items.iter_mut().for_each(detach);
    }
    if let Some(mut map) = value.write_lock::<Map>() {
        return map.values_mut().for_each(detach);
    }
    if let Some(mut closure) = value.write_lock::<FnPtr>() {
        closure.iter_curry_mut().for_each(detach);
    }
}

/// Names the item in the error: for people in the call stack, for `catch` in the map.
pub(in crate::script) fn named(
    mut error: Raise,
    index: usize,
    item: &Dynamic,
    site: &Site,
) -> Raise {
    let layer = format!("item {index} (`{}`) of parallel", short(item));
    let thrown = innermost(&mut error);
    if let Some(mut map) = thrown.and_then(Dynamic::write_lock::<Map>) {
        map.insert(
            "index".into(),
            i64::try_from(index).unwrap_or(i64::MAX).into(),
        );
        map.insert("item".into(), item.clone());
    }
    if let EvalAltResult::ErrorInFunctionCall(name, ..) = &mut *error
        && name.starts_with(CLOSURE)
    {
        // The closure's own name stays behind it: it tells the source.
        *name = format!("{layer} {name}");
        return error;
    }
    EvalAltResult::ErrorInFunctionCall(layer, site.source.clone(), error, site.position).into()
}

fn innermost(error: &mut EvalAltResult) -> Option<&mut Dynamic> {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _)
        | EvalAltResult::ErrorInModule(_, inner, _) => innermost(inner),
        EvalAltResult::ErrorRuntime(thrown, _) => Some(thrown),
        _ => None,
    }
}

fn short(item: &Dynamic) -> String {
    let text = match item.as_map_ref() {
        Ok(map) => {
            let telling = ["name", "title", "id"]
                .into_iter()
                .find_map(|key| map.get(key));
            telling.map_or_else(|| item.to_string(), ToString::to_string)
        }
        Err(_) => item.to_string(),
    };
    let text = text.replace('\n', " ");
    if text.chars().count() > 40 {
        format!("{}…", text.chars().take(40).collect::<String>())
    } else {
        text
    }
}

/// Returns an error as the map that stands in the list of errors.
pub(in crate::script) fn caught(error: &EvalAltResult, index: usize, item: &Dynamic) -> Dynamic {
    let mut map = match error.unwrap_inner() {
        EvalAltResult::ErrorRuntime(thrown, _) => match thrown.as_map_ref() {
            Ok(map) => map.clone(),
            Err(_) => message(thrown.to_string()),
        },
        other => {
            let text = other.to_string();
            let place = format!(" ({})", other.position());
            message(lowered(text.strip_suffix(&place).unwrap_or(&text)))
        }
    };
    map.insert(
        "index".into(),
        i64::try_from(index).unwrap_or(i64::MAX).into(),
    );
    map.insert("item".into(), item.clone());
    map.into()
}

fn message(text: String) -> Map {
    Map::from_iter([("message".into(), text.into())])
}
