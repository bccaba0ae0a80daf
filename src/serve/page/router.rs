//! The addresses of the page: what is looked at by GET, what is done by POST.

use std::future::Future;

use axum::Router;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::html;
use serde::Deserialize;

use super::gate::{Gate, SESSION};
use super::guard::{COOKIE, Fields, Posted, Visitor, headers};
use super::{acts, assets, frame, live, view};
use crate::serve::desk::Desk;
use crate::serve::refused::Refused;

/// What every view has at hand.
#[derive(Clone)]
pub(super) struct Page {
    pub(super) desk: Desk,
    pub(super) gate: Gate,
}

/// Returns the routes of the page.
pub(in crate::serve) fn router(desk: Desk, gate: Gate) -> Router {
    Router::new()
        .route("/", get(view::today::page))
        .route("/inbox", get(view::inbox::page))
        .route("/inbox/{id}", get(view::item::page).post(acts::answer))
        .route("/schedules", get(view::schedules::page))
        .route("/schedules/{name}", get(view::schedule::page))
        .route("/schedules/{name}/trigger", post(acts::trigger))
        .route("/schedules/{name}/pause", post(acts::pause_schedule))
        .route("/schedules/{name}/resume", post(acts::resume_schedule))
        .route("/runs", get(view::runs::page))
        .route("/runs/{id}", get(view::run::page))
        .route("/runs/{id}/retry", post(acts::retry))
        .route("/runs/{id}/{order}", post(acts::order))
        .route("/live", get(live::changes))
        .route("/login", get(login).post(enter))
        .route("/logout", post(leave))
        .route(assets::STYLE, get(assets::style))
        .route(assets::SCRIPT, get(assets::script))
        .route(assets::ICON, get(assets::icon))
        .layer(from_fn(headers))
        .with_state(Page { desk, gate })
}

/// Returns a page, or the page of its refusal.
pub(super) async fn shown(
    visitor: &Visitor,
    page: impl Future<Output = Result<Response, Refused>>,
) -> Response {
    page.await
        .unwrap_or_else(|refused| frame::refusal(Some(visitor), &refused))
}

/// How somebody comes to the login.
#[derive(Debug, Deserialize)]
struct Coming {
    once: Option<String>,
    to: Option<String>,
}

async fn login(Query(coming): Query<Coming>) -> Response {
    door(&coming, None)
}

/// The form of the login. A link that is merely looked at, as mail programs do, is not used up.
fn door(coming: &Coming, fault: Option<&str>) -> Response {
    let content = html! {
        h1 { "Log in" }
        @if let Some(fault) = fault { p.fault role="alert" { (fault) } }
        form.stack method="post" action="/login" {
            input type="hidden" name="to" value=[coming.to.as_deref()];
            label for="name" { "Your name " span.hint { "(kept with what you answer)" } }
            input #name name="name" autocomplete="username" maxlength="60";
            @if let Some(code) = &coming.once {
                input type="hidden" name="once" value=(code);
                p { "This link lets you in, once." }
            } @else {
                label for="token" { "Token" }
                input #token name="token" type="password" autocomplete="current-password" required autofocus;
                p.hint { "It stands in the file " code { "token" } " of the state directory." }
            }
            button.primary type="submit" { "Log in" }
        }
    };
    let status = if fault.is_some() {
        StatusCode::UNAUTHORIZED
    } else {
        StatusCode::OK
    };
    frame::bare("Log in", status, &content)
}

async fn enter(State(page): State<Page>, request: Request) -> Response {
    let fields = match Fields::read(request.into_body()).await {
        Ok(fields) => fields,
        Err(refused) => return frame::refusal(None, &refused),
    };
    let welcome = match fields.get("once") {
        Some(code) if page.gate.redeem(code) => Ok(()),
        Some(_) => Err("this link was used before, or is too old".to_owned()),
        None => {
            let token = fields.get("token").unwrap_or_default();
            page.gate.admit(token).map_err(|refused| refused.what)
        }
    };
    let to = fields.text("to");
    if let Err(fault) = welcome {
        return door(&Coming { once: None, to }, Some(&fault));
    }
    let cookie = page.gate.open(fields.get("name").unwrap_or_default());
    let target = to.filter(|to| is_here(to));
    let response = Redirect::to(target.as_deref().unwrap_or("/")).into_response();
    with_cookie(response, &page.gate, &cookie, SESSION.as_secs())
}

/// Returns whether an address leads to this page, and to no other site.
fn is_here(target: &str) -> bool {
    let mut letters = target.chars();
    letters.next() == Some('/')
        && !letters
            .next()
            .is_some_and(|next| next == '/' || next == '\\')
        && !target.chars().any(char::is_control)
}

async fn leave(State(page): State<Page>, _: Posted) -> Response {
    let response = Redirect::to("/login").into_response();
    with_cookie(response, &page.gate, "", 0)
}

fn with_cookie(mut response: Response, gate: &Gate, value: &str, seconds: u64) -> Response {
    let secure = if gate.is_encrypted() { "; Secure" } else { "" };
    let cookie =
        format!("{COOKIE}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::is_here;

    #[test]
    fn a_login_leads_to_no_other_site() {
        assert!(is_here("/") && is_here("/runs?only=failed"));
        for elsewhere in [
            "",
            "//evil.example",
            "/\\evil",
            "https://evil.example",
            "/a\r\nb",
        ] {
            assert!(!is_here(elsewhere), "{elsewhere}");
        }
    }
}
