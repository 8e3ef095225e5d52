//! The page about table files: its example is a table that can be built, and it tells of every key and column.

use statuswire_codegen::{Builder, Classification, Kind, Origin, Outcome, Recovery};
use std::fs;

const PAGE: &str = include_str!("../../codes/README.md");

fn example() -> &'static str {
    let start = PAGE.split_once("````markdown\n").unwrap().1;
    start.split_once("````").unwrap().0
}

#[test]
fn the_example_is_a_table() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("scale.md");
    fs::write(&path, example()).unwrap();
    let builder = Builder::new().tables(&path);
    let tables = builder.check().unwrap();
    let [table] = tables.as_slice() else { panic!("one table") };
    let names: Vec<_> = table.codes.iter().map(|code| code.identifier.as_str()).collect();
    assert_eq!(names, ["Ok", "Settling", "SensorBroken", "Overload", "Empty", "Sleeping", "CableLost"]);
    let classification = |row: usize| {
        let Classification { kind, outcome, recovery, origin, .. } = table.codes[row].classification;
        (kind, outcome, recovery, origin)
    };
    assert_eq!(classification(1), (Kind::Ok, Outcome::Progress, Recovery::Nothing, Origin::Server));
    assert_eq!(
        classification(2),
        (Kind::Internal, Outcome::Error, Recovery::AskOperator, Origin::Server),
        "of the table"
    );
    assert_eq!(
        classification(4),
        (Kind::FailedPrecondition, Outcome::Error, Recovery::Correct, Origin::Server),
        "of the group"
    );
    assert_eq!(
        classification(6),
        (Kind::Unavailable, Outcome::Error, Recovery::Reconnect, Origin::Client),
        "of the row"
    );
    assert_eq!(table.codes[5].reasons.len(), 2);
    assert_eq!((table.ranges[0].row.value, table.ranges[0].last), (200, 255));
    assert!(builder.generate().unwrap().contains("pub mod scale"));
}

#[test]
fn the_example_of_rules_can_be_built() {
    let rules = PAGE.split_once("## Rules").unwrap().1.split_once("```toml\n").unwrap().1.split_once("```").unwrap().0;
    let directory = tempfile::tempdir().unwrap();
    let table = "value,name\n1,OFFLINE\n2,WRONG_PIN\n3,PAPER_OUT\n4,OTHER\n5,SEVERAL_FAULTS\n";
    fs::write(directory.path().join("printer.csv"), table).unwrap();
    fs::write(directory.path().join("printer.rules.toml"), rules).unwrap();
    let tables = Builder::new().tables(directory.path()).check().unwrap();
    let [table] = tables.as_slice() else { panic!("one table") };
    let rules = table.rules.as_ref().unwrap();
    let codes: Vec<_> = rules.rules.iter().map(|rule| table.codes[rule.code].name.as_str()).collect();
    assert_eq!(codes, ["OFFLINE", "WRONG_PIN", "PAPER_OUT", "OTHER"]);
    let conditions: Vec<_> = rules.conditions.iter().map(|condition| condition.identifier.as_str()).collect();
    assert_eq!(conditions, ["NoAnswer", "PinSent"]);
    assert_eq!(rules.several.map(|at| table.codes[at].name.as_str()), Some("SEVERAL_FAULTS"));
}

#[test]
fn every_column_and_key_is_told_of() {
    for column in [
        "Value",
        "Name",
        "Meaning",
        "Kind",
        "Outcome",
        "Recovery",
        "Origin",
        "HTTP",
        "Aliases",
        "Reasons",
        "Commands",
        "Since",
        "Deprecated",
    ] {
        assert!(PAGE.contains(&format!("\n| `{column}` | ")), "{column}");
    }
    for key in ["status", "method", "path", "text", "not_text", "when", "code"] {
        assert!(PAGE.contains(&format!("\n| `{key}` | ")), "{key}");
    }
    for key in ["name", "title", "repr", "source", "revision", "family", "members", "[default]", "[[part]]"] {
        assert!(PAGE.contains(&format!("\n| `{key}` | ")), "{key}");
    }
}

#[test]
fn every_table_is_linked() {
    for entry in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/codes")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(name == "README.md" || PAGE.contains(&format!("[`{name}`]({name})")), "{name}");
    }
}
