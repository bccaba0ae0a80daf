//! The one list of all routes.

mod inbox;
mod lists;
mod runs;
mod whole;

use super::route::Route;

/// Returns all routes of the API.
pub(super) fn all() -> Vec<Route> {
    let routes = [
        whole::routes(),
        runs::routes(),
        lists::routes(),
        inbox::routes(),
    ];
    routes.into_iter().flatten().collect()
}
