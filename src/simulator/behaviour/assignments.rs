//! Assignments, their folders, and the rubrics that score their jobs.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::setups::{self, NewSetup, Status};
use super::{Outcome, Route, jobs, set};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::{Row, Table, World};

pub(super) const ROUTES: &[Route] = &[
    ("assignments.list", list),
    ("assignments.create", create),
    ("assignments.get", get),
    ("assignments.update", update),
    ("assignments.delete", delete),
    ("assignments.list_folders", list_folders),
    ("assignments.create_folder", create_folder),
    ("assignments.update_folder", update_folder),
    ("assignments.delete_folder", delete_folder),
    ("assignments.move_to_folder", move_to_folder),
    ("assignments.get_eval_scores", get_eval_scores),
    ("assignments.get_rubrics", get_rubrics),
    ("assignments.create_rubric", create_rubric),
    ("assignments.replace_rubrics", replace_rubrics),
    ("assignments.update_rubric", update_rubric),
    ("assignments.delete_rubric", delete_rubric),
];

/// How many custom rubrics a setup may have.
const MOST_RUBRICS: usize = 5;

/// Assignments, folders and rubrics.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) rows: Table<Agent>,
    pub(crate) folders: Table<Folder>,
    pub(crate) rubrics: Table<Rubric>,
}

/// An assignment.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Agent {
    pub(crate) id: Uuid,
    pub(crate) team_id: Uuid,
    pub(crate) name: String,
    pub(crate) slack_enabled: bool,
    pub(crate) microsoft_teams_enabled: bool,
    pub(crate) agentic_memory_enabled: bool,
    pub(crate) thread_id: Option<Uuid>,
    pub(crate) folder_id: Option<Uuid>,
    pub(crate) automation_id: Option<Uuid>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) created_by: Uuid,
    pub(crate) updated_by: Uuid,
    pub(crate) pinned_at: Option<Timestamp>,
    pub(crate) last_run_at: Option<Timestamp>,
}

/// A folder of assignments.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Folder {
    pub(crate) id: Uuid,
    pub(crate) team_id: Uuid,
    pub(crate) name: String,
    pub(crate) parent_folder_id: Option<Uuid>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// A custom rubric of a setup.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Rubric {
    pub(crate) id: Uuid,
    pub(crate) setup_id: Uuid,
    pub(crate) slug: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) sort_order: usize,
}

impl Row for Agent {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl Row for Folder {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl Row for Rubric {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl World {
    /// Returns an assignment that the key sees.
    pub(crate) fn agent(&self, id: Uuid) -> Result<&Agent, Refusal> {
        let agent = self
            .assignments
            .rows
            .get(id)
            .filter(|agent| self.sees(agent.team_id));
        agent.ok_or_else(|| Refusal::missing("assignment", id))
    }

    /// Returns the name of an assignment.
    pub(crate) fn agent_name(&self, id: Uuid) -> &str {
        self.assignments
            .rows
            .get(id)
            .map_or("", |agent| &agent.name)
    }

    /// Returns whether a live setup may hand cases over to an assignment.
    pub(crate) fn is_handover_target(&self, agent: Uuid) -> bool {
        let mut live = self.setups.rows.iter().filter(|setup| setup.is_live());
        live.any(|setup| setup.handover_targets.contains(&agent))
    }

    /// Adds an assignment without a setup.
    pub(crate) fn add_agent(&mut self, team_id: Uuid, name: &str) -> Uuid {
        let id = self.dice.id();
        self.assignments.rows.add(Agent {
            id,
            team_id,
            name: name.into(),
            slack_enabled: false,
            microsoft_teams_enabled: false,
            agentic_memory_enabled: false,
            thread_id: None,
            folder_id: None,
            automation_id: None,
            created_at: self.now,
            updated_at: self.now,
            created_by: self.me,
            updated_by: self.me,
            pinned_at: None,
            last_run_at: None,
        });
        id
    }

