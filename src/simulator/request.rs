//! A request that has passed all checks: what a behaviour reads.

use bytes::Bytes;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::catalog::{Endpoint, Paging};

/// A checked call of an endpoint.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// What is called.
    pub(crate) endpoint: &'static Endpoint,
    /// Parameters of the path, decoded, in path order.
    pub(crate) params: Vec<(&'static str, String)>,
    /// Query fields, in their types.
    pub(crate) query: Map<String, Value>,
    /// Body fields that the catalog knows.
    pub(crate) body: Map<String, Value>,
    /// The file of a multipart body.
    pub(crate) upload: Option<Upload>,
}

/// A file that came in a multipart body.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    /// File name, when the part has one.
    pub(crate) name: Option<String>,
    /// Content.
    pub(crate) bytes: Bytes,
}

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    /// How many items at most.
    pub(crate) limit: usize,
    /// How many items to skip.
    pub(crate) offset: usize,
}

impl Page {
    /// Cuts a list; returns the part and the length of the whole.
    pub(crate) fn cut<T>(self, all: Vec<T>) -> (Vec<T>, usize) {
        let total = all.len();
        let part = all.into_iter().skip(self.offset).take(self.limit);
        (part.collect(), total)
    }
}

impl Request {
    /// Returns a parameter of the path; empty when the path has none of this name.
    pub(crate) fn param(&self, name: &str) -> &str {
        let found = self.params.iter().find(|(known, _)| *known == name);
        found.map_or("", |(_, value)| value)
    }

    /// Returns a parameter of the path as an id; the nil id, which is nobody's, when it is none.
    pub(crate) fn id(&self, name: &str) -> Uuid {
        Uuid::try_parse(self.param(name)).unwrap_or_default()
    }

    /// Returns the team of the path.
    pub(crate) fn team(&self) -> Uuid {
        self.id("teamId")
    }

    /// Returns a text of the query.
    pub(crate) fn asked(&self, name: &str) -> Option<&str> {
        self.query.get(name)?.as_str()
    }

    /// Returns an id of the query.
    pub(crate) fn asked_id(&self, name: &str) -> Option<Uuid> {
        self.asked(name).map(id_of)
    }

    /// Returns a text of the body.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.body.get(name)?.as_str()
    }

    /// Returns a flag of the body.
    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.body.get(name)?.as_bool()
    }

    /// Returns an id of the body.
    pub(crate) fn body_id(&self, name: &str) -> Option<Uuid> {
        self.text(name).map(id_of)
    }

    /// Returns the ids of a list in the body.
    pub(crate) fn body_ids(&self, name: &str) -> Option<Vec<Uuid>> {
        let list = self.body.get(name)?.as_array()?;
        Some(list.iter().filter_map(Value::as_str).map(id_of).collect())
    }

    /// Returns the part of the list that is wanted, from the query or the body.
    pub(crate) fn page(&self) -> Page {
        let default = match self.endpoint.paging {
            Paging::Offset { default, .. } => default,
            Paging::None | Paging::Before { .. } => u32::MAX,
        };
        let number = |name: &str| {
            let value = self.query.get(name).or_else(|| self.body.get(name))?;
            usize::try_from(value.as_u64()?).ok()
        };
        Page {
            limit: number("limit").unwrap_or(default as usize),
            offset: number("offset").unwrap_or(0),
        }
    }
}

fn id_of(text: &str) -> Uuid {
    Uuid::try_parse(text).unwrap_or_default()
}
