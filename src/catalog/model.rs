//! The types of a catalog entry. All of it is static data, compiled from `endpoints/*.toml` by
//! `build.rs`, so that start-up costs nothing; `endpoints/README.md` explains the format.

use super::recovery::Recovery;

/// A section of the API: one namespace in scripts, one file of entries.
#[derive(Debug)]
pub struct Section {
    /// Namespace in scripts, such as `jobs`.
    pub name: &'static str,
    /// Heading for people, such as `Jobs`.
    pub title: &'static str,
    /// One sentence about what the section is for.
    pub doc: &'static str,
    /// Its endpoints, in the order of the guide.
    pub endpoints: &'static [Endpoint],
    /// The life cycles of its things.
    pub life_cycles: &'static [LifeCycle],
}

/// The states a thing goes through, as far as they are known; an unknown one is not terminal.
#[derive(Debug)]
pub struct LifeCycle {
    /// What it is the life of: `job`, `case`, …
    pub of: &'static str,
    /// All known states.
    pub known: &'static [&'static str],
    /// States that end it.
    pub terminal: &'static [&'static str],
    /// States in which it waits for a person.
    pub waiting: &'static [&'static str],
    /// States from which a message or an answer takes it up again.
    pub resumable: &'static [&'static str],
}

/// One endpoint of the API.
#[derive(Debug)]
pub struct Endpoint {
    /// Full name in scripts, such as `jobs.start`.
    pub name: &'static str,
    /// Namespace: the part before the dot.
    pub section: &'static str,
    /// Function: the part behind the dot.
    pub verb: &'static str,
    /// HTTP method.
    pub method: Method,
    /// Path with `/v2` and `{parameters}`.
    pub path: &'static str,
    /// The API's operationId, or one in its manner where it gives none.
    pub operation: &'static str,
    /// Whether the developer guide lists it.
    pub in_guide: bool,
    /// Whether the vendor's OpenAPI document has it.
    pub in_spec: bool,
    /// One sentence about what it does.
    pub doc: &'static str,
    /// Parameters of the path, in path order; the implied `teamId` among them.
    pub params: &'static [Field],
    /// Query fields.
    pub query: &'static [Field],
    /// Body fields, or `None` where it takes no body.
    pub body: Option<Object>,
    /// Media type of the body.
    pub body_media: &'static str,
    /// What it answers, or `None` where the answer has no body.
    pub answer: Option<Shape>,
    /// Media type of the answer.
    pub answer_media: &'static str,
    /// Key of the answer that holds the one result; `None`: the whole answer is the result.
    pub resource: Option<&'static str>,
    /// Key of the answer that holds the list; `.` for a bare array.
    pub list: Option<&'static str>,
    /// How the list is cut in pages.
    pub paging: Paging,
    /// Statuses of success.
    pub status: &'static [u16],
    /// Documented statuses of failure.
    pub errors: &'static [u16],
    /// What sending it twice does.
    pub repeat: Repeat,
    /// Whether it deletes, clears or interrupts what cannot be brought back.
    pub destructive: bool,
    /// What a `null` resource in a successful answer means.
    pub null: NullMeans,
    /// Whether the vendor has replaced or announced to remove it.
    pub deprecated: bool,
    /// What replaced it.
    pub successor: Option<Successor>,
    /// The one body field that may be given positionally.
    pub shorthand: Option<&'static str>,
    /// The list field that is cut in batches of its maximum.
    pub chunk: Option<&'static str>,
    /// Fields of the answer of which the first present one becomes `count`.
    pub count: &'static [&'static str],
    /// Field of the answer that holds a signed URL for an upload or a download.
    pub signed: Option<&'static str>,
    /// Whether it updates what already has the same name.
    pub upsert: bool,
    /// Field of the list's items by which one can be found.
    pub find: Option<&'static str>,
    /// Telling fields of the result, in the order for tables.
    pub columns: &'static [&'static str],
    /// How to find out whether a cut-off call was carried out; where a repeat is `once`.
    pub recovery: Option<Recovery>,
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates or acts.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// Returns the method as HTTP writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Returns the method of a name, in any case.
    pub fn of(name: &str) -> Option<Self> {
        [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete]
            .into_iter()
            .find(|method| method.as_str().eq_ignore_ascii_case(name))
    }
}

