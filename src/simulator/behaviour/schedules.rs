//! Schedules of the platform: they fire on the simulator's clock and start jobs on the live setup.

use std::collections::BTreeSet;

use jiff::civil::{DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Outcome, Route, jobs, set};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::{Event, Row, Table, World};

pub(super) const ROUTES: &[Route] = &[
    ("schedules.list", list),
    ("schedules.create", create),
    ("schedules.update", update),
    ("schedules.delete", delete),
];

/// Active schedules of an assignment at most.
const MOST_ACTIVE: usize = 5;
/// How far ahead a time is looked for: four years hold every 29th of February.
const HORIZON_DAYS: i32 = 4 * 366;

/// Schedules.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) rows: Table<Schedule>,
}

/// A schedule.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Schedule {
    pub(crate) id: Uuid,
    pub(crate) agent_id: Uuid,
    pub(crate) setup_id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) enabled: bool,
    pub(crate) timing: Timing,
    pub(crate) recurring: Option<bool>,
    /// Goes up with each change, so that times planned before come to nothing.
    pub(crate) version: u32,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// When a schedule fires.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Timing {
    pub(crate) frequency: String,
    pub(crate) timezone: String,
    pub(crate) time: Option<String>,
    pub(crate) day: Option<String>,
    pub(crate) day_of_month: Option<i8>,
    pub(crate) cron: Option<String>,
}

impl Row for Schedule {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl Timing {
    /// Refuses a timing that lacks what its frequency needs, or makes no sense.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        TimeZone::get(&self.timezone).map_err(|_| {
            Refusal::invalid(format!(
                "`timezone` must be an IANA name, not `{}`",
                self.timezone
            ))
        })?;
        let needs_time =
            ["daily", "workday", "weekly", "monthly"].contains(&self.frequency.as_str());
        if needs_time && self.clock().is_none() {
            return Err(Refusal::invalid(format!(
                "`{}` needs `time` as HH:MM",
                self.frequency
            )));
        }
        match self.frequency.as_str() {
            "weekly" if self.day.is_none() => Err(Refusal::invalid("`weekly` needs `day`")),
            "monthly" if self.day_of_month.is_none() => {
                Err(Refusal::invalid("`monthly` needs `day_of_month`"))
            }
            "custom" if self.cron.as_deref().and_then(Cron::parse).is_none() => {
                Err(Refusal::invalid("`custom` needs `cron` as five fields"))
            }
            _ => Ok(()),
        }
    }

    fn clock(&self) -> Option<Time> {
        let (hour, minute) = self.time.as_deref()?.split_once(':')?;
        if hour.len() != 2 || minute.len() != 2 {
            return None;
        }
        Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
    }

    /// Returns the first moment after `now` at which it fires.
    pub(crate) fn next(&self, now: Timestamp) -> Option<Timestamp> {
        let minutes = match self.frequency.as_str() {
            "every_5_minutes" => Some(5),
            "every_15_minutes" => Some(15),
            "hourly" => Some(60),
            _ => None,
        };
        if let Some(minutes) = minutes {
            let step = minutes * 60;
            return Timestamp::from_second((now.as_second() / step + 1) * step).ok();
        }
        let zone = TimeZone::get(&self.timezone).ok()?;
        let local = zone.to_datetime(now);
        let moments = self.moments(local);
        let mut times = moments
            .into_iter()
            .filter_map(|at| zone.to_timestamp(at).ok());
        times.find(|at| *at > now)
    }

    /// The next few local moments from a day on.
    fn moments(&self, from: DateTime) -> Vec<DateTime> {
        if let Some(cron) = self
            .cron
            .as_deref()
            .filter(|_| self.frequency == "custom")
            .and_then(Cron::parse)
        {
            return cron.moments(from);
        }
        let Some(time) = self.clock() else {
            return Vec::new();
        };
        let days = (0..HORIZON_DAYS).filter_map(|days| from.date().checked_add(days.days()).ok());
        let fits = |date: &jiff::civil::Date| match self.frequency.as_str() {
            "workday" => !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday),
            "weekly" => self.day.as_deref() == Some(day_name(date.weekday())),
            "monthly" => {
                self.day_of_month.map(|day| day.min(date.days_in_month())) == Some(date.day())
            }
            _ => true,
        };
        days.filter(fits)
            .take(3)
            .map(|date| date.to_datetime(time))
            .collect()
    }
}

fn day_name(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "monday",
        Weekday::Tuesday => "tuesday",
        Weekday::Wednesday => "wednesday",
        Weekday::Thursday => "thursday",
        Weekday::Friday => "friday",
        Weekday::Saturday => "saturday",
        Weekday::Sunday => "sunday",
    }
}

