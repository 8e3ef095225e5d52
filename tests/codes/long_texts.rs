//! Long texts are searched in time that grows with their length: at these sizes, anything else would take a minute or more.

mod foreign {
    include!("../../codegen/tests/golden/all.rs");
}

use foreign::ranges::ErrorCode;
use statuswire::__private::v1 as rt;
use statuswire::codes::explain::{Registry, explain};
use statuswire::codes::{Field, Kind, Origin, Outcome, Recovery, TableInfo};

/// A table with one range, as generated code states it.
static WIDE: TableInfo = rt::table_info(table(&[], &WIDE_RANGES));
static WIDE_RANGES: [rt::RangeInfo; 1] = [rt::range_info(rt::Value::Number(1_000_000), &WIDE, row(0, "Any"))];

const fn table(codes: &'static [rt::CodeInfo], ranges: &'static [rt::RangeInfo]) -> rt::Table {
    rt::Table {
        name: "wide",
        title: "Wide",
        source: "a test",
        revision: "1",
        form: rt::Form::Integer { lowest: 0, highest: 4_294_967_295 },
        family: Some("wide"),
        members: &[],
        codes,
        ranges,
        parts: &[],
    }
}

const fn row(value: i64, name: &'static str) -> rt::Row {
    rt::Row {
        value: rt::Value::Number(value),
        name,
        group: "",
        meaning: "A row.",
        kind: Kind::Internal,
        outcome: Outcome::Error,
        recovery: Recovery::AskOperator,
        origin: Origin::Server,
        http_status: None,
        aliases: &[],
        reasons: &[],
        commands: &[],
    }
}

#[test]
fn literals_behind_holes_are_searched_once() {
    let busy = &ErrorCode::Busy.info().unwrap().reasons[2];
    assert_eq!(busy.text(), "{{busy}} by {who:text} since {at:i64}");
    let starts = "{busy} by me ".repeat(100_000);
    assert!(busy.find(&starts).is_none());
    let text = format!("{starts}since never, {starts}since 5!");
    let found = busy.find(&text).unwrap();
    assert_eq!(found.text(), format!("{starts}since 5"));
    assert_eq!(found.get("at"), Some(Field::Signed(5)));
    let near = "{busy} by me sinc {busy} by me since -".repeat(100_000);
    assert!(busy.find(&near).is_none());
    assert_eq!(busy.find(&format!("{near}1")).unwrap().get("at"), Some(Field::Signed(-1)));
}

#[test]
fn literals_behind_several_holes_are_searched_once() {
    static PIECES: [rt::Piece; 6] = [
        rt::Piece::Literal("a "),
        rt::hole("x", rt::Hole::Text),
        rt::Piece::Literal(" b "),
        rt::hole("y", rt::Hole::Text),
        rt::Piece::Literal(" c "),
        rt::hole("z", rt::Hole::U32),
    ];
    let template = rt::template("a {x:text} b {y:text} c {z:u32}", &PIECES);
    let many = "a 1 b 2 ".repeat(100_000);
    assert!(template.find(&many).is_none());
    assert!(template.find(&format!("{many} c none")).is_none());
    let found = template.find("a 1 b 2 a 3 b 4 c none a 5 b 6 c 7").map(|found| found.text());
    assert_eq!(found, Some("a 5 b 6 c 7"));
    assert_eq!(template.find(&format!("{many} c none {many} c 3")).unwrap().get("z"), Some(Field::Unsigned(3)));
}

#[test]
fn a_number_without_end_fits_no_hole() {
    let left = &ErrorCode::Busy.info().unwrap().reasons[1];
    let digits = "0".repeat(40);
    assert_eq!(left.find(&format!("busy, {digits} s left")).unwrap().get("seconds"), Some(Field::Unsigned(0)));
    assert!(left.find(&format!("busy, {digits}0 s left")).is_none());
    static PIECES: [rt::Piece; 2] = [rt::hole("n", rt::Hole::U64), rt::Piece::Literal(" left")];
    let template = rt::template("{n:u64} left", &PIECES);
    assert!(template.find(&"9".repeat(1_000_000)).is_none());
    assert_eq!(template.find("x 12 left").unwrap().text(), "12 left");
}

#[test]
fn very_many_codes_in_one_text_are_each_found_once() {
    let registry = Registry::empty().with(&WIDE);
    let text: String = (0..100_000).chain(0..100_000).map(|value| format!("{value} ")).collect();
    assert_eq!(registry.explain(&text).matches.len(), 100_000);
    let log: String = (0..50_000).map(|value| format!("it failed with code {value}\n")).collect();
    assert_eq!(registry.explain(&log).matches.len(), 50_000);
}

#[test]
fn a_large_table_is_listed_and_searched_for_near_names() {
    let names = (0..100_000).map(|number| &*format!("Failure{number:05}").leak());
    let rows: Vec<_> = names.zip(0..).map(|(name, value)| rt::code_info(&WIDE, row(value, name))).collect();
    let registry = Registry::empty().with(Box::leak(Box::new(rt::table_info(table(rows.leak(), &[])))));
    let explanation = registry.explain("Failure1234x");
    assert_eq!(explanation.nearest.len(), 5);
    assert_eq!(explanation.nearest[0].name, "Failure12340");
    assert_eq!(registry.explain("wide").matches.len(), 100_000);
}

#[test]
fn any_line_end_ends_a_line_of_a_log() {
    for end in ["\n", "\r\n", "\r"] {
        // Without a line end, `22 keys` is an amount, and `code` labels it.
        let found = |text: &str| explain(text).matches.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert!(found(&format!("it failed with code{end}4 of 22 keys")).is_empty(), "{end:?}");
        assert_eq!(found(&format!("it failed with code 22{end}keys are lost")), found("22"), "{end:?}");
    }
}
