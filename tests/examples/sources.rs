//! The files of this repository, as texts.

use std::fs;
use std::path::{Path, PathBuf};

pub const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The text of a file.
pub fn text(path: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The paths and texts of all Rust files of the four crates.
pub fn sources() -> Vec<(String, String)> {
    let mut paths = Vec::new();
    for dir in ["src", "core/src", "sandbox/src", "codegen/src"] {
        walk(&Path::new(ROOT).join(dir), &mut paths);
    }
    paths.sort();
    let name = |path: &PathBuf| path.strip_prefix(ROOT).unwrap().to_str().unwrap().replace('\\', "/");
    paths.iter().map(name).map(|name| (name.clone(), text(&name))).collect()
}

fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else {
            found.push(path);
        }
    }
}
