//! Judges the parameters and fields of a call.
//!
//! What goes into a path is judged more strictly than the API would: a segment that climbs must
//! not leave the endpoint, however it is written.

use serde_json::{Map, Value};

use super::fault::{Fault, Verdict, join, listed};
use super::value::check_value;
use crate::catalog::model::{Endpoint, Field, Format, Kind, Text};
use crate::report::nearest;

/// How often a parameter is percent-decoded in search of a climbing segment.
const DECODINGS: usize = 4;

/// Judges the parameters and fields of a call, and brings them into the form that is sent.
///
/// An object with an `id` that stands where an id is wanted is replaced by the id; a `null` for an
/// optional field that cannot be null is taken as "not given".
pub fn check_call(
    endpoint: &Endpoint,
    path: &[String],
    fields: &mut Map<String, Value>,
) -> Verdict {
    let mut given = path.iter();
    for param in endpoint.given_params() {
        match given.next() {
            Some(value) => check_param(param, value)?,
            None => return Err(Fault::new(param.name, "is missing")),
        }
    }
    if let Some(extra) = given.next() {
        let known = listed(endpoint.given_params().map(|param| param.name));
        let hint = match known.as_str() {
            "" => "its path takes nothing".into(),
            known => format!("its path takes {known}"),
        };
        return Err(Fault::new("", format!("`{extra}` is one id too many")).hint(Some(hint)));
    }
    let known: Vec<_> = endpoint.given_fields().collect();
    check_fields(&known, endpoint.is_open(), fields, "")
}

/// Judges a parameter of a path.
pub fn check_param(param: &Field, given: &str) -> Verdict {
    let is_rest = matches!(
        param.shape.kind,
        Kind::Text(Text {
            format: Format::Path,
            ..
        })
    );
    let bare = if is_rest {
        given.trim_matches('/')
    } else {
        given
    };
    if bare.trim().is_empty() {
        return Err(Fault::new(param.name, "is empty"));
    }
    if climbs(given) {
        let what = format!("must not hold `.` or `..` segments: `{given}`");
        return Err(Fault::new(param.name, what));
    }
    if is_rest && bare.contains("//") {
        let what = format!("must not hold empty segments: `{given}`");
        return Err(Fault::new(param.name, what));
    }
    check_value(&param.shape, &mut Value::from(given), param.name)
}

/// Returns whether some server on the way could read a `.` or `..` segment in it.
fn climbs(given: &str) -> bool {
    let mut text = given.to_owned();
    for _ in 0..DECODINGS {
        if text
            .split(['/', '\\'])
            .any(|part| part == ".." || part == ".")
        {
            return true;
        }
        let decoded = percent_encoding::percent_decode_str(&text).decode_utf8_lossy();
        if decoded == text {
            return false;
        }
        text = decoded.into_owned();
    }
    // Whoever encodes so often hides something.
    true
}

/// Judges the fields of a call or of an object in it; `at` is where the object stands.
pub(super) fn check_fields(
    known: &[&Field],
    open: bool,
    fields: &mut Map<String, Value>,
    at: &str,
) -> Verdict {
    for name in fields.keys() {
        if !open && !known.iter().any(|field| field.name == name) {
            return Err(unknown_field(name, known, at));
        }
    }
    for field in known {
        let here = join(at, field.name);
        match fields.get_mut(field.name) {
            None if field.required => return Err(Fault::new(&here, "is missing")),
            None => {}
            Some(Value::Null) if !field.shape.accepts_null() => {
                if field.required {
                    return Err(Fault::new(&here, "is missing"));
                }
                fields.shift_remove(field.name);
            }
            Some(value) => check_value(&field.shape, value, &here)?,
        }
    }
    Ok(())
}

/// Returns the fault of a field that nobody knows; `at` is where its object stands.
pub fn unknown_field(name: &str, known: &[&Field], at: &str) -> Fault {
    let names = || known.iter().map(|field| field.name);
    let hint = match nearest(name, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "it takes no fields".into(),
        None => format!("it takes {}", listed(names())),
    };
    Fault::new(&join(at, name), "is unknown").hint(Some(hint))
}
