//! Runs a fuzz target on its seeds in a test, with any compiler.

#![allow(clippy::unwrap_used, reason = "it is a part of tests")]

use std::path::Path;

/// Gives a target each of its seeds, and beginnings of each.
pub(super) fn run(name: &str, target: fn(&[u8])) {
    let mut directories =
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|root| root.join("fuzz/seeds").join(name));
    let seeds = directories.find(|seeds| seeds.is_dir()).unwrap_or_else(|| panic!("{name} has no seeds"));
    let mut seen = 0;
    for file in std::fs::read_dir(&seeds).unwrap() {
        let data = std::fs::read(file.unwrap().path()).unwrap();
        target(&data);
        // Each beginning is one more input.
        for end in (0..data.len()).step_by(data.len() / 64 + 1) {
            target(&data[..end]);
        }
        seen += 1;
    }
    assert!(seen > 0, "{} is empty", seeds.display());
}
