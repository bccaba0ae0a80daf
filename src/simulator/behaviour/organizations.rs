//! Organizations: their teams, invitations, and figures counted from the jobs that are there.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::jobs::Job;
use super::teams::{Membership, Team};
use super::{Outcome, Route};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

pub(super) const ROUTES: &[Route] = &[
    ("organizations.list", list),
    ("organizations.list_teams", list_teams),
    ("organizations.create_team", create_team),
    ("organizations.invite_member", invite_member),
    ("organizations.get_headline", get_headline),
    ("organizations.get_metrics", get_metrics),
    ("organizations.get_usage", get_usage),
];

/// How far back figures go, in hours.
const MOST_HOURS: i64 = 365 * 24;

/// The organization of the scenario, if it has one.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) own: Option<Organization>,
}

/// An organization.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Organization {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) created_at: Timestamp,
    /// Addresses that are invited, and into which team.
    pub(crate) invited: Vec<(String, Option<Uuid>)>,
}

impl World {
    /// Returns the organization of the path, if the key sees it.
    pub(crate) fn organization(&self, request: &Request) -> Result<&Organization, Refusal> {
        let id = request.id("orgId");
        let own = self.organizations.own.as_ref().filter(|own| own.id == id);
        own.ok_or_else(|| {
            let message = format!("no organization `{id}`");
            Refusal::new(&[404, 403], "not_found", message)
        })
    }

    fn organization_teams(&self, id: Uuid) -> Vec<&Team> {
        let teams = self.teams.teams.iter();
        teams
            .filter(|team| team.organization_id == Some(id))
            .collect()
    }

    fn members_of(&self, team: Uuid) -> usize {
        let people = self.teams.people.iter();
        people
            .filter(|person| person.membership(team).is_some())
            .count()
    }

    fn assignments_of(&self, team: Uuid) -> usize {
        let agents = self.assignments.rows.iter();
        agents.filter(|agent| agent.team_id == team).count()
    }

    fn active_schedules_of(&self, team: Uuid) -> usize {
        let schedules = self.schedules.rows.iter().filter(|one| one.enabled);
        schedules
            .filter(|one| {
                self.assignments
                    .rows
                    .get(one.agent_id)
                    .is_some_and(|agent| agent.team_id == team)
            })
            .count()
    }
}

fn list(world: &mut World, _: &Request) -> Outcome {
    let rows = world.organizations.own.iter().map(|own| {
        json!({
            "organization": {
                "id": own.id,
                "name": own.name,
                "discoveryMode": "request",
                "createdAt": own.created_at,
            },
            "role": "organization:admin",
            "memberCount": world.teams.people.len(),
        })
    });
    Ok(json!({ "memberships": rows.collect::<Vec<_>>() }).into())
}

fn list_teams(world: &mut World, request: &Request) -> Outcome {
    let own = world.organization(request)?;
    let (part, total) = request.page().cut(world.organization_teams(own.id));
    let rows = part.into_iter().map(|team| {
        let me = world.teams.people.get(world.me).and_then(|me| me.membership(team.id));
        json!({
            "id": team.id,
            "name": team.name,
            "createdAt": team.created_at,
            "discoveryMode": "request",
            "memberCount": world.members_of(team.id),
            "pendingInvitationCount": own.invited.iter().filter(|(_, into)| *into == Some(team.id)).count(),
            "pendingJoinRequestCount": 0,
            "userIsMember": me.is_some(),
            "userRole": me.map(|me| &me.role),
            "userHasPendingJoinRequest": false,
            "assignmentCount": world.assignments_of(team.id),
            "jobCount": world.jobs.rows.iter().filter(|job| job.team_id == team.id).count(),
            "scheduledJobCount": world.active_schedules_of(team.id),
        })
    });
    Ok(json!({ "teams": rows.collect::<Vec<_>>(), "total": total }).into())
}

fn create_team(world: &mut World, request: &Request) -> Outcome {
    let organization_id = Some(world.organization(request)?.id);
    let name = request.text("name").unwrap_or_default().to_owned();
    let (id, created_at, me) = (world.dice.id(), world.now, world.me);
    let discovery_mode = "request".into();
    world.teams.teams.add(Team {
        id,
        name: name.clone(),
        created_at,
        organization_id,
        discovery_mode,
    });
    if let Some(me) = world.teams.people.get_mut(me) {
        me.memberships.push(Membership {
            team_id: id,
            role: "admin".into(),
            is_inherited: false,
        });
    }
    world.did("created", "team", id);
    Ok(json!({ "id": id, "name": name }).into())
}

