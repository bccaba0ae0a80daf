//! What forms do. Each leads back to where its thing is shown; what was not done is told instead.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::guard::{Fields, Posted};
use super::router::{Page, shown};
use super::words::path;
use crate::clock::moment;
use crate::inbox::{Answered, Form, Given, Item};
use crate::journal::Order;
use crate::serve::desk::Desk;
use crate::serve::refused::{Refused, Why};

/// Answers what waits for a person.
pub(super) async fn answer(
    State(page): State<Page>,
    Path(id): Path<String>,
    posted: Posted,
) -> Response {
    let by = posted
        .visitor
        .session
        .name
        .clone()
        .unwrap_or_else(|| "page".to_owned());
    let fields = &posted.fields;
    let done = async {
        let given = match page.desk.inbox_item(&id).await {
            Ok(item) => given(&item, fields),
            // It may have been answered before, and then it is told by whom.
            Err(_) => Given::Text(fields.text("text").unwrap_or_default()),
        };
        match page.desk.answer(&id, &given, Some(&by)).await? {
            Answered::Accepted { .. } => Ok(Redirect::to("/inbox?done=answered").into_response()),
            Answered::TooLate { by, at, value } => {
                let by = by.unwrap_or_else(|| "somebody else".to_owned());
                let at = at
                    .map(|at| format!(" at {}", moment(at)))
                    .unwrap_or_default();
                let value = value.map(|value| format!(": {value}")).unwrap_or_default();
                let what = format!("it was answered before, by {by}{at}{value}");
                Err(Refused::new(Why::Conflict, what).hint("the first answer counts"))
            }
        }
    };
    shown(&posted.visitor, done).await
}

/// Reads an answer as what is asked wants it; what does not fit is left to the inbox to refuse.
fn given(item: &Item, fields: &Fields) -> Given {
    match &item.form {
        Form::Text | Form::Choice { .. } => Given::Text(fields.text("text").unwrap_or_default()),
        Form::Approval => match fields.get("approved") {
            Some("true") => Given::Approved(true),
            Some("false") => Given::Approved(false),
            _ => Given::Text(String::new()),
        },
        Form::Questions { questions } => {
            let mut answers = BTreeMap::new();
            for (number, asked) in questions.iter().enumerate() {
                let name = format!("answer.{number}");
                let parts: Vec<_> = fields.all(&name).collect();
                answers.insert(asked.question.clone(), parts.join(", "));
            }
            Given::Answers(answers)
        }
    }
}

/// Fires a schedule.
pub(super) async fn trigger(
    State(page): State<Page>,
    Path(name): Path<String>,
    posted: Posted,
) -> Response {
    let by = posted.visitor.session.name.clone();
    let target = path("/schedules", &name);
    act(&page, &posted, target, move |desk| {
        desk.trigger(&name, by.as_deref()).map(drop)
    })
    .await
}

/// Keeps a schedule from firing.
pub(super) async fn pause_schedule(
    State(page): State<Page>,
    Path(name): Path<String>,
    posted: Posted,
) -> Response {
    let (by, reason) = (
        posted.visitor.session.name.clone(),
        posted.fields.text("reason").unwrap_or_default(),
    );
    let target = path("/schedules", &name);
    act(&page, &posted, target, move |desk| {
        desk.pause(&name, reason, by).map(drop)
    })
    .await
}

/// Lets a schedule fire again.
pub(super) async fn resume_schedule(
    State(page): State<Page>,
    Path(name): Path<String>,
    posted: Posted,
) -> Response {
    let target = path("/schedules", &name);
    act(&page, &posted, target, move |desk| {
        desk.resume(&name).map(drop)
    })
    .await
}

/// Begins a run anew.
pub(super) async fn retry(
    State(page): State<Page>,
    Path(id): Path<String>,
    posted: Posted,
) -> Response {
    let done = async {
        let run = page.desk.ask(move |desk| desk.retry(&id)).await?;
        Ok(Redirect::to(&path("/runs", &run.id)).into_response())
    };
    shown(&posted.visitor, done).await
}

/// Tells a run what is wanted of it.
pub(super) async fn order(
    State(page): State<Page>,
    Path((id, order)): Path<(String, String)>,
    posted: Posted,
) -> Response {
    let target = path("/runs", &id);
    act(&page, &posted, target, move |desk| {
        let unknown = || Refused::new(Why::NotFound, format!("a run cannot be told to `{order}`"));
        let order = Order::from_name(&order).ok_or_else(unknown)?;
        desk.order(&id, order).map(drop)
    })
    .await
}

/// Has the desk do something, and leads on.
async fn act(
    page: &Page,
    posted: &Posted,
    target: String,
    work: impl FnOnce(&Desk) -> Result<(), Refused> + Send + 'static,
) -> Response {
    let done = async {
        page.desk.ask(work).await?;
        Ok(Redirect::to(&target).into_response())
    };
    shown(&posted.visitor, done).await
}
