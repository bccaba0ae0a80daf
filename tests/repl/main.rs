//! The prompt in a real terminal of 80 columns, and inputs from a pipe.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod live;
mod pipe;
mod prompt;
mod terminal;
