//! Turns a call of the catalog into HTTP and back: credentials, retry, rate budget, uploads.
//!
//! [`Client`] is the one way to the server. It never shows the key, never sends it to another
//! origin, and sends a call that must not be repeated a second time only when the first one
//! certainly did nothing.

mod address;
mod answer;
mod broken;
mod budget;
mod client;
mod credentials;
mod deletion;
mod events;
mod excerpt;
mod exchange;
mod outline;
mod profiles;
mod refusal;
mod request;
mod retry;
mod settings;
mod successor;
mod team;
#[cfg(test)]
mod tests;
mod transfer;
mod wire;

pub use answer::Response;
pub use budget::BudgetView;
pub use client::Client;
pub use credentials::{Access, DEFAULT_BASE_URL, Sources, resolve};
pub use deletion::finds_nothing;
pub use request::Upload;
pub use settings::{Patience, Settings, Timeouts};
pub use transfer::Download;
pub use wire::outside_client;
