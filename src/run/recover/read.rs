//! Makes the reading calls of a look-up: fills in their parameters and follows their pages.

use std::collections::HashSet;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::found::id;
use super::judge::is_so;
use super::scope::{Scope, Seen, follow};
use super::window::Verdict;
use crate::api::Client;
use crate::catalog::{self, Call, Endpoint, Paging, Pair, Reading, Term};
use crate::report::{Failure, FailureKind};

/// Beyond so many pages a list is left unread, and nothing is called absent from it.
const PAGES: usize = 20;

/// The items of a list.
#[derive(Clone, Debug, Default)]
pub(super) struct Items {
    pub(super) rows: Vec<Value>,
    /// Whether there may be more.
    pub(super) is_cut: bool,
    /// Whether its beginning was left unread.
    pub(super) is_headless: bool,
}

/// The user of the key, and the server's time.
#[derive(Clone, Debug, Default)]
pub(super) struct Profile {
    pub(super) me: Option<String>,
    pub(super) date: Option<Timestamp>,
}

/// Asks who the key belongs to; a key that may not ask has no answer.
pub(super) async fn profile(client: &Client) -> Result<Profile, Failure> {
    let call = call_of("teams.profile")?;
    match client.call(&call, None, "").await {
        Ok(response) => {
            let answer = parsed(&response.body)?;
            let me = follow(&answer, "profile.id");
            Ok(Profile {
                me: me.first().and_then(|id| id.as_str()).map(Into::into),
                date: response.date,
            })
        }
        Err(failure) if is_refusal(&failure) => Ok(Profile::default()),
        Err(failure) => Err(failure),
    }
}

/// Returns whether a failure is the server's word on a call, and not a trouble on the way.
pub(super) fn is_refusal(failure: &Failure) -> bool {
    matches!(
        failure.kind,
        FailureKind::Permission
            | FailureKind::NotFound
            | FailureKind::Invalid
            | FailureKind::Conflict
    )
}

/// Returns whether a reading needs nothing but the call itself.
pub(super) fn is_given(reading: &Reading, scope: &Scope<'_>) -> bool {
    let endpoint = reading.endpoint.and_then(catalog::by_name);
    endpoint.is_some_and(|endpoint| {
        endpoint
            .given_params()
            .all(|param| parameter(reading, scope, param.name).is_some())
    })
}

/// Reads one thing.
pub(super) async fn one(
    client: &Client,
    reading: &Reading,
    scope: &Scope<'_>,
    row: &Value,
) -> Result<Value, Failure> {
    let call = call_for(reading, scope, row)?;
    answer_of(client, &call).await
}

/// Reads a list to its end, within bounds, or takes it from what was read before.
pub(super) async fn items(
    client: &Client,
    reading: &Reading,
    scope: &Scope<'_>,
    seen: &Seen,
) -> Result<Items, Failure> {
    let mut items = Items::default();
    if reading.endpoint.is_none() {
        let list = reading.within.and_then(|place| seen.one(place));
        items.rows = list.and_then(Value::as_array).cloned().unwrap_or_default();
    } else {
        for call in calls(reading, scope, &seen.row)? {
            let part = whole(client, reading, call).await?;
            items.rows.extend(part.rows);
            items.is_cut |= part.is_cut;
            items.is_headless |= part.is_headless;
        }
    }
    // A list that grows while it is read shows some rows twice.
    let mut shown = HashSet::new();
    items.rows.retain(|row| {
        let item = Seen {
            row: row.clone(),
            ..Seen::default()
        };
        id(row).is_none_or(|id| shown.insert(id))
            && is_so(reading.only, scope, &item) == Verdict::Yes
    });
    Ok(items)
}

/// Returns the calls that a reading means: one for each value of a field that has several.
fn calls(reading: &Reading, scope: &Scope<'_>, row: &Value) -> Result<Vec<Call>, Failure> {
    let call = call_for(reading, scope, row)?;
    let several = |pair: &&Pair| matches!(pair.term, Term::AnyOf(_));
    let Some(field) = reading.with.iter().find(several) else {
        return Ok(vec![call]);
    };
    let values = scope.values(field.term).unwrap_or_default();
    let with = |value: Value| {
        let mut call = call.clone();
        call.fields.insert(field.at.into(), value);
        call
    };
    Ok(values.into_iter().map(with).collect())
}

