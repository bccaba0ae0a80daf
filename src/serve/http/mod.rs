//! The HTTP face of the daemon: the API, its guards, its description.
//!
//! | part | its one job |
//! | --- | --- |
//! | `routes` | the one list of all routes: the router and the description come from it |
//! | `guard`, `access`, `pace` | who may come in, from where, and how often |
//! | `listen`, `token` | where it listens, and what shows who may |
//! | `hooks` | webhooks: hints to look now |
//! | `metrics` | what Prometheus is told |
//! | `stream` | what goes on while somebody looks: server-sent events |

mod access;
mod answer;
mod asked;
mod description;
mod guard;
mod hooks;
mod listen;
mod metrics;
mod pace;
mod route;
mod router;
mod routes;
mod secure;
mod serving;
mod stream;
mod token;

pub use access::Access;
pub use hooks::Hooks;
pub use listen::{Listen, Tls};
pub use serving::Served;
pub use token::token;
