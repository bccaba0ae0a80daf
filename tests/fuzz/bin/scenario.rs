//! Fuzzes scenario files, and the worlds that they declare.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| targets::scenario::fuzz(input));
