//! Which endpoint is which function.

use super::{captures, generation, labels, links, map, nodes};
use crate::simulator::behaviour::Route;

pub(in crate::simulator) const ROUTES: &[Route] = &[
    ("landscape.get", map::get),
    ("landscape.get_tree", map::get_tree),
    ("landscape.generate", generation::start),
    ("landscape.create_node", nodes::create),
    ("landscape.update_node", nodes::update),
    ("landscape.delete_node", nodes::delete),
    ("landscape.place_node", nodes::place),
    ("landscape.propose_process", nodes::propose),
    ("landscape.list_links", links::list),
    ("landscape.create_link", links::create),
    ("landscape.update_link", links::update),
    ("landscape.delete_link", links::delete),
    ("landscape.list_labels", labels::list),
    ("landscape.create_label", labels::create),
    ("landscape.update_label", labels::update),
    ("landscape.delete_label", labels::delete),
    ("landscape.list_captures", captures::list),
];
