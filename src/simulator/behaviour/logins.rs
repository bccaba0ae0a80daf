//! Logins: user names and passwords for web sites. Passwords come back only as opaque text.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Outcome, Route, set};
use crate::simulator::reply::{Refusal, Reply};
use crate::simulator::request::Request;
use crate::simulator::world::{Row, Table, World};

pub(super) const ROUTES: &[Route] = &[
    ("logins.list", list),
    ("logins.create", create),
    ("logins.get", get),
    ("logins.update", update),
    ("logins.delete", delete),
];

/// Logins.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) rows: Table<Login>,
}

/// A login for a web site.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Login {
    pub(crate) id: Uuid,
    pub(crate) team_id: Uuid,
    /// The owner; `None` when it is shared with the team.
    pub(crate) user_id: Option<Uuid>,
    pub(crate) domain: String,
    pub(crate) username: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) otp_secret: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

impl Row for Login {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl World {
    /// Returns a login that the key sees: its user's own, or a shared one.
    pub(crate) fn login(&self, id: Uuid) -> Result<&Login, Refusal> {
        let login = self
            .logins
            .rows
            .get(id)
            .filter(|login| self.sees_login(login));
        login.ok_or_else(|| Refusal::missing("login", id))
    }

    fn sees_login(&self, login: &Login) -> bool {
        self.sees(login.team_id) && login.user_id.is_none_or(|user| user == self.me)
    }

    /// The path names a user, who must be the key's own.
    fn check_owner(&self, request: &Request) -> Result<Uuid, Refusal> {
        let team = self.check_team(request.team())?;
        if request.id("userId") == self.me {
            Ok(team)
        } else {
            Err(Refusal::forbidden(
                "`userId` must be the user the key belongs to",
            ))
        }
    }

