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

/// Returns what a field means; where its doc points to a life cycle, the states stand instead.
pub fn field_doc(field: &Field) -> String {
    let Some((doc, rest)) = field.doc.split_once("; see [states.") else {
        return field.doc.into();
    };
    let (of, rest) = rest.split_once(']').unwrap_or((rest, ""));
    match super::life_cycle(of) {
        // The field itself tells them.
        _ if matches!(field.shape.kind, Kind::Choice(_)) => format!("{doc}{rest}"),
        Some(life) => format!("{doc}: {}{rest}", life.known.join(", ")),
        None => field.doc.into(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::by_name;

    #[test]
    fn a_signature_names_ids_then_fields_the_required_ones_first() {
        let of = |name| signature(by_name(name).unwrap());
        assert_eq!(of("jobs.get"), "duvo::jobs::get(run_id)");
        assert_eq!(
            of("cases.retry"),
            "duvo::cases::retry(queue_id, #{ case_ids })"
        );
        let start = of("jobs.start");
        assert!(
            start.starts_with("duvo::jobs::start(#{ agent_id, message?"),
            "{start}"
        );
    }

    #[test]
    fn bounds_read_like_a_sentence() {
        let range = |min, max, exclusive| Range {
            min,
            max,
            exclusive,
        };
        for (range, words) in [
            (range(Some(1.0), Some(100.0), false), "from 1 to 100"),
            (range(Some(1.0), None, false), "at least 1"),
            (range(None, Some(5.0), false), "at most 5"),
            (range(Some(0.0), None, true), "more than 0"),
            (range(Some(0.0), Some(1.0), true), "between 0 and 1"),
            (range(Some(0.5), None, false), "at least 0.5"),
        ] {
            assert_eq!(bounds(range), words);
        }
    }

    #[test]
    fn every_shape_of_the_catalog_has_words() {
        for field in crate::catalog::endpoints().flat_map(Endpoint::given_fields) {
            let words = shape_text(&field.shape);
            assert!(
                !words.is_empty() && !words.contains('{'),
                "{}: {words}",
                field.name
            );
        }
        let list = by_name("cases.retry")
            .unwrap()
            .given_fields()
            .next()
            .unwrap();
        assert_eq!(shape_text(&list.shape), "a list of ids");
    }
}
