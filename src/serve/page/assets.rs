//! What the page is made of beside markup: one style, one script, one picture, all of them here.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

/// Address of the picture in the tab.
pub(super) const ICON: &str = "/static/icon.svg";
/// Address of the style.
pub(super) const STYLE: &str = "/static/page.css";
/// Address of the script.
pub(super) const SCRIPT: &str = "/static/page.js";

/// Returns the style.
pub(super) async fn style() -> Response {
    file("text/css; charset=utf-8", include_str!("page.css"))
}

/// Returns the script.
pub(super) async fn script() -> Response {
    file("text/javascript; charset=utf-8", include_str!("page.js"))
}

/// Returns the picture.
pub(super) async fn icon() -> Response {
    file("image/svg+xml", include_str!("icon.svg"))
}

fn file(media: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media),
        // The next version of the program must be seen at once.
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}

/// Returns the mark beside the name.
pub(super) fn mark() -> Markup {
    html! { img.mark src=(ICON) alt="" width="20" height="20"; }
}
