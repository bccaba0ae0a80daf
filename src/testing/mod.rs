//! Runs test scripts: each function `test_…` of a file `*_test.rhai` in a simulated world of its own.
//!
//! | part | its one job |
//! | --- | --- |
//! | `find` | the files, and the tests in them |
//! | `examples` | the tests in the docs of scripts |
//! | `suite` | run many tests, several at once |
//! | `case` | run one test |
//! | `ground` | the world of a test: clock, simulator, project, journal |
//! | `host` | answer what a test asks |
//! | `deadline` | how long a test may take in real time |
//! | `under_test` | run a script in the world of a test, also through its death |
//! | `person` | answer in Duvo what Jobs ask of people |
//! | `ledger` | what was changed, in a form to compare |
//! | `deaths` | kill a script at every border of an effect, and compare |
//! | `snapshot` | values that are kept beside the tests |
//! | `coverage` | which lines of the scripts were reached |
//! | `report` | how it went: for people, as JSON, JUnit or TAP |

mod case;
mod coverage;
mod deadline;
mod deaths;
mod examples;
mod find;
mod ground;
mod host;
mod ledger;
mod person;
mod recorder;
pub mod report;
mod scenario;
mod snapshot;
mod suite;
mod under_test;

pub use case::{Diff, Fault, Tested};
pub use coverage::{Coverage, Lines};
pub use deaths::Deaths;
pub use find::{Test, TestFile, find};
pub use suite::{Settings, Suite, run};
