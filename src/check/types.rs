//! What is known of a value without running: what the catalog says of an answer, and little more.

use crate::catalog::{self, Endpoint, Kind as ShapeKind, Object, Shape};
use crate::script::How;

/// What is known of a value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Type {
    /// A value in an answer.
    Shape(&'static Shape),
    /// The one result of an endpoint, with what stands beside it in the answer.
    Result(&'static Endpoint),
    Text,
    Number,
}

/// What is known of a field.
#[derive(Debug)]
pub(super) enum Field {
    Known(Option<Type>),
    /// There is none of this name; these there are.
    Missing(Vec<&'static str>),
    Unsure,
}

/// Builtins that return what an endpoint does.
const LIKE_ENDPOINTS: [(&str, &str); 2] = [
    ("duvo::jobs::wait", "jobs.get"),
    ("duvo::jobs::finish", "jobs.get"),
];

impl Type {
    /// Returns the type of what an endpoint's function returns.
    pub(super) fn of_call(endpoint: &'static Endpoint, how: How) -> Option<Self> {
        // The answer of a successor is brought into the old form as far as it goes.
        if endpoint.successor.is_some() || endpoint.answer_media != "application/json" {
            return None;
        }
        let answer = endpoint.answer.as_ref()?;
        let list = || match endpoint.list? {
            "." => Some(answer),
            key => Some(&field_of(object(answer)?, key)?.shape),
        };
        match how {
            How::Page => Some(Self::Shape(answer)),
            How::List | How::Each => list().map(Self::Shape),
            How::Find => Self::Shape(list()?).item(),
            How::Call => match endpoint.resource {
                None => Some(Self::Result(endpoint)),
                Some(key) => {
                    let resource = &field_of(object(answer)?, key)?.shape;
                    Some(match resource.kind {
                        ShapeKind::Object(_) => Self::Result(endpoint),
                        _ => Self::Shape(resource),
                    })
                }
            },
        }
    }

    /// Returns the type of what a builtin returns, where it returns what an endpoint does.
    pub(super) fn of_builtin(name: &str) -> Option<Self> {
        let (_, endpoint) = LIKE_ENDPOINTS
            .iter()
            .find(|(builtin, _)| *builtin == name)?;
        Self::of_call(catalog::by_name(endpoint)?, How::Call)
    }

    /// Returns the type of the items of a list.
    pub(super) fn item(self) -> Option<Self> {
        match self {
            Self::Shape(Shape {
                kind: ShapeKind::List(item, _),
                ..
            }) => Some(Self::Shape(item)),
            _ => None,
        }
    }

    /// Returns what is known of a field.
    pub(super) fn field(self, name: &str) -> Field {
        match self {
            Self::Shape(shape) => match shape.kind {
                ShapeKind::Object(object) => find(name, &[(object, None)], &[]),
                ShapeKind::Map(item, _) => Field::Known(Some(Self::Shape(item))),
                _ => Field::Unsure,
            },
            Self::Result(endpoint) => of_result(endpoint, name),
            Self::Text | Self::Number => Field::Unsure,
        }
    }

    /// Returns whether the value is text, when it is there.
    pub(super) fn is_text(self) -> bool {
        match self {
            Self::Text => true,
            Self::Shape(shape) => match shape.kind {
                ShapeKind::Text(_) => true,
                ShapeKind::Choice(choices) => choices.iter().all(|one| one.starts_with('"')),
                _ => false,
            },
            Self::Number | Self::Result(_) => false,
        }
    }

    /// Returns whether the value is a number, when it is there.
    pub(super) fn is_number(self) -> bool {
        match self {
            Self::Number => true,
            Self::Shape(shape) => {
                matches!(shape.kind, ShapeKind::Integer(_) | ShapeKind::Number(_))
            }
            Self::Text | Self::Result(_) => false,
        }
    }
}

fn of_result(endpoint: &'static Endpoint, name: &str) -> Field {
    let Some(envelope) = endpoint.answer.as_ref().and_then(object) else {
        return Field::Unsure;
    };
    let counted = if endpoint.count.is_empty() {
        &[][..]
    } else {
        &["count"]
    };
    let Some(key) = endpoint.resource else {
        return find(name, &[(envelope, None)], counted);
    };
    match field_of(envelope, key).and_then(|field| object(&field.shape)) {
        Some(resource) => find(name, &[(resource, None), (envelope, Some(key))], counted),
        None => Field::Unsure,
    }
}

/// Looks for a field in objects, each without one of its keys.
fn find(
    name: &str,
    objects: &[(&'static Object, Option<&str>)],
    further: &[&'static str],
) -> Field {
    let fields = objects.iter().flat_map(|(object, without)| {
        let fields = object.fields.iter();
        fields.filter(move |field| Some(field.name) != *without)
    });
    let mut names = further.to_vec();
    for field in fields {
        if field.name == name {
            return Field::Known(Some(Type::Shape(&field.shape)));
        }
        names.push(field.name);
    }
    if further.contains(&name) {
        return Field::Known(Some(Type::Number));
    }
    if names.is_empty() || objects.iter().any(|(object, _)| object.open) {
        return Field::Unsure;
    }
    Field::Missing(names)
}

fn object(shape: &'static Shape) -> Option<&'static Object> {
    match shape.kind {
        ShapeKind::Object(object) => Some(object),
        _ => None,
    }
}

fn field_of(object: &'static Object, name: &str) -> Option<&'static catalog::Field> {
    object.fields.iter().find(|field| field.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, how: How) -> Type {
        Type::of_call(catalog::by_name(name).unwrap(), how).unwrap()
    }

    fn is_missing(of: Type, name: &str) -> bool {
        matches!(of.field(name), Field::Missing(_))
    }

    #[test]
    fn results_have_the_fields_of_the_thing_and_of_its_envelope() {
        let job = of("jobs.get", How::Call);
        assert!(!is_missing(job, "status") && !is_missing(job, "pending_human_request"));
        assert!(is_missing(job, "stauts") && is_missing(job, "run"));
        let Field::Known(Some(status)) = job.field("status") else {
            panic!("the status is known");
        };
        assert!(status.is_text() && !status.is_number());
        assert!(!is_missing(
            Type::of_builtin("duvo::jobs::finish").unwrap(),
            "status"
        ));
    }

    #[test]
    fn lists_have_items_and_pages_are_as_they_come() {
        let cases = of("cases.list", How::List);
        assert!(is_missing(cases.item().unwrap(), "titel"));
        assert!(!is_missing(of("cases.list", How::Page), "total"));
        assert!(is_missing(of("queues.list", How::Find), "nmae"));
        assert!(Type::of_call(catalog::by_name("cases.retry").unwrap(), How::Call).is_none());
        let cleared = of("cases.clear", How::Call);
        assert!(!is_missing(cleared, "count"));
    }
}
