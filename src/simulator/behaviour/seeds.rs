//! What an organization comes with that scenario files do not declare: processes, a landscape, dashboards.

use super::{dashboards, landscape, organizations, processes};
use crate::simulator::world::World;

/// Fills in what belongs to the organization of a scenario; without one there is nothing.
pub(crate) fn seed(world: &mut World) {
    organizations::seed(world);
    processes::seed(world);
    landscape::seed(world);
    dashboards::seed(world);
}
