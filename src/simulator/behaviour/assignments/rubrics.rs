//! The custom rubrics of a setup, and the scores that evaluated jobs have.
//!
//! A changed rubric is a new one with a new id.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::rows::Rubric;
use crate::simulator::behaviour::{Outcome, jobs, set};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

/// How many custom rubrics a setup may have.
const MOST_RUBRICS: usize = 5;

pub(super) fn get_eval_scores(world: &mut World, request: &Request) -> Outcome {
    let agent = world.agent(request.id("agentId"))?.id;
    let since: Option<Timestamp> = request.asked("since").and_then(|text| text.parse().ok());
    let evaluated = world.jobs.rows.iter().filter_map(|job| {
        let evaluation = job.evaluation.as_ref().filter(|_| job.agent_id == agent)?;
        since
            .is_none_or(|since| evaluation.created_at > since)
            .then_some(evaluation)
    });
    let evaluated: Vec<_> = evaluated.collect();
    let count = |of: fn(&jobs::Evaluation) -> u32| evaluated.iter().map(|one| of(one)).sum::<u32>();
    let flags = [
        ("critical", count(|one| one.critical)),
        ("medium", count(|one| one.medium)),
        ("low", count(|one| one.low)),
    ];
    let flags = flags.iter().filter(|(_, count)| *count > 0);
    Ok(json!({
        "total_evaluated": evaluated.len(),
        "with_issues": evaluated.iter().filter(|one| one.passed < one.total).count(),
        "flag_distribution": flags.map(|(flag, count)| json!({ "flag": flag, "count": count })).collect::<Vec<_>>(),
    })
    .into())
}

fn rubric_view(rubric: &Rubric) -> Value {
    json!({
        "id": rubric.id,
        "slug": rubric.slug,
        "title": rubric.title,
        "description": rubric.description,
        "sort_order": rubric.sort_order,
        "deleted_at": null,
    })
}

/// The setup that a call on rubrics means: the one it names, or the live one.
fn rubric_setup(world: &World, request: &Request) -> Result<Uuid, Refusal> {
    let agent = world.agent(request.id("agentId"))?.id;
    let named = request
        .asked_id("build_id")
        .or_else(|| request.body_id("build_id"));
    let setup = match named {
        Some(id) => world
            .setups
            .rows
            .get(id)
            .filter(|setup| setup.agent_id == agent),
        None => world.setups.live(agent),
    };
    setup
        .map(|setup| setup.id)
        .ok_or_else(|| Refusal::missing("setup of assignment", agent))
}

fn rubrics(world: &World, setup: Uuid) -> Value {
    let own = world
        .assignments
        .rubrics
        .iter()
        .filter(|rubric| rubric.setup_id == setup);
    json!({
        "rubrics": own.map(rubric_view).collect::<Vec<_>>(),
        "platform_rubrics": [{
            "key": "task_completed",
            "label": "Task completed",
            "description": "Was everything done that the assignment asks for?",
            "cause": "The job ended before all steps were done.",
        }],
    })
}

pub(super) fn get(world: &mut World, request: &Request) -> Outcome {
    let setup = rubric_setup(world, request)?;
    Ok(rubrics(world, setup).into())
}

fn add_rubric(world: &mut World, setup_id: Uuid, title: &str, description: &str) -> Uuid {
    let id = world.dice.id();
    let sort_order = world
        .assignments
        .rubrics
        .iter()
        .filter(|rubric| rubric.setup_id == setup_id)
        .count();
    let slug = title
        .to_lowercase()
        .replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    world.assignments.rubrics.add(Rubric {
        id,
        setup_id,
        slug,
        title: title.into(),
        description: description.into(),
        sort_order,
    });
    world.did("created", "rubric", id);
    id
}

pub(super) fn create(world: &mut World, request: &Request) -> Outcome {
    let setup = rubric_setup(world, request)?;
    if world
        .assignments
        .rubrics
        .iter()
        .filter(|rubric| rubric.setup_id == setup)
        .count()
        >= MOST_RUBRICS
    {
        return Err(Refusal::conflict(format!(
            "a setup holds {MOST_RUBRICS} custom rubrics at most"
        )));
    }
    let (title, description) = (request.text("title"), request.text("description"));
    let id = add_rubric(
        world,
        setup,
        title.unwrap_or_default(),
        description.unwrap_or_default(),
    );
    let rubric = world
        .assignments
        .rubrics
        .get(id)
        .map_or(Value::Null, rubric_view);
    Ok(json!({ "rubric": rubric }).into())
}

pub(super) fn replace(world: &mut World, request: &Request) -> Outcome {
    let setup = rubric_setup(world, request)?;
    for id in world
        .assignments
        .rubrics
        .ids(|rubric| rubric.setup_id == setup)
    {
        world.assignments.rubrics.remove(id);
        world.did("deleted", "rubric", id);
    }
    let wanted = request.body.get("rubrics").and_then(Value::as_array);
    for rubric in wanted.into_iter().flatten() {
        let text = |name: &str| rubric.get(name).and_then(Value::as_str).unwrap_or_default();
        add_rubric(world, setup, text("title"), text("description"));
    }
    Ok(rubrics(world, setup).into())
}

fn own_rubric(world: &World, request: &Request) -> Result<Uuid, Refusal> {
    let agent = world.agent(request.id("agentId"))?.id;
    let id = request.id("rubricId");
    let rubric = world.assignments.rubrics.get(id);
    let setup = rubric.and_then(|rubric| world.setups.rows.get(rubric.setup_id));
    setup
        .filter(|setup| setup.agent_id == agent)
        .map(|_| id)
        .ok_or_else(|| Refusal::missing("rubric", id))
}

pub(super) fn update(world: &mut World, request: &Request) -> Outcome {
    let old = own_rubric(world, request)?;
    let new = world.dice.id();
    let mut rubric = world
        .assignments
        .rubrics
        .remove(old)
        .ok_or_else(|| Refusal::missing("rubric", old))?;
    rubric.id = new;
    set(&mut rubric.title, request.text("title").map(Into::into));
    set(
        &mut rubric.description,
        request.text("description").map(Into::into),
    );
    let view = rubric_view(&rubric);
    world.assignments.rubrics.add(rubric);
    world.did("deleted", "rubric", old);
    world.did("created", "rubric", new);
    Ok(json!({ "rubric": view }).into())
}

pub(super) fn delete(world: &mut World, request: &Request) -> Outcome {
    let id = own_rubric(world, request)?;
    world.assignments.rubrics.remove(id);
    world.did("deleted", "rubric", id);
    Ok(json!({ "success": true }).into())
}
