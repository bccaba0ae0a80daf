//! Where the vendor's document is known to differ from what it describes, and why: nothing else is
//! excused. An exception that is not needed any more is a fault of its own.

use duvoscript::catalog::Endpoint;

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

/// Returns whether something is excused for an endpoint.
pub(crate) fn has(endpoint: &Endpoint, allowance: Allowance) -> bool {
    EXCEPTIONS
        .iter()
        .any(|(name, allowed, _)| *name == endpoint.name && *allowed == allowance)
}
