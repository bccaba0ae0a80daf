//! Figures about the jobs of an organization, counted from the jobs of the simulator.
//!
//! A job counts in the period in which it was created. Steps without jobs are listed with zeros.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use uuid::Uuid;

use super::members;
use super::rows::Rank;
use crate::simulator::behaviour::Outcome;
use crate::simulator::behaviour::jobs::{Job, Status};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

const DAY: Duration = Duration::from_secs(86_400);
/// How far back figures go.
const MOST_DAYS: u32 = 365;

/// A period; its end is not part of it.
#[derive(Clone, Copy)]
struct Period {
    start: Timestamp,
    end: Timestamp,
}

/// The period of the query; without a start, it goes some days back from now.
fn period(world: &World, request: &Request, days: u32) -> Result<Period, Refusal> {
    let asked = |name: &str| -> Result<Option<Timestamp>, Refusal> {
        let text = request.asked(name);
        text.map(str::parse)
            .transpose()
            .map_err(|_| Refusal::invalid(format!("`{name}` is no time")))
    };
    let earliest = world.before(DAY * MOST_DAYS);
    let end = asked("endDate")?.unwrap_or(world.now).min(world.now);
    let start = asked("startDate")?
        .unwrap_or_else(|| world.before(DAY * days))
        .max(earliest);
    if start > end {
        return Err(Refusal::invalid(
            "`startDate` must not lie behind `endDate`, nor in the future",
        ));
    }
    Ok(Period { start, end })
}

/// The jobs of an organization that were created in a period.
fn jobs_in(world: &World, organization: Uuid, period: Period) -> impl Iterator<Item = &Job> {
    let teams = world.teams_of(organization);
    let is_in = move |job: &&Job| {
        job.created_at >= period.start
            && job.created_at < period.end
            && teams.contains(&job.team_id)
    };
    world.jobs.rows.iter().filter(is_in)
}

fn is_scheduled(job: &Job) -> bool {
    job.source.starts_with("schedul")
}

pub(super) fn headline(world: &mut World, request: &Request) -> Outcome {
    let organization = world.organization_as(request, Rank::Admin)?;
    let period = period(world, request, 30)?;
    let jobs: Vec<_> = jobs_in(world, organization, period).collect();
    let count = |status| jobs.iter().filter(|job| job.status == status).count();
    let (completed, failed) = (count(Status::Completed), count(Status::Failed));
    let teams = world.teams_of(organization).len();
    #[expect(clippy::cast_precision_loss, reason = "there are never 2^52 jobs")]
    let rate = (completed + failed > 0).then(|| completed as f64 / (completed + failed) as f64);
    let headline = json!({
        "total_runs": jobs.len(),
        "completed_runs": completed,
        "failed_runs": failed,
        "success_rate": rate,
        "active_agents": jobs.iter().map(|job| job.agent_id).collect::<HashSet<_>>().len(),
        "active_users": jobs.iter().filter_map(|job| job.user_id).collect::<HashSet<_>>().len(),
        "start_date": period.start,
        "end_date": period.end,
        "truncated": false,
        "aggregated_teams": teams,
        "total_teams": teams,
    });
    Ok(json!({ "headline": headline }).into())
}

pub(super) fn metrics(world: &mut World, request: &Request) -> Outcome {
    let organization = world.organization_as(request, Rank::Admin)?;
    let period = period(world, request, 7)?;
    let jobs: Vec<_> = jobs_in(world, organization, period).collect();
    let teams = world.teams_of(organization);
    let rows: Vec<_> = teams
        .iter()
        .map(|team| figures(world, *team, &jobs))
        .collect();
    let members = world
        .organizations
        .members
        .iter()
        .filter(|one| one.organization_id == organization);
    Ok(json!({
        "teams": rows,
        "start_date": period.start,
        "end_date": period.end,
        "truncated": false,
        "total_teams": teams.len(),
        "org_member_count": members.count(),
    })
    .into())
}

fn figures(world: &World, team: Uuid, jobs: &[&Job]) -> Value {
    let own: Vec<_> = jobs.iter().filter(|job| job.team_id == team).collect();
    let scheduled: Vec<_> = own.iter().filter(|job| is_scheduled(job)).collect();
    let count = |status| scheduled.iter().filter(|job| job.status == status).count();
    json!({
        "team_id": team,
        "team_name": world.teams.teams.get(team).map_or("", |team| &team.name),
        "is_deleted": false,
        "member_count": members::member_count(world, team),
        "assignment_count": members::assignment_count(world, team),
        "scheduled_job_count": members::schedule_count(world, team),
        "total_jobs": scheduled.len(),
        "completed_jobs": count(Status::Completed),
        "failed_jobs": count(Status::Failed),
        "total_runs": own.len(),
    })
}

/// How long a step of the chart is.
#[derive(Clone, Copy)]
enum Step {
    Day,
    Week,
    Month,
}

impl Step {
    fn of(word: &str) -> Self {
        match word {
            "month" => Self::Month,
            "week" => Self::Week,
            _ => Self::Day,
        }
    }

    /// Returns the first day of the step that a day lies in; weeks begin on Monday.
    fn start(self, day: Date) -> Date {
        match self {
            Self::Day => day,
            Self::Week => {
                let back = day.weekday().since(Weekday::Monday);
                day.checked_sub(i64::from(back).days()).unwrap_or(day)
            }
            Self::Month => day.first_of_month(),
        }
    }

    /// Returns the first day of the next step.
    fn next(self, start: Date) -> Option<Date> {
        let length = match self {
            Self::Day => 1.day(),
            Self::Week => 1.week(),
            Self::Month => 1.month(),
        };
        start.checked_add(length).ok()
    }

    fn label(self, start: Date) -> String {
        let day = start.to_string();
        match self {
            Self::Month => day.chars().take(7).collect(),
            Self::Day | Self::Week => day,
        }
    }
}

pub(super) fn usage(world: &mut World, request: &Request) -> Outcome {
    let organization = world.organization_as(request, Rank::Admin)?;
    let period = period(world, request, MOST_DAYS)?;
    let granularity = request.asked("granularity").unwrap_or_default();
    let step = Step::of(granularity);
    let name = request.asked("timezone").unwrap_or("UTC");
    let zone =
        TimeZone::get(name).map_err(|_| Refusal::invalid(format!("`{name}` is no time zone")))?;
    let step_of = |time: Timestamp| step.start(zone.to_datetime(time).date());
    let last = period
        .end
        .checked_sub(Duration::from_nanos(1))
        .unwrap_or(period.end);
    let mut counts: BTreeMap<Date, [usize; 2]> = BTreeMap::new();
    let mut start = Some(step_of(period.start));
    while let Some(day) = start.filter(|day| *day <= step_of(last)) {
        counts.insert(day, [0; 2]);
        start = step.next(day);
    }
    for job in jobs_in(world, organization, period) {
        let kind = usize::from(!is_scheduled(job));
        counts.entry(step_of(job.created_at)).or_default()[kind] += 1;
    }
    let buckets = counts.into_iter().map(|(start, [scheduled, on_demand])| {
        json!({
            "period": step.label(start),
            "total_runs": scheduled + on_demand,
            "scheduled_runs": scheduled,
            "on_demand_runs": on_demand,
        })
    });
    Ok(json!({
        "buckets": buckets.collect::<Vec<_>>(),
        "granularity": granularity,
        "truncated": false,
        "total_teams": world.teams_of(organization).len(),
    })
    .into())
}
