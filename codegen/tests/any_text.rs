//! Any text becomes code or messages. Nothing panics.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use statuswire_codegen::{Builder, Source};

/// Pieces that mean something to one of the parsers, or are awkward to count.
const PIECES: &[&str] = &[
    "|",
    "\\|",
    "\\",
    "`",
    "+++\n",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "[",
    "]",
    "<br>",
    "<b>",
    "&lt;",
    "*",
    "_",
    "=",
    "\"",
    "'''",
    "#",
    "## ",
    "> ",
    "- ",
    "日本",
    "e\u{301}",
    "\u{202e}",
    "\u{feff}",
    "\0",
    "🦀",
    "| 1 | Ok | x |\n",
    "|---|---|---|\n",
    "kind = ",
    "http = 5\n",
    "[group.\"Keys\"]\n",
    "Unlisted",
    "99999999999999999999",
    "-",
    "Self",
    "[[part]]\n",
    "digits = 9\n",
    "hex2",
    "0f",
    "{",
    "}",
    "{a:u32}",
    "{b:text}",
    "100-50",
    "<table>",
    "</table>",
    "<tr>",
    "<td rowspan=3 colspan=2>",
    "<th>Code",
    "4xx",
    "[[rule]]\n",
    "[conditions]\n",
    "status = \"5xx\"\n",
    "text = ",
    "when = \"lost\"\n",
    "code = 3\n",
    "...",
    "**/",
];

/// What the pieces are thrown into.
const TABLES: &[&str] = &["small", "ranges", "composed", "hex"];

proptest! {
    #[test]
    fn a_table_with_pieces_thrown_in_is_read_or_refused(
        table in prop::sample::select(TABLES),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..8usize, prop::sample::select(PIECES)), 1..12)
    ) {
        let mut text = std::fs::read_to_string(format!("tests/tables/{table}.md")).unwrap();
        edit(&mut text, edits);
        read_or_refused(&text)?;
    }

    #[test]
    fn edited_rules_are_read_or_refused(
        edits in proptest::collection::vec((any::<proptest::sample::Index>(), 0..20usize, proptest::sample::select(PIECES)), 1..6)
    ) {
        let mut text = std::fs::read_to_string("tests/tables/ruled.rules.toml").unwrap();
        edit(&mut text, edits);
        let directory = tempfile::tempdir().unwrap();
        std::fs::copy("tests/tables/ruled.md", directory.path().join("ruled.md")).unwrap();
        std::fs::write(directory.path().join("ruled.rules.toml"), &text).unwrap();
        answered(Builder::new().tables(directory.path()), &text)?;
    }

    #[test]
    fn any_text_at_all_is_read_or_refused(text: String) {
        read_or_refused(&text)?;
        read_or_refused(&format!("+++\n{text}\n+++\n"))?;
        read_or_refused(&format!("+++\n+++\n| Value | Name | Meaning |\n|---|---|---|\n{text}"))?;
    }
}

#[test]
fn the_seeds_of_the_fuzz_target_are_read_or_refused() {
    let seeds: Vec<_> = std::fs::read_dir("../fuzz/seeds/table").unwrap().collect();
    assert!(!seeds.is_empty());
    for seed in seeds {
        let text = std::fs::read_to_string(seed.unwrap().path()).unwrap();
        let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
        for end in ends.step_by(text.len() / 16 + 1) {
            read_or_refused(&text[..end]).unwrap();
        }
    }
}

/// Replaces a few characters at a time.
fn edit(text: &mut String, edits: Vec<(proptest::sample::Index, usize, &str)>) {
    for (at, removed, piece) in edits {
        let boundaries: Vec<_> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let at = at.index(boundaries.len());
        let end = (at + removed).min(boundaries.len() - 1);
        text.replace_range(boundaries[at]..boundaries[end], piece);
    }
}

/// Without a diagnostic there is code; with one, its place is in the text.
fn read_or_refused(text: &str) -> Result<(), TestCaseError> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    answered(Builder::new().tables(file.path()), text)
}

fn answered(builder: Builder, text: &str) -> Result<(), TestCaseError> {
    match builder.generate() {
        Ok(code) => prop_assert!(code.contains("pub enum ErrorCode") || code.contains("pub struct ErrorCode")),
        Err(error) => {
            prop_assert!(!error.to_string().is_empty());
            for diagnostic in error.diagnostics() {
                let place = diagnostic.place().unwrap();
                let source = Source::new("", text);
                let lines: Vec<_> = source.text().split('\n').collect();
                prop_assert!((1..=lines.len()).contains(&place.line), "{diagnostic}");
                prop_assert!((1..=lines[place.line - 1].chars().count() + 1).contains(&place.column), "{diagnostic}");
            }
        }
    }
    Ok(())
}
