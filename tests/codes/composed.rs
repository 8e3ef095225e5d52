//! Composed codes: digits that are read as several tables.
#![forbid(unsafe_code)]

/// The code that the generator's own tests keep up to date.
mod codes {
    include!("../../codegen/tests/golden/all.rs");
}

use codes::{composed, hex, pair};
use statuswire::codes::{AnyCode, Classification, Code, Form, Hex, Kind, Origin, Outcome, Recovery, Value, edgware};
use std::collections::HashSet;

fn hex_value(number: u32, digits: u8) -> Value {
    Hex::new(number, digits).unwrap().into()
}

#[test]
fn every_value_comes_back() {
    for number in 0..=u16::MAX {
        let code = composed::ErrorCode::from_value(number).unwrap();
        assert_eq!(code.value(), number);
        assert_eq!(code.to_value(), hex_value(number.into(), 4));
        assert_eq!(code.to_string(), format!("{number:04x}"));
        assert_eq!(format!("{number:04X}").parse::<composed::ErrorCode>().unwrap(), code);
        assert_eq!(composed::ErrorCode::try_from_value(code.to_value()), Some(code));
        let json = serde_json::to_value(code).unwrap();
        assert_eq!(json, serde_json::json!(format!("{number:04x}")));
        assert_eq!(serde_json::from_value::<composed::ErrorCode>(json).unwrap(), code);
        // The same classification whether the type is known or only the table.
        let any = AnyCode::of(code);
        let seen = composed::TABLE.code(code.to_value()).unwrap();
        assert_eq!((any, any.classification(), any.is_listed()), (seen, seen.classification(), code.is_listed()));
        assert_eq!(
            any.parts().map(|part| part.value().number()).collect::<Vec<_>>(),
            [i64::from(number >> 12), i64::from(number >> 4 & 0xff), i64::from(number & 0xf)]
        );
        assert_eq!(any.downcast(), Some(code));
    }
}

#[test]
fn every_code_of_edgware_comes_back() {
    let mut listed = 0;
    for number in 0..=0xf_ffff {
        let code = edgware::ErrorCode::from_value(number).unwrap();
        assert_eq!(code.value(), number);
        listed += usize::from(code.is_listed());
    }
    assert_eq!(listed, 3 * 12 * 16);
    assert_eq!(edgware::ErrorCode::from_value(0x10_0000), None);
    let texts: HashSet<_> =
        (0..=0xf_ffff).filter_map(edgware::ErrorCode::from_value).map(|code| code.to_string()).collect();
    assert_eq!(texts.len(), 0x10_0000);
}

#[test]
fn the_parts_are_fields_to_match_on() {
    let code: edgware::ErrorCode = "2030D".parse().unwrap();
    assert_eq!(code.error, edgware::Error::Action);
    assert!(matches!(
        code,
        edgware::ErrorCode { operation: edgware::Operation::Deregister, entity: edgware::Entity::User, .. }
    ));
    assert_eq!(code.to_string(), "2030d");
    assert_eq!(AnyCode::of(code).to_string(), "edgware 2030d Action Deregister User");
    assert_eq!(AnyCode::of(code.operation).to_string(), "edgware/operation 03 Deregister");
    assert_eq!((code.operation.value(), code.operation.name()), (3, "Deregister"));
    assert_eq!("03".parse::<edgware::Operation>().unwrap(), edgware::Operation::Deregister);
    let made = edgware::ErrorCode {
        error: edgware::Error::Parse,
        operation: edgware::Operation::None,
        entity: edgware::Entity::Json,
    };
    assert_eq!(made, edgware::ErrorCode::NotUnderstood);
    assert!(matches!("00000".parse(), Ok(edgware::ErrorCode::Ok)));
}

#[test]
fn what_is_no_code_is_refused() {
    for text in ["", "2030", "2030dd", "2030g", "+030d", " 2030d", "2030d ", "0x30d", "２030d"] {
        assert!(text.parse::<edgware::ErrorCode>().is_err(), "{text}");
    }
    for json in ["20303", "\"203\"", "null", "\"nothing\""] {
        let error = serde_json::from_str::<edgware::ErrorCode>(json).unwrap_err().to_string();
        assert!(error.contains("the text of a code or a name of the table `edgware`"), "{json}: {error}");
    }
    for value in [Value::Number(0x2030d), hex_value(0x2030d, 6), hex_value(0xd, 1)] {
        assert_eq!(edgware::ErrorCode::try_from_value(value), None);
        assert!(edgware::TABLE.code(value).is_none());
    }
    assert_eq!(edgware::Error::from_value(16), None, "a digit");
    assert_eq!(Hex::new(16, 1), None);
    assert_eq!((Hex::new(0, 0), Hex::new(0, 9)), (None, None));
    assert_eq!(Hex::new(u32::MAX, 8).map(|hex| hex.to_string()), Some("ffffffff".to_owned()));
}

