//! Which endpoint is which function.

use super::{agents, folders, moving, rubrics};
use crate::simulator::behaviour::Route;

pub(in crate::simulator::behaviour) const ROUTES: &[Route] = &[
    ("assignments.list", agents::list),
    ("assignments.create", agents::create),
    ("assignments.get", agents::get),
    ("assignments.update", agents::update),
    ("assignments.delete", agents::delete),
    ("assignments.move", moving::move_agent),
    ("assignments.list_folders", folders::list),
    ("assignments.create_folder", folders::create),
    ("assignments.update_folder", folders::update),
    ("assignments.delete_folder", folders::delete),
    ("assignments.move_to_folder", folders::put_in),
    ("assignments.get_eval_scores", rubrics::get_eval_scores),
    ("assignments.get_rubrics", rubrics::get),
    ("assignments.create_rubric", rubrics::create),
    ("assignments.replace_rubrics", rubrics::replace),
    ("assignments.update_rubric", rubrics::update),
    ("assignments.delete_rubric", rubrics::delete),
];
