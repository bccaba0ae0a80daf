//! What the real program makes of test files: how it runs them, and how it tells of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod deaths;
mod forms;
mod functions;
mod input;
mod project;
mod scripts;
mod watch;
