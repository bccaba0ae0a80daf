//! Judges scripts without running them.
//!
//! | part | its one job |
//! | --- | --- |
//! | `checker` | judge sources, many at once |
//! | `rules` | what is checked, as a table |
//! | `finding`, `allow`, `comments` | what was found, and what a source allows with a reason |
//! | `tree` | a script as plain nodes |
//! | `walk`, `rulings` | go through the nodes with the variables in sight; which rule looks at which |
//! | `library`, `modules`, `types` | what is known: names, imports, answers |
//! | `changes` | which variables keep the value they were declared with |
//! | the rest | one group of rules each |
//!
//! A false alarm is worse than a miss: in doubt a rule is silent.

mod allow;
mod arguments;
mod calls;
mod changes;
mod checker;
mod comments;
mod declarations;
mod direct;
mod finding;
mod guards;
mod judge;
mod library;
mod methods;
mod modules;
mod names;
mod options;
mod report;
mod results;
mod rules;
mod rulings;
mod tree;
mod types;
mod waits;
mod walk;
mod words;

pub use checker::Checker;
pub use finding::Finding;
pub use modules::Find;
pub use report::{json, sarif};
pub use rules::{RULES, Rule};
