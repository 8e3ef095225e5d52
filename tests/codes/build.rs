//! Building a copy of this crate: a new row becomes a new variant, and the tables are read again exactly when they change.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A copy of the crate, and a program that uses the copy.
struct Copy {
    root: PathBuf,
    target: PathBuf,
}

impl Copy {
    /// Makes the copy. The directory for what is built stays, so that the dependencies are built once.
    fn make(program: &str) -> Self {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("codes_build");
        let copy = Self { root: home.join("statuswire"), target: home.join("target") };
        if copy.root.exists() {
            fs::remove_dir_all(&copy.root).unwrap();
        }
        copy_directory(Path::new(env!("CARGO_MANIFEST_DIR")), &copy.root);
        let app = copy.root.join("app");
        fs::create_dir_all(app.join("src")).unwrap();
        fs::write(app.join("Cargo.toml"), MANIFEST).unwrap();
        fs::write(app.join("src/main.rs"), program).unwrap();
        fs::copy(copy.root.join("Cargo.lock"), app.join("Cargo.lock")).unwrap();
        copy
    }

    /// Runs cargo; answers with what it wrote to stdout and stderr.
    fn cargo(&self, arguments: &[&str], directory: &Path) -> (String, String) {
        let output = Command::new(env!("CARGO"))
            .args(arguments)
            .arg("--offline")
            .current_dir(directory)
            .env("CARGO_TARGET_DIR", &self.target)
            .output()
            .unwrap();
        let (stdout, stderr) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert!(output.status.success(), "cargo {arguments:?} failed:\n{stderr}");
        (stdout, stderr)
    }

    /// Builds the crate; answers whether its build script ran.
    fn build_reads_tables(&self) -> bool {
        let (_, stderr) = self.cargo(&["build", "--lib", "--verbose"], &self.root);
        // Cargo shows the script's own path when it runs it, and rustc's when it compiles it.
        stderr.lines().any(|line| {
            line.contains("Running `") && line.contains("statuswire-") && line.ends_with("build-script-build`")
        })
    }

    fn table(&self) -> PathBuf {
        self.root.join("codes/nemesis.md")
    }
}

const MANIFEST: &str = r#"
[package]
name = "app"
version = "0.0.0"
edition = "2024"

[dependencies]
statuswire = { path = ".." }

[workspace]
"#;

fn copy_directory(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        // Nothing of these is built.
        if ["target", "tests", "fuzz"].iter().any(|left_out| name == *left_out)
            || name.to_string_lossy().starts_with('.')
        {
            continue;
        }
        let path = entry.path();
        if path.is_dir() {
            copy_directory(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

#[test]
fn a_new_row_is_a_new_variant_and_tables_are_read_when_they_change() {
    let copy = Copy::make(
        r#"
        use statuswire::codes::nemesis::ErrorCode;

        fn main() {
            let code = ErrorCode::BrandNew;
            println!("{} {code} {} {:?}", code.value(), code.group(), "BrandNew".parse::<ErrorCode>());
        }
        "#,
    );
    copy.build_reads_tables();
    assert!(!copy.build_reads_tables(), "nothing changed");

    let library = copy.root.join("src/lib.rs");
    fs::write(&library, fs::read_to_string(&library).unwrap() + "\n// A change.\n").unwrap();
    assert!(!copy.build_reads_tables(), "only the library's own code changed");

    let table = fs::read_to_string(copy.table()).unwrap();
    let row = table.lines().find(|line| line.starts_with("| 1 | Ok |")).unwrap();
    let new_row = row.replace("| 1 | Ok |", "| 4711 | BrandNew |");
    fs::write(copy.table(), table.replace(row, &format!("{row}\n{new_row}"))).unwrap();
    assert!(copy.build_reads_tables(), "a row is new");
    let (stdout, _) = copy.cargo(&["run", "--quiet"], &copy.root.join("app"));
    assert_eq!(stdout, "4711 BrandNew General Ok(BrandNew)\n");

    let other = copy.root.join("codes/other.md");
    fs::write(&other, table.replace("name = \"nemesis\"", "name = \"other\"")).unwrap();
    assert!(copy.build_reads_tables(), "a table is new");
    fs::remove_file(other).unwrap();
    assert!(copy.build_reads_tables(), "a table is gone");
    assert!(!copy.build_reads_tables(), "nothing changed again");
}

#[test]
fn a_wrong_table_stops_the_build_and_is_reported() {
    let directory = tempfile::tempdir().unwrap();
    let table = Path::new(env!("CARGO_MANIFEST_DIR")).join("codes/nemesis.md");
    let path = directory.path().join("nemesis.md");
    fs::write(&path, fs::read_to_string(table).unwrap().replace("| 2 | OpCodeInvalid |", "| 1 | OpCodeInvalid |"))
        .unwrap();
    let error = statuswire_codegen::Builder::new().tables(directory.path()).check().unwrap_err();
    let message = format!("{error:?}");
    assert!(message.contains("error: the value 1 is given twice, first in line "), "{message}");
    assert!(message.contains(&format!("{}:", path.display())), "{message}");
}
