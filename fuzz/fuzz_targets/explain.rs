//! Any text can be explained. No panic, no hang.
#![no_main]

use libfuzzer_sys::fuzz_target;
use statuswire::codes::explain::explain;

fuzz_target!(|text: &str| {
    let explanation = explain(text);
    let _ = format!("{explanation:?}");
});
