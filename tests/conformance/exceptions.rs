//! Where the vendor's document is known to differ from what it describes, and why: nothing else is
//! excused. An exception that is not needed any more is a fault of its own.

use duvoscript::catalog::Endpoint;
use serde_json::Value;

/// What is excused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Allowance {
    /// It takes a body that the document does not declare.
    UndeclaredBody,
    /// It answers with the catalog's media type, which the document calls JSON.
    OtherMedia,
    /// The document declares no failure, so the envelope of the other operations is expected.
    UndeclaredFailures,
    /// It refuses for good, as the document says in prose: the refusal counts as its success.
    AlwaysRefused,
    /// It redirects to its successor, as the document says in prose; what the client makes of the
    /// successor's answer is judged by the catalog.
    Redirect,
}

use Allowance::{AlwaysRefused, OtherMedia, Redirect, UndeclaredBody, UndeclaredFailures};

const MULTIPART: &str = "the document leaves out multipart bodies";
const BINARY: &str =
    "the document has no media type but JSON, and the answer is a document of its own";
const MOVED: &str =
    "the document announces the 308 to `cases.reprocess` in prose, and no success at all";
const SILENT: &str = "the document lists no failure, although the endpoint needs a key";

/// All exceptions: endpoint, what is excused, and why.
pub(crate) const EXCEPTIONS: &[(&str, Allowance, &str)] = &[
    ("sandboxes.upload", UndeclaredBody, MULTIPART),
    ("skills.upload", UndeclaredBody, MULTIPART),
    ("dashboards.get_html", OtherMedia, BINARY),
    ("dashboards.export_html", OtherMedia, BINARY),
    ("dashboards.export_pdf", OtherMedia, BINARY),
    ("dashboards.get_version_html", OtherMedia, BINARY),
    ("skills.download", OtherMedia, BINARY),
    (
        "mcp.send",
        UndeclaredBody,
        "the body is JSON-RPC, which the document leaves to MCP",
    ),
    ("mcp.send", UndeclaredFailures, SILENT),
    ("mcp.stream", UndeclaredFailures, SILENT),
    (
        "mcp.stream",
        AlwaysRefused,
        "the document says that GET is not supported, and to use POST",
    ),
    ("landscape.get", UndeclaredFailures, SILENT),
    ("cases.retry", Redirect, MOVED),
    ("cases.delegate", Redirect, MOVED),
];

/// What the simulator does not reach yet, and why: it is told, but not demanded. Once it is reached,
/// it must not stand here any more.
pub(crate) const PENDING: &[(&str, &str)] = &[];

/// Returns whether something is excused for an endpoint.
pub(crate) fn has(endpoint: &Endpoint, allowance: Allowance) -> bool {
    EXCEPTIONS
        .iter()
        .any(|(name, allowed, _)| *name == endpoint.name && *allowed == allowance)
}

/// Returns whether something is not demanded yet.
pub(crate) fn is_pending(name: &str) -> bool {
    PENDING.iter().any(|(pending, _)| *pending == name)
}

/// Returns the exceptions of an endpoint for which its entry in the document gives no cause.
pub(crate) fn unneeded(endpoint: &Endpoint, entry: &Value) -> Vec<String> {
    let own = EXCEPTIONS
        .iter()
        .filter(|(name, ..)| *name == endpoint.name);
    let idle = own.filter(|(_, allowance, _)| !is_needed(*allowance, endpoint, entry));
    idle.map(|(name, allowance, _)| format!("{name}: {allowance:?}"))
        .collect()
}

fn is_needed(allowance: Allowance, endpoint: &Endpoint, entry: &Value) -> bool {
    let statuses: Vec<&String> = entry["responses"]
        .as_object()
        .into_iter()
        .flat_map(|all| all.keys())
        .collect();
    let has = |first: char| statuses.iter().any(|status| status.starts_with(first));
    match allowance {
        UndeclaredBody => entry["requestBody"].is_null(),
        UndeclaredFailures => !has('4'),
        AlwaysRefused => !has('4') && has('2'),
        Redirect => !has('2') && !has('3'),
        OtherMedia => entry["responses"]["200"]["content"][endpoint.answer_media].is_null(),
    }
}
