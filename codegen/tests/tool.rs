//! The tool `statuswire-codes`.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used)]

use std::process::{Command, Output};

fn tool(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_statuswire-codes")).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn check_accepts_good_tables() {
    let output = tool(&["check", "tests/tables/small.md", "tests/tables/wide_i32.md"]);
    assert!(output.status.success());
    assert_eq!(
        text(&output.stdout),
        "small-table: 12 codes, 12 with kind, 0 duplicates\nwide-i32: 9 codes, 9 with kind, 0 duplicates\n"
    );
}

#[test]
fn check_reports_the_diagnostics_and_fails() {
    let output = tool(&["check", "tests/diagnostics/several"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stderr), std::fs::read_to_string("tests/diagnostics/several.txt").unwrap());
    assert!(output.stdout.is_empty());
}

#[test]
fn generate_writes_what_the_library_writes() {
    let expected = std::fs::read_to_string("tests/golden/small.rs").unwrap();
    assert_eq!(text(&tool(&["generate", "tests/tables/small.md"]).stdout), expected);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("codes.rs");
    let output = tool(&["generate", "tests/tables/small.md", "-o", path.to_str().unwrap()]);
    assert!(output.status.success() && output.stdout.is_empty());
    assert_eq!(std::fs::read_to_string(path).unwrap(), expected);
}

#[test]
#[cfg(unix)]
fn generate_writes_into_a_pipe() {
    let expected = std::fs::read_to_string("tests/golden/small.rs").unwrap();
    let output = tool(&["generate", "tests/tables/small.md", "-o", "/dev/stdout"]);
    assert!(output.status.success());
    assert_eq!(text(&output.stdout), expected);
}

#[test]
fn list_has_a_line_for_each_code() {
    let output = tool(&["list", "tests/tables/small.md"]);
    let lines: Vec<_> = text(&output.stdout).lines().collect();
    assert_eq!(lines.len(), 12);
    assert_eq!(lines[1], "small-table\t22\tNOT_EXIST\tNOT_FOUND\terror\tcorrect\tserver\tKeys");
}

#[test]
fn wrong_use_is_reported() {
    assert_eq!(tool(&["generate"]).status.code(), Some(2));
    let output = tool(&["generate", "tests/tables/small.md", "--runtime", "sw"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).starts_with("error: the runtime `sw` is no absolute path\n"));
}

#[test]
fn list_shows_ranges_and_parts() {
    let output = tool(&["list", "tests/tables/ranges.md", "tests/tables/composed.md"]);
    let lines: Vec<_> = text(&output.stdout).lines().collect();
    assert!(lines.contains(&"ranges\t-9--1\tNegative\tOUT_OF_RANGE\terror\tcorrect\tserver\tCloses of a device"));
    assert!(lines.contains(&"composed\te0af\tPUMP_HOT\tRESOURCE_EXHAUSTED\terror\twait\tserver\tWhole codes"));
    assert!(lines.contains(&"composed/sub-system\t10-3f\tSensors\tDATA_LOSS\terror\task-operator\tserver\tSub-system"));
    let output = tool(&["check", "tests/tables/composed.md"]);
    assert_eq!(text(&output.stdout), "composed: 12 codes, 12 with kind, 0 duplicates\n");
}

#[test]
fn check_counts_and_shows_what_was_left_out() {
    let output = tool(&["check", "tests/vendor/parameters.md"]);
    assert_eq!(text(&output.stdout), "parameters: 2 codes, 0 with kind, 0 duplicates\n");
    let output = tool(&["check", "--verbose", "tests/vendor/parameters.md"]);
    assert_eq!(text(&output.stdout).matches("  left out, tests/vendor/parameters.md:").count(), 5);
    let output = tool(&["check", "--verbose", "tests/vendor/patterns.md"]);
    assert_eq!(text(&output.stdout).matches("` stands for several codes").count(), 2);
    let output = tool(&["check", "tests/tables/ruled.md"]);
    assert_eq!(text(&output.stdout), "ruled: 6 codes, 6 with kind, 0 duplicates, 5 rules\n");
    let output = tool(&["check", "tests/vendor/twins.md"]);
    assert_eq!(text(&output.stdout), "twins: 3 codes, 0 with kind, 1 duplicates\n");
}

#[test]
fn strict_demands_kinds_source_and_revision() {
    let output = tool(&["check", "--strict", "tests/vendor/least.md"]);
    assert_eq!(output.status.code(), Some(1));
    for what in ["the row has no kind", "the key `source` is missing", "the key `revision` is missing"] {
        assert!(text(&output.stderr).contains(what), "{what}");
    }
    assert!(tool(&["check", "--strict", "../codes"]).status.success());
}
