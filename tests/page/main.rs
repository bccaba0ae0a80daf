//! The page: over HTTP, where it guards itself, and in a real browser, where people use it.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails, and one that is skipped says so"
)]

mod bed;
mod browser;
mod doors;
mod program;
mod seen;
