//! The people of a test: they look at what Jobs ask now and then, and answer in Duvo as the test says.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::ground::Ground;
use super::ledger::PERSON;
use crate::api::Client;
use crate::catalog::{self, Call, LifeCycle};
use crate::clock::{Clock, Participant};
use crate::report::{Failure, FailureKind};

/// The longest pause between two looks.
const PAUSE: Duration = Duration::from_secs(600);

/// Nothing else happens at the moments at which people look, so that nobody races them.
const OFFSET: Duration = Duration::from_millis(7);

/// Asks the test; the answer does not come when it is over.
pub(super) type Ask = Arc<dyn Fn(Value) -> tokio::sync::oneshot::Receiver<Value> + Send + Sync>;

/// Answers for people until it is dropped; ends with an answer that fits no request.
///
/// `patience` is how long a request lies before it is seen. Time does not pass before the first sleep.
pub(super) fn attend(
    ground: Arc<Ground>,
    patience: Duration,
    ask: Ask,
) -> impl Future<Output = Failure> + Send {
    let awake = ground.clock.join();
    look_again_and_again(ground, patience, ask, awake)
}

async fn look_again_and_again(
    ground: Arc<Ground>,
    patience: Duration,
    ask: Ask,
    awake: Participant,
) -> Failure {
    let clock: Arc<dyn Clock> = Arc::new(ground.clock.clone());
    let link = match ground.link(Arc::clone(&clock)) {
        Ok(link) => link,
        Err(failure) => return failure,
    };
    let mut person = Person {
        client: link.client,
        patience,
        ask,
        seen: HashSet::new(),
    };
    let pause = patience.clamp(Duration::from_secs(1), PAUSE);
    clock.sleep(OFFSET).await;
    loop {
        clock.sleep(pause).await;
        // A look that fails for another reason is made again.
        if let Err(failure) = person.look(clock.now()).await
            && failure.kind == FailureKind::Invalid
        {
            drop(awake);
            return failure;
        }
    }
}

struct Person {
    client: Client,
    patience: Duration,
    ask: Ask,
    seen: HashSet<String>,
}

impl Person {
    /// Looks at all Jobs that wait.
    async fn look(&mut self, now: Timestamp) -> Result<(), Failure> {
        let life = catalog::life_cycle("job")
            .ok_or_else(|| Failure::invalid("the catalog has no life cycle of jobs"))?;
        for id in self.waiting(life).await? {
            let job = self.call("jobs.get", vec![id.clone()], Map::new()).await?;
            let request = job
                .get("pending_human_request")
                .cloned()
                .unwrap_or_default();
            let Some(name) = text(&request, "id").filter(|name| !self.seen.contains(name)) else {
                continue;
            };
            if !self.is_old(&request, now) {
                continue;
            }
            let Ok(answer) = (self.ask)(question(&request, &job)).await else {
                return Ok(());
            };
            self.seen.insert(name.clone());
            if let Some(fields) = response(&request, &answer) {
                let answered = self.call("jobs.respond", vec![id, name], fields).await;
                // Somebody may have been faster; but an answer that does not fit is the test's fault.
                answered.map(drop).or_else(|failure| match failure.kind {
                    FailureKind::Invalid => Err(misfit(failure, &request)),
                    _ => Ok(()),
                })?;
            }
        }
        Ok(())
    }

    async fn waiting(&self, life: &LifeCycle) -> Result<Vec<String>, Failure> {
        let mut found = Vec::new();
        for state in life.waiting {
            let fields = Map::from_iter([
                ("status".to_owned(), json!(state)),
                ("limit".to_owned(), json!(100)),
            ]);
            let answer = self.call("jobs.list", Vec::new(), fields).await?;
            let rows = answer.get("data").and_then(Value::as_array);
            found.extend(rows.into_iter().flatten().filter_map(|row| text(row, "id")));
        }
        // The list is newest first; people begin with the oldest.
        found.reverse();
        Ok(found)
    }

    fn is_old(&self, request: &Value, now: Timestamp) -> bool {
        let created = text(request, "created_at").and_then(|at| at.parse::<Timestamp>().ok());
        created.is_none_or(|at| {
            Duration::try_from(now.duration_since(at)).is_ok_and(|age| age >= self.patience)
        })
    }

    async fn call(
        &self,
        name: &str,
        path: Vec<String>,
        fields: Map<String, Value>,
    ) -> Result<Value, Failure> {
        let endpoint = catalog::by_name(name)
            .ok_or_else(|| Failure::invalid(format!("the catalog has no `{name}`")))?;
        let key = format!("{PERSON}{}", path.join("/"));
        let call = Call {
            endpoint,
            path,
            fields,
        };
        let response = self.client.call(&call, None, &key).await?;
        Ok(serde_json::from_slice(&response.body).unwrap_or_default())
    }
}

fn misfit(mut failure: Failure, request: &Value) -> Failure {
    let title = text(request, "title").unwrap_or_default();
    failure.message = format!(
        "what the test answers to `{title}` does not fit: {}",
        failure.message
    );
    failure.hint("`request.questions` tells what is asked; for none, it wants an approval")
}

fn text(value: &Value, name: &str) -> Option<String> {
    Some(value.get(name)?.as_str()?.to_owned())
}

/// Returns a request as the closure of a test gets it.
fn question(request: &Value, answer: &Value) -> Value {
    let mut told = request.clone();
    let job = answer.get("run").unwrap_or(answer);
    if let Value::Object(fields) = &mut told {
        fields.insert("from".into(), "job".into());
        fields.insert("job".into(), job.clone());
        let questions = fields.entry("questions").or_insert(Value::Null);
        if questions.is_null() {
            *questions = json!([]);
        }
        fields.insert("choices".into(), json!(["approve", "deny"]));
    }
    told
}

/// Brings what the closure returned into the fields of a response; `None` when nobody answers.
fn response(request: &Value, answer: &Value) -> Option<Map<String, Value>> {
    let one = |name: &str, value: Value| Map::from_iter([(name.to_owned(), value)]);
    let questions = request.get("questions").and_then(Value::as_array);
    let first = questions.and_then(|questions| text(questions.first()?, "question"));
    let answers = |text: Value| match &first {
        Some(question) => one("answers", one(question, text).into()),
        None => one("answers", text),
    };
    match answer {
        Value::Bool(flag) => Some(one("approved", (*flag).into())),
        Value::String(word) if first.is_none() && word == "approve" => {
            Some(one("approved", true.into()))
        }
        Value::String(word) if first.is_none() && word == "deny" => {
            Some(one("approved", false.into()))
        }
        Value::String(_) => Some(answers(answer.clone())),
        Value::Object(fields) => match fields.get("answers") {
            Some(text @ Value::String(_)) => Some(answers(text.clone())),
            _ => Some(fields.clone()),
        },
        _ => None,
    }
}
