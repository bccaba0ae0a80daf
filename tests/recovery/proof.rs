//! The situations in which a cut-off call is looked up.

use std::time::Duration;

use duvoscript::catalog::{LookUp, Way};
use duvoscript::run::Found;
use serde_json::Value;

use crate::ground::Ground;
use crate::learned::pick;
use crate::trial::Trial;

/// The value of every secret in the trials.
const SECRET: &str = "simulated";

type Proof = Result<(), String>;

/// It was carried out, and its answer was lost.
pub(crate) async fn done(trial: &Trial) -> Proof {
    let ground = Ground::after(&trial.before).await;
    is_found(trial, ground).await
}

/// The same, and another change was made to the same thing just before, at the same moment.
pub(crate) async fn done_beside(trial: &Trial) -> Proof {
    if trial.beside.is_empty() || trial.is_doubtful {
        return Ok(());
    }
    let mut ground = Ground::after(&trial.before).await;
    ground.take(&trial.beside).await;
    is_found(trial, ground).await
}

async fn is_found(trial: &Trial, mut ground: Ground) -> Proof {
    let call = ground.call_of(&trial.lost);
    let intent = ground.now();
    let answered = ground.lose(&call).await;
    let before = ground.changes();
    let found = ground.look_up(&call, intent).await;
    expect(
        ground.changes() == before,
        "looking has changed something",
        &found,
    )?;
    match found {
        Found::Adopt(adopted) if !trial.is_only_told => {
            let answer = serde_json::from_slice(&adopted.answer.body).unwrap();
            compare(trial, answered, answer)
        }
        Found::CannotTell { why, .. } if trial.is_only_told => {
            expect(!why.is_empty(), "it does not say why", &why)
        }
        other => Err(format!("{other:?}")),
    }
}

/// It was carried out, and half an hour has passed: things have gone on, but it is not absent.
pub(crate) async fn late(trial: &Trial) -> Proof {
    let mut ground = Ground::after(&trial.before).await;
    let call = ground.call_of(&trial.lost);
    let intent = ground.now();
    ground.lose(&call).await;
    ground.clock.advance(Duration::from_secs(1800));
    let found = ground.look_up(&call, intent).await;
    expect(!matches!(found, Found::Absent), "it is absent", &found)
}

/// It never arrived.
pub(crate) async fn never(trial: &Trial) -> Proof {
    let ground = Ground::after(&trial.before).await;
    let call = ground.call_of(&trial.lost);
    let before = ground.changes();
    let found = ground.look_up(&call, ground.now()).await;
    expect(
        ground.changes() == before,
        "looking has changed something",
        &found,
    )?;
    expect(matches!(found, Found::Absent), "it is not absent", &found)
}

/// It never arrived, but another change was made to the same thing just before, at the same moment.
pub(crate) async fn beside(trial: &Trial) -> Proof {
    if trial.beside.is_empty() {
        return Ok(());
    }
    let mut ground = Ground::after(&trial.before).await;
    let call = ground.call_of(&trial.lost);
    ground.take(&trial.beside).await;
    let found = ground.look_up(&call, ground.now()).await;
    is_untouched(trial, &found)
}

/// It never arrived, but another change was made to the same thing since.
pub(crate) async fn meanwhile(trial: &Trial) -> Proof {
    if trial.beside.is_empty() {
        return Ok(());
    }
    let mut ground = Ground::after(&trial.before).await;
    let call = ground.call_of(&trial.lost);
    let intent = ground.now();
    ground.clock.advance(Duration::from_millis(300));
    ground.take(&trial.beside).await;
    ground.clock.advance(Duration::from_secs(20));
    let found = ground.look_up(&call, intent).await;
    is_untouched(trial, &found)
}

fn is_untouched(trial: &Trial, found: &Found) -> Proof {
    match found {
        Found::Absent if !trial.is_doubtful => Ok(()),
        Found::CannotTell { .. } if trial.is_doubtful => Ok(()),
        other => Err(format!("something else is taken for it: {other:?}")),
    }
}

/// It never arrived, but an equal one was carried out an hour before.
pub(crate) async fn older(trial: &Trial) -> Proof {
    let mut ground = Ground::after(&trial.before).await;
    let call = ground.call_of(&trial.lost);
    if trial.older.is_empty() {
        ground
            .send(&call)
            .await
            .map_err(|failure| failure.to_string())?;
    } else {
        ground.take(&trial.older).await;
    }
    ground.clock.advance(Duration::from_secs(3600));
    let found = ground.look_up(&call, ground.now()).await;
    expect(!matches!(found, Found::Adopt(_)), "it is adopted", &found)
}

/// It was carried out, and so was an equal one since.
pub(crate) async fn twice(trial: &Trial) -> Proof {
    let plan = plan(trial);
    if plan.since.is_none() || plan.trace || trial.is_spent {
        return Ok(());
    }
    let mut ground = Ground::after(&trial.before).await;
    let call = ground.call_of(&trial.lost);
    let intent = ground.now();
    ground.lose(&call).await;
    ground.clock.advance(Duration::from_secs(1));
    let again = ground.send(&call).await;
    if trial.is_refused {
        return expect(again.is_err(), "the second one is not refused", &again);
    }
    again.map_err(|failure| failure.to_string())?;
    let found = ground.look_up(&call, intent).await;
    let is_told = matches!(&found, Found::CannotTell { candidates, .. } if !candidates.is_empty());
    expect(is_told, "the two are not told", &found)?;
    let shows = format!("{found:?}").contains(SECRET);
    expect(!shows, "a secret is shown", &found)
}

fn plan(trial: &Trial) -> &'static LookUp {
    match &trial.lost.endpoint.recovery.as_ref().unwrap().way {
        Way::LookUp(plan) => plan,
        Way::Impossible(why) => panic!("{why}"),
    }
}

fn expect(holds: bool, fault: &str, found: &impl std::fmt::Debug) -> Proof {
    if holds {
        Ok(())
    } else {
        Err(format!("{fault}: {found:?}"))
    }
}

/// Compares the adopted answer with the one that was lost.
fn compare(trial: &Trial, mut lost: Value, mut adopted: Value) -> Proof {
    for path in &trial.lacks {
        if pick(&lost, path).is_none() || pick(&adopted, path).is_some() {
            return Err(format!("`{path}` is not lacking: {lost} {adopted}"));
        }
        forget(&mut lost, path);
    }
    for path in &trial.unlike {
        if pick(&lost, path).is_none() || pick(&adopted, path).is_none() {
            return Err(format!("`{path}` is in only one of them: {lost} {adopted}"));
        }
        forget(&mut lost, path);
        forget(&mut adopted, path);
    }
    expect(
        lost == adopted,
        "another answer",
        &format!("{lost}\n{adopted}"),
    )
}

fn forget(value: &mut Value, path: &str) {
    let (within, name) = path.rsplit_once('/').unwrap_or_default();
    if let Some(Value::Object(fields)) = value.pointer_mut(within) {
        fields.remove(name);
    }
}
