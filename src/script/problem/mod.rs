//! What people are told about errors of the interpreter, with the place and what to do.

mod declared;
pub(in crate::script) mod describe;
mod hint;
pub(in crate::script) mod syntax;
