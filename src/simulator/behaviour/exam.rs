//! For tests: calls that must succeed, and calls that must be refused, on a line each.

use serde_json::Value;

use crate::catalog;
use crate::simulator::trial::Trial;

/// What nobody has the id of.
pub(super) const NOBODY: &str = "11111111-1111-4111-8111-111111111111";

/// Calls an endpoint that must succeed.
pub(super) async fn call(trial: &Trial, name: &str, path: &[&str], fields: Value) -> Value {
    trial.call(name, path, fields).await
}

/// Calls an endpoint that must refuse with a status, which the catalog must know; 400 it need not.
pub(super) async fn refuses(
    trial: &Trial,
    (status, name): (u16, &str),
    path: &[&str],
    fields: Value,
) {
    let (came, envelope) = trial.refused(name, path, fields).await;
    assert_eq!(came, status, "{name}: {envelope}");
    let documented = catalog::by_name(name).map_or(&[][..], |endpoint| endpoint.errors);
    assert!(
        came == 400 || documented.is_empty() || documented.contains(&came),
        "{name}: {came} is not documented"
    );
}
