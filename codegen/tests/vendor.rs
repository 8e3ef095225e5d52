//! Pages as vendors write them, each with the codes that a person reads there: table, value, name and group, or the message
//! that stops the build.
#![allow(clippy::unwrap_used)]

mod golden;

use statuswire_codegen::{Builder, Table};
use std::fs;
use std::path::Path;

/// Returns a line for each code.
fn lines(table: &Table) -> String {
    let code = |code| table.show(code);
    let codes = table.codes.iter().map(|row| (code(row), row));
    let ranges = table
        .ranges
        .iter()
        .map(|range| (format!("{} to {}", code(&range.row), table.repr.show(range.last)).into(), &range.row));
    let rows = codes.chain(ranges).map(|(value, row)| format!("{value}\t{}\t{}\n", row.name, row.group));
    let parts = table.parts.iter().map(lines);
    format!("# {}, {}\n{}", table.name, table.repr, rows.chain(parts).collect::<String>())
}

#[test]
fn every_page_is_read_as_a_person_reads_it() {
    let mut pages: Vec<_> = fs::read_dir("tests/vendor").unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.retain(|path| {
        let name = path.to_str().unwrap();
        !name.ends_with(".txt") && !name.ends_with(".fix.toml")
    });
    pages.sort();
    assert!(pages.len() > 24, "pages were not found");
    for page in pages {
        let read = match Builder::new().tables(&page).report() {
            Ok(reports) => reports.iter().map(|report| lines(&report.table)).collect(),
            Err(error) => format!("{error}\n"),
        };
        let name = format!("{}.txt", page.file_name().unwrap().to_str().unwrap());
        golden::compare(&Path::new("tests/vendor").join(name), &read);
    }
}
