//! Judges every request of the client and every answer of the simulator by the vendor's document.
//!
//! `DUVO_OPENAPI` names the document; without it there is nothing to judge by, and the test says so.
//! `cargo test --test conformance` prints how many operations were seen to succeed, and to fail in a
//! documented way; whatever is missing or wrong is told in a line of its own.

#[cfg(test)]
mod conformance {
    mod document;
    mod exceptions;
    mod exchange;
    mod judge;
    mod recorder;
    mod schema;
}
