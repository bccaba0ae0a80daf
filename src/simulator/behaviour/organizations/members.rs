//! Who belongs to an organization, and to which of its teams.

use serde_json::{Value, json};
use uuid::Uuid;

use super::rows::{Invitation, Rank};
use crate::simulator::behaviour::teams::{Membership, Team};
use crate::simulator::behaviour::{Outcome, schedules};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

pub(super) fn list(world: &mut World, _: &Request) -> Outcome {
    let state = &world.organizations;
    let rows = state
        .members
        .iter()
        .filter(|member| member.person_id == world.me)
        .filter_map(|member| {
            let organization = state.rows.get(member.organization_id)?;
            let count = state
                .members
                .iter()
                .filter(|one| one.organization_id == organization.id)
                .count();
            Some(json!({
                "organization": {
                    "id": organization.id,
                    "name": organization.name,
                    "discoveryMode": organization.discovery_mode,
                    "createdAt": organization.created_at,
                },
                "role": member.rank,
                "memberCount": count,
            }))
        });
    Ok(json!({ "memberships": rows.collect::<Vec<_>>() }).into())
}

pub(super) fn list_teams(world: &mut World, request: &Request) -> Outcome {
    let organization = world.organization(request)?.id;
    let its = |team: &&Team| team.organization_id == Some(organization);
    let (part, total) = request
        .page()
        .cut(world.teams.teams.iter().filter(its).collect());
    let rows: Vec<_> = part.into_iter().map(|team| row(world, team)).collect();
    Ok(json!({ "teams": rows, "total": total }).into())
}

fn row(world: &World, team: &Team) -> Value {
    let id = team.id;
    let me = world
        .teams
        .people
        .get(world.me)
        .and_then(|me| me.membership(id));
    let invited = world
        .organizations
        .invitations
        .iter()
        .filter(|one| one.team_id == Some(id));
    json!({
        "id": id,
        "name": team.name,
        "createdAt": team.created_at,
        "discoveryMode": team.discovery_mode,
        "memberCount": member_count(world, id),
        "pendingInvitationCount": invited.count(),
        "pendingJoinRequestCount": 0,
        "userIsMember": me.is_some(),
        "userRole": me.map(|membership| &membership.role),
        "userHasPendingJoinRequest": false,
        "assignmentCount": assignment_count(world, id),
        "jobCount": world.jobs.rows.iter().filter(|job| job.team_id == id).count(),
        "scheduledJobCount": schedule_count(world, id),
    })
}

/// Returns how many people belong to a team.
pub(super) fn member_count(world: &World, team: Uuid) -> usize {
    world
        .teams
        .people
        .iter()
        .filter(|person| person.membership(team).is_some())
        .count()
}

/// Returns how many assignments a team has.
pub(super) fn assignment_count(world: &World, team: Uuid) -> usize {
    world
        .assignments
        .rows
        .iter()
        .filter(|agent| agent.team_id == team)
        .count()
}

/// Returns how many schedules of a team are switched on.
pub(super) fn schedule_count(world: &World, team: Uuid) -> usize {
    let is_its = |agent: Uuid| {
        world
            .assignments
            .rows
            .get(agent)
            .is_some_and(|agent| agent.team_id == team)
    };
    let counts = |one: &&schedules::Schedule| one.enabled && is_its(one.agent_id);
    world.schedules.rows.iter().filter(counts).count()
}

pub(super) fn create_team(world: &mut World, request: &Request) -> Outcome {
    let organization = world.organization_as(request, Rank::Admin)?;
    let name = request.text("name").unwrap_or_default().trim();
    if name.is_empty() {
        return Err(Refusal::invalid("`name` must not be empty"));
    }
    let id = world.dice.id();
    world.teams.teams.add(Team {
        id,
        name: name.into(),
        created_at: world.now,
        organization_id: Some(organization),
        discovery_mode: "request".into(),
    });
    if let Some(me) = world.teams.people.get_mut(world.me) {
        me.memberships.push(Membership {
            team_id: id,
            role: "admin".into(),
            is_inherited: false,
        });
    }
    world.did("created", "team", id);
    Ok(json!({ "id": id, "name": name }).into())
}

pub(super) fn invite(world: &mut World, request: &Request) -> Outcome {
    let organization = world.organization_as(request, Rank::Admin)?;
    let email = request.text("email").unwrap_or_default().to_lowercase();
    let rank: Rank = request
        .body
        .get("role")
        .cloned()
        .and_then(|role| serde_json::from_value(role).ok())
        .ok_or_else(|| Refusal::invalid("`role` is missing"))?;
    if world
        .organizations
        .rank(organization, world.me)
        .is_none_or(|mine| rank > mine)
    {
        return Err(Refusal::forbidden("a role above your own cannot be given"));
    }
    let team_id = request
        .body_id("teamId")
        .map(|team| world.check_team_of(organization, team))
        .transpose()?;
    check_is_new(world, organization, &email)?;
    let id = world.dice.id();
    world.organizations.invitations.add(Invitation {
        id,
        organization_id: organization,
        email,
        rank,
        team_id,
    });
    world.did("created", "invitation", id);
    Ok(json!({ "success": true, "invitationId": id, "emailSent": true }).into())
}

fn check_is_new(world: &World, organization: Uuid, email: &str) -> Result<(), Refusal> {
    let person = world
        .teams
        .people
        .iter()
        .find(|person| person.email.eq_ignore_ascii_case(email));
    if person.is_some_and(|person| world.organizations.rank(organization, person.id).is_some()) {
        return Err(Refusal::conflict(format!(
            "`{email}` belongs to the organization already"
        )));
    }
    let mut invited = world.organizations.invitations.iter();
    if invited.any(|one| one.organization_id == organization && one.email == email) {
        return Err(Refusal::conflict(format!("`{email}` is invited already")));
    }
    Ok(())
}
