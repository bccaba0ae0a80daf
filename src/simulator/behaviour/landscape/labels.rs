//! Labels of an organization's processes, and which process bears which.

use serde_json::{Value, json};
use uuid::Uuid;

use super::rows::Label;
use crate::simulator::behaviour::{Outcome, Route, contains, set};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

pub(super) const ROUTES: &[Route] = &[
    ("landscape.list_labels", list),
    ("landscape.create_label", create),
    ("landscape.update_label", update),
    ("landscape.delete_label", delete),
    ("processes.list_labels", list_on_process),
    ("processes.list_available_labels", list_available),
    ("processes.assign_labels", assign),
    ("processes.unlink_labels", unlink),
];

/// The colour of a label that does not say.
const HUE: u64 = 215;

fn view(label: &Label) -> Value {
    json!({ "id": label.id, "value": label.value, "colorHue": label.hue })
}

/// Returns the labels of a process, as processes show them.
pub(super) fn of(world: &World, process: Uuid) -> Value {
    let borne = world
        .landscape
        .labels
        .iter()
        .filter(|label| label.on.contains(&process));
    borne
        .map(|label| {
            let mut view = view(label);
            view["source"] = "human".into();
            view
        })
        .collect()
}

fn paged(request: &Request, labels: Vec<&Label>) -> Outcome {
    let page = request.page();
    let search = request.asked("search").unwrap_or_default();
    let fitting = labels
        .into_iter()
        .filter(|label| contains(&label.value, search));
    let (part, total) = page.cut(fitting.collect());
    let rows = part.into_iter().map(|label| {
        let mut row = view(label);
        row["processCount"] = label.on.len().into();
        row
    });
    Ok(json!({ "data": rows.collect::<Vec<_>>(), "total": total, "limit": page.limit, "offset": page.offset }).into())
}

fn list(world: &mut World, request: &Request) -> Outcome {
    world.check_organization(request)?;
    paged(request, world.landscape.labels.iter().collect())
}

fn find(world: &World, value: &str) -> Option<Uuid> {
    let mut labels = world.landscape.labels.iter();
    labels
        .find(|label| label.value == value)
        .map(|label| label.id)
}

fn add(world: &mut World, value: &str, hue: Option<u64>) -> Uuid {
    let id = world.dice.id();
    let label = Label {
        id,
        value: value.into(),
        hue: hue.unwrap_or(HUE),
        on: Vec::new(),
    };
    world.landscape.labels.add(label);
    world.did("created", "process_label", id);
    id
}

fn show(world: &World, id: Uuid) -> Outcome {
    let label = world
        .landscape
        .labels
        .get(id)
        .ok_or_else(|| Refusal::missing("label", id))?;
    Ok(json!({ "label": view(label) }).into())
}

fn create(world: &mut World, request: &Request) -> Outcome {
    world.check_organization(request)?;
    let value = request.text("value").unwrap_or_default();
    if find(world, value).is_some() {
        return Err(Refusal::conflict(format!(
            "there is already a label `{value}`"
        )));
    }
    let id = add(
        world,
        value,
        request.body.get("colorHue").and_then(Value::as_u64),
    );
    show(world, id)
}

fn update(world: &mut World, request: &Request) -> Outcome {
    world.check_organization(request)?;
    let id = request.id("labelId");
    let value = request.text("value");
    if value
        .and_then(|value| find(world, value))
        .is_some_and(|other| other != id)
    {
        return Err(Refusal::conflict("there is already such a label"));
    }
    let label = world
        .landscape
        .labels
        .get_mut(id)
        .ok_or_else(|| Refusal::missing("label", id))?;
    set(&mut label.value, value.map(Into::into));
    set(
        &mut label.hue,
        request.body.get("colorHue").and_then(Value::as_u64),
    );
    world.did("changed", "process_label", id);
    show(world, id)
}

fn delete(world: &mut World, request: &Request) -> Outcome {
    world.check_organization(request)?;
    let id = request.id("labelId");
    world
        .landscape
        .labels
        .remove(id)
        .ok_or_else(|| Refusal::missing("label", id))?;
    world.did("deleted", "process_label", id);
    Ok(json!({ "success": true }).into())
}

fn list_on_process(world: &mut World, request: &Request) -> Outcome {
    let process = world.process(request.id("id"))?.id;
    Ok(json!({ "labels": of(world, process) }).into())
}

fn list_available(world: &mut World, request: &Request) -> Outcome {
    let process = world.process(request.id("id"))?.id;
    let free = world
        .landscape
        .labels
        .iter()
        .filter(|label| !label.on.contains(&process));
    paged(request, free.collect())
}

/// Labels given by text are created when they are new.
fn assign(world: &mut World, request: &Request) -> Outcome {
    let process = world.process(request.id("id"))?.id;
    let mut ids = request.body_ids("labelIds").unwrap_or_default();
    let texts = request.body.get("labels").and_then(Value::as_array);
    if ids.is_empty() && texts.is_none() {
        return Err(Refusal::invalid("give `labelIds`, `labels` or both"));
    }
    if let Some(unknown) = ids
        .iter()
        .find(|id| world.landscape.labels.get(**id).is_none())
    {
        return Err(Refusal::missing("label", unknown));
    }
    for label in texts.into_iter().flatten() {
        let value = label
            .get("value")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let hue = label.get("colorHue").and_then(Value::as_u64);
        ids.push(find(world, value).unwrap_or_else(|| add(world, value, hue)));
    }
    for id in ids {
        if let Some(label) = world
            .landscape
            .labels
            .get_mut(id)
            .filter(|label| !label.on.contains(&process))
        {
            label.on.push(process);
        }
    }
    world.did("labelled", "process", process);
    Ok(json!({ "labels": of(world, process) }).into())
}

fn unlink(world: &mut World, request: &Request) -> Outcome {
    let process = world.process(request.id("id"))?.id;
    for id in request.body_ids("labelIds").unwrap_or_default() {
        if let Some(label) = world.landscape.labels.get_mut(id) {
            label.on.retain(|one| *one != process);
        }
    }
    world.did("unlabelled", "process", process);
    Ok(json!({ "labels": of(world, process) }).into())
}
