//! Judges one value against a shape, strictly, and brings it into the form that is sent.

use serde_json::{Map, Value};

use super::call::check_fields;
use super::fault::{Fault, Verdict, join, kind_of, listed, show};
use super::text::{check_text, is_match};
use super::union::check_union;
use crate::catalog::describe::{bounds, shape_text};
use crate::catalog::model::{Format, Kind, Object, Range, Shape, Text};
use crate::report::nearest;

/// Up to here a floating-point number tells each integer from its neighbours.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl Shape {
    /// Returns whether `null` is a value of this shape.
    pub fn accepts_null(&self) -> bool {
        self.nullable
            || match self.kind {
                Kind::Any | Kind::Null => true,
                Kind::Union(shapes) => shapes.iter().any(Self::accepts_null),
                _ => false,
            }
    }
}

/// Judges one value against a shape, strictly, and brings it into the form that is sent.
pub fn check_value(shape: &Shape, value: &mut Value, field: &str) -> Verdict {
    if value.is_null() && shape.accepts_null() {
        return Ok(());
    }
    match (&shape.kind, &mut *value) {
        (Kind::Any, _) | (Kind::Boolean, Value::Bool(_)) | (Kind::File, Value::String(_)) => Ok(()),
        (Kind::Integer(range), Value::Number(_)) => {
            make_whole(value).ok_or_else(|| wrong(shape, value, field))?;
            within(*range, value, field)
        }
        (Kind::Number(range), Value::Number(_)) => within(*range, value, field),
        (Kind::Text(text), Value::String(given)) => check_text(text, given, field),
        (Kind::Text(text), Value::Object(thing)) if is_id(text, field) => {
            *value = id_of(thing, field)?;
            check_value(shape, value, field)
        }
        (Kind::Choice(choices), _) => check_choice(choices, value, field),
        (Kind::List(item, range), Value::Array(items)) => {
            check_length(*range, items.len(), field, "items")?;
            let mut items = items.iter_mut().enumerate();
            items.try_for_each(|(at, value)| check_value(item, value, &format!("{field}[{at}]")))
        }
        (Kind::Map(item, pattern), Value::Object(fields)) => {
            check_map(item, *pattern, fields, field)
        }
        (Kind::Object(object), Value::Object(fields)) => check_object(object, fields, field),
        (Kind::Union(shapes), _) => check_union(shape, shapes, value, field),
        _ => Err(wrong(shape, value, field)),
    }
}

/// Returns the fault of a value of another kind; a secret's value is not shown.
pub(super) fn wrong(shape: &Shape, value: &Value, field: &str) -> Fault {
    let shown = match shape.kind {
        Kind::Text(text) if text.format == Format::Secret => kind_of(value).into(),
        _ => show(value),
    };
    Fault::new(field, format!("must be {}, not {shown}", shape_text(shape)))
}

/// Takes `5.0` for 5; returns `None` for what is no whole number.
fn make_whole(value: &mut Value) -> Option<()> {
    if value.is_i64() || value.is_u64() {
        return Some(());
    }
    let number = value.as_f64()?;
    let is_whole = number.fract() == 0.0 && number.abs() < EXACT;
    #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
    is_whole.then(|| *value = Value::from(number as i64))
}

/// Returns whether an object that has an id may stand here for the id.
fn is_id(text: &Text, field: &str) -> bool {
    text.format == Format::Uuid || (text.format == Format::Plain && field.ends_with("_id"))
}

/// Returns the id of a thing: its `id`, or what it has under the field's own name.
fn id_of(thing: &Map<String, Value>, field: &str) -> Result<Value, Fault> {
    let name = field.rsplit('.').next().unwrap_or(field);
    match thing.get("id").or_else(|| thing.get(name)) {
        Some(id @ Value::String(_)) => Ok(id.clone()),
        _ => Err(Fault::new(
            field,
            "must be an id, or an object that has one",
        )),
    }
}

fn check_object(object: &Object, fields: &mut Map<String, Value>, at: &str) -> Verdict {
    let known: Vec<_> = object.fields.iter().collect();
    check_fields(&known, object.open, fields, at)
}

fn check_map(
    item: &Shape,
    pattern: Option<&str>,
    fields: &mut Map<String, Value>,
    at: &str,
) -> Verdict {
    for (key, value) in fields {
        if let Some(pattern) = pattern.filter(|pattern| !is_match(pattern, key)) {
            let what = format!("has a key that does not match `{pattern}`");
            return Err(Fault::new(&join(at, key), what));
        }
        check_value(item, value, &join(at, key))?;
    }
    Ok(())
}

/// Judges one of some values; `true` may stand for its text, where the API wants that.
pub(super) fn check_choice(choices: &[&str], value: &mut Value, at: &str) -> Verdict {
    let given = value.to_string();
    if choices.contains(&given.as_str()) {
        return Ok(());
    }
    if value.is_boolean() && choices.contains(&format!("\"{given}\"").as_str()) {
        *value = Value::from(given);
        return Ok(());
    }
    let plain = || choices.iter().map(|choice| choice.trim_matches('"'));
    let near = value.as_str().and_then(|text| nearest(text, plain()));
    let what = format!("must be one of {}, not {}", listed(plain()), show(value));
    Err(Fault::new(at, what).hint(near.map(|near| format!("did you mean `{near}`?"))))
}

/// Judges how long a text or a list is.
pub(super) fn check_length(range: Range, length: usize, at: &str, unit: &str) -> Verdict {
    #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^52")]
    let fits = range.holds(length as f64);
    if fits {
        return Ok(());
    }
    let what = format!("must have {} {unit}, not {length}", bounds(range));
    Err(Fault::new(at, what))
}

fn within(range: Range, value: &Value, at: &str) -> Verdict {
    if value.as_f64().is_some_and(|number| range.holds(number)) {
        return Ok(());
    }
    let what = format!("must be {}, not {}", bounds(range), show(value));
    Err(Fault::new(at, what))
}
