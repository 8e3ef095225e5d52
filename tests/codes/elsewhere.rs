//! Generated code in a package of somebody else, with an old `rust-version` and strict lints: it builds and is documented
//! without a warning, also that of a table so large that its code is written in pieces.

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
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rows = (0..600).map(|at| format!("| {} | Name{at} | FORMER_{at} |\n", 3 * at)).collect::<String>();
    let large = std::path::Path::new(&std::env::var("OUT_DIR")?).join("large.md");
    std::fs::write(&large, format!("| Value | Name | Aliases |\n|---|---|---|\n{rows}"))?;
    let rows = (0..256).map(|value| format!("| {value} | Name{value} |\n")).collect::<String>();
    let full = std::path::Path::new(&std::env::var("OUT_DIR")?).join("full.md");
    std::fs::write(&full, format!("+++\nrepr = \"u8\"\n+++\n\n| Value | Name |\n|---|---|\n{rows}"))?;
    let builder = statuswire_codegen::Builder::new().tables("ROOT/codegen/tests/tables").tables(large).tables(full);
    Ok(builder.reexport("::sw::codes::websocket_close").runtime("::sw").sum(true).build_script("codes.rs")?)
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

/// What a code of another crate's table says.
pub fn meaning(code: codes::ErrorCode) -> &'static str {
    match code {
        codes::ErrorCode::WebsocketClose(code) => code.meaning(),
        _ => codes::websocket_close::TABLE.name,
    }
}

const _: () = {
    use codes::large::ErrorCode;
    assert!(ErrorCode::ALL.len() == 600);
    assert!(codes::full::ErrorCode::ALL.len() == 256); // no value is left for an unlisted one
    let mut value = 0;
    while value < 1803 {
        let code = ErrorCode::from_value(value);
        assert!(code.value() == value && code.is_listed() == (value % 3 == 0 && value < 1800));
        assert!(!code.is_listed() || ErrorCode::ALL[value as usize / 3].value() == value);
        value += 1;
    }
};
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
    for arguments in [&["check", "--offline"] as &[_], &["doc", "--no-deps", "--offline"]] {
        let output = Command::new(env!("CARGO"))
            .args(arguments)
            .current_dir(&package)
            .env("CARGO_TARGET_DIR", home.join("target"))
            .env("RUSTDOCFLAGS", "-D warnings")
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
