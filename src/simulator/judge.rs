//! Judges values against the shapes of the catalog as a server does: to the letter.
//!
//! Unlike the client's checks it neither takes an object for its id nor drops a `null`. Fields that
//! the document does not know are dropped from requests, and are a fault in answers.

use serde_json::{Map, Value};

use crate::catalog::{Fault, Field, Format, Kind, Object, Range, Shape, Text, check_value};

/// What becomes of fields that the document does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// They are taken out.
    Dropped,
    /// They are a fault.
    #[cfg_attr(not(test), expect(dead_code, reason = "answers are judged in tests"))]
    Refused,
}

type Verdict = Result<(), Fault>;

/// Judges the fields of an object.
pub(crate) fn judge_fields(
    known: &[Field],
    open: bool,
    fields: &mut Map<String, Value>,
    unknown: Unknown,
) -> Verdict {
    judge_object(known, open, fields, ("", unknown))
}

/// Judges one value.
pub(crate) fn judge(shape: &Shape, value: &mut Value, at: &str, unknown: Unknown) -> Verdict {
    if value.is_null() {
        let fits = shape.nullable || matches!(shape.kind, Kind::Null | Kind::Any);
        return fits
            .then_some(())
            .ok_or_else(|| fault(at, "must not be null"));
    }
    match (&shape.kind, &mut *value) {
        (Kind::Object(Object { fields, open, .. }), Value::Object(given)) => {
            judge_object(fields, *open, given, (at, unknown))
        }
        (Kind::Map(item, pattern), Value::Object(given)) => {
            given.iter_mut().try_for_each(|(key, value)| {
                let here = join(at, key);
                leaf(&key_shape(*pattern), &mut Value::from(key.clone()), &here)?;
                judge(item, value, &here, unknown)
            })
        }
        (Kind::List(item, range), Value::Array(items)) => {
            #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^52")]
            if !range.holds(items.len() as f64) {
                return Err(fault(at, &format!("must not have {} items", items.len())));
            }
            let mut items = items.iter_mut().enumerate();
            items.try_for_each(|(index, value)| {
                judge(item, value, &format!("{at}[{index}]"), unknown)
            })
        }
        (Kind::Union(members), _) => judge_union(members, value, at, unknown),
        (Kind::Text(_), other) if !other.is_string() => Err(fault(at, "must be text")),
        _ => leaf(shape, value, at),
    }
}

fn judge_object(
    known: &[Field],
    open: bool,
    fields: &mut Map<String, Value>,
    (at, unknown): (&str, Unknown),
) -> Verdict {
    if !open {
        let is_known = |name: &str| known.iter().any(|field| field.name == name);
        if unknown == Unknown::Dropped {
            fields.retain(|name, _| is_known(name));
        } else if let Some(name) = fields.keys().find(|name| !is_known(name)) {
            return Err(fault(&join(at, name), "is not documented"));
        }
    }
    for field in known {
        let here = join(at, field.name);
        match fields.get_mut(field.name) {
            Some(value) => judge(&field.shape, value, &here, unknown)?,
            None if field.required => return Err(fault(&here, "is missing")),
            None => {}
        }
    }
    Ok(())
}

/// The first member that fits wins; when none does, the fault is the one that lies deepest.
fn judge_union(members: &[Shape], value: &mut Value, at: &str, unknown: Unknown) -> Verdict {
    let mut deepest: Option<Fault> = None;
    for member in members {
        let mut copy = value.clone();
        match judge(member, &mut copy, at, unknown) {
            Ok(()) => {
                *value = copy;
                return Ok(());
            }
            Err(fault)
                if deepest
                    .as_ref()
                    .is_none_or(|known| known.field.len() < fault.field.len()) =>
            {
                deepest = Some(fault);
            }
            Err(_) => {}
        }
    }
    Err(deepest.unwrap_or_else(|| fault(at, "fits none of the allowed shapes")))
}

/// Values without parts are judged the same way on both sides.
fn leaf(shape: &Shape, value: &mut Value, at: &str) -> Verdict {
    check_value(shape, value, at)
}

fn key_shape(pattern: Option<&'static str>) -> Shape {
    let length = Range {
        min: None,
        max: None,
        exclusive: false,
    };
    let format = Format::Plain;
    Shape {
        kind: Kind::Text(Text {
            format,
            length,
            pattern,
        }),
        nullable: false,
    }
}

fn join(at: &str, name: &str) -> String {
    if at.is_empty() {
        name.into()
    } else {
        format!("{at}.{name}")
    }
}

fn fault(at: &str, what: &str) -> Fault {
    Fault {
        field: at.into(),
        what: what.into(),
        hint: None,
    }
}
