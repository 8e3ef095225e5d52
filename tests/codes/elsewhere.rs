//! Generated code in a package of somebody else, with an old `rust-version` and strict lints: it builds and is documented
//! without a warning.

use std::fs;
use std::path::Path;
use std::process::Command;

const MANIFEST: &str = r#"
[package]
name = "elsewhere"
version = "0.0.0"
edition = "2021"
rust-version = "1.70"

[dependencies]
sw = { package = "statuswire", path = "ROOT" }

[build-dependencies]
statuswire-codegen = { path = "ROOT/codegen" }

[workspace]
"#;

const BUILD_SCRIPT: &str = r#"
fn main() -> Result<(), statuswire_codegen::Error> {
    statuswire_codegen::Builder::new().tables("ROOT/codegen/tests/tables").runtime("::sw").sum(true).build_script("codes.rs")
}
"#;

const LIBRARY: &str = r#"
//! Codes.
#![forbid(dead_code, deprecated, unsafe_code)]
#![deny(missing_docs, warnings)]

pub mod codes {
    //! Codes.
    include!(concat!(env!("OUT_DIR"), "/codes.rs"));
}
"#;

#[test]
fn an_old_and_strict_package_has_documented_codes() {
    let root = env!("CARGO_MANIFEST_DIR");
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("codes_elsewhere");
    let package = home.join("package");
    fs::create_dir_all(package.join("src")).unwrap();
    for (path, text) in [("Cargo.toml", MANIFEST), ("build.rs", BUILD_SCRIPT), ("src/lib.rs", LIBRARY)] {
        fs::write(package.join(path), text.replace("ROOT", root)).unwrap();
    }
    fs::copy(Path::new(root).join("Cargo.lock"), package.join("Cargo.lock")).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["doc", "--no-deps", "--offline"])
        .current_dir(&package)
        .env("CARGO_TARGET_DIR", home.join("target"))
        .env("RUSTDOCFLAGS", "-D warnings")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
