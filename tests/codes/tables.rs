//! What the shipped tables say, where it is easy to get wrong.

use statuswire::codes::{
    self, CodeInfo, Kind, Origin, Outcome, Recovery, TableInfo, blazeauth, blazeauth_close, drupal, edgware,
    websocket_close,
};

fn values(table: &'static TableInfo, is_wanted: impl Fn(&CodeInfo) -> bool) -> Vec<i64> {
    table.codes.iter().filter(|row| is_wanted(row)).map(|row| row.value.number()).collect()
}

#[test]
fn tables_are_complete() {
    assert_eq!(blazeauth::TABLE.codes.len(), 49);
    assert_eq!(blazeauth_close::TABLE.codes.len(), 18, "17 and the gap");
    assert_eq!(drupal::TABLE.codes.len(), 64);
    let parts: Vec<_> = edgware::TABLE.parts.iter().map(|part| (part.name, part.codes.len())).collect();
    assert_eq!(parts, [("edgware/error", 3), ("edgware/operation", 12), ("edgware/entity", 16)]);
    assert_eq!((websocket_close::TABLE.codes.len(), websocket_close::TABLE.ranges.len()), (19, 4));
}

/// This crate's build script reads the tables without the features that read other pages.
#[test]
fn the_generator_reads_the_tables_alike_with_all_features() {
    let builder = statuswire_codegen::Builder::new()
        .tables(concat!(env!("CARGO_MANIFEST_DIR"), "/codes"))
        .reexport("::statuswire_core::codes::websocket_close")
        .runtime("::statuswire_core");
    let code = builder.sum(true).strict(true).generate();
    assert_eq!(code.unwrap(), include_str!(concat!(env!("OUT_DIR"), "/codes.rs")));
}

#[test]
fn who_raises_a_code_is_told() {
    assert_eq!(values(&blazeauth::TABLE, |row| row.origin != Origin::Server), [8, 302]);
    assert_eq!(blazeauth::ErrorCode::FileChecksumMismatch.origin(), Origin::Client);
    assert_eq!(values(&blazeauth_close::TABLE, |row| row.origin == Origin::Reserved), [4303]);
    let mut client = values(&drupal::TABLE, |row| row.origin == Origin::Client);
    client.sort_unstable();
    assert_eq!(client, [42, 100, 109, 120, 601, 602, 700, 701]);
    let mut reserved = values(&drupal::TABLE, |row| row.origin == Origin::Reserved);
    reserved.sort_unstable();
    assert_eq!(
        reserved,
        [112, 115, 123, 128, 139, 140, 141, 151, 152, 159, 160, 161, 205, 208, 210, 211, 250, 251, 252, 255]
    );
}

#[test]
fn statuses_that_are_no_errors_are_told() {
    let not_errors = |table| values(table, |row| row.outcome != Outcome::Error);
    assert_eq!(not_errors(&blazeauth::TABLE), [0, 1, 305]);
    assert_eq!(blazeauth::ErrorCode::None.outcome(), Outcome::Progress);
    assert!(not_errors(&drupal::TABLE).is_empty());
}

#[test]
fn what_helps_is_told() {
    use blazeauth::ErrorCode as Status;
    use blazeauth_close::ErrorCode as Close;
    assert_eq!(Status::NotAuthorized.recovery(), Recovery::LogIn);
    assert_eq!(Status::TooManyRequests.recovery(), Recovery::Wait);
    assert_eq!((Close::RateLimited.kind(), Close::RateLimited.recovery()), (Kind::ResourceExhausted, Recovery::Wait));
    for close in [Close::NormalClosure, Close::InternalServerError, Close::ResumeFailed, Close::ResumeIdNotFound] {
        assert_eq!(close.recovery(), Recovery::Reconnect, "{close}");
    }
    // Coming back by itself would only repeat these.
    for close in Close::ALL.iter().filter(|close| (4100..4200).contains(&close.value()) || close.value() / 100 == 43) {
        assert!(matches!(close.recovery(), Recovery::Correct | Recovery::AskOperator), "{close}");
    }
    assert_eq!(drupal::ErrorCode::SessionMissing.recovery(), Recovery::LogIn);
    assert_eq!(drupal::ErrorCode::Timeout.kind(), Kind::DeadlineExceeded);
}

#[test]
fn commands_are_listed_once_each() {
    let commands = |code: blazeauth::ErrorCode| code.info().unwrap().commands;
    assert_eq!(commands(blazeauth::ErrorCode::StoreValueNotFound), ["get_session_value", "delete_session_value"]);
    // Every packet can be answered with `Ok`; two of them have the same number.
    assert_eq!(commands(blazeauth::ErrorCode::Ok).len(), 19);
}

#[test]
fn every_row_has_its_texts() {
    let tables = codes::tables().iter().flat_map(|table| std::iter::once(table).chain(table.parts));
    for table in tables {
        assert!(!table.title.is_empty() && !table.source.is_empty() && !table.revision.is_empty());
        for row in table.codes.iter().chain(table.ranges.iter().map(|range| &range.row)) {
            assert!(row.meaning.ends_with('.') && !row.group.is_empty(), "{} {}", table.name, row.name);
            assert!(row.http_status.is_some());
            let whole = table.code(row.value).map(|code| code.to_string());
            assert!(whole.is_some_and(|text| text.starts_with(table.name)), "{} {}", table.name, row.name);
        }
    }
}
