//! The life of a dashboard: pending, running, and a new version, unless it is stopped.

use std::time::Duration;

use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::page::Page;
use super::rows::{Message, Status, Turn, Version};
use super::views::view;
use crate::simulator::behaviour::Outcome;
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::{self, World};

/// From `pending` to `running`.
const START_UP: Duration = Duration::from_secs(1);
/// From `running` to `completed`.
const WORK: Duration = Duration::from_secs(10);
/// What it asks about a short message.
pub(super) const QUESTION: &str = "Which figures shall it show?";

/// Something that happens to a dashboard by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Event {
    /// A generation goes on, unless it was stopped since (`course`).
    GoOn { dashboard: Uuid, course: u32 },
    /// A planned refresh is due, unless the frequency was changed since (`plan`).
    Refresh { dashboard: Uuid, plan: u32 },
}

/// Lets something happen that is due.
pub(crate) fn happen(world: &mut World, event: &Event) {
    match *event {
        Event::GoOn { dashboard, course } => go_on(world, dashboard, course),
        Event::Refresh { dashboard, plan } => refresh_by_plan(world, dashboard, plan),
    }
}

/// Starts a generation.
pub(super) fn begin(world: &mut World, id: Uuid, turn: Turn) {
    let now = world.now;
    let Some(dashboard) = world.dashboards.rows.get_mut(id) else {
        return;
    };
    (dashboard.status, dashboard.turn, dashboard.updated_at) = (Status::Pending, Some(turn), now);
    dashboard.course += 1;
    let course = dashboard.course;
    world.plan(
        START_UP,
        world::Event::Dashboard(Event::GoOn {
            dashboard: id,
            course,
        }),
    );
}

/// Plans the end of a generation that is running.
pub(super) fn plan_end(world: &mut World, id: Uuid) {
    let Some(course) = world
        .dashboards
        .rows
        .get(id)
        .map(|dashboard| dashboard.course)
    else {
        return;
    };
    world.plan(
        WORK,
        world::Event::Dashboard(Event::GoOn {
            dashboard: id,
            course,
        }),
    );
}

fn go_on(world: &mut World, id: Uuid, course: u32) {
    let fresh = world
        .dashboards
        .rows
        .get_mut(id)
        .filter(|dashboard| dashboard.course == course);
    let Some(dashboard) = fresh else { return };
    let Some(turn) = dashboard.turn.clone() else {
        return;
    };
    if dashboard.status == Status::Running {
        return finish(world, id, turn);
    }
    dashboard.status = Status::Running;
    let is_short = turn
        .wish
        .as_ref()
        .is_some_and(|wish| wish.split_whitespace().count() < 3);
    if is_short && !turn.was_answered {
        ask(world, id);
    } else {
        plan_end(world, id);
    }
}

fn ask(world: &mut World, id: Uuid) {
    let call = format!("call_{}", world.dice.token());
    if let Some(turn) = world
        .dashboards
        .rows
        .get_mut(id)
        .and_then(|dashboard| dashboard.turn.as_mut())
    {
        turn.question = Some(call.clone());
    }
    let options = [
        json!({ "label": "Jobs", "description": "" }),
        json!({ "label": "Cases", "description": "" }),
    ];
    let question = json!({ "question": QUESTION, "header": "Figures", "options": options, "multiSelect": false });
    let call =
        json!({ "toolCallId": call, "toolName": "ask_user", "input": { "questions": [question] } });
    say(world, id, None, QUESTION, call);
}

/// Adds a message to the chat of a dashboard.
pub(super) fn say(
    world: &mut World,
    dashboard_id: Uuid,
    author: Option<Uuid>,
    content: &str,
    call: Value,
) -> Uuid {
    let id = world.dice.id();
    world.dashboards.messages.add(Message {
        id,
        dashboard_id,
        author,
        content: content.into(),
        created_at: world.now,
        version_id: None,
        call,
        element: None,
    });
    id
}

/// Ends a generation: with a version, with fresh figures, or in vain.
fn finish(world: &mut World, id: Uuid, turn: Turn) {
    if let Some(why) = super::connections::broken(world, id) {
        say(world, id, None, &why, Value::Null);
        return settle(world, id, Status::Failed);
    }
    match turn.wish {
        Some(wish) => add_version(world, id, &wish, turn.from),
        None => recount(world, id),
    }
    settle(world, id, Status::Completed);
}

fn settle(world: &mut World, id: Uuid, status: Status) {
    let now = world.now;
    if let Some(dashboard) = world.dashboards.rows.get_mut(id) {
        (dashboard.status, dashboard.turn, dashboard.updated_at) = (status, None, now);
        dashboard.course += 1;
    }
}

