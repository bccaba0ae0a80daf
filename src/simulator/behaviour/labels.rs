//! Labels of a queue, and which cases bear them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Outcome, Route, set};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::{Row, Table, World};

pub(super) const ROUTES: &[Route] = &[
    ("labels.list", list),
    ("labels.create", create),
    ("labels.update", update),
    ("labels.delete", delete),
    ("labels.list_on_case", list_on_case),
    ("labels.assign", assign),
    ("labels.unlink", unlink),
];

/// Labels.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) rows: Table<Label>,
}

/// A label of a queue.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Label {
    pub(crate) id: Uuid,
    pub(crate) queue_id: Uuid,
    pub(crate) key: String,
    pub(crate) value: String,
    pub(crate) color_hue: u64,
}

impl Row for Label {
    fn id(&self) -> Uuid {
        self.id
    }
}

/// Returns a label as cases show it.
pub(crate) fn view(label: &Label) -> Value {
    json!({ "id": label.id, "key": label.key, "value": label.value, "color_hue": label.color_hue })
}

fn counted_view(world: &World, label: &Label) -> Value {
    let mut view = view(label);
    view["case_count"] = world
        .cases
        .rows
        .iter()
        .filter(|case| case.labels.contains(&label.id))
        .count()
        .into();
    view
}

fn find(world: &World, queue: Uuid, key: &str, value: &str) -> Option<Uuid> {
    let mut labels = world
        .labels
        .rows
        .iter()
        .filter(|label| label.queue_id == queue);
    labels
        .find(|label| label.key == key && label.value == value)
        .map(|label| label.id)
}

/// Returns the label of a queue with a key and a value; it is created when there is none.
pub(crate) fn find_or_add(world: &mut World, queue_id: Uuid, key: &str, value: &str) -> Uuid {
    find(world, queue_id, key, value).unwrap_or_else(|| {
        let id = world.dice.id();
        let color_hue = u64::from(id.as_fields().0) % 361;
        world.labels.rows.add(Label {
            id,
            queue_id,
            key: key.into(),
            value: value.into(),
            color_hue,
        });
        world.did("created", "label", id);
        id
    })
}

fn list(world: &mut World, request: &Request) -> Outcome {
    let queue = world.queue(request.id("queue_id"))?.id;
    let all = world
        .labels
        .rows
        .iter()
        .filter(|label| label.queue_id == queue);
    let (part, _) = request.page().cut(all.collect());
    let rows: Vec<_> = part
        .into_iter()
        .map(|label| counted_view(world, label))
        .collect();
    Ok(json!({ "labels": rows }).into())
}

/// One that exists is given back: the document declares no conflict here.
fn create(world: &mut World, request: &Request) -> Outcome {
    let queue = world.queue(request.id("queue_id"))?.id;
    let id = find_or_add(
        world,
        queue,
        request.text("key").unwrap_or_default(),
        request.text("value").unwrap_or_default(),
    );
    if let Some(label) = world.labels.rows.get_mut(id) {
        set(
            &mut label.color_hue,
            request.body.get("color_hue").and_then(Value::as_u64),
        );
    }
    let label = world
        .labels
        .rows
        .get(id)
        .ok_or_else(|| Refusal::missing("label", id))?;
    Ok(json!({ "label": counted_view(world, label) }).into())
}

fn own(world: &World, request: &Request) -> Result<Uuid, Refusal> {
    let queue = world.queue(request.id("queue_id"))?.id;
    let id = request.id("label_id");
    let label = world
        .labels
        .rows
        .get(id)
        .filter(|label| label.queue_id == queue);
    label
        .map(|label| label.id)
        .ok_or_else(|| Refusal::missing("label", id))
}

fn update(world: &mut World, request: &Request) -> Outcome {
    let id = own(world, request)?;
    let label = world
        .labels
        .rows
        .get(id)
        .ok_or_else(|| Refusal::missing("label", id))?;
    let key = request.text("key").unwrap_or(&label.key).to_owned();
    let value = request.text("value").unwrap_or_default().to_owned();
    if find(world, label.queue_id, &key, &value).is_some_and(|other| other != id) {
        return Err(Refusal::conflict(format!(
            "the queue already has a label `{key}={value}`"
        )));
    }
    let label = world
        .labels
        .rows
        .get_mut(id)
        .ok_or_else(|| Refusal::missing("label", id))?;
    (label.key, label.value) = (key, value);
    set(
        &mut label.color_hue,
        request.body.get("color_hue").and_then(Value::as_u64),
    );
    let view = view(label);
    world.did("changed", "label", id);
    Ok(json!({ "label": view }).into())
}

fn delete(world: &mut World, request: &Request) -> Outcome {
    let id = own(world, request)?;
    for case in world.cases.rows.iter_mut() {
        case.labels.retain(|label| *label != id);
    }
    world.labels.rows.remove(id);
    world.did("deleted", "label", id);
    Ok(json!({ "success": true }).into())
}

/// The case of the path, which must lie in the queue of the path.
fn case_of(world: &World, request: &Request) -> Result<(Uuid, Uuid), Refusal> {
    let queue = world.queue(request.id("queue_id"))?.id;
    let case = world.case(request.id("case_id"))?;
    (case.queue_id == queue)
        .then_some((queue, case.id))
        .ok_or_else(|| Refusal::missing("case", case.id))
}

fn labels_on(world: &World, case: Uuid) -> Vec<Value> {
    let ids = world
        .cases
        .rows
        .get(case)
        .into_iter()
        .flat_map(|case| &case.labels);
    ids.filter_map(|id| world.labels.rows.get(*id))
        .map(view)
        .collect()
}

fn list_on_case(world: &mut World, request: &Request) -> Outcome {
    let (_, case) = case_of(world, request)?;
    let (labels, _) = request.page().cut(labels_on(world, case));
    Ok(json!({ "labels": labels }).into())
}

fn assign(world: &mut World, request: &Request) -> Outcome {
    let (queue, case) = case_of(world, request)?;
    for input in request
        .body
        .get("labels")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let part = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default();
        let label = find_or_add(world, queue, part("key"), part("value"));
        let now = world.now;
        if let Some(case) = world
            .cases
            .rows
            .get_mut(case)
            .filter(|case| !case.labels.contains(&label))
        {
            case.labels.push(label);
            case.updated_at = now;
        }
        world.did("labelled", "case", case);
    }
    Ok(json!({ "labels": labels_on(world, case) }).into())
}

fn unlink(world: &mut World, request: &Request) -> Outcome {
    let (_, case) = case_of(world, request)?;
    let ids = request.body_ids("label_ids").unwrap_or_default();
    let now = world.now;
    if let Some(case) = world.cases.rows.get_mut(case) {
        case.labels.retain(|label| !ids.contains(label));
        case.updated_at = now;
    }
    world.did("unlabelled", "case", case);
    Ok(json!({ "success": true }).into())
}
