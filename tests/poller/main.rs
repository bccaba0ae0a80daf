//! Proves what the poller promises: the rate limit, the pace, the lead, hints and failures.
//!
//! Each test waits for Jobs of a simulator over real HTTP, in simulated time, and reads the requests
//! off the wire between the two.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod dice;
mod failures;
mod few;
mod finding;
mod hints;
mod leaders;
mod many;
mod tap;
mod world;
