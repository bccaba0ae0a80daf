//! What the API is, as data: one entry an endpoint, from `endpoints/*.toml`.
//!
//! Bindings, request checks, the simulator's routes, help and tests all read it; there is no other
//! list of endpoints. It knows nothing of HTTP clients, scripts or disks.

mod call;
mod check;
mod describe;
mod diff;
mod model;
mod page;
mod recovery;
mod tables;

pub use call::{Call, Split};
pub use check::{Fault, check_answer, check_call, check_param, check_value, unknown_field};
pub use describe::{field_doc, shape_text, signature};
pub use diff::{Change, Drift, diff};
pub use model::{
    Endpoint, Field, Format, Kind, LifeCycle, Method, NullMeans, Object, Paging, Range, Repeat,
    Section, Shape, Successor, Text,
};
pub use page::{example, page};
pub use recovery::{LookUp, Pair, Reading, Recovery, Term, Way, recovery_text};
pub use tables::{
    by_name, by_operation, endpoints, is_secret, life_cycle, match_path, section, sections,
};
