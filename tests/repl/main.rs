//! The prompt in a real terminal of 80 columns, and inputs from a pipe.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(
    clippy::panic,
    reason = "a terminal that does not show what it should fails the test"
)]

mod live;
mod pipe;
mod prompt;
mod terminal;