/// A cron line of five fields.
struct Cron {
    minutes: BTreeSet<i8>,
    hours: BTreeSet<i8>,
    days: BTreeSet<i8>,
    months: BTreeSet<i8>,
    weekdays: BTreeSet<i8>,
    /// With both days given, one that fits is enough.
    is_either_day: bool,
}

impl Cron {
    fn parse(line: &str) -> Option<Self> {
        let fields: Vec<_> = line.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields[..] else {
            return None;
        };
        let mut weekday_set = cron_field(weekdays, 0, 7)?;
        if weekday_set.remove(&7) {
            weekday_set.insert(0);
        }
        Some(Self {
            minutes: cron_field(minutes, 0, 59)?,
            hours: cron_field(hours, 0, 23)?,
            days: cron_field(days, 1, 31)?,
            months: cron_field(months, 1, 12)?,
            weekdays: weekday_set,
            is_either_day: !days.starts_with('*') && !weekdays.starts_with('*'),
        })
    }

    fn moments(&self, from: DateTime) -> Vec<DateTime> {
        let days = (0..HORIZON_DAYS).filter_map(|days| from.date().checked_add(days.days()).ok());
        let mut found = Vec::new();
        for date in days.filter(|date| self.fits(*date)).take(2) {
            for hour in &self.hours {
                found.extend(
                    self.minutes
                        .iter()
                        .map(|minute| date.at(*hour, *minute, 0, 0)),
                );
            }
        }
        found
    }

    fn fits(&self, date: jiff::civil::Date) -> bool {
        let day = self.days.contains(&date.day());
        let weekday = self
            .weekdays
            .contains(&date.weekday().to_sunday_zero_offset());
        let fits_day = if self.is_either_day {
            day || weekday
        } else {
            day && weekday
        };
        self.months.contains(&date.month()) && fits_day
    }
}

fn cron_field(text: &str, bottom: i8, top: i8) -> Option<BTreeSet<i8>> {
    let mut values = BTreeSet::new();
    for part in text.split(',') {
        let (range, step) = part.split_once('/').unwrap_or((part, "1"));
        let step: usize = step.parse().ok().filter(|step| *step > 0)?;
        let (first, last) = match range.split_once('-') {
            Some((first, last)) => (first.parse().ok()?, last.parse().ok()?),
            None if range == "*" => (bottom, top),
            None if part.contains('/') => (range.parse().ok()?, top),
            None => (range.parse().ok()?, range.parse().ok()?),
        };
        if first < bottom || last > top || first > last {
            return None;
        }
        values.extend((first..=last).step_by(step));
    }
    Some(values)
}

impl World {
    /// Adds a schedule and plans its first time.
    pub(crate) fn add_schedule(&mut self, agent_id: Uuid, timing: Timing, enabled: bool) -> Uuid {
        let id = self.dice.id();
        let setup_id = self
            .setups
            .live(agent_id)
            .map_or(Uuid::nil(), |setup| setup.id);
        self.schedules.rows.add(Schedule {
            id,
            agent_id,
            setup_id,
            user_id: self.me,
            enabled,
            timing,
            recurring: Some(true),
            version: 0,
            created_at: self.now,
            updated_at: self.now,
        });
        plan(self, id);
        id
    }
}

fn plan(world: &mut World, id: Uuid) {
    let Some(schedule) = world
        .schedules
        .rows
        .get(id)
        .filter(|schedule| schedule.enabled)
    else {
        return;
    };
    let version = schedule.version;
    if let Some(at) = schedule.timing.next(world.now) {
        world.plan_at(
            at,
            Event::Schedule {
                schedule: id,
                version,
            },
        );
    }
}

