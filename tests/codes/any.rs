//! Codes of any table, the sum of all tables, and the shared vocabulary.

/// Tables of somebody else.
mod foreign {
    include!("../../codegen/tests/golden/small.rs");
}

use foreign::small_table;
use statuswire::codes::{
    self, AnyCode, Classification, Code, Kind, Origin, Outcome, Recovery, Value, nemesis, nemesis_sessions,
};
use std::collections::HashSet;
use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::str::FromStr;

#[test]
fn a_code_of_any_table_remembers_which() {
    let any = AnyCode::of(nemesis::ErrorCode::NotExist);
    assert_eq!(any, nemesis::ErrorCode::NotExist);
    assert_eq!(nemesis::ErrorCode::NotExist, any);
    assert_ne!(any, nemesis::ErrorCode::Ok);
    // 22 there too.
    assert_ne!(any, nemesis_sessions::ErrorCode::from_value(22));
    assert_ne!(any, AnyCode::of(nemesis_sessions::ErrorCode::from_value(22)));
    assert_ne!(any, small_table::ErrorCode::NotExist);
    assert_eq!(any.downcast(), Some(nemesis::ErrorCode::NotExist));
    assert_eq!(any.downcast::<nemesis_sessions::ErrorCode>(), None);
    assert_eq!(any.downcast::<small_table::ErrorCode>(), None);
    assert_eq!((any.table().name, any.value(), any.name()), ("nemesis", Value::Number(22), "NotExist"));
    assert_eq!(any.classification(), nemesis::ErrorCode::NotExist.classification());
    assert_eq!((any.kind(), any.http_status()), (Kind::NotFound, Some(404)));
    assert_eq!((any.outcome(), any.recovery(), any.origin()), (Outcome::Error, Recovery::Correct, Origin::Server));
    assert_eq!(any.to_string(), "nemesis 22 NotExist");
    assert_eq!(format!("{any:?}"), "AnyCode(nemesis 22 NotExist)");
}

#[test]
fn an_unlisted_value_is_a_code_too() {
    let any = AnyCode::from(nemesis::ErrorCode::from_value(4711));
    assert_eq!(any.to_string(), "nemesis 4711 Unlisted");
    assert_eq!((any.info().is_none(), any.is_listed(), any.classification()), (true, false, Classification::UNLISTED));
    assert_eq!(any.downcast(), Some(nemesis::ErrorCode::from_value(4711)));
}

#[test]
fn equal_codes_hash_alike() {
    let both = [AnyCode::of(nemesis::ErrorCode::Ok), AnyCode::from(&nemesis::TABLE.codes[0])];
    assert_eq!(both[0], both[1]);
    assert_eq!(HashSet::from(both).len(), 1);
    let tables = [AnyCode::of(nemesis::ErrorCode::Ok), AnyCode::of(nemesis_sessions::ErrorCode::Ok)];
    assert_eq!(HashSet::from(tables).len(), 2);
}

#[test]
fn every_row_is_a_code_of_its_table() {
    for table in codes::tables() {
        for info in table.codes {
            let any = AnyCode::from(info);
            assert!(std::ptr::eq(any.table(), *table));
            assert_eq!(AnyCode::from(statuswire::ErrorCode::from(any)), any);
            assert!(!matches!(statuswire::ErrorCode::from(any), statuswire::ErrorCode::Foreign(_)), "{any}");
        }
    }
    assert!(std::ptr::eq(statuswire::tables(), codes::tables()));
    let names: Vec<_> = codes::tables().iter().map(|table| table.name).collect();
    let expected = [
        "blazeauth",
        "blazeauth-close",
        "drupal",
        "edgware",
        "nemesis",
        "nemesis-fusion",
        "nemesis-sessions",
        "websocket-close",
    ];
    assert_eq!(names, expected);
}

#[test]
fn the_sum_is_a_view_of_any_code() {
    use statuswire::ErrorCode;
    let known = ErrorCode::from(AnyCode::of(nemesis::ErrorCode::Bounds));
    assert_eq!(known, ErrorCode::Nemesis(nemesis::ErrorCode::Bounds));
    assert_eq!(known, nemesis::ErrorCode::Bounds.into());
    assert_eq!((known.kind(), known.to_string()), (Kind::OutOfRange, "nemesis 161 Bounds".to_owned()));
    let foreign = AnyCode::of(small_table::ErrorCode::None);
    assert_eq!(ErrorCode::from(foreign), ErrorCode::Foreign(foreign));
    assert_eq!(ErrorCode::from(foreign).to_any(), small_table::ErrorCode::None);
    assert_eq!(ErrorCode::from(foreign).to_string(), "small-table 1 None");
}

#[test]
fn debug_of_a_table_ends() {
    assert_eq!(format!("{:?}", small_table::TABLE), "TableInfo { name: \"small-table\", codes: 12, .. }");
    assert!(format!("{:?}", small_table::TABLE.codes[0]).starts_with("CodeInfo { table: \"small-table\", "));
}

#[test]
fn types_keep_their_promises() {
    fn is_plain<T: Copy + Eq + Hash + Debug + Display + Send + Sync + Unpin + 'static>() {}
    is_plain::<AnyCode>();
    is_plain::<statuswire::ErrorCode>();
    is_plain::<nemesis::ErrorCode>();
    fn is_error<T: std::error::Error + Send + Sync + 'static>() {}
    is_error::<codes::ParseCodeError>();
    is_error::<codes::ParseWordError>();
    fn is_code<T: Code>() {}
    is_code::<small_table::ErrorCode>();
}

#[test]
fn every_word_of_a_vocabulary_is_read_back() {
    fn check<T: Copy + Eq + Debug + Display + FromStr<Err = codes::ParseWordError>>(all: &[T], what: &str) {
        for word in all {
            assert_eq!(word.to_string().parse(), Ok(*word));
            let error = word.to_string().repeat(2).parse::<T>().unwrap_err();
            assert_eq!(error.to_string(), format!("the text names no {what}"));
        }
    }
    check(Kind::ALL, "kind");
    check(Outcome::ALL, "outcome");
    check(Recovery::ALL, "recovery");
    check(Origin::ALL, "origin");
}

#[test]
fn kinds_have_the_numbers_and_statuses_of_google_rpc() {
    // From google/rpc/code.proto.
    let expected = [200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401];
    assert_eq!(Kind::ALL.len(), 17);
    for (number, (kind, http)) in Kind::ALL.iter().zip(expected).enumerate() {
        assert_eq!((usize::from(kind.number()), kind.http_status()), (number, http), "{kind}");
        assert_eq!(Kind::from_number(kind.number()), Some(*kind));
    }
    assert_eq!(Kind::from_number(17), None);
}
