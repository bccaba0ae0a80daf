//! Organizations: their teams, people and figures.

use serde_json::{Value, json};

use crate::simulator::behaviour::exam::{NOBODY, call, refuses};
use crate::simulator::trial::{Trial, text};

async fn organization(trial: &Trial) -> String {
    let mine = call(trial, "organizations.list", &[], json!({})).await;
    assert_eq!(mine["memberships"][0]["role"], "organization:owner");
    assert_eq!(mine["memberships"][0]["memberCount"], 4);
    text(&mine["memberships"][0]["organization"]["id"])
}

#[tokio::test]
async fn teams_are_listed_founded_and_joined() {
    let trial = Trial::company().await;
    let id = organization(&trial).await;
    let new = call(
        &trial,
        "organizations.create_team",
        &[&id],
        json!({ "name": "Logistics" }),
    )
    .await;
    let teams = call(&trial, "organizations.list_teams", &[&id], json!({})).await;
    assert_eq!(teams["total"], 2);
    assert_eq!(teams["teams"][0]["memberCount"], 4);
    assert_eq!(teams["teams"][1]["id"], new["id"]);
    assert_eq!(teams["teams"][1]["userRole"], "admin");
    let page = call(
        &trial,
        "organizations.list_teams",
        &[&id],
        json!({ "limit": 1, "offset": 1 }),
    )
    .await;
    assert_eq!(
        (page["teams"][0]["name"].as_str(), &page["total"]),
        (Some("Logistics"), &json!(2))
    );
    let mine = call(&trial, "teams.list", &[], json!({})).await;
    assert_eq!(
        mine["teams"].as_array().map(Vec::len),
        Some(2),
        "the founder belongs to it"
    );

    refuses(
        &trial,
        (404, "organizations.list_teams"),
        &[NOBODY],
        json!({}),
    )
    .await;
    refuses(
        &trial,
        (404, "organizations.create_team"),
        &[NOBODY],
        json!({ "name": "X" }),
    )
    .await;
    refuses(
        &trial,
        (400, "organizations.create_team"),
        &[&id],
        json!({ "name": "" }),
    )
    .await;
    refuses(
        &trial,
        (400, "organizations.create_team"),
        &[&id],
        json!({ "name": " " }),
    )
    .await;
}

#[tokio::test]
async fn people_are_invited_once_and_to_no_higher_role() {
    let trial = Trial::company().await;
    let id = organization(&trial).await;
    let invite =
        |email: &str, role: &str| json!({ "email": email, "role": format!("organization:{role}") });
    let mut new = invite("new@example.com", "admin");
    new["teamId"] = trial.team.as_str().into();
    call(&trial, "organizations.invite_member", &[&id], new.clone()).await;
    let teams = call(&trial, "organizations.list_teams", &[&id], json!({})).await;
    assert_eq!(teams["teams"][0]["pendingInvitationCount"], 1);

    let status = async |fields: Value| {
        trial
            .refused("organizations.invite_member", &[&id], fields)
            .await
            .0
    };
    assert_eq!(
        status(new).await,
        400,
        "invited already; the document has no 409 here"
    );
    assert_eq!(
        status(invite("Alex.Novak@meridian-foods.example", "member")).await,
        400,
        "belongs to it"
    );
    assert_eq!(status(invite("high@example.com", "executive")).await, 403);
    assert_eq!(status(invite("nobody", "member")).await, 400, "no address");
    assert_eq!(
        status(invite("x@example.com", "king")).await,
        400,
        "no role"
    );
    let mut lost = invite("lost@example.com", "member");
    lost["teamId"] = NOBODY.into();
    assert_eq!(status(lost).await, 404);
}

#[tokio::test]
async fn figures_count_the_jobs_of_the_simulator() {
    let trial = Trial::company().await;
    let id = organization(&trial).await;
    let count = async || {
        let headline = call(&trial, "organizations.get_headline", &[&id], json!({})).await;
        headline["headline"]["total_runs"].as_u64().unwrap()
    };
    let before = count().await;
    let agent = call(&trial, "assignments.list", &[], json!({})).await["agents"][0]["id"].clone();
    call(
        &trial,
        "jobs.start",
        &[],
        json!({ "agent_id": agent, "message": "go" }),
    )
    .await;
    trial.pass(600);
    assert!(count().await > before);
    let metrics = call(&trial, "organizations.get_metrics", &[&id], json!({})).await;
    assert_eq!(metrics["teams"][0]["total_runs"], count().await);
    assert_eq!(metrics["org_member_count"], 4);

    let future = json!({ "startDate": "2030-01-01T00:00:00Z" });
    refuses(
        &trial,
        (400, "organizations.get_headline"),
        &[&id],
        future.clone(),
    )
    .await;
    refuses(&trial, (400, "organizations.get_metrics"), &[&id], future).await;
    // 404 is not documented.
    refuses(
        &trial,
        (403, "organizations.get_metrics"),
        &[NOBODY],
        json!({}),
    )
    .await;
}

#[tokio::test]
async fn the_chart_has_a_step_for_each_day_week_and_month_of_its_zone() {
    let trial = Trial::company().await;
    let id = organization(&trial).await;
    let chart = async |granularity: &str, zone: &str| {
        let fields = json!({
            "startDate": "2025-11-30T22:30:00Z",
            "endDate": "2026-01-05T08:00:00Z",
            "granularity": granularity,
            "timezone": zone,
        });
        let chart = call(&trial, "organizations.get_usage", &[&id], fields).await;
        let rows = chart["buckets"].as_array().unwrap().clone();
        rows.iter()
            .map(|row| text(&row["period"]))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        chart("month", "UTC").await,
        ["2025-11", "2025-12", "2026-01"]
    );
    assert_eq!(
        chart("month", "Europe/Helsinki").await,
        ["2025-12", "2026-01"]
    );
    let weeks = chart("week", "UTC").await;
    assert_eq!(
        (weeks[0].as_str(), weeks.len()),
        ("2025-11-24", 7),
        "weeks begin on Monday"
    );
    assert_eq!(chart("day", "UTC").await.len(), 37);

    let agent = call(&trial, "assignments.list", &[], json!({})).await["agents"][0]["id"].clone();
    trial.pass(3600);
    call(
        &trial,
        "jobs.start",
        &[],
        json!({ "agent_id": agent, "message": "go" }),
    )
    .await;
    trial.pass(3600);
    let day = json!({ "startDate": "2026-01-05T09:00:00Z", "endDate": "2026-01-05T10:00:00Z", "granularity": "day" });
    let chart = call(&trial, "organizations.get_usage", &[&id], day).await;
    assert!(chart["buckets"][0]["on_demand_runs"].as_u64().unwrap() >= 1);
    let wrong = json!({ "startDate": "2026-01-01T00:00:00Z", "endDate": "2026-01-02T00:00:00Z", "granularity": "day", "timezone": "Mars/Base" });
    refuses(&trial, (400, "organizations.get_usage"), &[&id], wrong).await;
    refuses(&trial, (400, "organizations.get_usage"), &[&id], json!({})).await;
}
