//! The list of tools, made once from the catalog.

use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use super::schema;
use crate::catalog::{self, Endpoint, Field, Repeat};

/// The one operation that the platform keeps away from models.
const HIDDEN: &str = "cases.clear";

/// Returns the endpoint of a tool.
pub(super) fn endpoint(name: &str) -> Option<&'static Endpoint> {
    catalog::by_operation(name).filter(|endpoint| is_offered(endpoint))
}

fn is_offered(endpoint: &Endpoint) -> bool {
    endpoint.section != "mcp" && endpoint.name != HIDDEN
}

/// Returns all tools.
pub(super) fn all() -> &'static [Value] {
    static TOOLS: OnceLock<Vec<Value>> = OnceLock::new();
    TOOLS.get_or_init(|| {
        catalog::endpoints()
            .filter(|endpoint| is_offered(endpoint))
            .map(tool)
            .collect()
    })
}

fn tool(endpoint: &'static Endpoint) -> Value {
    let body = endpoint.body.iter().flat_map(|body| body.fields);
    let fields: Vec<_> = endpoint
        .params
        .iter()
        .chain(endpoint.query)
        .chain(body)
        .collect();
    let properties: Map<_, _> = fields
        .iter()
        .map(|field| (field.name.into(), schema::field(field)))
        .collect();
    // The team of the key stands in for one that is left out.
    let is_needed = |field: &&&Field| field.required && field.name != "teamId";
    let required: Vec<_> = fields
        .iter()
        .filter(is_needed)
        .map(|field| field.name)
        .collect();
    json!({
        "name": endpoint.operation,
        "description": endpoint.doc,
        "inputSchema": {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": endpoint.is_open(),
        },
        "annotations": {
            "readOnlyHint": endpoint.repeat == Repeat::Read,
            "destructiveHint": endpoint.destructive,
            "idempotentHint": endpoint.repeat != Repeat::Once,
        },
    })
}
