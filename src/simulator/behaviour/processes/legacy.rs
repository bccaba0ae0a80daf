//! Processes of version 1, and the labels that processes of both versions bear.
//!
//! Labels belong to the organization; putting one on by its text creates it when there is none.

use serde_json::{Value, json};
use uuid::Uuid;

use super::rows::{Label, Process};
use super::views;
use crate::simulator::behaviour::{Outcome, landscape};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

pub(super) fn get(world: &mut World, request: &Request) -> Outcome {
    let process = world.any_process(request.id("id"))?;
    if process.version != 1 {
        return Err(Refusal::missing("process of version 1", process.id));
    }
    let captures = world
        .processes
        .captures_of(process.id)
        .map(|capture| views::capture(world, capture, false));
    let mut view = json!({
        "id": process.id,
        "teamId": process.team_id,
        "userId": process.user_id,
        "name": process.name,
        "status": process.status,
        "visibility": views::visibility(process),
        "version": process.version,
        "analysis": null,
        "generationError": process.generation_error,
        "customPrompt": process.custom_prompt,
        "createdAt": process.created_at,
        "updatedAt": process.updated_at,
        "captures": captures.collect::<Vec<_>>(),
        "creatorUserId": process.user_id,
        "generationProgress": views::progress(process),
        "transformationGuidance": null,
        "transformationGuidanceAuthor": null,
        "transformationGuidanceDate": null,
        "usedGuidanceMessages": [],
    });
    if let Some(name) = world.teams.name_of(process.user_id) {
        view["createdByName"] = name.into();
    }
    Ok(view.into())
}

/// The process of the path, and the organization of its team.
fn labelled<'a>(world: &'a World, request: &Request) -> Result<(&'a Process, Uuid), Refusal> {
    let process = world.any_process(request.id("id"))?;
    let team = world.teams.teams.get(process.team_id);
    let organization = team.and_then(|team| team.organization_id);
    let organization =
        organization.ok_or_else(|| Refusal::invalid("the team belongs to no organization"))?;
    Ok((process, organization))
}

fn labels_of(world: &World, process: &Process) -> Value {
    let labels = process.labels.iter().filter_map(|one| {
        let label = world.landscape.labels.get(one.label_id)?;
        Some(json!({ "id": label.id, "value": label.value, "colorHue": label.color_hue, "source": one.source }))
    });
    labels.collect()
}

/// Returns the labels of a process, as all calls about them do.
fn answer(world: &World, process: Uuid) -> Outcome {
    Ok(json!({ "labels": labels_of(world, world.any_process(process)?) }).into())
}

pub(super) fn list_labels(world: &mut World, request: &Request) -> Outcome {
    let id = labelled(world, request)?.0.id;
    answer(world, id)
}

pub(super) fn list_available_labels(world: &mut World, request: &Request) -> Outcome {
    let (process, organization) = labelled(world, request)?;
    let borne: Vec<_> = process.labels.iter().map(|one| one.label_id).collect();
    landscape::list_labels_of(world, request, organization, &borne)
}

pub(super) fn assign_labels(world: &mut World, request: &Request) -> Outcome {
    let (process, organization) = labelled(world, request)?;
    let process = process.id;
    let mut ids = request.body_ids("labelIds").unwrap_or_default();
    ids.iter()
        .try_for_each(|id| landscape::check_label(world, organization, *id))?;
    let texts = request
        .body
        .get("labels")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    if ids.is_empty() && texts.is_empty() {
        return Err(Refusal::invalid("give `labelIds` or `labels`"));
    }
    for text in &texts {
        let value = text["value"].as_str().unwrap_or_default();
        ids.push(landscape::find_or_add_label(
            world,
            organization,
            value,
            text["colorHue"].as_u64(),
        ));
    }
    if let Some(row) = world.processes.rows.get_mut(process) {
        for label_id in ids {
            if !row.labels.iter().any(|one| one.label_id == label_id) {
                row.labels.push(Label {
                    label_id,
                    source: "human".into(),
                });
            }
        }
    }
    world.did("labelled", "process", process);
    answer(world, process)
}

pub(super) fn unlink_labels(world: &mut World, request: &Request) -> Outcome {
    let (process, organization) = labelled(world, request)?;
    let process = process.id;
    let ids = request.body_ids("labelIds").unwrap_or_default();
    ids.iter()
        .try_for_each(|id| landscape::check_label(world, organization, *id))?;
    if let Some(row) = world.processes.rows.get_mut(process) {
        row.labels.retain(|one| !ids.contains(&one.label_id));
    }
    world.did("unlabelled", "process", process);
    answer(world, process)
}
