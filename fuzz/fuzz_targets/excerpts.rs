//! See `statuswire::fuzzing::excerpts`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| statuswire::fuzzing::excerpts(data));
