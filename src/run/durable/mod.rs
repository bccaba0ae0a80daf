//! Durable runs: killed anywhere, they go on where they were, and nothing is repeated or lost.
//!
//! [`port`] answers from the record and then records; [`settle`] brings an effect to its end, also
//! one that was cut off; [`run`] begins runs, takes them up, and says how they ended; [`upgrade`]
//! compares a record with other sources.
//!
//! A replay runs the script again, so nothing that it sees may be different the second time:
//!
//! | what could differ | why it does not | proved by |
//! | --- | --- | --- |
//! | the time, `timestamp`, `elapsed` | an effect, recorded; the language's own clock is compiled out | `tests/torture/replay.rs`, `what_would_differ_on_a_replay_is_switched_off` |
//! | `sleep` | an effect until a time of day, recorded | `tests/torture/kills.rs` |
//! | random numbers, `uuid`, `shuffle`, the jitter of `retry` | drawn through the Host, recorded | `tests/torture/replay.rs` |
//! | files, variables of the environment, answers | effects, recorded; secrets sealed | `tests/torture/{replay,secrets}.rs` |
//! | `import`, the standard library, the script itself | kept with the run | `tests/torture/replay.rs` |
//! | `eval` | no such word | `what_would_differ_on_a_replay_is_switched_off` |
//! | `get_fn_metadata_list` | refused: its order differs between processes | `tests/torture/replay.rs` |
//! | names of closures in text | the hash that names them has a fixed seed | `tests/torture/replay.rs` |
//! | order of maps, JSON | maps are sorted | `tests/torture/replay.rs` |
//! | floats as text | shortest form that reads back, the same everywhere | `tests/torture/replay.rs` |
//! | order of branches | completions are replayed in the recorded order | `tests/torture/{replay,kills}.rs` |
//! | `print`, `debug`, `log` | shown once, by their keys | `tests/torture/replay.rs` |
//! | the language itself | the engine's version is kept; another meaning of it is refused | [`ENGINE`] |
//!
//! Left open: `sin`, `exp`, `ln` and their like come from the platform's library.

mod append;
mod away;
mod cancel;
mod crash;
mod describe;
mod fault;
mod made;
mod outcome;
mod port;
mod record;
mod repeat;
mod rest;
mod rows;
mod run;
mod settle;
mod sources;
mod upgrade;
mod verdict;
mod wait;

pub use away::{Away, Patience};
pub use crash::Crash;
pub(super) use describe::Description;
pub(super) use fault::{nothing_to_wait_for, too_long};
pub use rest::{give_up, put_on_hold};
pub use rows::{Ground, Start, rows};
pub use run::{Around, Beginning, Concluded, DurableRun, ENGINE, End, Stopper, arguments};
pub use settle::answer_name;
pub use upgrade::{Comparison, Difference, compare, switch};
pub use verdict::{Verdict, resolution};
