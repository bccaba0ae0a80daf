//! Judges values against the shapes of the catalog, before a request leaves or an answer is believed.
//!
//! Requests are judged strictly: an unknown field is a mistake. Answers are judged loosely: new
//! fields and unknown enum values are the API's right and pass through.

use serde_json::{Map, Value};

use super::model::{Endpoint, Field, Format, Kind, Object, Range, Shape, Text};
use crate::report::nearest;

/// What is wrong with a value, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The field, such as `cases[3].title`; empty for the value itself.
    pub field: String,
    /// What is wrong, in one line.
    pub what: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Fault {
    fn new(field: &str, what: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            what: what.into(),
            hint: None,
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.field.is_empty() {
            f.write_str(&self.what)
        } else {
            write!(f, "`{}` {}", self.field, self.what)
        }
    }
}

type Verdict = Result<(), Fault>;

/// Judges the parameters and fields of a call, and brings them into the form that is sent.
///
/// An object with an `id` that stands where an id is wanted is replaced by the id; a `null` for an
/// optional field that cannot be null is taken as "not given".
pub fn check_call(
    endpoint: &Endpoint,
    path: &[String],
    fields: &mut Map<String, Value>,
) -> Verdict {
    for (param, given) in endpoint.given_params().zip(path) {
        check_param(param, given)?;
    }
    let known: Vec<_> = endpoint.given_fields().collect();
    check_fields(&known, endpoint.is_open(), fields, "")
}

/// Judges one value against a shape, strictly, and brings it into the form that is sent.
pub fn check_value(shape: &Shape, value: &mut Value, field: &str) -> Verdict {
    strict(shape, value, field)
}

/// Judges whether an answer has the promised outline: the right kind, and its result where promised.
pub fn check_answer(endpoint: &Endpoint, answer: &Value) -> Verdict {
    let key = match (endpoint.list, endpoint.resource) {
        (Some("."), _) if !answer.is_array() => return Err(Fault::new("", "is no list")),
        (Some("."), _) | (None, None) => return Ok(()),
        (Some(key), _) | (None, Some(key)) => key,
    };
    match (answer.get(key), endpoint.list) {
        (Some(Value::Array(_)), Some(_)) | (Some(_), None) => Ok(()),
        (Some(_), Some(_)) => Err(Fault::new(key, "is no list")),
        (None, _) => Err(Fault::new(key, "is missing")),
    }
}

fn check_param(param: &Field, given: &str) -> Verdict {
    if given.trim().is_empty() {
        return Err(Fault::new(param.name, "is empty"));
    }
    if given
        .split('/')
        .any(|segment| segment == ".." || segment == ".")
    {
        return Err(Fault::new(
            param.name,
            format!("must not hold `.` or `..` segments: `{given}`"),
        ));
    }
    strict(&param.shape, &mut Value::from(given), param.name)
}

fn check_fields(
    known: &[&Field],
    open: bool,
    fields: &mut Map<String, Value>,
    at: &str,
) -> Verdict {
    for name in fields.keys() {
        if !open && !known.iter().any(|field| field.name == name) {
            return Err(unknown(name, known, at));
        }
    }
    for field in known {
        let here = join(at, field.name);
        match fields.get_mut(field.name) {
            None | Some(Value::Null) if field.required && !field.shape.nullable => {
                return Err(Fault::new(&here, "is missing"));
            }
            Some(Value::Null) if !field.shape.nullable => {
                fields.shift_remove(field.name);
            }
            None if field.required => return Err(Fault::new(&here, "is missing")),
            None => {}
            Some(value) => strict(&field.shape, value, &here)?,
        }
    }
    Ok(())
}

fn unknown(name: &str, known: &[&Field], at: &str) -> Fault {
    let names = || known.iter().map(|field| field.name);
    let hint = match nearest(name, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "it takes no fields".into(),
        None => format!(
            "it takes {}",
            names()
                .map(|name| format!("`{name}`"))
                .collect::<Vec<_>>()
                .join(", ")
        ),
    };
    Fault {
        field: join(at, name),
        what: "is unknown".into(),
        hint: Some(hint),
    }
}

fn join(at: &str, name: &str) -> String {
    if at.is_empty() {
        name.into()
    } else {
        format!("{at}.{name}")
    }
}

