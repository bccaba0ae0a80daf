//! Labels of an organization, which its processes bear; a text is given out once.

use serde_json::{Value, json};
use uuid::Uuid;

use super::rows::Label;
use crate::simulator::behaviour::{Outcome, contains};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::World;

/// The hue of a label that names none.
const HUE: u64 = 215;

fn view(label: &Label) -> Value {
    json!({ "id": label.id, "value": label.value, "colorHue": label.color_hue })
}

fn counted_view(world: &World, label: &Label) -> Value {
    let bears = |process: &&crate::simulator::behaviour::processes::Process| {
        process.labels.iter().any(|one| one.label_id == label.id)
    };
    let mut view = view(label);
    view["processCount"] = world.processes.rows.iter().filter(bears).count().into();
    view
}

fn find(world: &World, organization: Uuid, value: &str) -> Option<Uuid> {
    let is_it = |label: &&Label| {
        label.organization_id == organization && label.value.eq_ignore_ascii_case(value)
    };
    world
        .landscape
        .labels
        .iter()
        .find(is_it)
        .map(|label| label.id)
}

/// Returns the label of a text; it is created when there is none.
pub(crate) fn find_or_add(
    world: &mut World,
    organization_id: Uuid,
    value: &str,
    hue: Option<u64>,
) -> Uuid {
    find(world, organization_id, value).unwrap_or_else(|| {
        let id = world.dice.id();
        let (value, color_hue) = (value.into(), hue.unwrap_or(HUE));
        world.landscape.labels.add(Label {
            id,
            organization_id,
            value,
            color_hue,
        });
        world.did("created", "process_label", id);
        id
    })
}

/// Refuses a label that the organization does not have.
pub(crate) fn check_label(world: &World, organization: Uuid, id: Uuid) -> Result<(), Refusal> {
    let label = world
        .landscape
        .labels
        .get(id)
        .filter(|label| label.organization_id == organization);
    label
        .map(|_| ())
        .ok_or_else(|| Refusal::missing("label", id))
}

/// Lists the labels of an organization but some.
pub(crate) fn list_of(
    world: &World,
    request: &Request,
    organization: Uuid,
    but: &[Uuid],
) -> Outcome {
    let search = request.asked("search").unwrap_or_default();
    let fits = |label: &&Label| {
        label.organization_id == organization
            && !but.contains(&label.id)
            && contains(&label.value, search)
    };
    let page = request.page();
    let (part, total) = page.cut(world.landscape.labels.iter().filter(fits).collect());
    let rows: Vec<_> = part
        .into_iter()
        .map(|label| counted_view(world, label))
        .collect();
    Ok(json!({ "data": rows, "total": total, "limit": page.limit, "offset": page.offset }).into())
}

pub(super) fn list(world: &mut World, request: &Request) -> Outcome {
    let organization = world.organization(request)?.id;
    list_of(world, request, organization, &[])
}

pub(super) fn create(world: &mut World, request: &Request) -> Outcome {
    let organization = world.organization(request)?.id;
    let value = request.text("value").unwrap_or_default();
    if find(world, organization, value).is_some() {
        return Err(Refusal::conflict(format!(
            "there is already a label `{value}`"
        )));
    }
    let id = find_or_add(
        world,
        organization,
        value,
        request.body.get("colorHue").and_then(Value::as_u64),
    );
    answer(world, id)
}

fn answer(world: &World, id: Uuid) -> Outcome {
    let label = world
        .landscape
        .labels
        .get(id)
        .ok_or_else(|| Refusal::missing("label", id))?;
    Ok(json!({ "label": view(label) }).into())
}

/// The label of the path.
fn asked(world: &World, request: &Request) -> Result<(Uuid, Uuid), Refusal> {
    let (organization, id) = (world.organization(request)?.id, request.id("labelId"));
    check_label(world, organization, id)?;
    Ok((organization, id))
}

pub(super) fn update(world: &mut World, request: &Request) -> Outcome {
    let (organization, id) = asked(world, request)?;
    let value = request.text("value");
    if value
        .and_then(|value| find(world, organization, value))
        .is_some_and(|other| other != id)
    {
        return Err(Refusal::conflict(format!(
            "there is already a label `{}`",
            value.unwrap_or_default()
        )));
    }
    if let Some(label) = world.landscape.labels.get_mut(id) {
        crate::simulator::behaviour::set(&mut label.value, value.map(Into::into));
        crate::simulator::behaviour::set(
            &mut label.color_hue,
            request.body.get("colorHue").and_then(Value::as_u64),
        );
    }
    world.did("changed", "process_label", id);
    answer(world, id)
}

pub(super) fn delete(world: &mut World, request: &Request) -> Outcome {
    let (_, id) = asked(world, request)?;
    for process in world.processes.rows.iter_mut() {
        process.labels.retain(|one| one.label_id != id);
    }
    world.landscape.labels.remove(id);
    world.did("deleted", "process_label", id);
    Ok(json!({ "success": true }).into())
}
