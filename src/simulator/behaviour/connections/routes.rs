//! Which endpoint is which function.

use super::{composio, life, oauth, servers, types};
use crate::simulator::behaviour::Route;

pub(in crate::simulator::behaviour) const ROUTES: &[Route] = &[
    ("connections.list_types", types::list),
    ("connections.create_server", servers::create),
    ("connections.delete_server", servers::delete),
    ("connections.list", life::list),
    ("connections.create", life::create),
    ("connections.get", life::get),
    ("connections.update", life::update),
    ("connections.delete", life::delete),
    ("connections.get_header_names", life::get_header_names),
    ("connections.probe", servers::probe),
    ("connections.start_composio", composio::start),
    ("connections.finalize_composio", composio::finalize),
    ("connections.start_oauth", oauth::start),
    ("connections.start_mcp_oauth", oauth::start_mcp),
    ("connections.check_mcp_oauth", oauth::check_mcp),
];
