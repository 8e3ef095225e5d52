//! See `statuswire::fuzzing::endpoints`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| statuswire::fuzzing::endpoints(data));
