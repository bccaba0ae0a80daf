//! Which endpoint is which function.

use super::{files, life};
use crate::simulator::behaviour::Route;

pub(in crate::simulator::behaviour) const ROUTES: &[Route] = &[
    ("skills.list", life::list),
    ("skills.list_system", life::list_system),
    ("skills.create", life::create),
    ("skills.upload", life::upload),
    ("skills.list_files", files::list),
    ("skills.read_file", files::read),
    ("skills.write_file", files::write),
    ("skills.download", files::download),
    ("skills.delete", life::delete),
    ("skills.list_assignments", life::list_assignments),
];
