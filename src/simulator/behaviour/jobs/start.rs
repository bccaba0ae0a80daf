//! How a job comes to be.

use std::collections::VecDeque;
use std::time::Duration;

use uuid::Uuid;

use super::rows::{Job, MessageKind, Status};
use crate::simulator::reply::Refusal;
use crate::simulator::world::{Event, World};

/// From the call to `starting`.
const ACCEPTED: Duration = Duration::from_millis(300);

/// Jobs that a simulator keeps at most.
const MOST_JOBS: usize = 500_000;

/// What a job is started with.
#[derive(Debug)]
pub(crate) struct Start {
    pub(crate) agent_id: Uuid,
    pub(crate) source: &'static str,
    pub(crate) user_id: Option<Uuid>,
    pub(crate) message: Option<String>,
    pub(crate) sandbox_id: Option<String>,
    pub(crate) webhook_url: Option<String>,
    pub(crate) queue_id: Option<Uuid>,
}

/// Starts a job on the live setup of an assignment.
pub(crate) fn start(world: &mut World, start: Start) -> Result<Uuid, Refusal> {
    let agent = start.agent_id;
    let Some(setup_id) = world.setups.live(agent).map(|setup| setup.id) else {
        return Err(Refusal::invalid(format!(
            "assignment `{agent}` has no live setup"
        )));
    };
    if world.jobs.rows.len() >= MOST_JOBS {
        return Err(Refusal::invalid(format!(
            "the simulator keeps {MOST_JOBS} jobs at most; reset it"
        )));
    }
    let Some(row) = world.assignments.rows.get_mut(agent) else {
        return Err(Refusal::missing("assignment", agent));
    };
    row.last_run_at = Some(world.now);
    let (team_id, name) = (row.team_id, row.name.clone());
    let id = world.dice.id();
    let title = start.message.as_deref().map_or(name, shorten);
    let number = world.jobs.rows.len() + 1;
    world.jobs.add(Job {
        id,
        team_id,
        number,
        agent_id: agent,
        setup_id,
        user_id: start.user_id,
        title,
        status: Status::Pending,
        source: start.source.into(),
        sandbox_id: start.sandbox_id,
        webhook_url: start.webhook_url,
        message: start.message.clone(),
        queue_id: start.queue_id,
        case_id: None,
        created_at: world.now,
        updated_at: world.now,
        started_at: None,
        completed_at: None,
        messages: Vec::new(),
        requests: Vec::new(),
        plan: VecDeque::new(),
        course: 0,
        prompts: u32::from(start.message.is_some()),
        finding: None,
        evaluation: None,
    });
    world.say(id, MessageKind::Created);
    if let Some(message) = start.message {
        world.say(id, MessageKind::User(message));
    }
    world.plan(ACCEPTED, Event::Step { job: id, course: 0 });
    Ok(id)
}

fn shorten(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    match line.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.into(),
    }
}
