//! What is fuzzed: functions that take any bytes, and panic when the program is at fault.
//!
//! `.ci/fuzz` runs each for a while with the fuzzer's help, and the tests a little without it.
//! `seeds.txt` says where their first inputs lie.

pub mod cron;
pub mod csv;
pub mod header;
pub mod import;
pub mod scenario;
pub mod script;
mod sound;
mod world;

/// A target by its name.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 6] = [
    ("cron", cron::fuzz),
    ("csv", csv::fuzz),
    ("header", header::fuzz),
    ("import", import::fuzz),
    ("scenario", scenario::fuzz),
    ("script", script::fuzz),
];
