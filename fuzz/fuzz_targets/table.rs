//! Any text as a table file becomes code or messages. No panic, no hang.
#![no_main]

use libfuzzer_sys::fuzz_target;
use statuswire_codegen::Builder;

fuzz_target!(|text: &[u8]| {
    let Ok(directory) = tempfile::tempdir() else { return };
    let file = directory.path().join("table.md");
    if std::fs::write(&file, text).is_ok()
        && let Err(error) = Builder::new().tables(&file).generate()
    {
        let _ = error.to_string();
    }
});
