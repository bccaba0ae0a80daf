//! `duvoscript` runs Rhai scripts that drive the Duvo platform.
//!
//! A script can touch the world only through functions that are registered here, so every effect
//! passes one door, [`script::Host`]. Each folder has one job and uses only what this table allows
//! (`tests/layers.rs` reads it and fails on an import outside it):
//!
//! | layer | folder | its one job | may use |
//! | --- | --- | --- | --- |
//! | 0 | `report` | say what went wrong, where, and what to do | nothing |
//! | 0 | `clock` | time as a value: real, or simulated | nothing |
//! | 0 | `secret` | values that never show, and the masking of others | nothing |
//! | 0 | `ids` | ids and chance as values, seeded or not | nothing |
//! | 1 | `catalog` | what the API is, as data: one entry an endpoint | `report` |
//! | 2 | `api` | turn a call into HTTP and back: credentials, retry, rate budget | `catalog`, `report`, `clock`, `secret`, `ids` |
//! | 2 | `simulator` | be the API, in memory, over real HTTP | `catalog`, `report`, `clock`, `secret`, `ids` |
//! | 2 | `journal` | keep runs, steps, waits and what happened to them (SQLite) | `report`, `clock`, `secret`, `ids` |
//! | 2 | `script` | run Rhai against a `Host`; knows nothing of HTTP or disks | `catalog`, `report`, `clock`, `secret`, `ids` |
//! | 3 | `run` | one run of a script: where script, API and journal meet | `script`, `api`, `journal`, `catalog`, `report`, `clock`, `secret`, `ids` |
//! | 4 | `schedule` | decide what is due, and start it | `run`, `journal`, `script`, `report`, `clock`, `ids`, `secret` |
//! | 4 | `testing` | run test scripts on the simulator | `run`, `script`, `simulator`, `journal`, `api`, `catalog`, `report`, `clock`, `secret`, `ids` |
//! | 5 | `check` | judge scripts without running them | `schedule`, `run`, `script`, `simulator`, `catalog`, `report`, `clock`, `secret`, `ids` |
//! | 5 | `repl` | the prompt: inputs one after the other, and what people see of them | `run`, `script`, `api`, `simulator`, `journal`, `catalog`, `report`, `clock`, `secret`, `ids` |
//! | 4 | `inbox` | one list of what waits for a person, and its answers | `run`, `journal`, `script`, `api`, `catalog`, `report`, `clock` |
//! | 5 | `serve` | run what is due, and be there for people: HTTP API and page | `schedule`, `inbox`, `run`, `script`, `journal`, `api`, `catalog`, `report`, `clock`, `secret`, `ids` |
//! | 6 | `cli` | read arguments and environment, wire the parts, print, exit code | all |

pub mod api;
pub mod catalog;
pub mod check;
pub mod cli;
pub mod clock;
pub mod ids;
pub mod inbox;
pub mod journal;
pub mod repl;
pub mod report;
pub mod run;
pub mod schedule;
pub mod script;
pub mod secret;
pub mod serve;
pub mod simulator;
pub mod testing;
