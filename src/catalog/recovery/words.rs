//! Says in words how a cut-off call is looked up, for help.

use super::model::Recovery;
use crate::catalog::model::Endpoint;

/// Returns how a cut-off call of an endpoint is looked up, a line for each step; empty when it is
/// simply sent again.
pub fn recovery_text(_endpoint: &Endpoint) -> Vec<String> {
    Vec::<String>::new()
}

#[expect(dead_code, reason = "filled in next")]
fn of(_recovery: &Recovery) {}
