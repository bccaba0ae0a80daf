//! From what a test says of its world to a scenario: a map, a file, or the name of a built-in one.

use serde_json::{Map, Value, json};

use crate::report::Failure;
use crate::run::Project;
use crate::simulator::Scenario;

/// Reads a scenario as a test gives it; `test` is the source that names a file.
pub(super) fn read(given: &Value, project: &Project, test: &str) -> Result<Scenario, Failure> {
    match given {
        Value::Object(fields) => declared(fields),
        Value::String(name) if name == "company" => Ok(Scenario::company()),
        Value::String(name) if name == "empty" => Ok(Scenario::empty()),
        Value::String(file) => from_file(file, project, test),
        _ => Err(Failure::invalid(
            "wants a map, a file, `company` or `empty`",
        )),
    }
}

/// A map may leave out the team and the person that every scenario has.
fn declared(fields: &Map<String, Value>) -> Result<Scenario, Failure> {
    let mut fields = fields.clone();
    let person = json!([{ "name": "Tess", "email": "tess@example.com", "role": "admin" }]);
    for (name, usual) in [("team", json!([{ "name": "Testers" }])), ("member", person)] {
        fields.entry(name).or_insert(usual);
    }
    let fields = without_nothing(Value::Object(fields));
    let text = toml::to_string(&fields).map_err(|fault| Failure::invalid(fault.to_string()))?;
    Scenario::parse("scenario", &text).map_err(|error| {
        // The line is one of the text made here, which nobody has seen.
        let told = error.to_string();
        let what = told.splitn(3, ':').nth(2).unwrap_or(&told);
        Failure::invalid(what.trim().to_owned())
    })
}

/// The format of the file knows no `null`: what is `()` is left out.
fn without_nothing(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(_, field)| !field.is_null())
            .map(|(name, field)| (name, without_nothing(field)))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_nothing).collect(),
        other => other,
    }
}

fn from_file(file: &str, project: &Project, test: &str) -> Result<Scenario, Failure> {
    let folder = test.rsplit_once('/').map_or("", |(folder, _)| folder);
    let beside = format!("{folder}/{file}");
    let beside = beside.trim_start_matches('/');
    let text = project.read(beside)?;
    let text = String::from_utf8_lossy(&text);
    Scenario::parse(file, &text).map_err(|error| Failure::invalid(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_needs_only_what_it_is_about() {
        let folder = tempfile::tempdir().unwrap();
        let project = Project::open(folder.path()).unwrap();
        let read = |given| super::read(&given, &project, "a_test.rhai");
        assert!(read(json!({ "queue": [{ "name": "Claims", "description": null }] })).is_ok());
        let wrong = read(json!({ "queue": [{ "nam": "Claims" }] })).unwrap_err();
        assert!(wrong.message.contains("unknown field `nam`"), "{wrong}");
        assert!(read(json!("empty")).is_ok() && read(json!("nope.toml")).is_err());
    }
}
