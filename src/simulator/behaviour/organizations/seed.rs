//! The organizations of a scenario's teams, with everybody in them.

use super::rows::{Member, Organization, Rank};
use crate::simulator::world::World;

/// Founds the organization that the scenario names; its teams bear the id already.
pub(in crate::simulator::behaviour) fn seed(world: &mut World) {
    let Some(name) = world.scenario.organization.clone() else {
        return;
    };
    let mut teams = world.teams.teams.iter();
    let Some((id, created_at)) =
        teams.find_map(|team| Some((team.organization_id?, team.created_at)))
    else {
        return;
    };
    let discovery_mode = "request".into();
    world.organizations.rows.add(Organization {
        id,
        name,
        discovery_mode,
        created_at,
    });
    for person in world.teams.people.iter() {
        let runs_a_team = person
            .memberships
            .iter()
            .any(|one| one.role == "admin" || one.role == "superadmin");
        let rank = match runs_a_team {
            _ if person.id == world.me => Rank::Owner,
            true => Rank::Admin,
            false => Rank::Member,
        };
        world.organizations.members.push(Member {
            organization_id: id,
            person_id: person.id,
            rank,
        });
    }
}
