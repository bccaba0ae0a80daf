//! Setups are drafted and promoted, wired to slots, queues, logins and secrets, and checked.

use serde_json::json;

use crate::simulator::trial::{Trial, text};

async fn of_matcher(trial: &Trial) -> (String, String) {
    let agent = trial.find("assignments.list", "Invoice matcher").await;
    let setups = trial.call("setups.list", &[&agent], json!({})).await;
    let live = text(&setups["builds"][0]["id"]);
    (agent, live)
}

#[tokio::test]
async fn are_drafted_promoted_and_rolled_back() {
    let trial = Trial::company().await;
    let (agent, live) = of_matcher(&trial).await;
    let draft = trial
        .call("setups.create", &[&agent], json!({ "name": "Next" }))
        .await;
    let draft = text(&draft["build"]["id"]);
    let status = |id: String| {
        let (trial, agent) = (&trial, &agent);
        async move { text(&trial.call("setups.get", &[agent, &id], json!({})).await["build"]["status"]) }
    };
    assert_eq!(
        (
            status(draft.clone()).await.as_str(),
            status(live.clone()).await.as_str()
        ),
        ("draft", "live")
    );
    let copied = trial
        .call("setups.list_slots", &[&agent, &draft], json!({}))
        .await;
    assert_eq!(
        copied["integrations"].as_array().map(Vec::len),
        Some(3),
        "the wiring is copied"
    );
    trial
        .call(
            "setups.promote",
            &[&draft],
            json!({ "revision_name": "v2" }),
        )
        .await;
    assert_eq!(
        (
            status(draft.clone()).await.as_str(),
            status(live.clone()).await.as_str()
        ),
        ("live", "historic")
    );
    assert_eq!(
        trial
            .refused("setups.promote", &[&draft], json!({}))
            .await
            .0,
        409
    );
    trial.call("setups.promote", &[&live], json!({})).await;
    assert_eq!(
        (status(draft).await.as_str(), status(live).await.as_str()),
        ("historic", "live")
    );
}

#[tokio::test]
async fn a_promotion_that_lost_the_queue_disables_the_trigger() {
    let trial = Trial::company().await;
    let (agent, _) = of_matcher(&trial).await;
    let draft = trial
        .call("setups.create", &[&agent], json!({ "name": "Without" }))
        .await;
    let draft = text(&draft["build"]["id"]);
    let slots = trial
        .call("setups.list_slots", &[&agent, &draft], json!({}))
        .await;
    let slot = text(&slots["integrations"][0]["id"]);
    trial
        .call("setups.remove_slot", &[&agent, &draft, &slot], json!({}))
        .await;
    trial.call("setups.promote", &[&draft], json!({})).await;
    let triggers = trial.call("triggers.list", &[&agent], json!({})).await;
    assert_eq!(triggers["case_triggers"][0]["enabled"], false);
}

/// Makes an assignment with a live setup that nothing is wired to; returns the ids of both.
async fn fresh(trial: &Trial) -> (String, String) {
    let config = json!({
        "version": "v2",
        "data": {
            "models": { "agent": { "model": "gpt-5" }, "browsing": { "provider": "google", "model": "gemini-2.5-pro" } },
            "input": "Do it",
        },
    });
    let wanted = json!({ "name": "New", "build": { "name": "First", "config": config } });
    let made = trial.call("assignments.create", &[], wanted).await;
    assert_eq!(made["build"]["status"], "live");
    (text(&made["agent"]["id"]), text(&made["build"]["id"]))
}

/// Attaches a slot for a connection type to a setup; returns the id of the type.
async fn attach(trial: &Trial, (agent, setup): &(String, String), slug: &str) -> String {
    let types = trial
        .call("connections.list_types", &[], json!({ "type": slug }))
        .await;
    let kind = text(&types["integrations"][0]["id"]);
    let wanted = json!({ "integration_ids": [kind] });
    let attached = trial
        .call("setups.attach_slots", &[agent, setup], wanted)
        .await;
    assert_eq!(attached["count"], 1);
    kind
}

#[tokio::test]
async fn slots_are_attached_once() {
    let trial = Trial::company().await;
    let fresh = fresh(&trial).await;
    let consumer = attach(&trial, &fresh, "case-queue-consumer").await;
    let gmail = attach(&trial, &fresh, "gmail").await;
    let again = json!({ "integration_ids": [consumer, gmail] });
    let attached = trial
        .call("setups.attach_slots", &[&fresh.0, &fresh.1], again)
        .await;
    assert_eq!(attached["count"], 0);
}

