//! Which endpoint is which function.

use super::{chat, imports, legacy, lists, old, people, snapshots};
use crate::simulator::behaviour::Route;

pub(in crate::simulator) const ROUTES: &[Route] = &[
    ("processes.list", lists::list),
    ("processes.get", lists::get),
    ("processes.list_summaries", lists::list_summaries),
    ("processes.list_snapshots", snapshots::list),
    ("processes.get_snapshot", snapshots::get),
    ("processes.generate_snapshot", snapshots::generate),
    ("processes.save_snapshot", snapshots::save),
    ("processes.stop_snapshot", snapshots::stop),
    ("processes.revert_snapshot", snapshots::revert),
    ("processes.promote_snapshot", snapshots::promote),
    ("processes.postprocess", snapshots::postprocess),
    ("processes.build_automation", snapshots::build_automation),
    ("processes.generate_current", old::generate),
    ("processes.get_current", old::get),
    ("processes.revert_current", old::revert),
    ("processes.promote_current", old::promote),
    ("processes.generate_proposal", old::generate),
    ("processes.stop_proposal", old::stop),
    ("processes.get_proposal", old::get),
    ("processes.revert_proposal", old::revert),
    ("processes.promote_proposal", old::promote),
    ("processes.create_invite_link", people::create_invite_link),
    (
        "processes.list_capture_requests",
        people::list_capture_requests,
    ),
    (
        "processes.assign_capture_request",
        people::assign_capture_request,
    ),
    ("processes.create_import_url", imports::create_url),
    ("processes.complete_import", imports::complete),
    ("processes.list_conversations", chat::list_conversations),
    ("processes.list_chat_messages", chat::list_messages),
    ("processes.send_chat_message", chat::send),
    ("processes.decide_chat_patch", chat::decide),
    ("processes.get_legacy", legacy::get),
    ("processes.list_labels", legacy::list_labels),
    (
        "processes.list_available_labels",
        legacy::list_available_labels,
    ),
    ("processes.assign_labels", legacy::assign_labels),
    ("processes.unlink_labels", legacy::unlink_labels),
];
