//! Fuzzes headers of scripts, their arguments and schedules.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| targets::header::fuzz(input));
