//! The paths of files: kept inside the team's files, and telling the media type by their ending.

use crate::simulator::reply::Refusal;

/// Returns a path without what could lead out of the team's files.
pub(crate) fn clean(path: &str) -> Result<String, Refusal> {
    let path = path.trim_matches('/');
    let is_bad = |part: &str| part.is_empty() || part == "." || part == "..";
    if path.split('/').any(is_bad) || path.contains(['\0', '\\']) {
        return Err(Refusal::invalid(format!(
            "`{}` is no path",
            path.escape_debug()
        )));
    }
    Ok(path.into())
}

/// Returns the media type that the ending of a path suggests.
pub(crate) fn media_of(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("csv") => "text/csv",
        Some("json") => "application/json",
        Some("md") => "text/markdown",
        Some("pdf") => "application/pdf",
        Some("html") => "text/html",
        _ => "text/plain",
    }
}
