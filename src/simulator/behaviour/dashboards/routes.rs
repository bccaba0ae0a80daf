//! Which endpoint is which function.

use super::{chat, connections, life, sharing, versions, views};
use crate::simulator::behaviour::Route;

pub(in crate::simulator) const ROUTES: &[Route] = &[
    ("dashboards.list", views::list),
    ("dashboards.get", views::get),
    ("dashboards.create", chat::create),
    ("dashboards.send_message", chat::send),
    ("dashboards.list_messages", chat::list),
    ("dashboards.answer", chat::answer),
    ("dashboards.stop", life::stop),
    ("dashboards.refresh", life::refresh),
    ("dashboards.update", sharing::update),
    ("dashboards.delete", sharing::delete),
    ("dashboards.publish", sharing::publish),
    ("dashboards.duplicate", sharing::duplicate),
    ("dashboards.move", sharing::move_to_team),
    ("dashboards.get_html", versions::get_html),
    ("dashboards.export_html", versions::export_html),
    ("dashboards.export_pdf", versions::export_pdf),
    ("dashboards.list_versions", versions::list),
    ("dashboards.get_version_html", versions::get_version_html),
    ("dashboards.restore_version", versions::restore),
    ("dashboards.list_connections", connections::list),
    ("dashboards.attach_connection", connections::attach),
    ("dashboards.detach_connection", connections::detach),
];
