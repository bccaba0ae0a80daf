//! Which endpoint is which function.

use super::life;
use crate::simulator::behaviour::Route;

pub(in crate::simulator::behaviour) const ROUTES: &[Route] = &[
    ("schedules.list", life::list),
    ("schedules.create", life::create),
    ("schedules.update", life::update),
    ("schedules.delete", life::delete),
];
