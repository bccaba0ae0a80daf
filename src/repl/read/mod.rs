//! Reads what stands at the prompt: its words, and what is wanted where the cursor stands.

pub(super) mod lexer;
pub(super) mod place;

pub(super) use place::{Argument, Place, Step, place};
