//! Large files: rows, lists and messages cost time in proportion to their number. At these sizes, comparing all items with
//! each other, or printing the whole line with each message, would take minutes.

use statuswire_codegen::{Builder, Error, Place};
use std::fmt::Display;

const ITEMS: usize = 20_000;
const HEADER: &str = "| Value | Name | Meaning |";

fn file(more: &str, body: impl Display) -> String {
    format!(
        "+++\nname = \"big\"\ntitle = \"Big\"\nrepr = \"u32\"\nsource = \"made up\"\nrevision = \"1\"\n{more}\n\
         [default]\nkind = \"INTERNAL\"\n+++\n\n{body}"
    )
}

fn list(separator: &str, item: impl Fn(usize) -> String) -> String {
    (0..ITEMS).map(item).collect::<Vec<_>>().join(separator)
}

fn table(header: &str, rows: impl Display) -> String {
    format!("{header}\n|{}\n{rows}\n", "---|".repeat(header.matches('|').count() - 1))
}

/// A table of one row with a cell in one more column.
fn cell(column: &str, cell: impl Display) -> String {
    file("", table(&format!("{HEADER} {column} |"), format_args!("| 1 | One | x | {cell} |")))
}

fn generate(text: &str) -> Result<String, Error> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    Builder::new().tables(file.path()).generate()
}

/// All diagnostics have a place, and no message is longer than a screen.
#[track_caller]
fn refused(text: &str, count: usize, what: &str) -> Vec<Place> {
    let error = generate(text).unwrap_err();
    assert_eq!(error.diagnostics().len(), count, "{error}");
    assert!(error.diagnostics().iter().any(|diagnostic| diagnostic.what().contains(what)), "{error}");
    for diagnostic in error.diagnostics() {
        assert!(diagnostic.what().chars().count() < 400, "{diagnostic}");
    }
    let printed = error.to_string();
    assert!(printed.len() < 150_000, "{} bytes", printed.len());
    assert!(printed.lines().all(|line| line.chars().count() < 400), "a line is too long");
    assert_eq!(printed.matches("error: ").count(), count.min(100));
    if count > 100 {
        let end = format!("\n{count} diagnostics in the tables: the first 100 above, and {} more", count - 100);
        assert!(printed.ends_with(&end), "{}", &printed[printed.len() - 200..]);
    }
    error.diagnostics().iter().map(|diagnostic| diagnostic.place().unwrap()).collect()
}

#[test]
fn lists_in_one_cell_are_read() {
    let code = generate(&cell("Aliases", list(", ", |item| format!("Alias{item}")))).unwrap();
    assert_eq!(code.matches("Another name of").count(), ITEMS);
    generate(&cell("Commands", list(", ", |item| format!("GET {item}")))).unwrap();
    generate(&cell("Reasons", list(", ", |item| format!("`reason {item}`")))).unwrap();
    generate(&cell("Reasons", format_args!("`{}`", list(" and ", |item| format!("{{a{item}:u32}}"))))).unwrap();
    let members = format!("members = \"{}\"", list(", ", |item| format!("m{item}")));
    generate(&file(&members, table(HEADER, "| 1 | One | x |"))).unwrap();
}

#[test]
fn wrong_items_of_lists_are_reported() {
    refused(&cell("Aliases", list(", ", |_| "Same".to_owned())), ITEMS - 1, "repeats another name of its row");
    refused(&cell("Aliases", list(", ", |item| item.to_string())), ITEMS, "makes no identifier");
    refused(&cell("Reasons", list(", ", |item| format!("`{{{item}`"))), ITEMS, "the hole has no end");
    let places =
        refused(&cell("Reasons", list(" é ", |item| format!("`{item}`"))), ITEMS - 1, "is outside the backticks");
    assert!(places.is_sorted() && places[ITEMS - 2].column > 9 * ITEMS);
    let twice = format!("{}, `7`", list(", ", |item| format!("`{item}`")));
    refused(&cell("Reasons", twice), 1, "the reason `7` stands here twice");
    let twice = format!("{}, 7", list(", ", |item| item.to_string()));
    refused(&cell("Commands", twice), 1, "the command `7` stands here twice");
    let holes = list(" ", |item| format!("{{a{item}:u32}}"));
    refused(&cell("Reasons", format_args!("`{holes} {{a0:u32}}`")), 1, "the hole `a0` stands here twice");
}

#[test]
fn wrong_rows_are_reported() {
    let rows = |row: fn(usize) -> String| file("", table(HEADER, list("\n", row)));
    refused(&rows(|row| format!("| x{row} | N{row} | x |")), ITEMS, "is no integer");
    refused(&rows(|row| format!("| 1 | N{row} | x |")), ITEMS - 1, "is given twice");
    refused(&rows(|row| format!("| {row}-{} | N{row} | x |", row + 2)), ITEMS - ITEMS.div_ceil(3), "overlaps");
    let wide = table(&format!("{HEADER} Since |"), list("\n", |row| format!("| {row} | {row} | x | 1.0 | y |")));
    refused(&file("", wide), 2 * ITEMS, "cells under a header");
}

