//! The inbox: everything that waits for a person.

use axum::extract::{Query, State};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::asked;
use crate::inbox::Listing;
use crate::serve::page::frame::Frame;
use crate::serve::page::guard::Visitor;
use crate::serve::page::router::{Page, shown};

/// What was done just before.
#[derive(Debug, Deserialize)]
pub(in crate::serve::page) struct Before {
    done: Option<String>,
}

/// Shows it.
pub(in crate::serve::page) async fn page(
    State(page): State<Page>,
    visitor: Visitor,
    Query(before): Query<Before>,
) -> Response {
    let made = async {
        let inbox = page.desk.inbox().await?;
        let frame = Frame {
            title: "Inbox",
            way: "/inbox",
            visitor: &visitor,
            now: page.desk.now(),
        };
        let is_answered = before.done.as_deref() == Some("answered");
        Ok(frame.around(&content(&inbox, is_answered, &frame)))
    };
    shown(&visitor, made).await
}

fn content(inbox: &Listing, is_answered: bool, frame: &Frame<'_>) -> Markup {
    html! {
        div.title { h1 { "Inbox" } }
        @if is_answered { p.notice.is-good role="status" { "Your answer counts." } }
        div #inbox data-live {
            (asked::unseen(inbox))
            @if inbox.items.is_empty() { p.empty { "Nobody is asked anything." } }
            @for item in &inbox.items { (asked::card(item, frame.visitor, frame.now)) }
        }
    }
}
