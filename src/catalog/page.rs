//! Everything the catalog knows of one endpoint, as a page of text; and a call of it to start from.

use std::fmt::Write as _;

use super::describe::{field_doc, shape_text, signature};
use super::model::{Endpoint, Field, Format, Kind, Paging, Shape};
use super::recovery::recovery_text;

/// Returns all that there is to say of an endpoint, for people.
pub fn page(endpoint: &Endpoint) -> String {
    let mut page = format!("{}\n\n  {}\n", signature(endpoint), endpoint.doc);
    _ = writeln!(
        page,
        "  {} {}   {}",
        endpoint.method.as_str(),
        endpoint.path,
        endpoint.operation
    );
    _ = writeln!(page, "\n{}", traits(endpoint).join("\n"));
    let params: Vec<&Field> = endpoint.given_params().collect();
    let query: Vec<&Field> = endpoint.query.iter().collect();
    let body: Vec<&Field> = endpoint.body.iter().flat_map(|body| body.fields).collect();
    for (title, fields) in [("Path", params), ("Query", query), ("Body", body)] {
        if !fields.is_empty() {
            _ = writeln!(page, "\n{title}");
            for field in fields {
                describe_field(&mut page, field, 1);
            }
        }
    }
    if let Some(answer) = &endpoint.answer {
        page += "\nAnswer\n";
        describe_shape(&mut page, answer, 1);
    }
    if endpoint.recovery.is_some() {
        page += "\nWhen it was cut off\n";
        for line in recovery_text(endpoint) {
            _ = writeln!(page, "  {line}");
        }
    }
    page
}

fn traits(endpoint: &Endpoint) -> Vec<String> {
    let mut lines = vec![format!("  repeat: {}", endpoint.repeat.as_str())];
    match endpoint.paging {
        Paging::Offset { max, .. } => {
            lines.push(format!("  pages: limit and offset, at most {max} a page"));
        }
        Paging::Before { max } => lines.push(format!("  pages: before, at most {max} a page")),
        Paging::None => {}
    }
    if endpoint.destructive {
        lines.push("  destructive: what it removes cannot be brought back".into());
    }
    if endpoint.deprecated {
        lines.push("  deprecated".into());
    }
    lines.extend(
        endpoint
            .successor
            .as_ref()
            .map(|successor| format!("  replaced by: {}", successor.name)),
    );
    lines.extend(
        endpoint
            .chunk
            .map(|field| format!("  long lists of `{field}` are sent in several calls")),
    );
    lines
}

fn describe_field(page: &mut String, field: &Field, depth: usize) {
    let indent = "  ".repeat(depth);
    let mark = if field.required { "" } else { "?" };
    _ = write!(
        page,
        "{indent}{}{mark}: {}",
        field.name,
        shape_text(&field.shape)
    );
    if let Some(default) = field.default {
        _ = write!(page, " = {default}");
    }
    if !field.doc.is_empty() {
        _ = write!(page, "   {}", field_doc(field));
    }
    page.push('\n');
    describe_shape(page, &field.shape, depth + 1);
}

/// Writes the fields of an object, or of the objects in a list.
fn describe_shape(page: &mut String, shape: &Shape, depth: usize) {
    match &shape.kind {
        Kind::Object(object) => object
            .fields
            .iter()
            .for_each(|field| describe_field(page, field, depth)),
        Kind::List(item, _) | Kind::Map(item, _) => describe_shape(page, item, depth),
        Kind::Union(shapes) => shapes
            .iter()
            .for_each(|shape| describe_shape(page, shape, depth)),
        _ => {}
    }
}

/// Returns a call of an endpoint with what it needs, to start from.
pub fn example(endpoint: &Endpoint) -> String {
    let ids = endpoint
        .given_params()
        .map(|param| sample(&param.shape, param.name));
    let mut given: Vec<String> = ids.collect();
    let needed: Vec<&Field> = endpoint
        .given_fields()
        .filter(|field| field.required)
        .collect();
    let telling = endpoint.given_fields().find(|field| !field.required);
    let fields = match needed.is_empty() {
        true => telling.into_iter().collect(),
        false => needed,
    };
    if !fields.is_empty() {
        given.push(map(&fields, 0));
    }
    let name = endpoint.name.replace('.', "::");
    format!("duvo::{name}({})", given.join(", "))
}

fn map(fields: &[&Field], depth: usize) -> String {
    let pair = |field: &&Field| {
        let value = match depth {
            0..3 => nested(&field.shape, field.name, depth),
            _ => "#{}".into(),
        };
        format!("{}: {value}", field.name)
    };
    let pairs: Vec<String> = fields.iter().map(pair).collect();
    match pairs.is_empty() {
        true => "#{}".into(),
        false => format!("#{{ {} }}", pairs.join(", ")),
    }
}

fn nested(shape: &Shape, name: &str, depth: usize) -> String {
    match &shape.kind {
        Kind::List(item, _) => format!("[{}]", nested(item, name, depth)),
        Kind::Object(object) => {
            let needed: Vec<&Field> = object
                .fields
                .iter()
                .filter(|field| field.required)
                .collect();
            map(&needed, depth + 1)
        }
        Kind::Union(shapes) => shapes
            .first()
            .map_or_else(|| "()".into(), |first| nested(first, name, depth)),
        _ => sample(shape, name),
    }
}

fn sample(shape: &Shape, name: &str) -> String {
    match &shape.kind {
        Kind::Boolean => "true".into(),
        Kind::Integer(range) | Kind::Number(range) => {
            let least = range.min.unwrap_or(1.0) + if range.exclusive { 1.0 } else { 0.0 };
            format!(
                "{}",
                range
                    .max
                    .map_or(least.max(1.0), |most| least.max(1.0).min(most))
            )
        }
        Kind::Choice(choices) => choices.first().map_or("()", |first| first).into(),
        Kind::Text(text) => match text.format {
            Format::Uuid => name.into(),
            Format::DateTime => "time::now()".into(),
            Format::Date => "\"2026-01-31\"".into(),
            Format::Uri => "\"https://example.com\"".into(),
            Format::Email => "\"a@example.com\"".into(),
            Format::Secret => format!("args.{name}"),
            Format::Plain | Format::Path => "\"…\"".into(),
        },
        Kind::File => "\"data.csv\"".into(),
        Kind::List(..) => "[]".into(),
        Kind::Map(..) | Kind::Object(_) => "#{}".into(),
        Kind::Any | Kind::Null | Kind::Union(_) => "()".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{by_name, endpoints};

    #[test]
    fn an_example_shows_what_is_needed() {
        let of = |name| example(by_name(name).unwrap());
        assert_eq!(of("jobs.get"), "duvo::jobs::get(run_id)");
        assert_eq!(
            of("jobs.start"),
            "duvo::jobs::start(#{ agent_id: agent_id })"
        );
        assert_eq!(
            of("cases.retry"),
            "duvo::cases::retry(queue_id, #{ case_ids: [case_ids] })"
        );
    }

    #[test]
    fn every_endpoint_has_a_page() {
        for endpoint in endpoints() {
            let page = page(endpoint);
            assert!(
                page.contains(endpoint.path) && page.contains(endpoint.doc),
                "{page}"
            );
        }
    }
}
