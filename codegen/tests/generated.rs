//! The generated code, compared with copies that the runtime crate's tests compile and run.
#![allow(clippy::unwrap_used)]

mod golden;

use statuswire_codegen::{Builder, Draft, Entry, Key, Located, Source};
use std::path::Path;

fn small() -> Builder {
    Builder::new().tables("tests/tables/small.md")
}

#[test]
fn a_small_table_becomes_the_expected_code() {
    golden::compare(Path::new("tests/golden/small.rs"), &small().generate().unwrap());
}

#[test]
fn all_tables_together_become_the_expected_code() {
    let code = Builder::new().tables("tests/tables").sum(true).generate().unwrap();
    golden::compare(Path::new("tests/golden/all.rs"), &code);
}

#[test]
fn a_module_of_another_crate_is_one_of_the_sum() {
    let printer = "::shared::codes::label_printer";
    let code = small().reexport(printer).sum(true).generate().unwrap();
    for part in [
        "\npub use ::shared::codes::label_printer;\n",
        "LabelPrinter(label_printer::ErrorCode)",
        "&label_printer::TABLE]",
    ] {
        assert!(code.contains(part), "{part} is missing in\n{code}");
    }
    assert!(!small().reexport(printer).generate().unwrap().contains("LabelPrinter"), "there is no sum");
    let message = |builder: Builder| builder.generate().unwrap_err().to_string();
    for path in [
        "",
        "crate",
        "::shared",
        "shared::printer",
        "::shared::",
        "::shared::mod",
        "::shared::_1",
        "::shared::ErrorCode",
        "::shared::foreign",
    ] {
        let message = message(small().reexport(path));
        assert!(message.contains(&format!("`{path}` is no absolute path of a table's module")), "{path}: {message}");
    }
    for taken in
        [small().reexport("::shared::small_table"), small().reexport(printer).reexport("::other::label_printer")]
    {
        let message = message(taken);
        assert!(message.contains("is re-exported, and there is another of this name"), "{message}");
    }
}

#[test]
fn the_code_names_the_runtime_it_was_told() {
    let code = small().runtime("::sw").generate().unwrap();
    assert!(code.contains("use ::sw::__private::v1 as rt;"));
    assert!(!code.contains("statuswire::"));
}

#[test]
fn writing_the_same_code_again_leaves_the_file_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("codes.rs");
    small().write(&path).unwrap();
    // Writing to a read-only file would fail.
    let mut permissions = std::fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    let before = std::fs::metadata(&path).unwrap().modified().unwrap();
    std::fs::set_permissions(&path, permissions).unwrap();
    small().write(&path).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().modified().unwrap(), before);
}

#[test]
fn a_table_of_another_format_goes_the_same_way() {
    let source = Source::new("codes.csv", "1,Ok\n2,Lost\n2,Again\n");
    let at = |range: std::ops::Range<usize>| Located { text: source.text()[range.clone()].into(), range };
    let said = |text: &str| Located { text: text.into(), range: 0..0 };
    let row = |value, name: std::ops::Range<usize>| {
        let mut row = Entry::new(name.clone(), None);
        row.words = vec![
            (Key::Value, at(value)),
            (Key::Name, at(name)),
            (Key::Meaning, said("A row.")),
            (Key::Kind, said("INTERNAL")),
        ];
        row
    };
    let mut draft = Draft::new(source.clone(), 0..0);
    draft.head.words = vec![
        (Key::Name, said("csv")),
        (Key::Title, said("CSV")),
        (Key::Repr, said("u8")),
        (Key::Source, said("a file")),
        (Key::Revision, said("1")),
    ];
    draft.rows = vec![row(0..1, 2..4), row(5..6, 7..11)];
    let code = Builder::new().draft(draft.clone()).generate().unwrap();
    assert!(code.contains("2 => ErrorCode::Lost,"));

    draft.rows.push(row(12..13, 14..19));
    let error = Builder::new().draft(draft).generate().unwrap_err();
    assert_eq!(error.diagnostics()[0].what(), "the value 2 is given twice, first in line 2");
    assert_eq!(error.diagnostics()[0].place().map(|place| (place.line, place.column)), Some((3, 1)));
}

#[test]
fn a_draft_of_a_program_is_quoted_instead_of_a_place() {
    let row = |value: &str, name: &str| {
        let mut row = Entry::new(Located::NOWHERE, None);
        let words = [(Key::Value, value), (Key::Name, name), (Key::Meaning, "A row."), (Key::Kind, "INTERNAL")];
        row.words = words.into_iter().map(|(key, text)| (key, Located::new(text))).collect();
        row
    };
    let mut draft = Draft::new(Source::new("codes.csv", ""), Located::NOWHERE);
    let words = [(Key::Name, "csv"), (Key::Title, "CSV"), (Key::Repr, "u8"), (Key::Source, "a file")];
    draft.head.words = words.into_iter().map(|(key, text)| (key, Located::new(text))).collect();
    draft.rows = vec![row("1", "Ok"), row("2", "Lost"), row("2", "Again"), row("3", "LOST"), row("x", "X")];
    let error = Builder::new().draft(draft).generate().unwrap_err();
    assert!(error.diagnostics().iter().all(|diagnostic| diagnostic.place().is_none()));
    golden::compare(Path::new("tests/golden/draft.txt"), &format!("{error}\n"));
}
