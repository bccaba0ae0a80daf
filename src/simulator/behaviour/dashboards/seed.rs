//! Two dashboards for the first team: one of the key's user, one that a colleague has published.

use uuid::Uuid;

use super::chat;
use super::page::Page;
use super::rows::{Version, Visibility};
use crate::simulator::world::World;

/// Adds the dashboards of the first team, if it belongs to an organization.
pub(in crate::simulator::behaviour) fn seed(world: &mut World) {
    let Some(team) = world
        .teams
        .teams
        .iter()
        .find(|team| team.organization_id.is_some())
    else {
        return;
    };
    let team = team.id;
    add(world, team, world.me, "Open cases by queue");
    let is_colleague = |id: Uuid| id != world.me && world.teams.is_member(id, team);
    let colleague = world
        .teams
        .people
        .iter()
        .map(|person| person.id)
        .find(|id| is_colleague(*id));
    if let Some(colleague) = colleague {
        let id = add(world, team, colleague, "Failed jobs of the week");
        if let Some(dashboard) = world.dashboards.rows.get_mut(id) {
            dashboard.visibility = Visibility::Team;
        }
    }
}

fn add(world: &mut World, team: Uuid, owner: Uuid, wish: &str) -> Uuid {
    let id = chat::add(world, team, owner);
    let page = Page::new(world, team, wish);
    let (version, created_at) = (world.dice.id(), world.now);
    world.dashboards.versions.add(Version {
        id: version,
        dashboard_id: id,
        number: 1,
        parent_id: None,
        created_at,
        page,
    });
    if let Some(dashboard) = world.dashboards.rows.get_mut(id) {
        (dashboard.head, dashboard.title) = (Some(version), Some(wish.into()));
        dashboard.last_refresh_at = Some(created_at);
    }
    id
}
