//! One look: a request that shows one Job, or a page of them.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::api::Client;
use crate::catalog::{Call, Endpoint, Kind, by_name};
use crate::report::{Failure, FailureKind};

/// Rows of a page, where the catalog knows no limit.
const ROWS: u32 = 100;

/// What is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// One Job, by its id; its answer is what a wait returns.
    Job(String),
    /// A page of the list, which tells states only.
    Page(Page),
}

/// A page of the list, oldest Job first. New Jobs come at the end of the list and none leave it, so
/// that a page shows the same Jobs each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// The list begins with the Jobs created at this time.
    pub(super) since: Timestamp,
    /// Rows before the page.
    pub(super) offset: u32,
}

impl Page {
    /// Returns the page that begins with the Jobs of a time.
    pub(super) fn from(created: Timestamp) -> Self {
        // Whether the list's own bound is meant to be inside is not documented.
        let before = created.checked_sub(std::time::Duration::from_millis(1));
        Self {
            since: before.unwrap_or(created),
            offset: 0,
        }
    }
}

/// What a look has shown.
#[derive(Debug)]
pub(super) enum Sight {
    /// A Job, with the whole answer.
    Job(Row, Vec<u8>),
    /// A page.
    Page(Shown),
}

/// What a page shows.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) page: Page,
    pub(super) rows: Vec<Row>,
    /// The page after it, if there is one.
    pub(super) next: Option<Page>,
}

/// What a look tells of a Job.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Row {
    #[serde(default)]
    pub(super) id: String,
    #[serde(default)]
    pub(super) status: String,
    #[serde(default)]
    created_at: Value,
}

impl Row {
    /// Returns when the Job was created.
    pub(super) fn created(&self) -> Option<Timestamp> {
        self.created_at.as_str()?.parse().ok()
    }
}

/// Makes the request of a look, once.
pub(super) async fn perform(client: &Client, look: &Look) -> Result<Sight, Failure> {
    match look {
        Look::Job(id) => see_job(client, id).await,
        Look::Page(page) => see_page(client, *page).await,
    }
}

async fn see_job(client: &Client, id: &str) -> Result<Sight, Failure> {
    let endpoint = endpoint("jobs.get")?;
    let call = Call {
        endpoint,
        path: vec![id.to_owned()],
        fields: Map::new(),
    };
    let body: Vec<u8> = client.attempt(&call).await?.body.into();
    let mut row: Row = Answer::open(&body)?.part(endpoint.resource)?;
    id.clone_into(&mut row.id);
    Ok(Sight::Job(row, body))
}

async fn see_page(client: &Client, page: Page) -> Result<Sight, Failure> {
    let endpoint = endpoint("jobs.list")?;
    let fields = json!({
        "limit": rows(endpoint),
        "offset": page.offset,
        "sort_order": "asc",
        "since": page.since,
    });
    let call = Call {
        endpoint,
        path: Vec::new(),
        fields: fields.as_object().cloned().unwrap_or_default(),
    };
    let body = client.attempt(&call).await?.body;
    let answer = Answer::open(&body)?;
    let rows: Vec<Row> = answer.part(endpoint.list)?;
    let total: f64 = answer.part(Some("total"))?;
    let offset = page
        .offset
        .saturating_add(u32::try_from(rows.len()).unwrap_or(u32::MAX));
    let next = (!rows.is_empty() && f64::from(offset) < total).then_some(Page { offset, ..page });
    Ok(Sight::Page(Shown { page, rows, next }))
}

fn endpoint(name: &str) -> Result<&'static Endpoint, Failure> {
    by_name(name).ok_or_else(|| strange(format!("the catalog has no `{name}`")))
}

/// Returns how many rows a page may have.
fn rows(endpoint: &Endpoint) -> u32 {
    let limit = endpoint.query.iter().find(|field| field.name == "limit");
    match limit.map(|field| field.shape.kind) {
        Some(Kind::Integer(range)) =>
        {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a limit of rows is a small whole number"
            )]
            range.max.map_or(ROWS, |most| most as u32)
        }
        _ => ROWS,
    }
}

/// An answer of which only some parts are read.
struct Answer<'a>(HashMap<String, &'a RawValue>);

impl<'a> Answer<'a> {
    fn open(body: &'a [u8]) -> Result<Self, Failure> {
        let parts = serde_json::from_slice(body);
        parts.map(Self).map_err(|fault| strange(fault.to_string()))
    }

    fn part<T: Deserialize<'a>>(&self, key: Option<&str>) -> Result<T, Failure> {
        let key = key.unwrap_or_default();
        let part = self.0.get(key);
        let part = part.ok_or_else(|| strange(format!("the answer lacks `{key}`")))?;
        serde_json::from_str(part.get()).map_err(|fault| strange(fault.to_string()))
    }
}

/// Returns the failure of an answer that is not what the API promises.
fn strange(message: String) -> Failure {
    Failure::new(FailureKind::Protocol, message)
}
