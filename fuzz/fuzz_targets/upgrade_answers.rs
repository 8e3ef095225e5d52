//! See `statuswire::fuzzing::upgrade_answers`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| statuswire::fuzzing::upgrade_answers(data));
