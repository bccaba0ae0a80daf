//! The configuration of a setup: the one it has without any, what is filled in, what is refused.

use serde_json::{Value, json};

use crate::simulator::judge::{Unknown, judge};
use crate::simulator::reply::Refusal;

pub(super) fn empty_config() -> Value {
    json!({
        "version": "v2",
        "data": {
            "models": {
                "agent": { "model": "claude-sonnet-4-6" },
                "browsing": { "provider": "anthropic", "model": "claude-sonnet-4-5" },
            },
            "input": "",
            "files": [],
            "skills": [],
            "plugins": [],
            "subAgents": [],
        },
    })
}

/// Fills in what a configuration may leave out and an answer must have.
pub(crate) fn filled(config: &Value) -> Value {
    let mut config = config.clone();
    if let Some(data) = config.get_mut("data").and_then(Value::as_object_mut) {
        for name in ["files", "skills", "plugins", "subAgents"] {
            data.entry(name).or_insert_with(|| json!([]));
        }
    }
    config
}

/// The document lets any map pass as a configuration; the platform does not.
pub(super) fn check_config(config: &Value) -> Result<(), Refusal> {
    let Some(create) = crate::catalog::by_name("setups.create") else {
        return Ok(());
    };
    let fields = create.body.map_or(&[][..], |body| body.fields);
    let Some(field) = fields.iter().find(|field| field.name == "config") else {
        return Ok(());
    };
    let mut copy = config.clone();
    judge(&field.shape, &mut copy, "config", Unknown::Dropped)
        .map_err(|fault| Refusal::invalid(fault.to_string()))
}