/// No e-mail is ever sent.
fn invite_member(world: &mut World, request: &Request) -> Outcome {
    let id = world.organization(request)?.id;
    let team = request.body_id("teamId");
    if let Some(team) = team.filter(|team| {
        !world
            .organization_teams(id)
            .iter()
            .any(|one| one.id == *team)
    }) {
        return Err(Refusal::missing("team", team));
    }
    if request.text("role") == Some("organization:owner") {
        return Err(Refusal::forbidden("the role is higher than your own"));
    }
    let email = request.text("email").unwrap_or_default().to_owned();
    let own = world.organizations.own.as_mut();
    let own = own.ok_or_else(|| Refusal::missing("organization", id))?;
    if own
        .invited
        .iter()
        .any(|(known, into)| *known == email && *into == team)
    {
        return Err(Refusal::invalid(format!("`{email}` is invited already")));
    }
    own.invited.push((email, team));
    let invitation = world.dice.id();
    world.did("created", "invitation", invitation);
    Ok(json!({ "success": true, "invitationId": invitation, "emailSent": false }).into())
}

/// A period of time, its end outside.
struct Period {
    start: Timestamp,
    end: Timestamp,
}

impl Period {
    /// Reads the period of a request; `days` is its length when it names no start.
    fn of(world: &World, request: &Request, days: i64) -> Result<Self, Refusal> {
        let given = |name: &str| {
            request
                .asked(name)
                .and_then(|text| text.parse::<Timestamp>().ok())
        };
        let end = given("endDate").unwrap_or(world.now);
        let start = given("startDate")
            .or_else(|| end.checked_sub((days * 24).hours()).ok())
            .unwrap_or(end);
        if start > end {
            return Err(Refusal::invalid(
                "`startDate` must not lie behind `endDate`",
            ));
        }
        if world.now.duration_since(start).as_hours() > MOST_HOURS + 24 {
            return Err(Refusal::invalid(
                "`startDate` must lie within the last 365 days",
            ));
        }
        Ok(Self { start, end })
    }

    fn holds(&self, job: &Job) -> bool {
        job.created_at >= self.start && job.created_at < self.end
    }
}

/// What is counted of some jobs.
#[derive(Default)]
struct Counts {
    all: usize,
    completed: usize,
    failed: usize,
}

impl Counts {
    fn of<'w>(jobs: impl Iterator<Item = &'w Job>) -> Self {
        jobs.fold(Self::default(), |mut counts, job| {
            counts.all += 1;
            counts.completed += usize::from(job.status == super::jobs::Status::Completed);
            counts.failed += usize::from(job.status == super::jobs::Status::Failed);
            counts
        })
    }
}

fn jobs_in<'w>(world: &'w World, teams: &[Uuid], period: &Period) -> Vec<&'w Job> {
    let jobs = world.jobs.rows.iter();
    jobs.filter(|job| teams.contains(&job.team_id) && period.holds(job))
        .collect()
}

fn get_headline(world: &mut World, request: &Request) -> Outcome {
    let own = world.organization(request)?;
    let period = Period::of(world, request, 30)?;
    let teams: Vec<_> = world
        .organization_teams(own.id)
        .iter()
        .map(|team| team.id)
        .collect();
    let jobs = jobs_in(world, &teams, &period);
    let counts = Counts::of(jobs.iter().copied());
    let ended = counts.completed + counts.failed;
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    let rate = (ended > 0).then(|| counts.completed as f64 / ended as f64);
    let agents: BTreeSet<_> = jobs.iter().map(|job| job.agent_id).collect();
    let users: BTreeSet<_> = jobs.iter().filter_map(|job| job.user_id).collect();
    let headline = json!({
        "total_runs": counts.all,
        "completed_runs": counts.completed,
        "failed_runs": counts.failed,
        "success_rate": rate,
        "active_agents": agents.len(),
        "active_users": users.len(),
        "start_date": period.start,
        "end_date": period.end,
        "truncated": false,
        "aggregated_teams": teams.len(),
        "total_teams": teams.len(),
    });
    Ok(json!({ "headline": headline }).into())
}

fn get_metrics(world: &mut World, request: &Request) -> Outcome {
    let own = world.organization(request)?;
    let period = Period::of(world, request, 7)?;
    let teams = world.organization_teams(own.id);
    let rows = teams.iter().map(|team| {
        let jobs = jobs_in(world, &[team.id], &period);
        let scheduled = Counts::of(jobs.iter().copied().filter(|job| job.source == "schedule"));
        json!({
            "team_id": team.id,
            "team_name": team.name,
            "is_deleted": false,
            "member_count": world.members_of(team.id),
            "assignment_count": world.assignments_of(team.id),
            "scheduled_job_count": world.active_schedules_of(team.id),
            "total_jobs": scheduled.all,
            "completed_jobs": scheduled.completed,
            "failed_jobs": scheduled.failed,
            "total_runs": jobs.len(),
        })
    });
    Ok(json!({
        "teams": rows.collect::<Vec<_>>(),
        "start_date": period.start,
        "end_date": period.end,
        "truncated": false,
        "total_teams": teams.len(),
        "org_member_count": world.teams.people.len(),
    })
    .into())
}

