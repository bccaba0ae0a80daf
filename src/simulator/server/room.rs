//! How much a simulator keeps: the state is measured now and then, and when it has grown too large,
//! calls that add to it are refused until something is deleted.

use std::io::Write;

use serde::Serialize;

use super::received::{Body, Received};
use super::respond::Answer;
use crate::catalog::{Endpoint, Repeat};
use crate::simulator::reply::{Content, Refusal};
use crate::simulator::world::World;

/// What a mutation may add besides what it brings and shows.
const ROW: usize = 512;
/// The state is measured each time this part of the whole room may have come in.
const PART: usize = 16;

/// The room that is left.
#[derive(Debug)]
pub(super) struct Room {
    most: usize,
    /// What may have come in since the state was measured.
    since: usize,
    is_full: bool,
}

impl Room {
    /// Returns room for a state of so many bytes, as JSON.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            since: 0,
            is_full: false,
        }
    }

    /// Refuses what may add to a state that is too large.
    pub(super) fn check(&self, endpoint: &Endpoint) -> Result<(), Refusal> {
        if !self.is_full || endpoint.destructive || endpoint.repeat == Repeat::Read {
            return Ok(());
        }
        Err(Refusal::too_large(format!(
            "the simulator keeps {} bytes at most; delete something, or reset it",
            self.most
        )))
    }

    /// Counts what a successful mutation may have added, and measures the state when it is time.
    pub(super) fn took(&mut self, bytes: usize, world: &World) {
        self.since = self.since.saturating_add(bytes).saturating_add(ROW);
        if self.is_full || self.since >= self.most / PART {
            self.since = 0;
            self.is_full = size(world) > self.most;
        }
    }

    /// Has the state measured after the next mutation.
    pub(super) fn forget(&mut self) {
        self.since = self.most;
    }
}

/// Returns how many bytes a request brings and its answer shows.
pub(super) fn weight(received: &Received, answer: &Answer) -> usize {
    let brought = match &received.body {
        Body::Bytes(bytes) => bytes.len(),
        Body::Form(_, upload) => upload.as_ref().map_or(0, |upload| upload.bytes.len()),
        Body::Broken(_) => 0,
    };
    let shown = match &answer.content {
        Content::Json(value) => size(value),
        Content::Bytes(_, bytes) => bytes.len(),
        Content::Elsewhere(_) | Content::Nothing => 0,
    };
    brought + shown
}

/// Returns the length of a value as JSON, without writing it anywhere.
fn size(value: &impl Serialize) -> usize {
    let mut counter = Counter(0);
    // Counting never fails, and all that is kept can be written.
    let _ = serde_json::to_writer(&mut counter, value);
    counter.0
}

struct Counter(usize);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
