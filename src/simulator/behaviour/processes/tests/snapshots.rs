//! Snapshots: saved, promoted, archived; and the older calls of the guide for them.

#![expect(
    clippy::too_many_lines,
    reason = "each test tells one story, from its start to its end"
)]

use super::*;
use crate::simulator::Deprecated;
use crate::simulator::behaviour::exam::{NOBODY, call, refuses};
use crate::simulator::trial::{Trial, text};
use serde_json::{Value, json};

#[tokio::test]
async fn snapshots_are_saved_promoted_and_archived() {
    let trial = Trial::company().await;
    let id = process(&trial, "Invoice approval").await;
    let first = live(&trial, &id, CURRENT).await;
    let shown = call(
        &trial,
        "processes.get_snapshot",
        &[&id, CURRENT, &first],
        json!({}),
    )
    .await;
    let edit = json!({
        "steps": shown["snapshot"]["data"]["steps"],
        "baselineSnapshotId": first,
        "summary": "Edited",
        "swot": null,
    });
    let saved = call(
        &trial,
        "processes.save_snapshot",
        &[&id, CURRENT],
        edit.clone(),
    )
    .await;
    let second = text(&saved["snapshot"]["id"]);
    assert_eq!(saved["snapshot"]["creator_type"], "human");
    assert_eq!(saved["snapshot"]["parent_id"], first.as_str());
    assert_eq!(live(&trial, &id, CURRENT).await, second);

    let save = async |change: &dyn Fn(&mut Value)| {
        let mut fields = edit.clone();
        fields["baselineSnapshotId"] = second.as_str().into();
        change(&mut fields);
        trial
            .refused("processes.save_snapshot", &[&id, CURRENT], fields)
            .await
            .0
    };
    assert_eq!(
        save(&|fields| fields["baselineSnapshotId"] = first.as_str().into()).await,
        409,
        "stale"
    );
    assert_eq!(
        save(&|fields| fields["baselineSnapshotId"] = NOBODY.into()).await,
        404
    );
    assert_eq!(
        save(&|fields| fields["projectedImpact"] = "much".into()).await,
        400
    );
    assert_eq!(save(&|fields| fields["steps"] = json!([])).await, 400);
    assert_eq!(
        save(&|fields| fields["steps"][0]["targetSteps"][0]["stepId"] = "nowhere".into()).await,
        400
    );

    refuses(
        &trial,
        (409, "processes.promote_snapshot"),
        &[&id, CURRENT, &second],
        json!({}),
    )
    .await;
    let back = call(
        &trial,
        "processes.promote_snapshot",
        &[&id, CURRENT, &first],
        json!({}),
    )
    .await;
    assert_eq!(back["snapshot"]["status"], "live");
    call(
        &trial,
        "processes.promote_snapshot",
        &[&id, CURRENT, &second],
        json!({}),
    )
    .await;
    call(
        &trial,
        "processes.revert_snapshot",
        &[&id, CURRENT, &second],
        json!({}),
    )
    .await;
    assert_eq!(
        live(&trial, &id, CURRENT).await,
        first,
        "the newest historic one takes over"
    );
    refuses(
        &trial,
        (404, "processes.get_snapshot"),
        &[&id, CURRENT, &second],
        json!({}),
    )
    .await;
    // The other kind.
    refuses(
        &trial,
        (404, "processes.get_snapshot"),
        &[&id, PROPOSAL, &first],
        json!({}),
    )
    .await;
    let refused = trial
        .refused(
            "processes.revert_snapshot",
            &[&id, CURRENT, &first],
            json!({}),
        )
        .await;
    assert_eq!(refused.0, 409, "a proposal was made from it");
}

#[tokio::test]
async fn the_calls_of_the_guide_work_in_their_own_shapes() {
    let trial = Trial::company().await;
    let id = process(&trial, "Invoice approval").await;
    let first = live(&trial, &id, CURRENT).await;
    call(&trial, "processes.generate_current", &[&id], json!({})).await;
    refuses(
        &trial,
        (409, "processes.generate_proposal"),
        &[&id],
        json!({}),
    )
    .await;
    trial.pass(60);
    let old = call(&trial, "processes.get_current", &[&id, &first], json!({})).await;
    assert_eq!(old["snapshot"]["parent_current_process_id"], Value::Null);
    call(
        &trial,
        "processes.promote_current",
        &[&id, &first],
        json!({}),
    )
    .await;
    assert_eq!(live(&trial, &id, CURRENT).await, first);

    let both = json!({ "current_process_id": first, "regenerate_from": first });
    refuses(&trial, (400, "processes.generate_proposal"), &[&id], both).await;
    call(
        &trial,
        "processes.generate_proposal",
        &[&id],
        json!({ "current_process_id": first }),
    )
    .await;
    call(&trial, "processes.stop_proposal", &[&id], json!({})).await;
    refuses(&trial, (409, "processes.stop_proposal"), &[&id], json!({})).await;
    call(&trial, "processes.generate_proposal", &[&id], json!({})).await;
    trial.pass(60);
    let all = snapshots(&trial, &id, PROPOSAL).await;
    let (new, old) = (all[0].1.clone(), all[1].1.clone());
    let shown = call(&trial, "processes.get_proposal", &[&id, &new], json!({})).await;
    assert_eq!(
        shown["snapshot"]["clarity_current_process_id"],
        first.as_str()
    );
    call(
        &trial,
        "processes.promote_proposal",
        &[&id, &old],
        json!({}),
    )
    .await;
    call(&trial, "processes.revert_proposal", &[&id, &old], json!({})).await;
    assert_eq!(live(&trial, &id, PROPOSAL).await, new);
    refuses(
        &trial,
        (404, "processes.get_proposal"),
        &[&id, &old],
        json!({}),
    )
    .await;
    let spare = snapshots(&trial, &id, CURRENT)
        .await
        .into_iter()
        .find(|(status, _)| status == "historic")
        .unwrap()
        .1;
    call(
        &trial,
        "processes.revert_current",
        &[&id, &spare],
        json!({}),
    )
    .await;
    refuses(
        &trial,
        (404, "processes.revert_current"),
        &[&id, &spare],
        json!({}),
    )
    .await;
}

#[tokio::test]
async fn the_calls_of_the_guide_can_be_gone() {
    let trial = Trial::with(|settings| settings.deprecated = Deprecated::Gone).await;
    let id = process(&trial, "Invoice approval").await;
    let first = live(&trial, &id, CURRENT).await;
    let section = crate::catalog::section("processes").unwrap();
    let old: Vec<_> = section
        .endpoints
        .iter()
        .filter(|endpoint| !endpoint.in_spec)
        .collect();
    assert_eq!(old.len(), 9);
    for endpoint in old {
        let path = [id.as_str(), first.as_str()];
        let path = &path[..endpoint.params.len()];
        refuses(&trial, (404, endpoint.name), path, json!({})).await;
    }
}
