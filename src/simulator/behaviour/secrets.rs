//! Secrets: values go in and never come out; only the names of the variables are shown.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Outcome, Route, set};
use crate::simulator::reply::Refusal;
use crate::simulator::request::Request;
use crate::simulator::world::{Row, Table, World};

pub(super) const ROUTES: &[Route] = &[
    ("secrets.list", list),
    ("secrets.create", create),
    ("secrets.get", get),
    ("secrets.update", update),
    ("secrets.delete", delete),
];

/// Secrets.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) rows: Table<Secret>,
}

/// A named set of environment variables.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Secret {
    pub(crate) id: Uuid,
    pub(crate) team_id: Uuid,
    /// The owner; `None` when it is shared with the team.
    pub(crate) user_id: Option<Uuid>,
    pub(crate) name: String,
    pub(crate) service_slug: Option<String>,
    pub(crate) values: BTreeMap<String, String>,
    pub(crate) created_by: Uuid,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

impl Row for Secret {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl World {
    /// Returns a secret that the key sees: its user's own, or a shared one.
    pub(crate) fn secret(&self, id: Uuid) -> Result<&Secret, Refusal> {
        let secret = self
            .secrets
            .rows
            .get(id)
            .filter(|secret| self.sees_secret(secret));
        secret.ok_or_else(|| Refusal::missing("secret", id))
    }

    fn sees_secret(&self, secret: &Secret) -> bool {
        self.sees(secret.team_id) && secret.user_id.is_none_or(|user| user == self.me)
    }
}

/// Returns a secret as the API shows it: without its values.
pub(crate) fn view(secret: &Secret) -> Value {
    json!({
        "id": secret.id,
        "team_id": secret.team_id,
        "user_id": secret.user_id,
        "name": secret.name,
        "service_slug": secret.service_slug,
        "env_var_keys": secret.values.keys().collect::<Vec<_>>(),
        "created_by": secret.created_by,
        "created_at": secret.created_at,
        "updated_at": secret.updated_at,
    })
}

fn list(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_team(request.team())?;
    let mine = world
        .secrets
        .rows
        .iter()
        .filter(|secret| secret.team_id == team && world.sees_secret(secret));
    Ok(Value::Array(mine.map(view).collect()).into())
}

fn values(request: &Request, name: &str) -> Option<BTreeMap<String, String>> {
    let given = request.body.get(name)?.as_object()?;
    Some(
        given
            .iter()
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect(),
    )
}

fn create(world: &mut World, request: &Request) -> Outcome {
    let team_id = world.check_team(request.team())?;
    let is_shared = request.flag("shared").unwrap_or(false);
    if is_shared {
        world.check_manager(team_id)?;
    }
    let values = values(request, "values").unwrap_or_default();
    if values.is_empty() {
        return Err(Refusal::invalid("`values` must hold at least one variable"));
    }
    let secret = Secret {
        id: world.dice.id(),
        team_id,
        user_id: (!is_shared).then_some(world.me),
        name: request.text("name").unwrap_or_default().into(),
        service_slug: request.text("service_slug").map(Into::into),
        values,
        created_by: world.me,
        created_at: world.now,
        updated_at: world.now,
    };
    world.did("created", "secret", secret.id);
    let shown = view(&secret);
    world.secrets.rows.add(secret);
    Ok(shown.into())
}

fn get(world: &mut World, request: &Request) -> Outcome {
    Ok(view(world.secret(request.id("id"))?).into())
}

fn update(world: &mut World, request: &Request) -> Outcome {
    let secret = world.secret(request.id("id"))?;
    let (id, team) = (secret.id, secret.team_id);
    let shared = request.flag("shared");
    if secret.user_id.is_none() || shared == Some(true) {
        world.check_manager(team)?;
    }
    let single = ["rename_keys", "remove_keys", "add_values"];
    if request.body.contains_key("values")
        && single.iter().any(|name| request.body.contains_key(*name))
    {
        return Err(Refusal::invalid(
            "`values` replaces everything; it does not go with changes to single ones",
        ));
    }
    let changed = changed_values(world.secret(id)?, request)?;
    let (me, now) = (world.me, world.now);
    let Some(secret) = world.secrets.rows.get_mut(id) else {
        return Err(Refusal::missing("secret", id));
    };
    set(&mut secret.name, request.text("name").map(Into::into));
    set(
        &mut secret.service_slug,
        request
            .body
            .get("service_slug")
            .map(|slug| slug.as_str().map(Into::into)),
    );
    set(
        &mut secret.user_id,
        shared.map(|shared| (!shared).then_some(me)),
    );
    (secret.values, secret.updated_at) = (changed, now);
    let shown = view(secret);
    world.did("changed", "secret", id);
    Ok(shown.into())
}

fn changed_values(secret: &Secret, request: &Request) -> Result<BTreeMap<String, String>, Refusal> {
    let mut all = values(request, "values").unwrap_or_else(|| secret.values.clone());
    for (old, new) in values(request, "rename_keys").into_iter().flatten() {
        let value = all
            .remove(&old)
            .ok_or_else(|| Refusal::invalid(format!("there is no variable `{old}`")))?;
        all.insert(new, value);
    }
    for key in request
        .body
        .get("remove_keys")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        all.remove(key.as_str().unwrap_or_default());
    }
    all.extend(values(request, "add_values").unwrap_or_default());
    if all.is_empty() {
        Err(Refusal::invalid("a secret needs at least one variable"))
    } else {
        Ok(all)
    }
}

fn delete(world: &mut World, request: &Request) -> Outcome {
    let secret = world.secret(request.id("id"))?;
    let (id, team, is_shared) = (secret.id, secret.team_id, secret.user_id.is_none());
    if is_shared {
        world.check_manager(team)?;
    }
    for setup in world.setups.rows.iter_mut() {
        setup.secrets.retain(|secret| *secret != id);
    }
    world.secrets.rows.remove(id);
    world.did("deleted", "secret", id);
    Ok(json!({ "success": true }).into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::simulator::trial::{Trial, text};

    #[tokio::test]
    async fn values_go_in_and_never_come_out() {
        let trial = Trial::company().await;
        let values = json!({ "USER": "u", "TOKEN": "hunter2" });
        let made = trial
            .call(
                "secrets.create",
                &[],
                json!({ "name": "S", "values": values }),
            )
            .await;
        let id = text(&made["id"]);
        assert_eq!(made["env_var_keys"], json!(["TOKEN", "USER"]));
        let change = json!({ "rename_keys": { "TOKEN": "KEY" }, "remove_keys": ["USER"], "add_values": { "MORE": "x" } });
        let changed = trial.call("secrets.update", &[&id], change).await;
        assert_eq!(changed["env_var_keys"], json!(["KEY", "MORE"]));
        assert!(!changed.to_string().contains("hunter2"));
        for wrong in [
            json!({ "values": { "A": "b" }, "remove_keys": ["KEY"] }),
            json!({ "values": { "small": "b" } }),
            json!({ "remove_keys": ["KEY", "MORE"] }),
            json!({ "rename_keys": { "NONE": "X" } }),
        ] {
            assert_eq!(
                trial
                    .refused("secrets.update", &[&id], wrong.clone())
                    .await
                    .0,
                400,
                "{wrong}"
            );
        }
        trial.call("secrets.delete", &[&id], json!({})).await;
        assert_eq!(trial.refused("secrets.get", &[&id], json!({})).await.0, 404);
    }
}
