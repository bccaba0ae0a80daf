//! The texts of a run: what a script declares in its header, and what it imports.

pub(in crate::script) mod argument;
pub(in crate::script) mod compile;
pub(in crate::script) mod header;
pub(in crate::script) mod modules;
