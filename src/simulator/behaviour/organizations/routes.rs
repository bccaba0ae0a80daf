//! Which endpoint is which function.

use super::{insights, members};
use crate::simulator::behaviour::Route;

pub(in crate::simulator) const ROUTES: &[Route] = &[
    ("organizations.list", members::list),
    ("organizations.list_teams", members::list_teams),
    ("organizations.create_team", members::create_team),
    ("organizations.invite_member", members::invite),
    ("organizations.get_headline", insights::headline),
    ("organizations.get_metrics", insights::metrics),
    ("organizations.get_usage", insights::usage),
];
