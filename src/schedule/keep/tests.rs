//! What the keeper does, over time and with everything that goes wrong.

#[cfg(unix)]
mod killed;
mod people;
mod policies;
mod world;
mod year;
