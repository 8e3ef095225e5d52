//! Generated code in a crate that forbids what it can.
#![forbid(dead_code, deprecated, unsafe_code)]
#![deny(missing_docs, warnings, clippy::pedantic)]

mod codes {
    include!("../../codegen/tests/golden/all.rs");
}

use codes::{ErrorCode, awkward, small_table};

#[test]
fn a_code_is_an_error() {
    fn text(error: &dyn std::error::Error) -> String {
        error.to_string()
    }
    assert_eq!(text(&small_table::ErrorCode::NotExist), "NOT_EXIST");
    assert_eq!(text(&awkward::Value::Fine), "Fine");
    assert_eq!(text(&awkward::ErrorCode::from_value(0x0100).unwrap()), "0100");
    assert_eq!(text(&ErrorCode::from(small_table::ErrorCode::NotExist)), "small-table 22 NOT_EXIST");
}

#[test]
fn deprecated_codes_keep_their_names() {
    let code = small_table::ErrorCode::from_value(23);
    assert_eq!((code.name(), format!("{code:?}").as_str()), ("KeyGone", "KeyGone"));
    assert_eq!(small_table::ErrorCode::from_name("KeyGone"), Some(code));
    assert_eq!(format!("{:?}", small_table::ErrorCode::from_value(99)), "Unlisted(99)");
    assert!(small_table::ErrorCode::ALL.contains(&code));
}

#[test]
fn parts_may_have_any_name() {
    let code = awkward::ErrorCode::from_value(0x1203).unwrap();
    assert_eq!((code.value.value(), code.self_.value(), code.type_.value(), code.rt_.value()), (1, 2, 0, 3));
    assert_eq!(code.value(), 0x1203);
    assert_eq!(awkward::ErrorCode::from_name("Index").map(awkward::ErrorCode::value), Some(0x1000));
}

#[test]
fn comments_and_marks_of_footnotes_are_left_out() {
    let marked = awkward::Value::Marked;
    assert_eq!((marked.name(), marked.meaning()), ("Marked", "Lost. A Vec<u8> of 10⁹ m²."));
    assert_eq!(awkward::Value::from_name("Noted"), Some(marked));
}
