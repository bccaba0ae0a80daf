//! A session: inputs that are evaluated one after the other, each seeing what the earlier ones left.
//!
//! An input is a script of its own, with effects, limits and errors as everywhere. What it declares
//! stays when it comes to its end; when it fails, everything is as it was before.

mod evaluate;
mod inspect;
mod keep;
mod more;
#[cfg(test)]
mod tests;
mod transcript;

pub use evaluate::{Evaluated, Finish, Session};
pub use inspect::{Own, Part, Variable};
