//! Teams, their members, and the user the key belongs to.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Outcome, Route, contains};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::{Row, Table, World};

pub(super) const ROUTES: &[Route] = &[
    ("teams.list", list),
    ("teams.get", get),
    ("teams.list_members", list_members),
    ("teams.profile", profile),
];

/// Teams and people.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) teams: Table<Team>,
    pub(crate) people: Table<Person>,
}

/// A team.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Team {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) created_at: Timestamp,
    pub(crate) organization_id: Option<Uuid>,
    pub(crate) discovery_mode: String,
}

/// A person, and their roles.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Person {
    pub(crate) id: Uuid,
    pub(crate) name: Option<String>,
    pub(crate) email: String,
    pub(crate) memberships: Vec<Membership>,
}

/// What a person is in a team.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Membership {
    pub(crate) team_id: Uuid,
    pub(crate) role: String,
    pub(crate) is_inherited: bool,
}

impl Row for Team {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl Row for Person {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl Person {
    /// Returns what the person is in a team.
    pub(crate) fn membership(&self, team: Uuid) -> Option<&Membership> {
        self.memberships
            .iter()
            .find(|membership| membership.team_id == team)
    }
}

impl State {
    /// Returns whether a person belongs to a team that exists.
    pub(crate) fn is_member(&self, person: Uuid, team: Uuid) -> bool {
        let person = self.people.get(person);
        self.teams.get(team).is_some()
            && person.is_some_and(|person| person.membership(team).is_some())
    }

    /// Returns the name of a person.
    pub(crate) fn name_of(&self, person: Uuid) -> Option<&str> {
        self.people.get(person)?.name.as_deref()
    }

    /// Returns the e-mail address of a person.
    pub(crate) fn email_of(&self, person: Uuid) -> Option<&str> {
        Some(&self.people.get(person)?.email)
    }

    /// Returns how other things name a person: id, name and address.
    pub(crate) fn reference(&self, person: Option<Uuid>) -> Value {
        match person.and_then(|id| self.people.get(id)) {
            Some(person) => json!({ "id": person.id, "name": person.name, "email": person.email }),
            None => Value::Null,
        }
    }
}

impl World {
    /// Refuses what only managers of a team and above may do.
    pub(crate) fn check_manager(&self, team: Uuid) -> Result<(), Refusal> {
        let me = self.teams.people.get(self.me);
        let role = me
            .and_then(|me| me.membership(team))
            .map(|membership| membership.role.as_str());
        match role {
            Some("superadmin" | "admin" | "manager") => Ok(()),
            _ => Err(Refusal::forbidden("only managers of the team may do this")),
        }
    }
}

fn list(world: &mut World, _: &Request) -> Outcome {
    let mine = world.teams.teams.iter().filter(|team| world.sees(team.id));
    let rows = mine.map(
        |team| json!({ "id": team.id, "name": team.name, "organization_id": team.organization_id }),
    );
    Ok(json!({ "teams": rows.collect::<Vec<_>>() }).into())
}

fn get(world: &mut World, request: &Request) -> Outcome {
    let id = world.check_team(request.team())?;
    let team = world
        .teams
        .teams
        .get(id)
        .ok_or_else(|| Refusal::missing("team", id))?;
    let view = json!({
        "id": team.id,
        "name": team.name,
        "created_at": team.created_at,
        "organization_id": team.organization_id,
        "slack_team_id": null,
        "discovery_mode": team.discovery_mode,
    });
    Ok(json!({ "team": view }).into())
}

fn list_members(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let search = request.asked("search").unwrap_or_default();
    let fits = |person: &&Person| {
        contains(&person.email, search)
            || person
                .name
                .as_deref()
                .is_some_and(|name| contains(name, search))
    };
    let rows = world.teams.people.iter().filter(fits).filter_map(|person| {
        let membership = person.membership(team)?;
        Some(json!({
            "id": person.id,
            "name": person.name,
            "email": person.email,
            "role": membership.role,
            "inheritedFromOrg": membership.is_inherited,
        }))
    });
    let page = request.page();
    let (members, total) = page.cut(rows.collect());
    Ok(
        json!({ "members": members, "total": total, "limit": page.limit, "offset": page.offset })
            .into(),
    )
}

fn profile(world: &mut World, _: &Request) -> Outcome {
    let me = world
        .teams
        .people
        .get(world.me)
        .ok_or_else(|| Refusal::missing("user", world.me))?;
    let team = me.memberships.first().map(|membership| membership.team_id);
    let view = json!({ "id": me.id, "name": me.name, "email": me.email, "teamId": team });
    Ok(json!({ "profile": view }).into())
}
