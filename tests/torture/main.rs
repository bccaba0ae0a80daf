//! Durable runs under everything that can go wrong: kills, lost answers, and secrets that must not stay.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod broken;
mod kills;
mod lost;
mod readme;
mod replay;
mod secrets;
mod world;
