//! The state of a simulated platform: all sections, its time, its chance, and what is still to come.
//!
//! One lock guards all of it, and nothing in it waits. Time comes in from outside, chance from the
//! seed, so the same calls at the same times always give the same world.

mod content;
mod dice;
mod events;
mod state;
mod table;

pub(crate) use content::Content;
pub(crate) use dice::Dice;
pub(crate) use events::{Event, Events};
pub(crate) use state::{Callback, Effect, World};
pub(crate) use table::{Row, Table};