#[test]
fn long_texts_are_cut_in_messages() {
    let long = "x".repeat(200_000);
    let one = |row: &str| file("", table(HEADER, row));
    refused(&one(&format!("| {long} | One | x |")), 1, "xxx…` is no integer");
    refused(&one(&format!("| 1 | {long} | x |")), 1, "xxx…` is too long");
    refused(&one(&format!("| 1 | ü{long} | x |")), 1, "xxx…` is too long");
    refused(&cell("Kind", &long), 1, "xxx…` is not known");
    refused(&cell("HTTP", &long), 1, "xxx…` is no HTTP status");
    refused(&cell("Aliases", &long), 1, "xxx…` is too long");
    refused(&cell("Reasons", format_args!("`{{{long}}}`")), 1, "xxx…` has no type");
    refused(&cell("Reasons", format_args!("`{{x:{long}}}`")), 1, "xxx…` is not known");
    refused(&cell("Reasons", format_args!("`{{X{long}}}`")), 1, "xxx…` is no name");
    refused(&cell("Reasons", format_args!("`a` {long}")), 1, "xxx…` is outside the backticks");
    refused(&file(&format!("{long} = 1"), table(HEADER, "| 1 | One | x |")), 1, "xxx…` is not known here");
    refused(&file(&format!("[group.{long}]\nkind = \"OK\""), table(HEADER, "| 1 | One | x |")), 1, "xxx…`");
    refused(&one("| 1 | One | x |").replace("big", &long), 1, "xxx…` is too long");
    refused(&one("| 1 | One | x |").replace("u32", &long), 1, "xxx…` is not known");
    let heading = format!("## {long}\n\n{}", table(HEADER, list("\n", |row| format!("| {row} | N{row} | x |"))));
    refused(&file("", heading), 1, "xxx…` is too long for a group");
}

#[test]
fn many_tables_groups_keys_and_columns_are_read() {
    let tables = list("\n", |row| table(HEADER, format_args!("| {row} | N{row} | x |")));
    generate(&file("", tables)).unwrap();
    let one = table(HEADER, "| 1 | One | x |");
    refused(&file(&list("\n", |key| format!("k{key} = 1")), &one), ITEMS, "is not known here");
    refused(&file(&list("\n", |key| format!("[group.\"{key}\"]\nkind = \"OK\"")), &one), ITEMS, "no codes stand under");
    refused(
        &file(&list("\n", |key| format!("[[part]]\nname = \"p{key}\"\ndigits = 1")), &one).replace("u32", "hex1"),
        9,
        "parts",
    );
    refused(&file(&format!("a = {}", "[".repeat(ITEMS)), &one), 81, "the front matter is not valid TOML");
    let columns = format!("{HEADER} {}", "more |".repeat(ITEMS));
    generate(&file("", table(&columns, format_args!("| 1 | One | x | {}", "y |".repeat(ITEMS))))).unwrap();
    refused(&file("", table(&columns.replace("more", "Name"), "")), ITEMS + 1, "stands here twice");
}

#[test]
fn rows_with_many_missing_cells_are_not_lost() {
    let columns = format!("{HEADER} {}", "more |".repeat(20));
    let code = generate(&file("", table(&columns, list("\n", |row| format!("| {row} | N{row} | x |"))))).unwrap();
    assert_eq!(code.matches(" => ErrorCode::N").count(), ITEMS);
}

#[test]
fn every_kind_of_line_end_gives_the_same_code_and_places() {
    let good = file("", table(HEADER, "| 1 | One | x |\n| 2 | Two | x |"));
    let bad = file("", table(HEADER, list("\n", |row| format!("| x{row} | д | x |"))));
    let code = generate(&good).unwrap();
    let places = refused(&bad, 2 * ITEMS, "is no integer");
    assert_eq!(places[2], Place { line: 15, column: 3 });
    for end in ["\r", "\r\n"] {
        assert_eq!(generate(&good.replace('\n', end)).unwrap(), code);
        assert_eq!(refused(&bad.replace('\n', end), 2 * ITEMS, "is no integer"), places);
    }
}

#[test]
fn very_many_files_are_read() {
    let directory = tempfile::tempdir().unwrap();
    for number in 0..5_000 {
        let text = file("", table(HEADER, "| x | One | x |")).replace("big", &format!("t{number}"));
        std::fs::write(directory.path().join(format!("{number}.md")), text).unwrap();
    }
    let error = Builder::new().tables(directory.path()).generate().unwrap_err();
    assert_eq!(error.diagnostics().len(), 5_000);
    assert!(error.to_string().ends_with("the first 100 above, and 4900 more"));
}