/// Returns the call that a reading means, with the first of several values.
fn call_for(reading: &Reading, scope: &Scope<'_>, row: &Value) -> Result<Call, Failure> {
    let mut call = call_of(reading.endpoint.unwrap_or_default())?;
    for param in call.endpoint.given_params() {
        let value = parameter(reading, scope, param.name);
        let text = match value.or_else(|| row.get("id").cloned()) {
            Some(Value::String(text)) => text,
            Some(other) => other.to_string(),
            None => return Err(Failure::invalid(format!("`{}` is not known", param.name))),
        };
        call.path.push(text);
    }
    for pair in reading.with {
        let mut fields = call.endpoint.given_fields();
        let is_field = fields.any(|field| field.name == pair.at);
        let value = scope
            .values(pair.term)
            .and_then(|values| values.into_iter().next());
        if let Some(value) = value.filter(|_| is_field) {
            call.fields.insert(pair.at.into(), value);
        }
    }
    Ok(call)
}

fn parameter(reading: &Reading, scope: &Scope<'_>, name: &str) -> Option<Value> {
    let stated = reading.with.iter().find(|pair| pair.at == name);
    match stated {
        Some(pair) => scope.values(pair.term)?.pop(),
        None => scope.given(name),
    }
}

/// Reads the pages of a list.
async fn whole(client: &Client, reading: &Reading, mut call: Call) -> Result<Items, Failure> {
    let endpoint = call.endpoint;
    let mut items = Items::default();
    let Some(size) = page_size(endpoint) else {
        let answer = answer_of(client, &call).await?;
        items.is_cut = answer.get("truncated") == Some(&true.into());
        items.rows = rows(reading, endpoint, &answer);
        return Ok(items);
    };
    call.fields.insert("limit".into(), size.into());
    let mut offset = 0;
    for page in 0..PAGES {
        let answer = answer_of(client, &call).await?;
        let part = rows(reading, endpoint, &answer);
        offset += part.len();
        let oldest = part.first().and_then(|row| row.get("id")).cloned();
        let is_last = is_last(&answer, part.len(), (offset, size));
        items.rows.extend(part);
        if is_last {
            return Ok(items);
        }
        // Of a long list that begins with the oldest, only the end can be new.
        let end = total(&answer).saturating_sub(size * (PAGES - 1));
        if page == 0 && reading.oldest_first && end > offset {
            (offset, items.is_headless) = (end, true);
            items.rows.clear();
        }
        let (name, cursor) = match endpoint.paging {
            Paging::Before { .. } => ("before", oldest.unwrap_or_default()),
            Paging::Offset { .. } | Paging::None => ("offset", offset.into()),
        };
        call.fields.insert(name.into(), cursor);
    }
    items.is_cut = true;
    Ok(items)
}

/// Returns whether a page is the last one, by whatever the answer tells of it.
fn is_last(answer: &Value, rows: usize, (read, size): (usize, usize)) -> bool {
    let more = answer.get("has_more").and_then(Value::as_bool);
    let is_whole = answer.get("total").is_some().then(|| read >= total(answer));
    rows == 0 || more.map(|more| !more).or(is_whole).unwrap_or(rows < size)
}

fn total(answer: &Value) -> usize {
    let total = answer.get("total").and_then(Value::as_u64);
    total.map_or(0, |total| usize::try_from(total).unwrap_or(usize::MAX))
}

fn page_size(endpoint: &Endpoint) -> Option<usize> {
    let (Paging::Offset { max, .. } | Paging::Before { max }) = endpoint.paging else {
        return None;
    };
    usize::try_from(max).ok()
}

fn rows(reading: &Reading, endpoint: &Endpoint, answer: &Value) -> Vec<Value> {
    let place = reading.within.or(endpoint.list).unwrap_or_default();
    let place = if place == "." { "" } else { place };
    let list = follow(answer, place);
    let list = list.first().and_then(|list| list.as_array());
    list.cloned().unwrap_or_default()
}

async fn answer_of(client: &Client, call: &Call) -> Result<Value, Failure> {
    parsed(&client.call(call, None, "").await?.body)
}

fn parsed(body: &[u8]) -> Result<Value, Failure> {
    serde_json::from_slice(body).map_err(|fault| {
        Failure::new(
            FailureKind::Protocol,
            format!("the answer is not JSON ({fault})"),
        )
    })
}

fn call_of(name: &str) -> Result<Call, Failure> {
    let endpoint = catalog::by_name(name)
        .ok_or_else(|| Failure::invalid(format!("the catalog has no `{name}`")))?;
    Ok(Call {
        endpoint,
        path: Vec::new(),
        fields: Map::new(),
    })
}