    fn own_login(&self, request: &Request) -> Result<&Login, Refusal> {
        let team = self.check_owner(request)?;
        let login = self.login(request.id("id"))?;
        (login.team_id == team)
            .then_some(login)
            .ok_or_else(|| Refusal::missing("login", login.id))
    }
}

/// What stands for a value that is there, and never tells it.
fn sealed(value: Option<&String>) -> Value {
    value.map_or(Value::Null, |_| "enc:v1:sealed".into())
}

fn view(login: &Login) -> Value {
    json!({
        "id": login.id,
        "domain": login.domain,
        "username": login.username,
        "password": sealed(login.password.as_ref()),
        "otp_secret": sealed(login.otp_secret.as_ref()),
        "user_id": login.user_id,
        "team_id": login.team_id,
        "created_at": login.created_at,
        "updated_at": login.updated_at,
    })
}

/// Returns a login as the setups show it that it is attached to.
pub(crate) fn attached_view(login: &Login) -> Value {
    json!({
        "id": login.id,
        "user_id": login.user_id,
        "team_id": login.team_id,
        "domain": login.domain,
        "username": login.username,
        "created_at": login.created_at,
        "updated_at": login.updated_at,
    })
}

fn list(world: &mut World, request: &Request) -> Outcome {
    let team = world.check_owner(request)?;
    let domain = request.asked("domain");
    let mine = world.logins.rows.iter().filter(|login| {
        login.team_id == team
            && world.sees_login(login)
            && domain.is_none_or(|domain| login.domain == domain)
    });
    let rows = mine.map(|login| {
        json!({
            "id": login.id,
            "domain": login.domain,
            "username": login.username,
            "hasEnabledTOTP": login.otp_secret.is_some(),
            "hasPassword": login.password.is_some(),
            "user_id": login.user_id,
        })
    });
    Ok(Value::Array(rows.collect()).into())
}

fn create(world: &mut World, request: &Request) -> Outcome {
    let team_id = world.check_owner(request)?;
    let is_shared = request.flag("shared").unwrap_or(false);
    if is_shared {
        world.check_manager(team_id)?;
    }
    let text = |name: &str| request.text(name).map(str::to_owned);
    let login = Login {
        id: world.dice.id(),
        team_id,
        user_id: (!is_shared).then_some(world.me),
        domain: text("domain").unwrap_or_default(),
        username: text("username"),
        password: text("password"),
        otp_secret: text("otp_secret"),
        created_at: world.now,
        updated_at: world.now,
    };
    check_has_key(login.password.as_ref(), login.otp_secret.as_ref())?;
    world.did("created", "login", login.id);
    let shown = view(&login);
    world.logins.rows.add(login);
    Ok(shown.into())
}

fn check_has_key(password: Option<&String>, otp_secret: Option<&String>) -> Result<(), Refusal> {
    if password.is_some() || otp_secret.is_some() {
        Ok(())
    } else {
        Err(Refusal::invalid(
            "a login needs `password`, `otp_secret` or both",
        ))
    }
}

fn get(world: &mut World, request: &Request) -> Outcome {
    Ok(view(world.own_login(request)?).into())
}

fn update(world: &mut World, request: &Request) -> Outcome {
    let login = world.own_login(request)?;
    let (id, team) = (login.id, login.team_id);
    let given = |name: &str| {
        request
            .body
            .get(name)
            .map(|text| text.as_str().map(str::to_owned))
    };
    let password = given("password").unwrap_or_else(|| login.password.clone());
    let otp_secret = given("otp_secret").unwrap_or_else(|| login.otp_secret.clone());
    check_has_key(password.as_ref(), otp_secret.as_ref())?;
    if login.user_id.is_none() || request.flag("shared") == Some(true) {
        world.check_manager(team)?;
    }
    let (me, now) = (world.me, world.now);
    let Some(login) = world.logins.rows.get_mut(id) else {
        return Err(Refusal::missing("login", id));
    };
    set(&mut login.domain, request.text("domain").map(Into::into));
    set(&mut login.username, given("username"));
    set(
        &mut login.user_id,
        request.flag("shared").map(|shared| (!shared).then_some(me)),
    );
    (login.password, login.otp_secret, login.updated_at) = (password, otp_secret, now);
    let shown = view(login);
    world.did("changed", "login", id);
    Ok(shown.into())
}

fn delete(world: &mut World, request: &Request) -> Outcome {
    let login = world.own_login(request)?;
    let (id, team, is_shared) = (login.id, login.team_id, login.user_id.is_none());
    if is_shared {
        world.check_manager(team)?;
    }
    for setup in world.setups.rows.iter_mut() {
        setup.logins.retain(|login| *login != id);
    }
    world.logins.rows.remove(id);
    world.did("deleted", "login", id);
    Ok(Reply::nothing())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::simulator::trial::{Trial, text};

    #[tokio::test]
    async fn need_a_key_and_hide_it() {
        let trial = Trial::company().await;
        let me = trial.me.as_str();
        let bare = json!({ "domain": "a.example", "username": "u" });
        assert_eq!(trial.refused("logins.create", &[me], bare).await.0, 400);
        let made = trial
            .call(
                "logins.create",
                &[me],
                json!({ "domain": "a.example", "password": "hunter2" }),
            )
            .await;
        let id = text(&made["id"]);
        assert!(!made.to_string().contains("hunter2"));
        assert_eq!(
            trial
                .refused("logins.update", &[me, &id], json!({ "password": null }))
                .await
                .0,
            400
        );
        let listed = trial
            .call("logins.list", &[me], json!({ "domain": "a.example" }))
            .await;
        assert_eq!(
            (&listed[0]["hasPassword"], &listed[0]["hasEnabledTOTP"]),
            (&json!(true), &json!(false))
        );
        let stranger = "7f3a1c52-5c1f-4c39-9d3e-0d2b8a1f0c11";
        assert_eq!(
            trial.refused("logins.list", &[stranger], json!({})).await.0,
            403
        );
        trial.call("logins.delete", &[me, &id], json!({})).await;
        assert_eq!(
            trial.refused("logins.get", &[me, &id], json!({})).await.0,
            404
        );
    }
}
