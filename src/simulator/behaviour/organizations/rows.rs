//! What is kept of an organization, and who may do what in it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::{Row, Table, World};

/// Organizations, and who belongs to them.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) rows: Table<Organization>,
    pub(crate) members: Vec<Member>,
    pub(crate) invitations: Table<Invitation>,
}

/// An organization.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Organization {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) discovery_mode: String,
    pub(crate) created_at: Timestamp,
}

/// What a person is in an organization.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Member {
    pub(crate) organization_id: Uuid,
    pub(crate) person_id: Uuid,
    pub(crate) rank: Rank,
}

/// The role of a person in an organization; a later one may do all that an earlier one may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Rank {
    #[serde(rename = "organization:member")]
    Member,
    #[serde(rename = "organization:admin")]
    Admin,
    #[serde(rename = "organization:owner")]
    Owner,
    #[serde(rename = "organization:executive")]
    Executive,
}

/// An invitation that nobody has followed yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Invitation {
    pub(crate) id: Uuid,
    pub(crate) organization_id: Uuid,
    pub(crate) email: String,
    pub(crate) rank: Rank,
    pub(crate) team_id: Option<Uuid>,
}

impl Row for Organization {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl Row for Invitation {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl State {
    /// Returns the role of a person in an organization.
    pub(crate) fn rank(&self, organization: Uuid, person: Uuid) -> Option<Rank> {
        let is_it = |one: &&Member| one.organization_id == organization && one.person_id == person;
        self.members.iter().find(is_it).map(|member| member.rank)
    }
}

impl World {
    /// Returns the organization of the path, if the key's user belongs to it.
    pub(crate) fn organization(&self, request: &Request) -> Result<&Organization, Refusal> {
        let id = request.id("orgId");
        let organization = self.organizations.rows.get(id);
        let mine = organization.filter(|one| self.organizations.rank(one.id, self.me).is_some());
        mine.ok_or_else(|| Refusal::missing("organization", id))
    }

    /// Returns the organization of the path, if the key's user has at least a role in it.
    pub(crate) fn organization_as(&self, request: &Request, least: Rank) -> Result<Uuid, Refusal> {
        let id = self.organization(request)?.id;
        match self.organizations.rank(id, self.me) {
            Some(rank) if rank >= least => Ok(id),
            _ => Err(Refusal::forbidden(
                "your role in the organization is too low for this",
            )),
        }
    }

    /// Returns the teams of an organization.
    pub(crate) fn teams_of(&self, organization: Uuid) -> Vec<Uuid> {
        self.teams
            .teams
            .ids(|team| team.organization_id == Some(organization))
    }

    /// Returns a team of an organization.
    pub(crate) fn check_team_of(&self, organization: Uuid, team: Uuid) -> Result<Uuid, Refusal> {
        let is_its = self
            .teams
            .teams
            .get(team)
            .is_some_and(|team| team.organization_id == Some(organization));
        is_its
            .then_some(team)
            .ok_or_else(|| Refusal::missing("team", team))
    }
}