#[test]
fn facts_follow_from_the_parts() {
    let kind = |text: &str| text.parse::<composed::ErrorCode>().unwrap().kind();
    assert_eq!(kind("1fff"), Kind::InvalidArgument, "the first part decides, whatever comes behind");
    assert_eq!(kind("e0a0"), Kind::Unavailable, "the first is unknown");
    assert_eq!(kind("00a0"), Kind::Unavailable, "the first is a success");
    assert_eq!(kind("e3f0"), Kind::DataLoss, "by the range of the second");
    assert_eq!(kind("e0bf"), Kind::Aborted);
    assert_eq!(kind("e0b0"), Kind::Unknown, "no part decides");
    let unlisted = "e4af".parse::<composed::ErrorCode>().unwrap();
    assert_eq!(unlisted.classification(), Classification::UNLISTED, "an unlisted part before one that would decide");
    assert!(!unlisted.is_listed());
    let success = "0000".parse::<composed::ErrorCode>().unwrap();
    assert_eq!((success.kind(), success.outcome()), (Kind::Ok, Outcome::Success));
    assert_eq!("e0bf".parse::<composed::ErrorCode>().unwrap().origin(), Origin::Client, "as one of its parts");
}

#[test]
#[allow(deprecated)]
fn rows_for_whole_codes_go_before() {
    use composed::ErrorCode;
    assert_eq!(ErrorCode::ALL, [ErrorCode::Ok, ErrorCode::PumpHot, ErrorCode::SensorLost]);
    assert_eq!(ErrorCode::PumpHot.value(), 0xe0af);
    assert_eq!(ErrorCode::PumpHot.kind(), Kind::ResourceExhausted);
    let info = ErrorCode::PumpHot.info().unwrap();
    assert_eq!((info.name, info.commands), ("PUMP_HOT", ["START", "STOP"].as_slice()));
    assert_eq!("PUMP_HOT".parse::<ErrorCode>().unwrap(), ErrorCode::PumpHot);
    assert_eq!(ErrorCode::from_name("Done"), Some(ErrorCode::Ok));
    assert_eq!(ErrorCode::Done, ErrorCode::Ok);
    assert_eq!(ErrorCode::SensorLost.value(), 0xe120, "a part in a range has no name, and a value");
}

#[test]
fn misfiled_codes_of_edgware_mean_what_they_should() {
    let classification = |text: &str| {
        let code: edgware::ErrorCode = text.parse().unwrap();
        (code.kind(), code.outcome(), code.recovery())
    };
    for text in ["10102", "1030e", "1040b", "20206", "2020b", "20303", "20306", "20403", "2040a"] {
        assert_eq!(classification(text), (Kind::InvalidArgument, Outcome::Error, Recovery::Correct), "{text}");
    }
    for text in ["2050a", "2060a", "2080a", "2090a", "20a0a", "20b0a"] {
        assert_eq!(classification(text), (Kind::FailedPrecondition, Outcome::Error, Recovery::Correct), "{text}");
    }
    assert_eq!(classification("20308"), (Kind::NotFound, Outcome::Error, Recovery::Correct));
    assert_eq!(classification("00000"), (Kind::Ok, Outcome::Success, Recovery::Nothing));
    assert_eq!(
        classification("30b0a"),
        (Kind::Unknown, Outcome::Error, Recovery::AskOperator),
        "an unlisted sort of error"
    );
}

#[test]
fn a_composed_code_without_rows_for_wholes_is_fine() {
    let code = pair::ErrorCode::from_value(0x12).unwrap();
    assert_eq!((code.left, code.right, code.info().is_none()), (pair::Left::One, pair::Right::Two, true));
    assert!(code.is_listed() && pair::ErrorCode::ALL.is_empty());
    assert_eq!(pair::ErrorCode::from_name("One"), None);
    assert_eq!(AnyCode::of(code).name(), "Composed");
    assert_eq!(AnyCode::of(pair::ErrorCode::from_value(0x13).unwrap()).to_string(), "pair 13 One 3");
}

#[test]
fn a_plain_code_may_be_hexadecimal_text() {
    let code = hex::ErrorCode::from_value(0xfe).unwrap();
    assert_eq!(code, hex::ErrorCode::NoCarrier);
    assert_eq!(serde_json::to_value(code).unwrap(), serde_json::json!("fe"));
    assert_eq!("FE".parse::<hex::ErrorCode>().unwrap(), code);
    assert_eq!(code.to_string(), "NoCarrier");
    assert_eq!("0f".parse::<hex::ErrorCode>().unwrap().to_string(), "0f");
    assert_eq!(hex::TABLE.form, Form::Hex { digits: 2 });
}

#[test]
fn composed_codes_are_part_of_the_sum() {
    let code = edgware::ErrorCode::NotUnderstood;
    assert_eq!(statuswire::ErrorCode::from(AnyCode::of(code)), statuswire::ErrorCode::Edgware(code));
    let part = AnyCode::of(code.entity);
    assert_eq!(statuswire::ErrorCode::from(part), statuswire::ErrorCode::Foreign(part), "a part is no whole code");
}
