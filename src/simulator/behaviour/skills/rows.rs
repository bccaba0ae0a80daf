//! Skills as the world keeps them: those of a team, and those of the system.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::simulator::reply::Refusal;
use crate::simulator::world::{Content, Row, Table, World};

/// Skills.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) rows: Table<Skill>,
}

/// A skill: of a team, or of the system.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Skill {
    pub(crate) id: Uuid,
    /// The team; `None` for one of the system.
    pub(crate) team_id: Option<Uuid>,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) files: BTreeMap<String, Content>,
    pub(crate) updated_at: Timestamp,
    pub(crate) updated_by: Option<Uuid>,
}

impl Row for Skill {
    fn id(&self) -> Uuid {
        self.id
    }
}

/// The parts of a skill that are needed to keep it.
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) files: BTreeMap<String, Content>,
}

impl World {
    pub(super) fn skill(&self, id: Uuid) -> Result<&Skill, Refusal> {
        let skill = self
            .skills
            .rows
            .get(id)
            .filter(|skill| skill.team_id.is_none_or(|team| self.sees(team)));
        skill.ok_or_else(|| Refusal::missing("skill", id))
    }

    /// Returns a skill of a team; those of the system cannot be changed or fetched.
    pub(super) fn own_skill(&self, id: Uuid) -> Result<&Skill, Refusal> {
        let skill = self.skill(id)?;
        match skill.team_id {
            Some(_) => Ok(skill),
            None => Err(Refusal::forbidden(
                "skills of the system cannot be changed or downloaded",
            )),
        }
    }

    /// Adds a skill, or updates the one of the same name; returns it and whether it is new.
    pub(crate) fn put_skill(&mut self, team_id: Option<Uuid>, package: Package) -> (Uuid, bool) {
        let known = self
            .skills
            .rows
            .iter()
            .find(|skill| skill.team_id == team_id && skill.name == package.name);
        let (known, is_new) = (known.map(|skill| skill.id), known.is_none());
        let id = known.unwrap_or_else(|| self.dice.id());
        self.skills.rows.add(Skill {
            id,
            team_id,
            name: package.name,
            description: package.description,
            files: package.files,
            updated_at: self.now,
            updated_by: team_id.map(|_| self.me),
        });
        (id, is_new)
    }
}
