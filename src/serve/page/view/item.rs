//! One thing that waits for a person, with all there is to know of it.

use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};

use super::asked;
use crate::clock::moment;
use crate::inbox::Item;
use crate::serve::page::frame::Frame;
use crate::serve::page::guard::Visitor;
use crate::serve::page::router::{Page, shown};

/// Shows it.
pub(in crate::serve::page) async fn page(
    State(page): State<Page>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    let made = async {
        let item = page.desk.inbox_item(&id).await?;
        let frame = Frame {
            title: &item.text,
            way: "/inbox",
            visitor: &visitor,
            now: page.desk.now(),
        };
        Ok(frame.around(&content(&item, &frame)))
    };
    shown(&visitor, made).await
}

fn content(item: &Item, frame: &Frame<'_>) -> Markup {
    html! {
        p.back { a href="/inbox" { "Inbox" } }
        div.title { h1 { (item.text) } }
        @if let Some(details) = &item.details { p.details { (details) } }
        section.card.asks { (asked::form(item, frame.visitor)) }
        dl.facts {
            dt { "Kind" } dd { (item.kind.as_str()) ", " (item.form.as_str()) }
            dt { "Asked by" } dd { (asked::asker(item)) }
            dt { "Since" } dd { (moment(item.since)) }
            dt { "Deadline" } dd { (asked::deadline(item, frame.now)) }
            dt { "Reminders" } dd { (item.reminders) @if item.is_escalated { ", escalated" } }
            dt { "Id" } dd.mono { (item.id) }
        }
    }
}
