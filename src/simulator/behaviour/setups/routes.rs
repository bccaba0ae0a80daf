//! Which endpoint is which function.

use super::{credentials, promotion, queues, revisions, slots};
use crate::simulator::behaviour::Route;

pub(in crate::simulator::behaviour) const ROUTES: &[Route] = &[
    ("setups.list", revisions::list),
    ("setups.create", revisions::create),
    ("setups.get", revisions::get),
    ("setups.update", revisions::update),
    ("setups.promote", promotion::promote),
    ("setups.list_slots", slots::list),
    ("setups.attach_slots", slots::attach),
    ("setups.remove_slot", slots::remove),
    ("setups.list_pinned", slots::list_pinned),
    ("setups.pin", slots::pin),
    ("setups.unpin", slots::unpin),
    ("setups.list_slot_queues", queues::list),
    ("setups.replace_slot_queues", queues::replace),
    ("setups.list_logins", credentials::list_logins),
    ("setups.attach_login", credentials::attach_login),
    ("setups.detach_login", credentials::detach_login),
    ("setups.list_secrets", credentials::list_secrets),
    ("setups.attach_secret", credentials::attach_secret),
    ("setups.detach_secret", credentials::detach_secret),
    ("setups.check_queues", queues::check),
];
