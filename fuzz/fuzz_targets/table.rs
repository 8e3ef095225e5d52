//! Whatever stands in a table file: it is read, or refused with a message; no panic, no hang.
#![no_main]

use libfuzzer_sys::fuzz_target;
use statuswire_codegen::Builder;

fuzz_target!(|text: &[u8]| {
    let Ok(directory) = tempfile::tempdir() else { return };
    let file = directory.path().join("table.md");
    if std::fs::write(&file, text).is_ok()
        && let Err(mistakes) = Builder::new().tables(&file).generate()
    {
        let _ = mistakes.to_string();
    }
});