/// Starts the job of a schedule whose time has come.
pub(crate) fn fire(world: &mut World, id: Uuid, version: u32) {
    let schedule = world
        .schedules
        .rows
        .get(id)
        .filter(|schedule| schedule.version == version && schedule.enabled);
    let Some(schedule) = schedule else { return };
    let start = jobs::Start {
        agent_id: schedule.agent_id,
        source: "schedule",
        user_id: Some(schedule.user_id),
        message: None,
        sandbox_id: None,
        webhook_url: None,
        queue_id: None,
    };
    let is_last = schedule.recurring == Some(false);
    // Without a live setup there is nothing to start; the schedule stays as it is.
    let _ = jobs::start(world, start);
    if let Some(schedule) = world.schedules.rows.get_mut(id).filter(|_| is_last) {
        schedule.enabled = false;
    }
    plan(world, id);
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

/// Returns the schedules that the key's user has on an assignment.
pub(crate) fn of(world: &World, agent: Uuid) -> Value {
    let mine = world
        .schedules
        .rows
        .iter()
        .filter(|one| one.agent_id == agent && one.user_id == world.me);
    mine.map(|schedule| view(world, schedule)).collect()
}

fn list(world: &mut World, request: &Request) -> Outcome {
    let agent = world.agent(request.id("agent_id"))?.id;
    Ok(json!({ "schedules": of(world, agent) }).into())
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

fn create(world: &mut World, request: &Request) -> Outcome {
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

fn show(world: &World, id: Uuid) -> Outcome {
    let schedule = world
        .schedules
        .rows
        .get(id)
        .ok_or_else(|| Refusal::missing("schedule", id))?;
    Ok(view(world, schedule).into())
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

fn update(world: &mut World, request: &Request) -> Outcome {
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

fn delete(world: &mut World, request: &Request) -> Outcome {
    let id = own(world, request)?;
    world.schedules.rows.remove(id);
    world.did("deleted", "schedule", id);
    Ok(json!({ "success": true }).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(timing: &Timing, now: &str) -> String {
        timing.check().unwrap();
        timing.next(now.parse().unwrap()).unwrap().to_string()
    }

    fn daily(frequency: &str) -> Timing {
        Timing {
            frequency: frequency.into(),
            timezone: "Europe/Prague".into(),
            time: Some("07:30".into()),
            ..Timing::default()
        }
    }

    #[test]
    fn finds_the_next_time_in_its_zone() {
        // A Friday, in winter time.
        let now = "2026-01-09T06:30:00Z";
        assert_eq!(next(&daily("daily"), now), "2026-01-10T06:30:00Z");
        assert_eq!(next(&daily("workday"), now), "2026-01-12T06:30:00Z");
        let weekly = Timing {
            day: Some("friday".into()),
            ..daily("weekly")
        };
        assert_eq!(next(&weekly, now), "2026-01-16T06:30:00Z");
        let monthly = Timing {
            day_of_month: Some(31),
            ..daily("monthly")
        };
        assert_eq!(
            next(&monthly, "2026-02-01T00:00:00Z"),
            "2026-02-28T06:30:00Z"
        );
        assert_eq!(
            next(&monthly, "2026-04-10T00:00:00Z"),
            "2026-04-30T05:30:00Z"
        );
        assert_eq!(
            next(&daily("every_15_minutes"), "2026-01-09T06:31:00Z"),
            "2026-01-09T06:45:00Z"
        );
    }

    #[test]
    fn follows_cron_lines() {
        let cron = |line: &str| Timing {
            cron: Some(line.into()),
            time: None,
            ..daily("custom")
        };
        assert_eq!(
            next(&cron("*/20 8-9 * * 1-5"), "2026-01-09T08:41:00Z"),
            "2026-01-12T07:00:00Z"
        );
        assert_eq!(
            next(&cron("0 0 29 2 *"), "2026-03-01T00:00:00Z"),
            "2028-02-28T23:00:00Z"
        );
        for wrong in [
            "",
            "* * * *",
            "61 * * * *",
            "5-1 * * * *",
            "*/0 * * * *",
            "a * * * *",
        ] {
            assert!(cron(wrong).check().is_err(), "{wrong}");
        }
    }

    #[tokio::test]
    async fn fire_on_the_simulators_clock() {
        use crate::simulator::trial::{Trial, text};
        let trial = Trial::company().await;
        let agent = trial.find("assignments.list", "Purchase order clerk").await;
        let wanted =
            json!({ "enabled": true, "frequency": "daily", "time": "09:00", "timezone": "UTC" });
        let made = trial.call("schedules.create", &[&agent], wanted).await;
        let id = text(&made["id"]);
        trial.pass(3 * 86_400);
        let fired = trial
            .call(
                "jobs.list",
                &[],
                json!({ "source": "schedule", "agent_id": agent }),
            )
            .await;
        assert_eq!(fired["total"], 3);
        trial
            .call(
                "schedules.update",
                &[&agent, &id],
                json!({ "enabled": false }),
            )
            .await;
        trial.pass(3 * 86_400);
        let after = trial
            .call(
                "jobs.list",
                &[],
                json!({ "source": "schedule", "agent_id": agent }),
            )
            .await;
        assert_eq!(after["total"], 3);
        let odd =
            json!({ "enabled": true, "frequency": "weekly", "time": "9", "timezone": "Mars" });
        assert_eq!(
            trial.refused("schedules.create", &[&agent], odd).await.0,
            400
        );
        trial
            .call("schedules.delete", &[&agent, &id], json!({}))
            .await;
    }
}
