//! Fuzzes scripts, checked and run on the simulator.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| targets::script::fuzz(input));