fn add_version(world: &mut World, id: Uuid, wish: &str, parent_id: Option<Uuid>) {
    let Some(team) = world
        .dashboards
        .rows
        .get(id)
        .map(|dashboard| dashboard.team_id)
    else {
        return;
    };
    let parent = parent_id.and_then(|id| world.dashboards.versions.get(id));
    let page = parent.map_or_else(
        || Page::new(world, team, wish),
        |parent| parent.page.with(world, team, wish),
    );
    let number = world
        .dashboards
        .versions_of(id)
        .map(|version| version.number)
        .max()
        .unwrap_or(0)
        + 1;
    let (version, now) = (world.dice.id(), world.now);
    let title = page.title().to_owned();
    world.dashboards.versions.add(Version {
        id: version,
        dashboard_id: id,
        number,
        parent_id,
        created_at: now,
        page,
    });
    say(
        world,
        id,
        None,
        &format!("Version {number} is ready."),
        Value::Null,
    );
    let open = world
        .dashboards
        .messages
        .iter_mut()
        .filter(|one| one.dashboard_id == id && one.version_id.is_none());
    open.for_each(|message| message.version_id = Some(version));
    if let Some(dashboard) = world.dashboards.rows.get_mut(id) {
        dashboard.head = Some(version);
        dashboard.title.get_or_insert(title);
        dashboard.last_refresh_at = Some(now);
    }
}

/// Counts the figures of the present version anew.
fn recount(world: &mut World, id: Uuid) {
    let Some(dashboard) = world.dashboards.rows.get(id) else {
        return;
    };
    let Some(head) = world.dashboards.head(dashboard) else {
        return;
    };
    let (version, team, mut page) = (head.id, dashboard.team_id, head.page.clone());
    page.count(world, team);
    if let Some(version) = world.dashboards.versions.get_mut(version) {
        version.page = page;
    }
    let now = world.now;
    if let Some(dashboard) = world.dashboards.rows.get_mut(id) {
        dashboard.last_refresh_at = Some(now);
    }
}

pub(super) fn refresh(world: &mut World, request: &Request) -> Outcome {
    let dashboard = world.editable(request)?;
    dashboard.check_idle()?;
    if dashboard.head.is_none() {
        return Err(Refusal::state("the dashboard has no page yet"));
    }
    let id = dashboard.id;
    begin(
        world,
        id,
        Turn {
            wish: None,
            from: None,
            question: None,
            was_answered: false,
        },
    );
    world.did("refreshed", "dashboard", id);
    Ok(view(world.dashboard(request)?).into())
}

/// Plans the next refresh of a dashboard, as its frequency says.
pub(super) fn plan_refresh(world: &mut World, id: Uuid) {
    let now = world.now;
    let Some(dashboard) = world.dashboards.rows.get_mut(id) else {
        return;
    };
    dashboard.plan += 1;
    dashboard.next_refresh_at = dashboard
        .refresh_frequency
        .as_deref()
        .and_then(|word| next(now, word));
    let (plan, at) = (dashboard.plan, dashboard.next_refresh_at);
    if let Some(at) = at {
        world.plan_at(
            at,
            world::Event::Dashboard(Event::Refresh {
                dashboard: id,
                plan,
            }),
        );
    }
}

fn next(now: Timestamp, frequency: &str) -> Option<Timestamp> {
    let hours = |hours: i64| now.checked_add(hours.hours()).ok();
    match frequency {
        "every_15_minutes" => now.checked_add(15.minutes()).ok(),
        "every_30_minutes" => now.checked_add(30.minutes()).ok(),
        "hourly" => hours(1),
        "every_6_hours" => hours(6),
        "daily" => hours(24),
        "weekly" => hours(24 * 7),
        _ => None,
    }
}

fn refresh_by_plan(world: &mut World, id: Uuid, plan: u32) {
    let Some(dashboard) = world
        .dashboards
        .rows
        .get(id)
        .filter(|dashboard| dashboard.plan == plan)
    else {
        return;
    };
    if dashboard.turn.is_none() {
        recount(world, id);
    }
    plan_refresh(world, id);
}

pub(super) fn stop(world: &mut World, request: &Request) -> Outcome {
    let dashboard = world.own_dashboard(request)?;
    let (id, is_busy) = (dashboard.id, dashboard.turn.is_some());
    if is_busy {
        if let Some(text) = request.text("partial_text").filter(|text| !text.is_empty()) {
            say(world, id, None, text, Value::Null);
        }
        settle(world, id, Status::Interrupted);
        world.did("stopped", "dashboard", id);
    }
    Ok(json!({ "artifact": view(world.dashboard(request)?) }).into())
}
