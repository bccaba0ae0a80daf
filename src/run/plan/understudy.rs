//! What an understudy answers to a change: the documented answer, with what the request says of it.

use serde_json::{Map, Value};

use crate::catalog::Call;

/// Puts what a call asks for into the documented answer to it.
pub(super) fn told(call: &Call, mut answer: Value) -> Value {
    for (name, given) in &call.fields {
        if let (Value::Array(items), Some(Value::Array(made))) = (given, answer.get_mut(name)) {
            each_of(made, items);
        }
    }
    let resource = match call.endpoint.resource {
        Some(name) => answer.get_mut(name),
        None => Some(&mut answer),
    };
    match resource {
        Some(Value::Array(made)) => each_of(made, &asked(call)),
        Some(resource) => *resource = merged(resource, &Value::Object(call.fields.clone())),
        None => {}
    }
    answer
}

/// Returns the things that a call asks to make: the items of its list, or the one thing.
fn asked(call: &Call) -> Vec<Value> {
    let list = call.endpoint.chunk.and_then(|name| call.fields.get(name));
    if let Some(Value::Array(items)) = list {
        return items.clone();
    }
    let one = call.fields.values().find(|field| field.is_object());
    vec![one.cloned().unwrap_or_else(|| Map::new().into())]
}

/// Makes one item of a sample for each that is given.
fn each_of(made: &mut Vec<Value>, given: &[Value]) {
    if let Some(sample) = made.first().cloned() {
        *made = given.iter().map(|item| merged(&sample, item)).collect();
    }
}

/// Puts what a request says over a sample, where both have a field of a name and a type.
fn merged(sample: &Value, given: &Value) -> Value {
    match (sample, given) {
        (Value::Object(sample), Value::Object(given)) => {
            let fields = sample.iter().map(|(name, value)| {
                let given = given.get(name).filter(|given| {
                    std::mem::discriminant(*given) == std::mem::discriminant(value)
                });
                let value = given.map_or_else(|| value.clone(), |given| merged(value, given));
                (name.clone(), value)
            });
            Value::Object(fields.collect())
        }
        (Value::Object(_), _) => sample.clone(),
        (_, given) => given.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalog;

    fn told(name: &str, fields: Value, answer: Value) -> Value {
        let endpoint = catalog::by_name(name).unwrap();
        let Value::Object(fields) = fields else {
            panic!("the fields are no map");
        };
        let path = vec!["00000000-0000-4000-8000-000000000000".into()];
        let call = Call {
            endpoint,
            path,
            fields,
        };
        super::told(&call, answer)
    }

    #[test]
    fn a_list_has_an_item_for_each_thing_that_is_made() {
        let sample = || json!({ "added_cases": [{ "id": "x", "title": "t" }] });
        let several = json!({ "cases": [{ "title": "A" }, { "title": "B", "nope": 1 }] });
        let expected =
            json!({ "added_cases": [{ "id": "x", "title": "A" }, { "id": "x", "title": "B" }] });
        assert_eq!(told("cases.create", several, sample()), expected);
        let one = told(
            "cases.create",
            json!({ "case": { "title": "A" } }),
            sample(),
        );
        assert_eq!(one, json!({ "added_cases": [{ "id": "x", "title": "A" }] }));
    }

    #[test]
    fn a_thing_is_as_the_request_says() {
        let sample = json!({ "agent": { "id": "x", "name": "sample" } });
        let seen = told("assignments.create", json!({ "name": "A" }), sample);
        assert_eq!(seen, json!({ "agent": { "id": "x", "name": "A" } }));
    }
}
