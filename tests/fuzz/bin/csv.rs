//! Fuzzes the reading and writing of CSV.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| targets::csv::fuzz(input));