    fn folder(&self, id: Uuid) -> Result<&Folder, Refusal> {
        let folder = self
            .assignments
            .folders
            .get(id)
            .filter(|folder| self.sees(folder.team_id));
        folder.ok_or_else(|| Refusal::missing("folder", id))
    }
}

fn view(world: &World, agent: &Agent) -> Map<String, Value> {
    let view = json!({
        "id": agent.id,
        "name": agent.name,
        "slack_enabled": agent.slack_enabled,
        "microsoft_teams_enabled": agent.microsoft_teams_enabled,
        "agentic_memory_enabled": agent.agentic_memory_enabled,
        "team_id": agent.team_id,
        "thread_id": agent.thread_id,
        "folder_id": agent.folder_id,
        "automation_id": agent.automation_id,
        "created_at": agent.created_at,
        "updated_at": agent.updated_at,
        "created_by": world.teams.reference(Some(agent.created_by)),
        "updated_by": world.teams.reference(Some(agent.updated_by)),
    });
    match view {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn row(world: &World, agent: &Agent, with_schedules: bool) -> Value {
    let newest = world.setups.newest(agent.id);
    let trigger = world.trigger_of(agent.id);
    let conflicts = trigger.map_or_else(Vec::new, |trigger| {
        world.conflicts(agent.id, trigger.case_queue_id)
    });
    let mut setup = newest.map_or(Value::Null, |setup| setups::view(world, setup));
    if with_schedules && newest.is_some_and(setups::Setup::is_live) {
        setup["schedules"] = super::schedules::of(world, agent.id);
    }
    let slots = newest
        .into_iter()
        .flat_map(|setup| &setup.slots)
        .map(|slot| {
            let names: Vec<_> = slot
                .queues
                .iter()
                .filter_map(|id| world.queue_name(*id))
                .collect();
            json!({
                "id": slot.id,
                "integration_id": slot.integration_id,
                "integration_type": slot.kind,
                "integration_name": slot.name,
                "created_at": slot.created_at,
                "is_connected": !slot.pins.is_empty() || !slot.queues.is_empty(),
                "linked_queue_names": names,
            })
        });
    let mut row = view(world, agent);
    let more = json!({
        "pinned_at": agent.pinned_at,
        "last_run_at": agent.last_run_at,
        "latest_build": setup,
        "integration_configs": slots.collect::<Vec<_>>(),
        "user_triggers": { "slack_mention": agent.slack_enabled, "slack_channel": false, "teams_mention": agent.microsoft_teams_enabled },
        "case_trigger_enabled": trigger.is_some_and(|trigger| trigger.enabled),
        "case_trigger_has_conflict": !conflicts.is_empty(),
        "case_trigger_conflicting_agents": conflicts,
        "case_queue_name": trigger.and_then(|trigger| world.queue_name(trigger.case_queue_id)),
    });
    if let Value::Object(more) = more {
        row.extend(more);
    }
    Value::Object(row)
}

fn list(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let automation = request.asked_id("automation_id");
    let fits = |agent: &&Agent| {
        agent.team_id == team && automation.is_none_or(|wanted| agent.automation_id == Some(wanted))
    };
    let page = request.page();
    let (part, total) = page.cut(world.assignments.rows.iter().rev().filter(fits).collect());
    let with_schedules = request.asked("include_schedules") == Some("true");
    let rows: Vec<_> = part
        .into_iter()
        .map(|agent| row(world, agent, with_schedules))
        .collect();
    Ok(
        json!({ "agents": rows, "total": total, "limit": page.limit, "offset": page.offset })
            .into(),
    )
}

fn create(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let source = match request.body_id("source_build_id") {
        Some(id) => Some(world.setup(id)?.id),
        None => None,
    };
    let id = world.add_agent(team, request.text("name").unwrap_or_default());
    world.did("created", "assignment", id);
    if let Some(agent) = world.assignments.rows.get_mut(id) {
        agent.thread_id = request.body_id("thread_id");
        agent.automation_id = request.body_id("automation_id");
    }
    let mut answer = json!({ "agent": view(world, world.agent(id)?) });
    if let Some(build) = request.body.get("build") {
        let name = build
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        let config = build.get("config").map(setups::filled);
        // The first setup is live at once: there is no other one that jobs could use.
        let setup = world.add_setup(NewSetup {
            agent_id: id,
            name,
            config,
            source,
            status: Status::Live,
        });
        world.did("created", "setup", setup);
        answer["build"] = setups::view(world, world.setup(setup)?);
    }
    Ok(answer.into())
}

fn get(world: &mut World, request: &Request) -> Outcome {
    let agent = world.agent(request.id("agent_id"))?;
    let user_context = json!({ "pinned_at": agent.pinned_at });
    Ok(json!({ "agent": view(world, agent), "user_context": user_context }).into())
}

fn update(world: &mut World, request: &Request) -> Outcome {
    let id = world.agent(request.id("agent_id"))?.id;
    let (now, me) = (world.now, world.me);
    if request
        .text("name")
        .is_some_and(|name| name.trim().is_empty())
    {
        return Err(Refusal::invalid("`name` must not be empty"));
    }
    if let Some(agent) = world.assignments.rows.get_mut(id) {
        set(&mut agent.name, request.text("name").map(Into::into));
        set(&mut agent.slack_enabled, request.flag("slack_enabled"));
        set(
            &mut agent.microsoft_teams_enabled,
            request.flag("microsoft_teams_enabled"),
        );
        set(
            &mut agent.agentic_memory_enabled,
            request.flag("agentic_memory_enabled"),
        );
        set(
            &mut agent.thread_id,
            request
                .body
                .get("thread_id")
                .map(|_| request.body_id("thread_id")),
        );
        set(
            &mut agent.pinned_at,
            request.flag("pinned").map(|pinned| pinned.then_some(now)),
        );
        (agent.updated_at, agent.updated_by) = (now, me);
    }
    world.did("changed", "assignment", id);
    get(world, request)
}

fn delete(world: &mut World, request: &Request) -> Outcome {
    let id = world.agent(request.id("agent_id"))?.id;
    for job in world
        .jobs
        .rows
        .ids(|job| job.agent_id == id && !job.status.is_final())
    {
        jobs::interrupt(world, job);
    }
    let gone = world.schedules.rows.retain(|row| row.agent_id != id);
    world.lost("schedule", &gone);
    let gone = world.triggers.rows.retain(|row| row.agent_id != id);
    world.lost("trigger", &gone);
    world.event_triggers.rows.retain(|row| row.agent_id != id);
    world.suggestions.rows.retain(|row| row.agent_id != id);
    let gone = world.setups.rows.retain(|row| row.agent_id != id);
    world.lost("setup", &gone);
    world.assignments.rows.remove(id);
    world.did("deleted", "assignment", id);
    Ok(json!({ "success": true }).into())
}

fn folder_view(folder: &Folder) -> Value {
    json!({
        "id": folder.id,
        "name": folder.name,
        "team_id": folder.team_id,
        "parent_folder_id": folder.parent_folder_id,
        "created_at": folder.created_at,
        "updated_at": folder.updated_at,
    })
}

fn list_folders(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let rows = world
        .assignments
        .folders
        .iter()
        .filter(|folder| folder.team_id == team)
        .map(|folder| {
            let mut row = folder_view(folder);
            row["agent_count"] = agents_in(world, folder.id).into();
            row["subfolder_count"] = folders_in(world, folder.id).len().into();
            row
        });
    Ok(json!({ "folders": rows.collect::<Vec<_>>() }).into())
}

fn agents_in(world: &World, folder: Uuid) -> usize {
    world
        .assignments
        .rows
        .iter()
        .filter(|agent| agent.folder_id == Some(folder))
        .count()
}

fn folders_in(world: &World, folder: Uuid) -> Vec<Uuid> {
    world
        .assignments
        .folders
        .ids(|other| other.parent_folder_id == Some(folder))
}

fn check_place(
    world: &World,
    team: Uuid,
    name: &str,
    parent: Option<Uuid>,
    but: Option<Uuid>,
) -> Result<(), Refusal> {
    if let Some(parent) = parent
        && world.folder(parent)?.team_id != team
    {
        return Err(Refusal::missing("folder", parent));
    }
    let is_same = |folder: &Folder| {
        folder.team_id == team
            && folder.parent_folder_id == parent
            && folder.name == name
            && Some(folder.id) != but
    };
    if world.assignments.folders.iter().any(is_same) {
        Err(Refusal::conflict(format!(
            "there is already a folder `{name}`"
        )))
    } else {
        Ok(())
    }
}

fn create_folder(world: &mut World, request: &Request) -> Outcome {
    let team_id = world.check_team(request.team())?;
    let name = request.text("name").unwrap_or_default();
    let parent_folder_id = request.body_id("parent_folder_id");
    check_place(world, team_id, name, parent_folder_id, None)?;
    let folder = Folder {
        id: world.dice.id(),
        team_id,
        name: name.into(),
        parent_folder_id,
        created_at: world.now,
        updated_at: world.now,
    };
    world.did("created", "folder", folder.id);
    let view = folder_view(&folder);
    world.assignments.folders.add(folder);
    Ok(json!({ "folder": view }).into())
}

fn update_folder(world: &mut World, request: &Request) -> Outcome {
    let folder = world.folder(request.id("folder_id"))?;
    let (id, team) = (folder.id, folder.team_id);
    let name = request.text("name").unwrap_or(&folder.name).to_owned();
    let parent = match request.body.get("parent_folder_id") {
        Some(_) => request.body_id("parent_folder_id"),
        None => folder.parent_folder_id,
    };
    check_place(world, team, &name, parent, Some(id))?;
    let mut above = parent;
    while let Some(one) = above {
        if one == id {
            return Err(Refusal::conflict("a folder cannot lie inside itself"));
        }
        above = world
            .assignments
            .folders
            .get(one)
            .and_then(|folder| folder.parent_folder_id);
    }
    let now = world.now;
    if let Some(folder) = world.assignments.folders.get_mut(id) {
        (folder.name, folder.parent_folder_id, folder.updated_at) = (name, parent, now);
    }
    world.did("changed", "folder", id);
    Ok(json!({ "folder": folder_view(world.folder(id)?) }).into())
}

fn delete_folder(world: &mut World, request: &Request) -> Outcome {
    let id = world.folder(request.id("folder_id"))?.id;
    let (agents, folders) = (agents_in(world, id), folders_in(world, id));
    if (agents > 0 || !folders.is_empty()) && request.asked("force") != Some("true") {
        return Err(
            Refusal::invalid("the folder is not empty; `force=true` deletes it")
                .with("has_contents", true.into())
                .with("agent_count", agents.into()),
        );
    }
    let mut doomed = vec![id];
    while let Some(folder) = doomed.pop() {
        doomed.extend(folders_in(world, folder));
        for agent in world
            .assignments
            .rows
            .iter_mut()
            .filter(|agent| agent.folder_id == Some(folder))
        {
            agent.folder_id = None;
        }
        world.assignments.folders.remove(folder);
        world.did("deleted", "folder", folder);
    }
    Ok(json!({ "success": true }).into())
}

fn move_to_folder(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let folder = request.body_id("folder_id");
    if let Some(id) = folder
        && world.folder(id)?.team_id != team
    {
        return Err(Refusal::missing("folder", id));
    }
    let ids = request.body_ids("agent_ids").unwrap_or_default();
    for id in &ids {
        if world.agent(*id)?.team_id != team {
            return Err(Refusal::missing("assignment", id));
        }
    }
    for id in &ids {
        if let Some(agent) = world.assignments.rows.get_mut(*id) {
            agent.folder_id = folder;
        }
        world.did("moved", "assignment", id);
    }
    Ok(json!({ "success": true, "moved_count": ids.len() }).into())
}

fn get_eval_scores(world: &mut World, request: &Request) -> Outcome {
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

fn get_rubrics(world: &mut World, request: &Request) -> Outcome {
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

fn create_rubric(world: &mut World, request: &Request) -> Outcome {
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

fn replace_rubrics(world: &mut World, request: &Request) -> Outcome {
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

fn update_rubric(world: &mut World, request: &Request) -> Outcome {
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

fn delete_rubric(world: &mut World, request: &Request) -> Outcome {
    let id = own_rubric(world, request)?;
    world.assignments.rubrics.remove(id);
    world.did("deleted", "rubric", id);
    Ok(json!({ "success": true }).into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::simulator::trial::{Trial, text};

    #[tokio::test]
    async fn are_kept_in_folders() {
        let trial = Trial::company().await;
        let (finance, payables) = (
            trial.find("assignments.list_folders", "Finance").await,
            trial.find("assignments.list_folders", "Payables").await,
        );
        let clash = json!({ "name": "Finance" });
        assert_eq!(
            trial
                .refused("assignments.create_folder", &[], clash)
                .await
                .0,
            409
        );
        let round = json!({ "parent_folder_id": payables });
        assert_eq!(
            trial
                .refused("assignments.update_folder", &[&finance], round)
                .await
                .0,
            409
        );
        let (status, envelope) = trial
            .refused("assignments.delete_folder", &[&payables], json!({}))
            .await;
        assert_eq!((status, envelope["agent_count"].as_u64()), (400, Some(1)));
        trial
            .call(
                "assignments.delete_folder",
                &[&finance],
                json!({ "force": "true" }),
            )
            .await;
        let matcher = trial.find("assignments.list", "Invoice matcher").await;
        let seen = trial.call("assignments.get", &[&matcher], json!({})).await;
        assert!(seen["agent"]["folder_id"].is_null(), "back at the root");
        let supply = trial.find("assignments.list_folders", "Supply").await;
        let moved = json!({ "agent_ids": [matcher], "folder_id": supply });
        assert_eq!(
            trial.call("assignments.move_to_folder", &[], moved).await["moved_count"],
            1
        );
    }

    #[tokio::test]
    async fn take_everything_along_when_they_go() {
        let trial = Trial::company().await;
        let matcher = trial.find("assignments.list", "Invoice matcher").await;
        let renamed = trial
            .call(
                "assignments.update",
                &[&matcher],
                json!({ "name": "Matcher", "pinned": true }),
            )
            .await;
        assert!(renamed["user_context"]["pinned_at"].is_string());
        let job = trial
            .call("jobs.start", &[], json!({ "agent_id": matcher }))
            .await;
        trial
            .call("assignments.delete", &[&matcher], json!({}))
            .await;
        let job = trial
            .call("jobs.get", &[&text(&job["run"]["id"])], json!({}))
            .await;
        assert_eq!(job["run"]["status"], "interrupted");
        assert_eq!(
            trial.refused("setups.list", &[&matcher], json!({})).await.0,
            404
        );
    }

    #[tokio::test]
    async fn five_rubrics_score_a_setup() {
        let trial = Trial::company().await;
        let matcher = trial.find("assignments.list", "Invoice matcher").await;
        let rubric = json!({ "title": "Asks first", "description": "Did the job ask before it paid more than the limit?" });
        let mut last = String::new();
        for _ in 0..5 {
            last = text(
                &trial
                    .call("assignments.create_rubric", &[&matcher], rubric.clone())
                    .await["rubric"]["id"],
            );
        }
        assert_eq!(
            trial
                .refused("assignments.create_rubric", &[&matcher], rubric.clone())
                .await
                .0,
            409
        );
        let new = trial
            .call(
                "assignments.update_rubric",
                &[&matcher, &last],
                json!({ "title": "Always asks" }),
            )
            .await;
        assert_ne!(text(&new["rubric"]["id"]), last);
        let all = trial
            .call(
                "assignments.replace_rubrics",
                &[&matcher],
                json!({ "rubrics": [rubric] }),
            )
            .await;
        assert_eq!(all["rubrics"].as_array().map(Vec::len), Some(1));
        let scores = trial
            .call(
                "assignments.get_eval_scores",
                &[&matcher],
                json!({ "since": "2026-01-01T00:00:00Z" }),
            )
            .await;
        assert_eq!(scores["total_evaluated"], 0);
    }
}
