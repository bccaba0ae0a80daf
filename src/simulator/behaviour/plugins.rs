//! The catalogue of plugins: always the same.

use serde_json::json;

use super::{Outcome, Route};
use crate::simulator::request::Request;
use crate::simulator::world::World;

pub(super) const ROUTES: &[Route] = &[("plugins.list", list)];

const PLUGINS: [(&str, &str, &str); 4] = [
    (
        "duvo-spreadsheets",
        "duvo-platform",
        "Reads and writes spreadsheets",
    ),
    ("duvo-documents", "duvo-platform", "Reads scanned documents"),
    (
        "finance",
        "knowledge-work",
        "Reconciles accounts and invoices",
    ),
    ("supply-chain", "knowledge-work", "Plans orders and stock"),
];

fn list(_: &mut World, _: &Request) -> Outcome {
    let plugins = PLUGINS.map(|(name, kind, description)| json!({ "name": name, "type": kind, "description": description }));
    Ok(json!({ "plugins": plugins }).into())
}
