//! Says shapes and signatures in words, for messages and help.

use super::model::{Endpoint, Field, Format, Kind, Range, Shape};

/// Returns a shape in words, such as `text`, `an integer` or `a list of ids`.
pub fn shape_text(shape: &Shape) -> String {
    let text = match &shape.kind {
        Kind::Any => "anything".into(),
        Kind::Null => "()".into(),
        Kind::Boolean => "true or false".into(),
        Kind::Integer(range) => with_bounds("an integer", *range),
        Kind::Number(range) => with_bounds("a number", *range),
        Kind::Text(text) => match text.format {
            Format::Plain => "text".into(),
            Format::Uuid => "an id".into(),
            Format::DateTime => "a time (RFC 3339)".into(),
            Format::Date => "a day".into(),
            Format::Uri => "a URL".into(),
            Format::Email => "an e-mail address".into(),
            Format::Path => "a path".into(),
            Format::Secret => "text (secret)".into(),
        },
        Kind::Choice(choices) => choices.join(" | "),
        Kind::File => "the path of a file".into(),
        Kind::List(item, _) => format!("a list of {}", plural(item)),
        Kind::Map(item, _) => format!("a map to {}", plural(item)),
        Kind::Object(object) => object
            .name
            .map_or_else(|| "a map".into(), |name| format!("a map ({name})")),
        Kind::Union(shapes) => shapes
            .iter()
            .map(shape_text)
            .collect::<Vec<_>>()
            .join(", or "),
    };
    if shape.nullable {
        format!("{text}, or ()")
    } else {
        text
    }
}

fn plural(shape: &Shape) -> String {
    match &shape.kind {
        Kind::Text(text) if text.format == Format::Uuid => "ids".into(),
        Kind::Text(_) => "texts".into(),
        Kind::Object(_) => "maps".into(),
        Kind::Integer(_) | Kind::Number(_) => "numbers".into(),
        Kind::Any
        | Kind::Null
        | Kind::Boolean
        | Kind::Choice(_)
        | Kind::File
        | Kind::List(..)
        | Kind::Map(..)
        | Kind::Union(_) => {
            format!("({})", shape_text(shape))
        }
    }
}

fn with_bounds(what: &str, range: Range) -> String {
    if range.min.is_none() && range.max.is_none() {
        what.into()
    } else {
        format!("{what} {}", bounds(range))
    }
}

/// Returns bounds in words: `from 1 to 100`, `at least 1`, `at most 500`.
pub(super) fn bounds(range: Range) -> String {
    let (from, least, most) = if range.exclusive {
        ("between", "more than", "less than")
    } else {
        ("from", "at least", "at most")
    };
    match (range.min, range.max) {
        (Some(min), Some(max)) => format!(
            "{from} {min} {} {max}",
            if range.exclusive { "and" } else { "to" }
        ),
        (Some(min), None) => format!("{least} {min}"),
        (None, Some(max)) => format!("{most} {max}"),
        (None, None) => "any number of".into(),
    }
}

/// Returns how a script calls an endpoint: `duvo::jobs::start(#{ agent_id, message?, … })`.
pub fn signature(endpoint: &Endpoint) -> String {
    let mut given: Vec<String> = endpoint
        .given_params()
        .map(|param| param.name.to_owned())
        .collect();
    let mut fields: Vec<&Field> = endpoint.given_fields().collect();
    fields.sort_by_key(|field| !field.required);
    if !fields.is_empty() {
        let names: Vec<_> = fields
            .iter()
            .map(|field| format!("{}{}", field.name, if field.required { "" } else { "?" }))
            .collect();
        given.push(format!("#{{ {} }}", names.join(", ")));
    }
    format!(
        "duvo::{}::{}({})",
        endpoint.section,
        endpoint.verb,
        given.join(", ")
    )
}
