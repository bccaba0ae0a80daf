//! What the keeper does, over time and with everything that goes wrong.

mod people;
mod policies;
mod world;
