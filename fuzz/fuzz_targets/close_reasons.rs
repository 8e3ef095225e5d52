//! See `statuswire::fuzzing::close_reasons`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| statuswire::fuzzing::close_reasons(data));
