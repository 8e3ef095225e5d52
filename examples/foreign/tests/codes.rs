//! The tables of this project, as code.

use printer::codes::{self, printer as table, self_test};
use sw::codes::{AnyCode, Classification, Kind, Outcome, Recovery};

#[test]
fn the_printers_codes_are_complete() {
    use table::ErrorCode;
    assert_eq!(ErrorCode::from_value(65_536), ErrorCode::PaperOut);
    assert_eq!("out of paper".parse::<ErrorCode>().ok(), Some(ErrorCode::PaperOut));
    assert_eq!(ErrorCode::from_name("JAM").map(ErrorCode::value), Some(u32::MAX));
    let classification = |code: ErrorCode| (code.kind(), code.outcome(), code.recovery(), code.http_status());
    assert_eq!(classification(ErrorCode::Ok), (Kind::Ok, Outcome::Success, Recovery::Nothing, Some(200)));
    assert_eq!(
        classification(ErrorCode::BadLabel),
        (Kind::InvalidArgument, Outcome::Error, Recovery::Correct, Some(422))
    );
    assert_eq!(classification(ErrorCode::None), (Kind::NotFound, Outcome::Warning, Recovery::Nothing, Some(404)));
    let newer = ErrorCode::from_value(65_538);
    assert_eq!((newer.to_string().as_str(), newer.classification()), ("65538", Classification::UNLISTED));
}

#[test]
fn a_code_of_another_crate_is_foreign_to_statuswire() {
    let any = AnyCode::of(table::ErrorCode::PaperOut);
    assert_eq!(any, table::ErrorCode::PaperOut);
    assert_eq!(any.downcast(), Some(table::ErrorCode::PaperOut));
    assert_eq!(sw::ErrorCode::from(any), sw::ErrorCode::Foreign(any));
    assert_eq!(codes::ErrorCode::from(any), codes::ErrorCode::Printer(table::ErrorCode::PaperOut));
    let nemesis = AnyCode::of(sw::codes::nemesis::ErrorCode::Ok);
    assert_eq!(codes::ErrorCode::from(nemesis), codes::ErrorCode::Foreign(nemesis));
}

#[test]
fn every_byte_of_the_self_test_is_listed() {
    assert!((i8::MIN..=i8::MAX).all(|step| self_test::ErrorCode::from_value(step).is_listed()));
    assert_eq!(self_test::ErrorCode::from_value(-7), self_test::ErrorCode::StepMinus7);
}