/// What sending a call twice does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Changes nothing.
    Read,
    /// Has the same effect as sending it once.
    Idempotent,
    /// May do the work twice.
    Once,
}

impl Repeat {
    /// Returns the word of the catalog.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Idempotent => "idempotent",
            Self::Once => "once",
        }
    }
}

/// How a list is cut in pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paging {
    /// One answer holds all of it.
    None,
    /// `limit` and `offset`; `max` is the largest page.
    Offset {
        /// Largest allowed `limit`.
        max: u32,
        /// The page size when no `limit` is sent.
        default: u32,
    },
    /// A `before` cursor: the id of the oldest item seen; `max` is the largest page.
    Before {
        /// Largest allowed `limit`.
        max: u32,
    },
}

impl Paging {
    /// Returns the word of the catalog.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Offset { .. } => "offset",
            Self::Before { .. } => "before",
        }
    }
}

/// What a `null` in the place of the resource means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NullMeans {
    /// Nothing special.
    Nothing,
    /// The thing does not exist: the same as 404.
    Missing,
    /// There is nothing yet: `()` in scripts.
    None,
}

/// What replaced an endpoint, and how the old call maps to the new one.
#[derive(Debug)]
pub struct Successor {
    /// Full name of the newer endpoint.
    pub name: &'static str,
    /// Fields of the new call that are fixed.
    pub set: &'static [(&'static str, &'static str)],
    /// Old field or path parameter, and its name in the new call.
    pub rename: &'static [(&'static str, &'static str)],
    /// Old fields without a place in the new call.
    pub drop: &'static [&'static str],
    /// Field of the new answer, and its name in the old one.
    pub answer: &'static [(&'static str, &'static str)],
}

/// A named field of a path, a query, a body or an answer.
#[derive(Debug)]
pub struct Field {
    /// The API's name.
    pub name: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// What it holds.
    pub shape: Shape,
    /// The API's default, as JSON text.
    pub default: Option<&'static str>,
    /// What the name does not say.
    pub doc: &'static str,
}

/// What a value may be.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// The kind of value.
    pub kind: Kind,
    /// Whether `null` is allowed too.
    pub nullable: bool,
}

/// The kind of a value, with its limits.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Anything.
    Any,
    /// `null` and nothing else.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer(Range),
    /// A number.
    Number(Range),
    /// Text.
    Text(Text),
    /// One of some values, each as JSON text.
    Choice(&'static [&'static str]),
    /// The content of a file, in a multipart body.
    File,
    /// A list of one kind of value.
    List(&'static Shape, Range),
    /// An object with free keys, and the pattern of the keys.
    Map(&'static Shape, Option<&'static str>),
    /// An object with known fields.
    Object(&'static Object),
    /// Any of some shapes.
    Union(&'static [Shape]),
}

/// The fields of an object.
#[derive(Clone, Copy, Debug)]
pub struct Object {
    /// The shape's name, where it has one.
    pub name: Option<&'static str>,
    /// Its fields, in the API's order.
    pub fields: &'static [Field],
    /// Whether further fields are allowed.
    pub open: bool,
}

/// The limits of a text.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// What the text says.
    pub format: Format,
    /// Limits of the length, in characters.
    pub length: Range,
    /// A regular expression that the text matches.
    pub pattern: Option<&'static str>,
}

/// What a text says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Anything.
    Plain,
    /// A UUID.
    Uuid,
    /// A time, as RFC 3339.
    DateTime,
    /// A day, `2026-01-31`.
    Date,
    /// An absolute URI.
    Uri,
    /// An e-mail address.
    Email,
    /// The rest of a path; may hold slashes.
    Path,
    /// A secret: never shown, never logged.
    Secret,
}

/// Bounds of a number or a length; inclusive unless `exclusive`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Smallest, if any.
    pub min: Option<f64>,
    /// Largest, if any.
    pub max: Option<f64>,
    /// Whether the bounds themselves are outside.
    pub exclusive: bool,
}

impl Range {
    /// Returns whether a number lies within.
    pub fn holds(&self, value: f64) -> bool {
        let above = self
            .min
            .is_none_or(|min| value > min || (value >= min && !self.exclusive));
        let below = self
            .max
            .is_none_or(|max| value < max || (value <= max && !self.exclusive));
        above && below
    }
}