#[tokio::test]
async fn connections_are_pinned_to_slots() {
    let trial = Trial::company().await;
    let fresh = fresh(&trial).await;
    let gmail = attach(&trial, &fresh, "gmail").await;
    let slot = [fresh.0.as_str(), &fresh.1, &gmail];
    let mailbox = trial
        .find("connections.list", "Accounts payable mailbox")
        .await;
    trial
        .call("setups.pin", &slot, json!({ "connection_id": mailbox }))
        .await;
    let pinned = trial.call("setups.list_pinned", &slot, json!({})).await;
    assert_eq!(pinned["connections"][0]["connection_id"], mailbox.as_str());
    let pin = [slot[0], slot[1], slot[2], &mailbox];
    trial.call("setups.unpin", &pin, json!({})).await;
    let (status, _) = trial.refused("setups.unpin", &pin, json!({})).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn queues_are_linked_to_their_slots_only() {
    let trial = Trial::company().await;
    let fresh = fresh(&trial).await;
    let consumer = attach(&trial, &fresh, "case-queue-consumer").await;
    let gmail = attach(&trial, &fresh, "gmail").await;
    let (agent, setup) = (fresh.0.as_str(), fresh.1.as_str());
    let queue = trial.find("queues.list", "Invoices").await;
    let linked = json!({ "queue_ids": [queue] });
    let no_slot = [agent, setup, &gmail];
    let (status, _) = trial
        .refused("setups.replace_slot_queues", &no_slot, linked.clone())
        .await;
    assert_eq!(status, 400);
    let slot = [agent, setup, &consumer];
    trial
        .call("setups.replace_slot_queues", &slot, linked)
        .await;
    let checked = trial
        .call("setups.check_queues", &[agent, setup], json!({}))
        .await;
    assert_eq!(checked["configs"][0]["linked_queue_count"], 1);
    let users = trial
        .call("queues.list_assignments", &[&queue], json!({}))
        .await;
    assert_eq!(users["consumers"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn logins_and_secrets_are_attached_and_detached() {
    let trial = Trial::company().await;
    let (agent, live) = of_matcher(&trial).await;
    let secrets = trial.call("secrets.list", &[], json!({})).await;
    let free = secrets
        .as_array()
        .unwrap()
        .iter()
        .find(|secret| secret["name"] == "Credit check")
        .unwrap();
    let secret = text(&free["id"]);
    trial
        .call(
            "setups.attach_secret",
            &[&agent, &live],
            json!({ "credentialId": secret }),
        )
        .await;
    let attached = trial
        .call("setups.list_secrets", &[&agent, &live], json!({}))
        .await;
    assert_eq!(attached.as_array().map(Vec::len), Some(2));
    trial
        .call("setups.detach_secret", &[&agent, &live, &secret], json!({}))
        .await;
    assert_eq!(
        trial
            .refused("setups.detach_secret", &[&agent, &live, &secret], json!({}))
            .await
            .0,
        404
    );
    let logins = trial.call("logins.list", &[&trial.me], json!({})).await;
    let login = text(&logins[0]["id"]);
    trial
        .call(
            "setups.attach_login",
            &[&agent, &live],
            json!({ "exposedCredentialId": login }),
        )
        .await;
    let attached = trial
        .call("setups.list_logins", &[&agent, &live], json!({}))
        .await;
    assert_eq!(attached[0]["domain"], "portal.nordwind.example");
    trial
        .call("setups.detach_login", &[&agent, &live, &login], json!({}))
        .await;
}

#[tokio::test]
async fn configurations_are_checked_on_update_too() {
    let trial = Trial::company().await;
    let (_, live) = of_matcher(&trial).await;
    assert_eq!(
        trial
            .refused(
                "setups.update",
                &[&live],
                json!({ "config": { "version": "v9" } })
            )
            .await
            .0,
        400
    );
    let named = trial
        .call(
            "setups.update",
            &[&live],
            json!({ "revision_name": "gold" }),
        )
        .await;
    assert_eq!(named["build"]["revision_name"], "gold");
    let cleared = trial
        .call("setups.update", &[&live], json!({ "revision_name": null }))
        .await;
    assert!(cleared["build"]["revision_name"].is_null());
}
