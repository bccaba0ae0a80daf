//! Fuzzes cron expressions and the slots that follow from them.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| targets::cron::fuzz(input));
