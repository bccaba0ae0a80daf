//! The daemon as people run it: the real program, over real HTTP.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails"
)]

mod acts;
mod contrib;
mod described;
mod ends;
mod ground;
mod guards;
mod hooks;
mod kills;
mod neighbours;
mod pings;
mod schedules;
mod tls;
