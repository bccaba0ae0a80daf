//! Fills a world with the company of a scenario.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::model::{Assignment, Name, Scenario};
use crate::simulator::behaviour::assignments::Folder;
use crate::simulator::behaviour::queues::{CONSUMER, PRODUCER, Queue};
use crate::simulator::behaviour::schedules::Timing;
use crate::simulator::behaviour::setups::{NewSetup, Pin, Status};
use crate::simulator::behaviour::teams::{Membership, Person, Team};
use crate::simulator::behaviour::{
    cases, connections, files, labels, logins, processes, secrets, seed, skills, suggestions,
};
use crate::simulator::world::World;

/// Where the things of a scenario have come to, by name.
struct Settler<'a> {
    world: &'a mut World,
    teams: HashMap<String, Uuid>,
    first_team: Uuid,
    folders: HashMap<String, Uuid>,
    queues: HashMap<String, Uuid>,
    connections: HashMap<String, Uuid>,
    secrets: HashMap<String, Uuid>,
    logins: HashMap<String, Uuid>,
    skills: HashMap<String, Uuid>,
}

/// Fills a world with a scenario.
pub(crate) fn settle(world: &mut World, scenario: &Arc<Scenario>) {
    world.scenario = Arc::clone(scenario);
    connections::add_kinds(world);
    let mut settler = Settler {
        world,
        teams: HashMap::new(),
        first_team: Uuid::nil(),
        folders: HashMap::new(),
        queues: HashMap::new(),
        connections: HashMap::new(),
        secrets: HashMap::new(),
        logins: HashMap::new(),
        skills: HashMap::new(),
    };
    settler.people(scenario);
    settler.things(scenario);
    settler.credentials(scenario);
    settler.knowledge(scenario);
    settler.queues(scenario);
    for assignment in &scenario.assignment {
        settler.assignment(assignment);
    }
    settler.cases(scenario);
    seed(settler.world);
    settler.world.effects.clear();
}

