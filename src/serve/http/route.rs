//! A route: what it is for, what it takes and gives, and what does it.

use axum::routing::MethodRouter;
use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::router::Door;
use crate::serve::refused::Why;

/// Makes the schema of a type.
type Shape = fn(&mut SchemaGenerator) -> Schema;

/// A route.
pub(super) struct Route {
    /// The HTTP method, in lower case.
    pub(super) method: &'static str,
    /// The path, with `{name}` for its parts.
    pub(super) path: &'static str,
    /// What it does, in a sentence.
    pub(super) summary: &'static str,
    /// The shape of what stands behind the `?`.
    pub(super) query: Option<Shape>,
    /// The shape of what is sent.
    pub(super) body: Option<Shape>,
    /// What it gives.
    pub(super) gives: Gives,
    /// How it can refuse.
    pub(super) refusals: Vec<Why>,
    /// Who may use it.
    pub(super) entry: Entry,
    /// What does it.
    pub(super) does: MethodRouter<Door>,
}

/// What a route gives.
pub(super) enum Gives {
    /// JSON of this shape.
    Json(Shape),
    /// JSON of this shape, or what is new of it as server-sent events, as is accepted.
    JsonOrEvents(Shape),
    /// Server-sent events.
    Events,
    /// Text of this type.
    Text(&'static str),
    /// Nothing.
    Nothing,
}

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// Whoever shows the token.
    Token,
    /// Anybody that comes to the right address.
    Open,
    /// Whoever knows its path.
    Hook,
}

impl Route {
    /// Returns a route that shows something.
    pub(super) fn get(
        path: &'static str,
        summary: &'static str,
        gives: Gives,
        does: MethodRouter<Door>,
    ) -> Self {
        Self {
            method: "get",
            path,
            summary,
            query: None,
            body: None,
            gives,
            refusals: Vec::new(),
            entry: Entry::Token,
            does,
        }
    }

    /// Returns a route that does something.
    pub(super) fn post(
        path: &'static str,
        summary: &'static str,
        gives: Gives,
        does: MethodRouter<Door>,
    ) -> Self {
        Self {
            method: "post",
            ..Self::get(path, summary, gives, does)
        }
    }

    /// Says what stands behind the `?`.
    pub(super) fn asks<T: JsonSchema>(mut self) -> Self {
        self.query = Some(shape::<T>);
        self
    }

    /// Says what is sent.
    pub(super) fn takes<T: JsonSchema>(mut self) -> Self {
        self.body = Some(shape::<T>);
        self.refusals.extend([Why::Invalid, Why::TooLarge]);
        self
    }

    /// Says how it can refuse.
    pub(super) fn refuses(mut self, whys: &[Why]) -> Self {
        self.refusals.extend(whys);
        self
    }

    /// Lets others in than those who show the token.
    pub(super) fn open_to(mut self, entry: Entry) -> Self {
        self.entry = entry;
        self
    }
}

/// Returns that a route gives JSON of a type.
pub(super) fn json<T: JsonSchema>() -> Gives {
    Gives::Json(shape::<T>)
}

/// Makes the schema of a type.
pub(super) fn shape<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}
