//! The program `explain`, as a person calls it.

use serde_json::Value as Json;
use std::process::{Command, Output};

fn explain(arguments: &[&str]) -> Output {
    Command::new(crate::program::path("explain")).args(arguments).output().unwrap()
}

fn stdout(arguments: &[&str]) -> String {
    let output = explain(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn all_rows_are_listed() {
    let rows: Vec<Json> = serde_json::from_str(&stdout(&["--all", "--json"])).unwrap();
    let count = |table: &str| rows.iter().filter(|row| row["table"] == table).count();
    for (table, rows) in [
        ("blazeauth", 49),
        ("blazeauth-close", 18),
        ("drupal", 64),
        ("edgware/error", 3),
        ("edgware/operation", 12),
        ("edgware/entity", 16),
        ("nemesis", 24),
        ("websocket-close", 23),
    ] {
        assert_eq!(count(table), rows, "{table}");
    }
    for row in &rows {
        let keys: Vec<_> = row.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys.len(), 10, "{keys:?}");
        for text in ["table", "name", "group", "kind", "outcome", "recovery", "origin", "meaning"] {
            assert!(row[text].as_str().is_some_and(|text| !text.is_empty()), "{row}");
        }
        assert!(row["http_status"].is_u64(), "{row}");
        let is_text = row["table"].as_str().unwrap().starts_with("edgware") || row["group"] == "Ranges";
        assert!(if is_text { row["value"].is_string() } else { row["value"].is_i64() }, "{row}");
    }
    let row = rows.iter().find(|row| row["table"] == "edgware/entity" && row["name"] == "System").unwrap();
    assert_eq!(row["value"], "0a");
    let text = stdout(&["--all"]);
    assert_eq!(text.lines().filter(|line| line.starts_with("    ")).count(), rows.len());
}

#[test]
fn words_are_explained() {
    assert!(stdout(&["nemesis-sessions", "22"]).starts_with("nemesis-sessions 22 KeyNotExist (Keys)\n"));
    assert!(stdout(&["4201", "rate limited, 37 seconds left"]).contains("seconds = 37"));
    assert!(stdout(&["-1"]).starts_with("drupal -1 UNDEFINED"));
    assert!(stdout(&[r#"{"KV_GET_RSP":{"st":26}}"#]).starts_with("nemesis 26 ParamMissing"));
    let rows: Vec<Json> = serde_json::from_str(&stdout(&["edgware", "2030d", "--json"])).unwrap();
    assert_eq!((rows.len(), &rows[0]["value"], &rows[0]["kind"]), (1, &Json::from("2030d"), &Json::from("NOT_FOUND")));
    let rows: Vec<Json> = serde_json::from_str(&stdout(&["--json", "4201 rate limited, 37 seconds left"])).unwrap();
    assert_eq!(rows[0]["fields"]["seconds"], 37);
}

#[test]
fn misspelt_names_get_suggestions_and_a_status() {
    let output = explain(&["KeyNotExst"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8(output.stderr).unwrap().contains("did you mean: KeyNotExist (nemesis 22,"));
    let output = explain(&["999999"]);
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(1), b"no table lists 999999\n".as_slice()));
    assert!(stdout(&["0x79"]).contains("121 SaveDirWriteFail"));
    let output = explain(&["--json", "KeyNotExst"]);
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), b"[]\n".as_slice()));
    assert_eq!(explain(&[]).status.code(), Some(2));
}
