//! Memory files: what an assignment keeps between jobs. The API only reads them; jobs write them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::files::clean;
use super::{Outcome, Route};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::{Row, Table, World};

pub(super) const ROUTES: &[Route] = &[("memory.list", list), ("memory.read", read)];

/// Memory files.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) rows: Table<MemoryFile>,
}

/// A memory file of an assignment.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct MemoryFile {
    pub(crate) id: Uuid,
    pub(crate) agent_id: Uuid,
    pub(crate) path: String,
    pub(crate) content: String,
    pub(crate) generation: u32,
    /// The job that wrote it last; `None` when a person did.
    pub(crate) job_id: Option<Uuid>,
    pub(crate) updated_at: Timestamp,
}

impl Row for MemoryFile {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl World {
    /// Writes a memory file, new or not.
    pub(crate) fn put_memory(
        &mut self,
        agent_id: Uuid,
        path: &str,
        content: String,
        job_id: Option<Uuid>,
    ) {
        let now = self.now;
        let known = self
            .memory
            .rows
            .iter()
            .find(|file| file.agent_id == agent_id && file.path == path)
            .map(|file| file.id);
        if let Some(file) = known.and_then(|id| self.memory.rows.get_mut(id)) {
            (file.content, file.job_id, file.updated_at) = (content, job_id, now);
            file.generation += 1;
            return;
        }
        let id = self.dice.id();
        self.memory.rows.add(MemoryFile {
            id,
            agent_id,
            path: path.into(),
            content,
            generation: 1,
            job_id,
            updated_at: now,
        });
    }
}

/// Writes a memory file for a job.
pub(crate) fn write_for_job(world: &mut World, job: Uuid, path: &str, content: String) {
    let Some(agent) = world.jobs.rows.get(job).map(|job| job.agent_id) else {
        return;
    };
    if let Ok(path) = clean(path) {
        world.put_memory(agent, &path, content, Some(job));
    }
}

/// The fields that tell who wrote a file last.
fn source(world: &World, file: &MemoryFile) -> Value {
    let mut fields = json!({
        "path": file.path,
        "generation": file.generation.to_string(),
        "source_type": if file.job_id.is_some() { "job" } else { "user" },
        "source_updated_at": file.updated_at,
    });
    match file.job_id {
        Some(job) => fields["source_agent_run_id"] = job.to_string().into(),
        None => fields["source_user_id"] = world.me.to_string().into(),
    }
    fields
}

fn list(world: &mut World, request: &Request) -> Outcome {
    let agent = world.agent(request.id("agent_id"))?.id;
    let files = world
        .memory
        .rows
        .iter()
        .filter(|file| file.agent_id == agent)
        .map(|file| {
            let mut row = source(world, file);
            row["name"] = file.path.rsplit('/').next().into();
            row["updated_at"] = json!(file.updated_at);
            row
        });
    Ok(json!({ "files": files.collect::<Vec<_>>() }).into())
}

fn read(world: &mut World, request: &Request) -> Outcome {
    let agent = world.agent(request.id("agent_id"))?.id;
    let path = clean(request.param("path"))?;
    let file = world
        .memory
        .rows
        .iter()
        .find(|file| file.agent_id == agent && file.path == path);
    let file = file.ok_or_else(|| Refusal::missing("memory file", &path))?;
    let mut answer = source(world, file);
    answer["content"] = file.content.clone().into();
    Ok(answer.into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::simulator::trial::{Trial, text};

    #[tokio::test]
    async fn are_listed_and_read() {
        let trial = Trial::company().await;
        let agent = trial.find("assignments.list", "Invoice matcher").await;
        let listed = trial.call("memory.list", &[&agent], json!({})).await;
        let path = text(&listed["files"][0]["path"]);
        assert!(
            text(&trial.call("memory.read", &[&agent, &path], json!({})).await["content"])
                .contains("Costa Verde")
        );
        assert_eq!(
            trial
                .refused("memory.read", &[&agent, "none.md"], json!({}))
                .await
                .0,
            404
        );
    }
}