fn strict(shape: &Shape, value: &mut Value, at: &str) -> Verdict {
    if value.is_null() && shape.nullable {
        return Ok(());
    }
    let wrong = |value: &Value| {
        Fault::new(
            at,
            format!("must be {}, not {}", super::shape_text(shape), show(value)),
        )
    };
    match (&shape.kind, &mut *value) {
        (Kind::Any, _)
        | (Kind::Null, Value::Null)
        | (Kind::Boolean, Value::Bool(_))
        | (Kind::File, Value::String(_)) => Ok(()),
        (Kind::Integer(range), Value::Number(number)) if number.is_i64() || number.is_u64() => {
            within(*range, number.as_f64(), at, value)
        }
        (Kind::Number(range), Value::Number(number)) => within(*range, number.as_f64(), at, value),
        (Kind::Text(text), Value::String(given)) => check_text(text, given, at),
        (
            Kind::Text(Text {
                format: Format::Uuid,
                ..
            }),
            Value::Object(thing),
        ) => match thing.get("id") {
            Some(Value::String(id)) => {
                *value = Value::from(id.clone());
                strict(shape, value, at)
            }
            _ => Err(Fault::new(at, "must be an id, or an object that has one")),
        },
        (Kind::Choice(choices), _) => check_choice(choices, value, at),
        (Kind::List(item, range), Value::Array(items)) => {
            check_length(*range, items.len(), at, "items")?;
            let mut items = items.iter_mut().enumerate();
            items.try_for_each(|(index, value)| strict(item, value, &format!("{at}[{index}]")))
        }
        (Kind::Map(item, pattern), Value::Object(fields)) => check_map(item, *pattern, fields, at),
        (Kind::Object(object), Value::Object(fields)) => check_object(object, fields, at),
        (Kind::Union(shapes), _) => check_union(shapes, value, at).ok_or_else(|| wrong(value))?,
        _ => Err(wrong(value)),
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
            return Err(Fault::new(
                &join(at, key),
                format!("has a key that does not match `{pattern}`"),
            ));
        }
        strict(item, value, &join(at, key))?;
    }
    Ok(())
}

/// Judges by the first member that fits; with none, by the only object among them, whose fault
/// tells more than "none fits".
fn check_union(shapes: &[Shape], value: &mut Value, at: &str) -> Option<Verdict> {
    for shape in shapes {
        let mut copy = value.clone();
        if strict(shape, &mut copy, at).is_ok() {
            *value = copy;
            return Some(Ok(()));
        }
    }
    let mut objects = shapes
        .iter()
        .filter(|shape| matches!(shape.kind, Kind::Object(_)));
    match (objects.next(), objects.next()) {
        (Some(only), None) if value.is_object() => Some(strict(only, value, at)),
        _ => None,
    }
}

fn check_choice(choices: &[&str], value: &Value, at: &str) -> Verdict {
    let given = value.to_string();
    if choices.contains(&given.as_str()) {
        return Ok(());
    }
    let plain = |choice: &str| choice.trim_matches('"').to_owned();
    let known: Vec<_> = choices.iter().map(|choice| plain(choice)).collect();
    let near = value
        .as_str()
        .and_then(|text| nearest(text, known.iter().map(String::as_str)));
    let mut fault = Fault::new(
        at,
        format!("must be one of {}, not {}", list(&known), show(value)),
    );
    fault.hint = near.map(|near| format!("did you mean `{near}`?"));
    Err(fault)
}

fn list(values: &[String]) -> String {
    values
        .iter()
        .map(|value| format!("`{value}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn check_text(text: &Text, given: &str, at: &str) -> Verdict {
    check_length(text.length, given.chars().count(), at, "characters")?;
    if let Some(pattern) = text.pattern.filter(|pattern| !is_match(pattern, given)) {
        return Err(Fault::new(
            at,
            format!("must match `{pattern}`, not {}", show(&Value::from(given))),
        ));
    }
    let (fits, wanted) = match text.format {
        Format::Plain | Format::Secret | Format::Path => (true, ""),
        Format::Uuid => (uuid::Uuid::try_parse(given).is_ok(), "an id (a UUID)"),
        Format::DateTime => (
            given.parse::<jiff::Timestamp>().is_ok(),
            "a time such as `2026-01-31T12:00:00Z`",
        ),
        Format::Date => (
            given.parse::<jiff::civil::Date>().is_ok(),
            "a day such as `2026-01-31`",
        ),
        Format::Uri => (url::Url::parse(given).is_ok(), "an absolute URL"),
        Format::Email => (
            given
                .split_once('@')
                .is_some_and(|(user, host)| !user.is_empty() && !host.is_empty()),
            "an e-mail address",
        ),
    };
    if fits {
        Ok(())
    } else {
        Err(Fault::new(
            at,
            format!("must be {wanted}, not {}", show(&Value::from(given))),
        ))
    }
}

/// A pattern that this engine cannot read must not stop anybody.
fn is_match(pattern: &str, text: &str) -> bool {
    regex_lite::Regex::new(pattern).map_or(true, |pattern| pattern.is_match(text))
}

fn check_length(range: Range, length: usize, at: &str, unit: &str) -> Verdict {
    #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^52")]
    let fits = range.holds(length as f64);
    if fits {
        Ok(())
    } else {
        Err(Fault::new(
            at,
            format!(
                "must have {} {unit}, not {length}",
                super::describe::bounds(range)
            ),
        ))
    }
}

fn within(range: Range, number: Option<f64>, at: &str, value: &Value) -> Verdict {
    if number.is_some_and(|number| range.holds(number)) {
        return Ok(());
    }
    Err(Fault::new(
        at,
        format!(
            "must be {}, not {}",
            super::describe::bounds(range),
            show(value)
        ),
    ))
}

/// Shows a value in a message: short, and never the inside of objects.
fn show(value: &Value) -> String {
    match value {
        Value::Null => "()".into(),
        Value::Object(_) => "a map".into(),
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::String(text) if text.chars().count() > 60 => {
            format!("`{}…`", text.chars().take(60).collect::<String>())
        }
        Value::String(text) => format!("`{text}`"),
        Value::Bool(_) | Value::Number(_) => format!("`{value}`"),
    }
}
