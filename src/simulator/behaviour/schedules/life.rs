//! Schedules listed, made, changed and deleted, each by the user it belongs to.

use serde_json::{Value, json};
use uuid::Uuid;

use super::firing::plan;
use super::rows::Schedule;
use super::timing::Timing;
use crate::simulator::behaviour::{Outcome, set};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

/// Active schedules of an assignment at most.
const MOST_ACTIVE: usize = 5;

pub(super) fn list(world: &mut World, request: &Request) -> Outcome {
    let agent = world.agent(request.id("agent_id"))?.id;
    Ok(json!({ "schedules": of(world, agent) }).into())
}

/// Returns the schedules that the key's user has on an assignment.
pub(crate) fn of(world: &World, agent: Uuid) -> Value {
    let mine = world
        .schedules
        .rows
        .iter()
        .filter(|one| one.agent_id == agent && one.user_id == world.me);
    mine.map(|schedule| view(world, schedule)).collect()
}

fn view(world: &World, schedule: &Schedule) -> Value {
    let live = world
        .setups
        .live(schedule.agent_id)
        .map_or(schedule.setup_id, |setup| setup.id);
    let mut view = json!({
        "id": schedule.id,
        "build_id": live,
        "agent_id": schedule.agent_id,
        "user_id": schedule.user_id,
        "enabled": schedule.enabled,
        "frequency": schedule.timing.frequency,
        "time": schedule.timing.time,
        "timezone": schedule.timing.timezone,
        "day": schedule.timing.day,
        "day_of_month": schedule.timing.day_of_month,
        "cron": schedule.timing.cron,
        "source": "api",
        "task": null,
        "recurring": schedule.recurring,
        "auto_disabled_at": null,
        "auto_disabled_reason": null,
        "consecutive_missing_connection_failures": 0,
        "first_missing_connection_failure_at": null,
        "last_missing_connection_failure_at": null,
        "created_at": schedule.created_at,
        "updated_at": schedule.updated_at,
    });
    if let (Some(name), Some(email)) = (
        world.teams.name_of(schedule.user_id),
        world.teams.email_of(schedule.user_id),
    ) {
        view["user_name"] = name.into();
        view["user_email"] = email.into();
    }
    view
}

pub(super) fn create(world: &mut World, request: &Request) -> Outcome {
    let agent = world.agent(request.id("agent_id"))?.id;
    let timing = timing(request, Timing::default());
    timing.check()?;
    if world.setups.live(agent).is_none() {
        return Err(Refusal::invalid("the assignment has no live setup"));
    }
    let enabled = request.flag("enabled").unwrap_or(false);
    if enabled {
        check_room(world, agent, None)?;
    }
    let id = world.add_schedule(agent, timing, enabled);
    if let Some(schedule) = world.schedules.rows.get_mut(id) {
        set(
            &mut schedule.recurring,
            request.body.get("recurring").map(Value::as_bool),
        );
    }
    world.did("created", "schedule", id);
    show(world, id)
}

pub(super) fn update(world: &mut World, request: &Request) -> Outcome {
    let id = own(world, request)?;
    let schedule = world
        .schedules
        .rows
        .get(id)
        .ok_or_else(|| Refusal::missing("schedule", id))?;
    let timing = timing(request, schedule.timing.clone());
    timing.check()?;
    if request.flag("enabled") == Some(true) {
        check_room(world, schedule.agent_id, Some(id))?;
    }
    let now = world.now;
    if let Some(schedule) = world.schedules.rows.get_mut(id) {
        set(&mut schedule.enabled, request.flag("enabled"));
        set(
            &mut schedule.recurring,
            request.body.get("recurring").map(Value::as_bool),
        );
        (schedule.timing, schedule.updated_at) = (timing, now);
        schedule.version += 1;
    }
    plan(world, id);
    world.did("changed", "schedule", id);
    show(world, id)
}

fn timing(request: &Request, old: Timing) -> Timing {
    let mut timing = old;
    let given = |name: &str| {
        request
            .body
            .get(name)
            .map(|text| text.as_str().map(str::to_owned))
    };
    set(
        &mut timing.frequency,
        request.text("frequency").map(Into::into),
    );
    set(
        &mut timing.timezone,
        request.text("timezone").map(Into::into),
    );
    set(&mut timing.time, given("time"));
    set(&mut timing.day, given("day"));
    set(&mut timing.cron, given("cron"));
    let day = request
        .body
        .get("day_of_month")
        .map(|day| day.as_i64().and_then(|day| i8::try_from(day).ok()));
    set(&mut timing.day_of_month, day);
    timing
}

fn check_room(world: &World, agent: Uuid, but: Option<Uuid>) -> Result<(), Refusal> {
    let active = world
        .schedules
        .rows
        .iter()
        .filter(|one| one.agent_id == agent && one.enabled && Some(one.id) != but);
    if active.count() >= MOST_ACTIVE {
        Err(Refusal::invalid(format!(
            "an assignment has {MOST_ACTIVE} active schedules at most"
        )))
    } else {
        Ok(())
    }
}

fn show(world: &World, id: Uuid) -> Outcome {
    let schedule = world
        .schedules
        .rows
        .get(id)
        .ok_or_else(|| Refusal::missing("schedule", id))?;
    Ok(view(world, schedule).into())
}

pub(super) fn delete(world: &mut World, request: &Request) -> Outcome {
    let id = own(world, request)?;
    world.schedules.rows.remove(id);
    world.did("deleted", "schedule", id);
    Ok(json!({ "success": true }).into())
}

fn own(world: &World, request: &Request) -> Result<Uuid, Refusal> {
    let agent = world.agent(request.id("agent_id"))?.id;
    let id = request.id("schedule_id");
    let schedule = world
        .schedules
        .rows
        .get(id)
        .filter(|one| one.agent_id == agent && one.user_id == world.me);
    schedule
        .map(|schedule| schedule.id)
        .ok_or_else(|| Refusal::missing("schedule", id))
}
