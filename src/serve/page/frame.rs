//! What surrounds each view: head, ways to the other views, foot. And the page of something that was
//! not done.

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use jiff::Timestamp;
use maud::{DOCTYPE, Markup, html};

use super::assets;
use super::guard::{PROOF, Visitor};
use crate::serve::refused::Refused;

/// The views that each page leads to.
const WAYS: [(&str, &str); 4] = [
    ("/", "Today"),
    ("/inbox", "Inbox"),
    ("/schedules", "Schedules"),
    ("/runs", "Runs"),
];

/// A page before it is sent.
pub(super) struct Frame<'a> {
    /// What the tab is called.
    pub(super) title: &'a str,
    /// The way that it belongs to, such as `/runs`.
    pub(super) way: &'a str,
    /// Whoever looks at it.
    pub(super) visitor: &'a Visitor,
    /// The time by which it was made.
    pub(super) now: Timestamp,
}

impl Frame<'_> {
    /// Returns the whole page around its content; it is kept up to date.
    pub(super) fn around(&self, content: &Markup) -> Response {
        Html(
            html! {
                (DOCTYPE)
                html lang="en" {
                    (head(self.title, true))
                    body data-now=(self.now) {
                        a.skip href="#content" { "Skip to the content" }
                        (self.banner())
                        main #content tabindex="-1" { (content) }
                        (self.foot())
                    }
                }
            }
            .into_string(),
        )
        .into_response()
    }

    fn banner(&self) -> Markup {
        html! {
            header.banner {
                a.brand href="/" { (assets::mark()) "duvoscript" }
                nav aria-label="Views" {
                    @for (way, name) in WAYS {
                        a href=(way) aria-current=[(way == self.way).then_some("page")] { (name) }
                    }
                }
                span.live #live hidden { "live" }
            }
        }
    }

    fn foot(&self) -> Markup {
        html! {
            footer.foot {
                form method="post" action="/logout" {
                    (proof(self.visitor))
                    @if let Some(name) = &self.visitor.session.name { span { "You are " (name) } }
                    button.quiet type="submit" { "Log out" }
                }
            }
        }
    }
}

/// Returns the field by which a form proves that it is ours.
pub(super) fn proof(visitor: &Visitor) -> Markup {
    html! { input type="hidden" name=(PROOF) value=(visitor.proof); }
}

/// Returns a page without ways, such as the login.
pub(super) fn bare(title: &str, status: StatusCode, content: &Markup) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            (head(title, false))
            body.bare { main #content { p.brand { (assets::mark()) "duvoscript" } (content) } }
        }
    };
    (status, Html(page.into_string())).into_response()
}

/// Returns the page of something that was not done.
pub(super) fn refusal(visitor: Option<&Visitor>, refused: &Refused) -> Response {
    let content = html! {
        h1 { "That was not done" }
        p.lead { (refused.what) }
        @if let Some(hint) = &refused.hint { p { (hint) } }
        p {
            @if visitor.is_some() { a.button href="/" { "To the overview" } }
            @else { a.button href="/login" { "Log in" } }
        }
    };
    bare("Not done", refused.why.status(), &content)
}

fn head(title: &str, is_live: bool) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            title { (title) " · duvoscript" }
            link rel="icon" type="image/svg+xml" href=(assets::ICON);
            link rel="stylesheet" href=(assets::STYLE);
            @if is_live { script src=(assets::SCRIPT) defer {} }
        }
    }
}
