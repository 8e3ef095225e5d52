//! A new project next to a clone of this repository.

use crate::sources::ROOT;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// It is no member of the workspace that may be around it.
const MANIFEST: &str = "[package]\nname = \"hello\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n";

pub struct Project {
    directory: PathBuf,
    target: PathBuf,
}

impl Project {
    /// A project without dependencies and programs. What was built before is kept.
    pub fn new(name: &str) -> Self {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("documentation");
        let project = Self { directory: home.join(name), target: home.join("target") };
        let _ = fs::remove_dir_all(&project.directory);
        project.write("Cargo.toml", MANIFEST);
        project.write("src/lib.rs", "");
        // Only its versions are certain to be there without a network.
        fs::copy(Path::new(ROOT).join("Cargo.lock"), project.directory.join("Cargo.lock")).unwrap();
        project
    }

    /// Writes a file.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.directory.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Runs every `cargo add` that a page shows, in code blocks and in the text.
    pub fn add(&self, page: &str) {
        for shown in page.split("cargo add ").skip(1) {
            let shown = shown.split(['\n', '`', '#']).next().unwrap();
            let arguments = shown.split_whitespace().map(|word| match word.strip_prefix("../statuswire") {
                Some(path) => format!("{ROOT}{path}"),
                None => word.to_owned(),
            });
            self.cargo(["add".to_owned()].into_iter().chain(arguments));
        }
    }

    /// Checks the library, all programs, examples and tests.
    pub fn check(&self) {
        self.cargo(["check", "--lib", "--bins", "--examples", "--tests"].map(str::to_owned));
    }

    fn cargo(&self, arguments: impl IntoIterator<Item = String>) {
        let mut command = Command::new(env!("CARGO"));
        command.args(arguments).arg("--offline").current_dir(&self.directory).env("CARGO_TARGET_DIR", &self.target);
        // Only what the compiler says matters.
        command.env("CARGO_PROFILE_DEV_DEBUG", "0").env("CARGO_INCREMENTAL", "0");
        let output = command.output().unwrap();
        assert!(output.status.success(), "{command:?}:\n{}", String::from_utf8_lossy(&output.stderr));
    }
}
