//! The messages about wrong tables, each compared with the text file next to the table.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod golden;
mod large;

use statuswire_codegen::{Builder, Diagnostic};
use std::fs;
use std::path::{Path, PathBuf};

/// The fixtures: tables of all formats, and directories of such files.
fn fixtures() -> Vec<PathBuf> {
    let mut fixtures: Vec<_> = fs::read_dir("tests/diagnostics").unwrap().map(|entry| entry.unwrap().path()).collect();
    fixtures.retain(|path| path.extension().is_none_or(|extension| extension != "txt"));
    fixtures.sort();
    fixtures
}

#[test]
fn every_diagnostic_reads_as_expected() {
    let fixtures = fixtures();
    assert!(fixtures.len() > 20, "fixtures were not found");
    for fixture in fixtures {
        let error = Builder::new().tables(&fixture).generate().expect_err(&fixture.display().to_string());
        golden::compare(&fixture.with_extension("txt"), &format!("{error}\n"));
    }
}

#[test]
fn a_missing_file_is_reported() {
    let error = Builder::new().tables("tests/diagnostics/absent.md").check().unwrap_err();
    let [diagnostic] = error.diagnostics() else { panic!("{error}") };
    assert!(diagnostic.what().starts_with("cannot read the file: "), "{diagnostic}");
    assert_eq!(diagnostic.path(), Some(Path::new("tests/diagnostics/absent.md")));
    assert_eq!(diagnostic.place(), None);
}

#[test]
fn a_directory_without_tables_is_reported() {
    let error = Builder::new().tables("src").check().unwrap_err();
    assert_eq!(error.diagnostics().iter().map(Diagnostic::what).collect::<Vec<_>>(), ["the directory holds no table"]);
}

#[test]
fn a_builder_without_tables_is_reported() {
    let error = Builder::new().check().unwrap_err();
    assert_eq!(
        error.to_string(),
        "error: there are no tables\n = help: give at least one table file, or a directory with one\n\n1 diagnostic in the tables"
    );
}

#[test]
fn a_runtime_that_is_no_path_is_reported() {
    for runtime in ["statuswire", "", "::a-b", "::sw; mod x {}"] {
        let error = Builder::new().tables("tests/tables/small.md").runtime(runtime).generate().unwrap_err();
        assert!(error.diagnostics()[0].what().contains("is no absolute path"), "{error}");
    }
}

#[test]
fn a_file_that_cannot_be_written_is_reported() {
    let error = Builder::new().tables("tests/tables/small.md").write("tests/absent/codes.rs").unwrap_err();
    assert!(error.diagnostics()[0].what().starts_with("cannot write: "), "{error}");
}
