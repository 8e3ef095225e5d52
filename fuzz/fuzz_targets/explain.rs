//! See `statuswire::fuzzing::explain`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| statuswire::fuzzing::explain(data));