impl Settler<'_> {
    fn team(&self, name: Option<&Name>) -> Uuid {
        let named = name.and_then(|name| self.teams.get(name.get_ref()));
        named.copied().unwrap_or(self.first_team)
    }

    fn people(&mut self, scenario: &Scenario) {
        let world = &mut *self.world;
        let founded = a_year_before(world.now);
        let organization_id = scenario.organization.as_ref().map(|_| world.dice.id());
        for team in &scenario.team {
            let id = world.dice.id();
            if self.first_team.is_nil() {
                self.first_team = id;
            }
            self.teams.insert(team.name.clone(), id);
            let (name, discovery_mode) = (team.name.clone(), "request".into());
            world.teams.teams.add(Team {
                id,
                name,
                created_at: founded,
                organization_id,
                discovery_mode,
            });
        }
        for member in &scenario.member {
            let id = world.dice.id();
            if world.me.is_nil() {
                world.me = id;
            }
            let named = member.teams.as_ref().map(|names| {
                names
                    .iter()
                    .map(|name| self.teams[name.get_ref()])
                    .collect()
            });
            let teams: Vec<Uuid> =
                named.unwrap_or_else(|| world.teams.teams.iter().map(|team| team.id).collect());
            let memberships = teams.into_iter().map(|team_id| Membership {
                team_id,
                role: member.role.clone(),
                is_inherited: false,
            });
            world.teams.people.add(Person {
                id,
                name: Some(member.name.clone()),
                email: member.email.clone(),
                memberships: memberships.collect(),
            });
        }
    }

    fn things(&mut self, scenario: &Scenario) {
        for folder in &scenario.folder {
            let team_id = self.team(folder.team.as_ref());
            let parent_folder_id = folder
                .inside
                .as_ref()
                .and_then(|name| self.folders.get(name.get_ref()))
                .copied();
            let (id, now) = (self.world.dice.id(), self.world.now);
            let name = folder.name.clone();
            self.folders.insert(name.clone(), id);
            self.world.assignments.folders.add(Folder {
                id,
                team_id,
                name,
                parent_folder_id,
                created_at: now,
                updated_at: now,
            });
        }
        for one in &scenario.connection {
            let team = self.team(one.team.as_ref());
            let id = self.world.add_connection(team, &one.name, &one.kind);
            let now = self.world.now;
            if let Some(connection) = self.world.connections.rows.get_mut(id) {
                connection.shared = one.shared;
                connection.broken_at = one.broken.as_ref().map(|_| now);
                connection.broken_reason.clone_from(&one.broken);
            }
            self.connections.insert(one.name.clone(), id);
        }
    }

    fn knowledge(&mut self, scenario: &Scenario) {
        for skill in &scenario.skill {
            let team = (!skill.system).then(|| self.team(skill.team.as_ref()));
            let head = format!(
                "---\nname: {}\ndescription: {}\n---\n\n{}",
                skill.name,
                json!(skill.description),
                skill.content
            );
            let (id, _) = self.world.put_skill(
                team,
                skills::package(&skill.name, &skill.description, &head),
            );
            self.skills.insert(skill.name.clone(), id);
        }
        for one in &scenario.process {
            let team = self.team(one.team.as_ref());
            let id = processes::add_process(self.world, team, &one.name);
            for talk in &one.interviews {
                processes::add_interview(self.world, id, talk);
            }
        }
        for file in &scenario.file {
            let team = self.team(file.team.as_ref());
            self.world.put_file(
                team,
                &file.path,
                files::media_of(&file.path),
                file.content.clone().into(),
            );
        }
    }

    fn credentials(&mut self, scenario: &Scenario) {
        let (me, now) = (self.world.me, self.world.now);
        for one in &scenario.secret {
            let id = self.world.dice.id();
            self.secrets.insert(one.name.clone(), id);
            let secret = secrets::Secret {
                id,
                team_id: self.team(one.team.as_ref()),
                user_id: (!one.shared).then_some(me),
                name: one.name.clone(),
                service_slug: one.service.clone(),
                values: one.values.clone(),
                created_by: me,
                created_at: now,
                updated_at: now,
            };
            self.world.secrets.rows.add(secret);
        }
        for one in &scenario.login {
            let id = self.world.dice.id();
            self.logins.insert(one.domain.clone(), id);
            let login = logins::Login {
                id,
                team_id: self.team(one.team.as_ref()),
                user_id: (!one.shared).then_some(me),
                domain: one.domain.clone(),
                username: Some(one.username.clone()),
                password: Some(one.password.clone()),
                otp_secret: None,
                created_at: now,
                updated_at: now,
            };
            self.world.logins.rows.add(login);
        }
    }

    fn queues(&mut self, scenario: &Scenario) {
        for queue in &scenario.queue {
            let id = self.world.dice.id();
            self.queues.insert(queue.name.clone(), id);
            let row = Queue {
                id,
                team_id: self.team(queue.team.as_ref()),
                name: queue.name.clone(),
                description: queue.description.clone(),
                folder_id: None,
                automation_id: None,
                created_at: self.world.now,
            };
            self.world.queues.rows.add(row);
        }
    }

    fn assignment(&mut self, one: &Assignment) {
        let team = self.team(one.team.as_ref());
        let agent_id = self.world.add_agent(team, &one.name);
        if let Some(agent) = self.world.assignments.rows.get_mut(agent_id) {
            agent.folder_id = one
                .folder
                .as_ref()
                .and_then(|name| self.folders.get(name.get_ref()))
                .copied();
            agent.agentic_memory_enabled = !one.memory.is_empty();
        }
        let setup = self.world.add_setup(NewSetup {
            agent_id,
            name: one.name.clone(),
            config: None,
            source: None,
            status: Status::Live,
        });
        let found = |map: &HashMap<String, Uuid>, names: &[Name]| -> Vec<Uuid> {
            names
                .iter()
                .filter_map(|name| map.get(name.get_ref()))
                .copied()
                .collect()
        };
        let skills: Vec<_> = found(&self.skills, &one.skills)
            .iter()
            .map(Uuid::to_string)
            .collect();
        let (secrets, logins) = (
            found(&self.secrets, &one.secrets),
            found(&self.logins, &one.logins),
        );
        if let Some(setup) = self.world.setups.rows.get_mut(setup) {
            setup.config["data"]["input"] = one.instructions.clone().into();
            setup.config["data"]["skills"] = json!(skills);
            (setup.secrets, setup.logins) = (secrets, logins);
        }
        self.wire(setup, CONSUMER, &found(&self.queues, &one.consumes));
        self.wire(setup, PRODUCER, &found(&self.queues, &one.produces));
        for connection in found(&self.connections, &one.connections) {
            self.pin(setup, connection);
        }
        self.habits(agent_id, one);
    }

    fn wire(&mut self, setup: Uuid, slot_type: &str, queues: &[Uuid]) {
        let kind = self
            .world
            .connections
            .kind_of(slot_type)
            .map(|kind| kind.id);
        let slot = kind
            .filter(|_| !queues.is_empty())
            .and_then(|kind| self.world.new_slot(kind));
        if let (Some(mut slot), Some(setup)) = (slot, self.world.setups.rows.get_mut(setup)) {
            slot.queues = queues.to_vec();
            setup.slots.push(slot);
        }
    }

    fn pin(&mut self, setup: Uuid, connection_id: Uuid) {
        let kind = self
            .world
            .connections
            .rows
            .get(connection_id)
            .and_then(|one| one.integration_id);
        let pin = Pin {
            connection_id,
            user_id: self.world.me,
            created_at: self.world.now,
        };
        let slot = kind.and_then(|kind| self.world.new_slot(kind));
        if let (Some(mut slot), Some(setup)) = (slot, self.world.setups.rows.get_mut(setup)) {
            slot.pins.push(pin);
            setup.slots.push(slot);
        }
    }

    fn habits(&mut self, agent_id: Uuid, one: &Assignment) {
        if let Some(enabled) = one.trigger
            && let Some(queue) = one
                .consumes
                .first()
                .and_then(|name| self.queues.get(name.get_ref()))
        {
            self.world
                .add_trigger(agent_id, *queue, enabled, one.concurrency);
        }
        for (path, content) in &one.memory {
            self.world.put_memory(agent_id, path, content.clone(), None);
        }
        for schedule in &one.schedule {
            let timing = Timing {
                frequency: schedule.frequency.clone(),
                timezone: schedule.timezone.clone(),
                time: schedule.time.clone(),
                day: schedule.day.clone(),
                day_of_month: schedule.day_of_month.and_then(|day| i8::try_from(day).ok()),
                cron: schedule.cron.clone(),
            };
            self.world.add_schedule(agent_id, timing, schedule.enabled);
        }
        for suggestion in &one.suggestion {
            let (id, job_id, now) = (self.world.dice.id(), self.world.dice.id(), self.world.now);
            self.world.suggestions.rows.add(suggestions::Suggestion {
                id,
                agent_id,
                status: suggestions::Status::Pending,
                title: suggestion.title.clone(),
                description: suggestion.description.clone(),
                old: one.instructions.clone(),
                new: suggestion.instructions.clone(),
                job_id,
                job_number: 1,
                resolved_at: None,
                created_at: now,
                updated_at: now,
            });
        }
    }

    fn cases(&mut self, scenario: &Scenario) {
        for queue in &scenario.queue {
            let Some(id) = self.queues.get(&queue.name).copied() else {
                continue;
            };
            labels::find_or_add(self.world, id, "", "urgent");
            for case in &queue.case {
                let added = cases::add_described(self.world, id, case);
                self.world.note_case(added, "created", None, None);
                if let Some(reason) = &case.reason {
                    self.world.note_case(added, "failed", Some(reason), None);
                }
            }
        }
    }
}

fn a_year_before(now: Timestamp) -> Timestamp {
    now.checked_sub(std::time::Duration::from_secs(365 * 86_400))
        .unwrap_or(now)
}
