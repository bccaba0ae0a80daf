//! Human requests of Jobs: found by listing the Jobs that wait, for the API has no list of requests.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::item::{Asked, Asker, Choice, Form, Item, Kind};
use crate::api::Client;
use crate::catalog::{Call, Endpoint, by_name, life_cycle};
use crate::report::{Failure, FailureKind};

/// Jobs a page; the API allows no more.
const PAGE: usize = 100;
/// Jobs that wait, looked at at most.
const MOST: usize = 500;

/// What a list tells of a Job.
#[derive(Clone, Debug, Deserialize)]
struct Row {
    id: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    agent_name: String,
    #[serde(default)]
    updated_at: String,
}

/// What a Job asks.
#[derive(Debug, Deserialize)]
struct Request {
    id: String,
    title: String,
    description: Option<String>,
    created_at: Option<Timestamp>,
    #[serde(default)]
    questions: Vec<Part>,
}

#[derive(Debug, Deserialize)]
struct Part {
    question: String,
    header: Option<String>,
    #[serde(default)]
    options: Vec<Offered>,
    #[serde(default)]
    multi_select: bool,
}

#[derive(Debug, Deserialize)]
struct Offered {
    label: String,
    description: Option<String>,
}

/// What was seen of Jobs before: one that has not changed since is not asked again.
#[derive(Debug, Default)]
pub(super) struct Seen(HashMap<String, (String, Option<Item>)>);

/// Returns the open requests of the team's Jobs.
pub(super) async fn open(client: &Client, seen: &mut Seen) -> Result<Vec<Item>, Failure> {
    let mut before = std::mem::take(&mut seen.0);
    let mut items = Vec::new();
    for row in waiting(client).await? {
        let known = before.remove(&row.id);
        let known = known.filter(|(updated, _)| !updated.is_empty() && *updated == row.updated_at);
        let item = match known {
            Some((_, item)) => item,
            None => of_job(client, &row).await?,
        };
        items.extend(item.clone());
        seen.0.insert(row.id, (row.updated_at, item));
    }
    Ok(items)
}

/// Returns whether a Job still asks this.
pub(super) async fn is_open(client: &Client, job: &str, request: &str) -> Result<bool, Failure> {
    let answer = get(client, job).await?;
    Ok(answer["pending_human_request"]["id"].as_str() == Some(request))
}

/// Answers a request, with the fields of the response.
pub(super) async fn respond(
    client: &Client,
    (job, request): (&str, &str),
    fields: Map<String, Value>,
    once: &str,
) -> Result<(), Failure> {
    let call = Call {
        endpoint: endpoint("jobs.respond")?,
        path: vec![job.to_owned(), request.to_owned()],
        fields,
    };
    client.call(&call, None, once).await.map(|_| ())
}

async fn waiting(client: &Client) -> Result<Vec<Row>, Failure> {
    let endpoint = endpoint("jobs.list")?;
    let states = life_cycle("job").map_or(&[][..], |life| life.waiting);
    let mut rows = Vec::new();
    for state in states {
        for offset in (0..MOST).step_by(PAGE) {
            let fields = json!({ "status": state, "limit": PAGE, "offset": offset });
            let answer = read(client, endpoint, Vec::new(), fields).await?;
            let list = answer.get(endpoint.list.unwrap_or_default());
            let page = list
                .and_then(Value::as_array)
                .map_or(&[][..], Vec::as_slice);
            rows.extend(page.iter().filter_map(|row| Row::deserialize(row).ok()));
            if page.len() < PAGE {
                break;
            }
        }
    }
    Ok(rows)
}

async fn of_job(client: &Client, row: &Row) -> Result<Option<Item>, Failure> {
    let answer = match get(client, &row.id).await {
        // It may be gone since the list was made.
        Err(failure) if failure.kind == FailureKind::NotFound => return Ok(None),
        answer => answer?,
    };
    let request = Request::deserialize(&answer["pending_human_request"]).ok();
    Ok(request.map(|request| item(request, row)))
}

async fn get(client: &Client, job: &str) -> Result<Value, Failure> {
    let path = vec![job.to_owned()];
    read(client, endpoint("jobs.get")?, path, json!({})).await
}

async fn read(
    client: &Client,
    endpoint: &'static Endpoint,
    path: Vec<String>,
    fields: Value,
) -> Result<Value, Failure> {
    let call = Call {
        endpoint,
        path,
        fields: fields.as_object().cloned().unwrap_or_default(),
    };
    let body = client.call(&call, None, "").await?.body;
    serde_json::from_slice(&body).map_err(|fault| {
        let what = format!("the answer cannot be read: {fault}");
        Failure::new(FailureKind::Protocol, what).at(endpoint.name)
    })
}

fn endpoint(name: &str) -> Result<&'static Endpoint, Failure> {
    by_name(name).ok_or_else(|| {
        let what = format!("the catalog has no `{name}`");
        Failure::new(FailureKind::Protocol, what)
    })
}

fn item(request: Request, row: &Row) -> Item {
    Item {
        id: request.id,
        kind: Kind::HumanRequest,
        text: request.title,
        details: request.description,
        form: form(request.questions),
        asked_by: Asker::Job {
            job: row.id.clone(),
            title: row.title.clone(),
            agent: row.agent_name.clone(),
        },
        since: request.created_at.unwrap_or(Timestamp::UNIX_EPOCH),
        deadline: None,
        then: "the Job waits until somebody answers".to_owned(),
        reminders: 0,
        escalates_at: None,
        is_escalated: false,
    }
}

fn form(questions: Vec<Part>) -> Form {
    if questions.is_empty() {
        return Form::Approval;
    }
    let asked = |one: Part| Asked {
        question: one.question,
        header: one.header,
        is_multiple: one.multi_select,
        options: one.options.into_iter().map(choice).collect(),
    };
    Form::Questions {
        questions: questions.into_iter().map(asked).collect(),
    }
}

fn choice(offered: Offered) -> Choice {
    Choice {
        label: offered.label,
        description: offered.description,
    }
}
