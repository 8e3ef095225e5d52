//! Tables that were written for this: they are read alike with and without the features that read other pages and files.
#![allow(clippy::unwrap_used)]

use statuswire_codegen::Builder;
use std::path::Path;

/// Writes a file into a directory of its own; returns its code, or the messages.
fn generate(name: &str, text: &str) -> Result<String, String> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    std::fs::write(&path, text).unwrap();
    Builder::new().tables(path).generate().map_err(|error| error.to_string())
}

const NUMBERS: &str = r#"+++
title = "Label printer"

[default]
kind = "INTERNAL"

[group."Media"]
kind = "FAILED_PRECONDITION"

[rename]
"17" = "COVER_OPEN"

[drop]
"18" = "a duplicate"
+++

# Status of a [label printer](https://example.com)

| Value | Name | Value of the register | Meaning |
|---|---|---|---|
| 0x0 | `IDLE` | 1 | Nothing to *do*. |

## Media

| Name | Value | Aliases | Meaning |
|------|-------|---------|---------|
| PAPER_OUT | 16 | NO_PAPER, `EMPTY` | The roll is empty; see <b>page 3</b> & [this](https://example.com/x). |
| C0V | 17 | | |
| C0V2 | 18 | | |
| VENDOR | 3000-3999 | | |
"#;

#[test]
fn a_table_with_value_and_name_is_read() {
    let code = generate("printer.md", NUMBERS).unwrap();
    for expected in [
        "pub fn from_name",
        "16 => ErrorCode::PaperOut",
        "17 => ErrorCode::CoverOpen",
        "0 => ErrorCode::Idle",
        "\"EMPTY\"",
        "group: \"Media\"",
        "kind: rt::Kind::FailedPrecondition",
        "The roll is empty; see page 3 & this.",
    ] {
        assert!(code.contains(expected), "{expected} is missing in\n{code}");
    }
    assert!(!code.contains("C0v2"));
}

#[test]
fn values_may_be_texts_and_hexadecimal_digits() {
    let texts = "+++\nrepr = \"ascii(5)\"\n+++\n| Value | Name |\n|---|---|\n| 42P01 | LOST |\n| a.b | DOTTED |\n";
    let texts = generate("states.md", texts).unwrap();
    assert!(texts.contains("\"42P01\""));
    let digits = "+++\nrepr = \"hex2\"\n+++\n\n| Value | Name |\n|---|---|\n| 0B | BAD |\n| 10 | GOOD |\n";
    let code = generate("digits.md", digits).unwrap();
    assert!(code.contains("11 => ErrorCode::Bad") && code.contains("16 => ErrorCode::Good"), "{code}");
}

#[test]
fn mistakes_are_reported_with_their_places() {
    let table = "| Value | Name |\n|---|---|\n| 1 | ONE |\n| x | TWO |\n| 1 | THREE | 3 |\n|  | FOUR |\n";
    let messages = generate("wrong.md", table).unwrap_err();
    for expected in [
        "the value `x` is no integer",
        "wrong.md:4:3",
        "the value 1 is given twice, first in line 3",
        "the row has 3 cells under a header of 2",
        "4 diagnostics",
    ] {
        assert!(messages.contains(expected), "{expected} is missing in\n{messages}");
    }
}

/// The code that this crate's users get for the shipped tables depends on no feature.
#[test]
fn the_shipped_tables_are_read() {
    let [codes, core] = ["../codes", "../core/codes"].map(|codes| Path::new(env!("CARGO_MANIFEST_DIR")).join(codes));
    let code = Builder::new().tables(codes).tables(core).runtime("crate").sum(true).strict(true).generate().unwrap();
    assert!(code.contains("pub mod websocket_close"));
}

#[cfg(not(feature = "pages"))]
#[test]
fn what_needs_a_feature_says_so() {
    let other = generate("page.md", "| Status code | Constant |\n|---|---|\n| 1 | ONE |\n").unwrap_err();
    assert!(other.contains("the table lists no codes") && other.contains("the feature `pages`"), "{other}");
    let columns = "+++\n[columns]\nvalue = \"Status code\"\n+++\n| Status code | Name |\n|---|---|\n| 1 | ONE |\n";
    let columns = generate("page.md", columns).unwrap_err();
    assert!(columns.contains("page.md:3:") && columns.contains("enable the feature `pages`"), "{columns}");
    assert!(columns.contains("2 diagnostics"), "the columns and the table, each once: {columns}");
    for (name, feature) in [("x.csv", "csv"), ("x.json", "json"), ("x.toml", "toml")] {
        let message = generate(name, "value,name\n1,ONE\n").unwrap_err();
        assert!(message.contains(&format!("enable the feature `{feature}` of statuswire-codegen")), "{message}");
    }
}
