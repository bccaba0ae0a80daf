//! Fuzzes the import of runs.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| targets::import::fuzz(input));