fn get_usage(world: &mut World, request: &Request) -> Outcome {
    let own = world.organization(request)?;
    let period = Period::of(world, request, 30)?;
    if period.end > world.after(std::time::Duration::from_secs(60)) {
        return Err(Refusal::invalid("`endDate` must not lie in the future"));
    }
    let zone = request.asked("timezone").unwrap_or("UTC");
    let zone = TimeZone::get(zone)
        .map_err(|_| Refusal::invalid(format!("there is no time zone `{zone}`")))?;
    let granularity = request.asked("granularity").unwrap_or("day");
    let teams: Vec<_> = world
        .organization_teams(own.id)
        .iter()
        .map(|team| team.id)
        .collect();
    let mut buckets = empty_buckets(&period, &zone, granularity);
    for job in jobs_in(world, &teams, &period) {
        let name = bucket(zone.to_datetime(job.created_at).date(), granularity);
        let (all, scheduled) = buckets.entry(name).or_default();
        *all += 1;
        *scheduled += usize::from(job.source == "schedule");
    }
    let rows: Vec<Value> = buckets
        .into_iter()
        .map(|(period, (all, scheduled))| {
            json!({
                "period": period,
                "total_runs": all,
                "scheduled_runs": scheduled,
                "on_demand_runs": all - scheduled,
            })
        })
        .collect();
    Ok(json!({ "buckets": rows, "granularity": granularity, "truncated": false, "total_teams": teams.len() }).into())
}

/// The steps of a chart, also those in which nothing happened: name to all and scheduled jobs.
fn empty_buckets(
    period: &Period,
    zone: &TimeZone,
    granularity: &str,
) -> BTreeMap<String, (usize, usize)> {
    let (first, last) = (
        zone.to_datetime(period.start).date(),
        zone.to_datetime(period.end).date(),
    );
    let days = (0..=MOST_HOURS / 24 + 2).map_while(|day| first.checked_add(day.days()).ok());
    let within = days.take_while(|day| *day <= last);
    within
        .map(|day| (bucket(day, granularity), (0, 0)))
        .collect()
}

/// Weeks are named by their Monday.
fn bucket(day: Date, granularity: &str) -> String {
    match granularity {
        "month" => format!("{:04}-{:02}", day.year(), day.month()),
        "week" => {
            let back = day.weekday().to_monday_zero_offset();
            day.checked_sub(i64::from(back).days())
                .unwrap_or(day)
                .to_string()
        }
        _ => day.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::simulator::trial::{Trial, text};

    async fn own(trial: &Trial) -> String {
        let mine = trial.call("organizations.list", &[], json!({})).await;
        text(&mine["memberships"][0]["organization"]["id"])
    }

    #[tokio::test]
    async fn teams_are_made_and_people_invited() {
        let trial = Trial::company().await;
        let own = own(&trial).await;
        let made = trial
            .call(
                "organizations.create_team",
                &[&own],
                json!({ "name": "Returns" }),
            )
            .await;
        let team = text(&made["id"]);
        let guest =
            json!({ "email": "kim@example.com", "role": "organization:member", "teamId": team });
        trial
            .call("organizations.invite_member", &[&own], guest.clone())
            .await;
        assert_eq!(
            trial
                .refused("organizations.invite_member", &[&own], guest)
                .await
                .0,
            400
        );
        let teams = trial
            .call("organizations.list_teams", &[&own], json!({}))
            .await;
        assert_eq!(
            (
                &teams["total"],
                &teams["teams"][1]["pendingInvitationCount"]
            ),
            (&json!(2), &json!(1))
        );
        assert_eq!(
            trial.call("teams.list", &[], json!({})).await["teams"]
                .as_array()
                .map(Vec::len),
            Some(2)
        );
    }

    #[tokio::test]
    async fn figures_are_counted_from_the_jobs() {
        let trial = Trial::company().await;
        let own = own(&trial).await;
        trial.pass(3 * 86_400);
        let headline = trial
            .call("organizations.get_headline", &[&own], json!({}))
            .await;
        let jobs = trial.call("jobs.list", &[], json!({ "limit": 1 })).await;
        assert_eq!(headline["headline"]["total_runs"], jobs["total"]);
        trial
            .call("organizations.get_metrics", &[&own], json!({}))
            .await;
        let asked = |granularity: &str| json!({ "startDate": "2026-01-01T00:00:00Z", "endDate": "2026-01-08T08:00:00Z", "granularity": granularity });
        let days = trial
            .call("organizations.get_usage", &[&own], asked("day"))
            .await;
        assert_eq!(days["buckets"].as_array().map(Vec::len), Some(8));
        let weeks = trial
            .call("organizations.get_usage", &[&own], asked("week"))
            .await;
        assert_eq!(weeks["buckets"][1]["period"], "2026-01-05");
        let old = json!({ "startDate": "2020-01-01T00:00:00Z", "endDate": "2026-01-01T00:00:00Z", "granularity": "day" });
        assert_eq!(
            trial
                .refused("organizations.get_usage", &[&own], old)
                .await
                .0,
            400
        );
    }
}
