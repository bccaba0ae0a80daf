//! What the real program says of a script's changes before it makes them, and how it holds a run to
//! them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod approved;
mod told;
mod world;
