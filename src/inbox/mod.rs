//! One list of everything that waits for a person: what scripts ask with `ask`, and what Jobs of this
//! team ask through Duvo.
//!
//! [`Inbox`] reads questions from the journal and requests from the API, and answers both. It keeps
//! nothing that it could read anew. Of several answers the first one counts, and a later one is told.

mod answer;
mod error;
mod item;
mod listing;
mod question;
mod request;

pub use answer::{Answered, Given};
pub use error::InboxError;
pub use item::{Asked, Asker, Choice, Form, Item, Kind};
pub use listing::{Inbox, Listing};
