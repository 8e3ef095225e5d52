//! See `statuswire::fuzzing::nemesis_replies`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| statuswire::fuzzing::nemesis_replies(data));
