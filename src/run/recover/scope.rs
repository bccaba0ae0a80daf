//! What the catalog's terms and places mean for one call and one thing that was seen.

use serde_json::Value;

use super::window::Window;
use crate::catalog::{Call, Term};

/// What is known before anything is seen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'a> {
    pub(super) call: &'a Call,
    /// The list field that is looked up item by item, and the item.
    pub(super) item: Option<(&'static str, &'a Value)>,
    /// The user whom the key belongs to.
    pub(super) me: Option<&'a str>,
    pub(super) window: Window,
}

impl Scope<'_> {
    /// Returns a field or a path parameter of the call; `null` counts as not given.
    pub(super) fn given(&self, name: &str) -> Option<Value> {
        let item = self.item.and_then(|(list, item)| match item {
            Value::Object(fields) => fields.get(name).cloned(),
            single => (list == name).then(|| single.clone()),
        });
        let call = self.call;
        let params = || call.endpoint.given_params().zip(&call.path);
        item.or_else(|| call.fields.get(name).cloned())
            .or_else(|| {
                let found = params().find(|(param, _)| param.name == name);
                found.map(|(_, value)| value.clone().into())
            })
            .filter(|value| !value.is_null())
    }

    /// Returns the values that a term stands for; `None` where the call does not give it.
    pub(super) fn values(&self, term: Term) -> Option<Vec<Value>> {
        let json = |text: &str| serde_json::from_str(text).unwrap_or_default();
        match term {
            Term::Given(name) => Some(vec![self.given(name)?]),
            Term::Is(text) => Some(vec![json(text)]),
            Term::AnyOf(texts) => Some(texts.iter().copied().map(json).collect()),
            Term::Since => Some(vec![self.window.opening().to_string().into()]),
            Term::Me => Some(vec![self.me?.into()]),
            Term::NewPath => Some(vec![self.new_path()?.into()]),
            Term::RowId
            | Term::Nothing
            | Term::Before
            | Term::Until
            | Term::At(_)
            | Term::Rows
            | Term::Found
            | Term::Missing => None,
        }
    }

    fn new_path(&self) -> Option<String> {
        let (old, name) = (self.given("relativePath")?, self.given("newFilenameOnly")?);
        let (folder, file) = match old.as_str()?.rsplit_once('/') {
            Some((folder, file)) => (format!("{folder}/"), file),
            None => (String::new(), old.as_str()?),
        };
        let extension = file.rfind('.').map_or("", |dot| &file[dot..]);
        Some(format!("{folder}{}{extension}", name.as_str()?))
    }
}

/// One thing, and what was read about it.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub(super) row: Value,
    pub(super) get: Option<Value>,
    pub(super) detail: Option<Value>,
}

impl Seen {
    /// Returns what is found at a place; several values where the path goes through a list.
    pub(super) fn at(&self, place: &str) -> Vec<&Value> {
        let (first, rest) = place.split_once('.').unwrap_or((place, ""));
        match first {
            "row" => follow(&self.row, rest),
            "get" => self.get.iter().flat_map(|get| follow(get, rest)).collect(),
            "detail" => self
                .detail
                .iter()
                .flat_map(|detail| follow(detail, rest))
                .collect(),
            _ => follow(&self.row, place),
        }
    }

    /// Returns the one value at a place.
    pub(super) fn one(&self, place: &str) -> Option<&Value> {
        self.at(place).first().copied()
    }
}

/// Follows a path of names; in its middle, a list means every item of it.
pub(super) fn follow<'v>(value: &'v Value, path: &str) -> Vec<&'v Value> {
    if path.is_empty() {
        return vec![value];
    }
    if let Value::Array(items) = value {
        return items.iter().flat_map(|item| follow(item, path)).collect();
    }
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    value
        .get(name)
        .map_or_else(Vec::new, |inner| follow(inner, rest))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::catalog::by_name;

    #[test]
    fn places_go_through_lists() {
        let seen = Seen {
            row: json!({ "id": "1", "events": [{ "by": "a" }, {}, { "by": "b" }], "labels": ["x"] }),
            get: Some(json!({ "run": { "status": "done" } })),
            detail: None,
        };
        assert_eq!(seen.at("events.by"), [&json!("a"), &json!("b")]);
        assert_eq!(seen.one("labels"), Some(&json!(["x"])));
        assert_eq!(seen.one("get.run.status"), Some(&json!("done")));
        assert_eq!(seen.one("row"), Some(&seen.row));
        assert!(seen.at("detail").is_empty() && seen.at("events.id").is_empty());
    }

    #[test]
    fn a_new_path_keeps_folder_and_extension() {
        let new_path = |old: &str| {
            let fields = json!({ "relativePath": old, "newFilenameOnly": "new" });
            let call = Call {
                endpoint: by_name("files.rename").unwrap(),
                path: Vec::new(),
                fields: fields.as_object().unwrap().clone(),
            };
            let now = Timestamp::UNIX_EPOCH;
            let scope = Scope {
                call: &call,
                item: None,
                me: None,
                window: Window::new(now, now, None),
            };
            scope.values(Term::NewPath)
        };
        assert_eq!(
            new_path("in/a.b/old.csv"),
            Some(vec![json!("in/a.b/new.csv")])
        );
        assert_eq!(new_path("old.tar.gz"), Some(vec![json!("new.gz")]));
        assert_eq!(new_path("in/old"), Some(vec![json!("in/new")]));
    }
}
