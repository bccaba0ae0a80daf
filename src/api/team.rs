//! Finds the team that calls are made in: the given one, or the key's only one.

use serde::Deserialize;

use super::budget::doze;
use super::client::Shared;
use crate::catalog::{self, Call};
use crate::report::{Failure, FailureKind};

#[derive(Deserialize)]
struct Teams {
    teams: Vec<Team>,
}

#[derive(Deserialize)]
struct Team {
    id: String,
    #[serde(default)]
    name: Option<String>,
}

impl Shared {
    /// Returns the team; the server is asked once, by whoever needs it first.
    pub(super) async fn team(&self) -> Result<String, Failure> {
        if let Some(team) = &self.given_team {
            return Ok(team.clone());
        }
        let mut known = match self.only_team.try_lock() {
            Ok(known) => known,
            Err(_) => doze(&*self.clock, self.only_team.lock()).await,
        };
        if let Some(team) = known.as_ref() {
            return Ok(team.clone());
        }
        let team = self.find_team().await?;
        *known = Some(team.clone());
        Ok(team)
    }

    async fn find_team(&self) -> Result<String, Failure> {
        let Some(endpoint) = catalog::by_operation("listMyTeams") else {
            return Err(Failure::invalid("the team is not given").hint("name it with `--team`"));
        };
        let call = Call {
            endpoint,
            path: Vec::new(),
            fields: serde_json::Map::new(),
        };
        let (request, raw) = self.send_plain(&call).await?;
        let response = self.judge(endpoint, &request, raw)?;
        let found: Teams = serde_json::from_slice(&response.body).map_err(|error| {
            super::answer::distrust(&response, &format!("lists no teams ({error})"))
        })?;
        only(found.teams)
    }
}

fn only(mut teams: Vec<Team>) -> Result<String, Failure> {
    if teams.len() == 1
        && let Some(team) = teams.pop()
    {
        return Ok(team.id);
    }
    if teams.is_empty() {
        return Err(Failure::new(
            FailureKind::Permission,
            "the key sees no team",
        ));
    }
    let names = teams.iter().map(|team| match &team.name {
        Some(name) => format!("`{name}` ({})", team.id),
        None => format!("`{}`", team.id),
    });
    let names = names.collect::<Vec<_>>().join(", ");
    Err(
        Failure::invalid(format!("the key sees several teams: {names}"))
            .hint("choose one with `--team ID`, or in DUVO_TEAM_ID"),
    )
}
