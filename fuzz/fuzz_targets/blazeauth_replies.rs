//! See `statuswire::fuzzing::blazeauth_replies`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| statuswire::fuzzing::blazeauth_replies(data));
