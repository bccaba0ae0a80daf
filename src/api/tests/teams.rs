//! Which team a call is made in.

use super::*;

fn teams(names: &[&str]) -> Answer {
    let rows: Vec<_> = names
        .iter()
        .map(|name| json!({"id": format!("id-{name}"), "name": name}))
        .collect();
    answer(200, json!({"teams": rows}))
}

fn caller(server: &Server) -> Caller {
    Caller::with(server.address, |settings| settings.team = None)
}

#[tokio::test]
async fn the_only_team_is_asked_for_once_by_all() {
    let pages = (0..8).map(|_| answer(200, json!({"data": []})));
    let server = Server::start(std::iter::once(teams(&["a"])).chain(pages)).await;
    let caller = caller(&server);
    let calls = (0..8).map(|_| caller.call("jobs.list", &[], no_fields()));
    for outcome in futures_util::future::join_all(calls).await {
        outcome.unwrap();
    }
    let targets = server.targets();
    assert_eq!(
        targets
            .iter()
            .filter(|target| *target == "GET /v2/teams")
            .count(),
        1
    );
    assert!(
        targets[1..]
            .iter()
            .all(|target| target == "GET /v2/teams/id-a/runs"),
        "{targets:?}"
    );
    assert_eq!(caller.client.team().await.unwrap(), "id-a");
    assert_eq!(server.seen().len(), 9);
}

#[tokio::test]
async fn several_teams_are_listed_and_none_is_told() {
    let server = Server::start([teams(&["a", "b"]), teams(&[]), teams(&["c"])]).await;
    let caller = caller(&server);
    let failure = caller.client.team().await.unwrap_err();
    assert_eq!(
        failure.message,
        "the key sees several teams: `a` (id-a), `b` (id-b)"
    );
    assert!(failure.hint.unwrap().contains("--team"));
    assert_eq!(
        caller.client.team().await.unwrap_err().message,
        "the key sees no team"
    );
    assert_eq!(
        caller.client.team().await.unwrap(),
        "id-c",
        "a failure is not kept"
    );
}

#[tokio::test]
async fn a_given_team_asks_nobody() {
    let server = Server::start([]).await;
    assert_eq!(Caller::of(&server).client.team().await.unwrap(), TEAM);
    assert!(server.seen().is_empty());
}
