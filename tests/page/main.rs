//! The page: over HTTP, where it guards itself, and in a real browser, where people use it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bed;
mod browser;
mod doors;
mod program;
mod seen;
