//! Code that was generated for somebody else's tables: it compiles under strict lints, and every width of code keeps its
//! values.
#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

/// The code that the generator's own tests keep up to date.
pub(crate) mod codes {
    include!("../../codegen/tests/golden/all.rs");
}

use codes::{short_i16, small_table, wide_i32, wide_u32};
use proptest::prelude::*;
use statuswire::codes::{Classification, Code, Kind, Origin, Outcome, Recovery, Value};
use std::error::Error;

/// A code's value, name, text and serde form all lead back to it.
fn round_trip<C>(value: i64) -> Result<(), Box<dyn Error>>
where
    C: Code + serde::Serialize + serde::de::DeserializeOwned,
{
    let code = C::try_from_value(Value::Number(value)).ok_or("the table's type holds the value")?;
    assert_eq!(code.to_value(), Value::Number(value));
    assert_eq!(code.to_string().parse::<C>()?, code);
    assert_eq!(value.to_string().parse::<C>()?, code);
    assert_eq!(serde_json::from_value::<C>(serde_json::to_value(code)?)?, code);
    match code.info() {
        Some(info) => assert_eq!((info.value, info.name), (code.to_value(), code.to_string().as_str())),
        None => assert_eq!((code.to_string(), code.classification()), (value.to_string(), Classification::UNLISTED)),
    }
    assert_eq!(code.info().is_some(), C::table().codes.iter().any(|info| info.value == Value::Number(value)));
    Ok(())
}

/// Every listed value, its neighbours, the ends of the range, and -70,000 to 70,000.
fn telling_values<C: Code>(lowest: i64, highest: i64) -> Vec<i64> {
    let listed = C::table().codes.iter().filter_map(|info| match info.value {
        Value::Number(number) => Some(number),
        _ => None,
    });
    let around = listed.flat_map(|value| value - 1..=value + 1);
    let all = around.chain([lowest, lowest + 1, highest - 1, highest]).chain(-70_000..=70_000);
    all.filter(|value| (lowest..=highest).contains(value)).collect()
}

#[test]
fn telling_values_of_all_widths_come_back() -> Result<(), Box<dyn Error>> {
    for value in telling_values::<wide_u32::ErrorCode>(0, u32::MAX.into()) {
        round_trip::<wide_u32::ErrorCode>(value)?;
    }
    for value in telling_values::<wide_i32::ErrorCode>(i32::MIN.into(), i32::MAX.into()) {
        round_trip::<wide_i32::ErrorCode>(value)?;
    }
    for value in i16::MIN..=i16::MAX {
        round_trip::<short_i16::ErrorCode>(value.into())?;
    }
    for value in u8::MIN..=u8::MAX {
        round_trip::<small_table::ErrorCode>(value.into())?;
    }
    Ok(())
}

#[test]
fn values_outside_the_type_are_no_codes() {
    for value in [-1, 1 << 32, i64::MIN, i64::MAX] {
        assert_eq!(wide_u32::ErrorCode::try_from_value(Value::Number(value)), None);
    }
    for value in [(-1 << 31) - 1, 1 << 31] {
        assert_eq!(wide_i32::ErrorCode::try_from_value(Value::Number(value)), None);
    }
    assert_eq!(small_table::ErrorCode::try_from_value(Value::Number(256)), None);
}

proptest! {
    #[test]
    fn any_u32_comes_back(value: u32) {
        prop_assert!(round_trip::<wide_u32::ErrorCode>(value.into()).is_ok());
    }

    #[test]
    fn any_i32_comes_back(value: i32) {
        prop_assert!(round_trip::<wide_i32::ErrorCode>(value.into()).is_ok());
    }

    #[test]
    fn any_text_is_read_or_refused(text: String) {
        if let Ok(code) = text.parse::<small_table::ErrorCode>() {
            prop_assert!(small_table::ErrorCode::from_name(&text).is_some() || text.parse() == Ok(code.value()));
        }
    }
}

#[test]
fn vendors_names_are_borne() {
    use small_table::ErrorCode;
    assert_eq!(ErrorCode::from_name("2FA required"), Some(ErrorCode::_2faRequired));
    assert_eq!(ErrorCode::from_name("_2faRequired"), Some(ErrorCode::_2faRequired));
    assert_eq!(ErrorCode::from_name("Self"), Some(ErrorCode::Self_));
    assert_eq!(ErrorCode::from_name("type"), Some(ErrorCode::Type));
    assert_eq!(ErrorCode::from_name("None"), Some(ErrorCode::None));
    assert_eq!(ErrorCode::NotExist.name(), "NOT_EXIST");
    assert_eq!(ErrorCode::NotExist.to_string(), "NOT_EXIST");
    assert_eq!(format!("{:?}", ErrorCode::NotExist), "NotExist");
    assert_eq!(ErrorCode::NotExist.meaning(), "There is no such Vec<u8> | key, see https://example.com/a_b.");
    assert_eq!(ErrorCode::None.group(), "Weird & <b>");
}

#[test]
#[allow(deprecated)]
fn aliases_are_deprecated_constants() {
    use small_table::ErrorCode;
    assert_eq!(ErrorCode::KeyNotExist, ErrorCode::NotExist);
    assert_eq!(ErrorCode::Gone, ErrorCode::NotExist);
    for name in ["KEY_NOT_EXIST", "KeyNotExist", "gone", "Gone", "NotExist", "NOT_EXIST"] {
        assert_eq!(ErrorCode::from_name(name), Some(ErrorCode::NotExist), "{name}");
    }
    assert!(matches!(ErrorCode::from_value(22), ErrorCode::KeyNotExist));
}

#[test]
fn facts_come_from_the_row_its_group_its_table_or_are_the_usual_ones() {
    use small_table::ErrorCode;
    let classification =
        |code: ErrorCode| (code.kind(), code.outcome(), code.recovery(), code.origin(), code.http_status());
    assert_eq!(
        classification(ErrorCode::Ok),
        (Kind::Ok, Outcome::Success, Recovery::Nothing, Origin::Server, Some(200))
    );
    assert_eq!(
        classification(ErrorCode::NotExist),
        (Kind::NotFound, Outcome::Error, Recovery::Correct, Origin::Server, Some(404))
    );
    assert_eq!(
        classification(ErrorCode::None),
        (Kind::Internal, Outcome::Error, Recovery::Nothing, Origin::Client, Some(502))
    );
    assert_eq!(
        classification(ErrorCode::Some),
        (Kind::Internal, Outcome::Error, Recovery::Wait, Origin::Reserved, Some(418))
    );
    assert_eq!(
        classification(ErrorCode::Err),
        (Kind::Internal, Outcome::Error, Recovery::AskOperator, Origin::Server, Some(502))
    );
}

#[test]
fn codes_that_are_text_keep_their_spelling() -> Result<(), Box<dyn Error>> {
    use codes::text::ErrorCode as Sql;
    let missing = Sql::from_value("42P01").ok_or("a row")?;
    assert_eq!(
        (missing, missing.value(), missing.to_string().as_str()),
        (Sql::UndefinedTable, "42P01", "undefined_table")
    );
    let newer = Sql::from_value("99999").ok_or("any text of five characters")?;
    assert!(!newer.is_listed());
    assert_eq!(
        (newer.value(), newer.to_string().as_str(), format!("{newer:?}").as_str()),
        ("99999", "99999", "Unlisted(\"99999\")")
    );
    assert_eq!((Sql::from_value("123456"), Sql::from_value(""), Sql::from_value("é")), (None, None, None));
    assert_eq!(("42P01".parse::<Sql>()?, "undefined_table".parse::<Sql>()?), (missing, missing));
    for code in [missing, newer] {
        let json = serde_json::to_string(&code)?;
        assert_eq!(json, format!("\"{}\"", code.value()));
        assert_eq!(serde_json::from_str::<Sql>(&json)?, code);
        let any = statuswire::codes::AnyCode::of(code);
        assert_eq!((any.downcast(), any.is_listed()), (Some(code), code.is_listed()));
        assert_eq!(
            any.to_string(),
            format!("text {} {}", code.value(), if code.is_listed() { "undefined_table" } else { "Unlisted" })
        );
        assert_eq!(Sql::table().form.parse(code.value()), Some(code.to_value()));
    }
    assert!(Sql::try_from_value(Value::Number(0)).is_none());
    Ok(())
}

#[test]
fn integers_of_64_bits_keep_their_values() -> Result<(), Box<dyn Error>> {
    use codes::{wide_i64, wide_u64};
    for value in [i64::MIN, i64::MAX, 16, 5] {
        code_round_trip::<wide_i64::ErrorCode>(wide_i64::ErrorCode::from_value(value))?;
    }
    for value in [0, u64::MAX, 1 << 63, 77, (1 << 63) + 2] {
        let code = wide_u64::ErrorCode::from_value(value);
        assert_eq!(code.value(), value);
        code_round_trip(code)?;
        assert_eq!(statuswire::codes::AnyCode::of(code).range().is_some(), code.range().is_some());
        assert_eq!(code.to_value(), Value::from(value));
        assert_eq!(wide_u64::TABLE.form.parse(&value.to_string()), Some(code.to_value()));
    }
    assert!(wide_u64::ErrorCode::from_value(1 << 63).range().is_some());
    assert_eq!(wide_u64::ErrorCode::try_from_value(Value::Number(-1)), None);
    Ok(())
}

/// A code's value and serde form lead back to it.
fn code_round_trip<C>(code: C) -> Result<(), Box<dyn Error>>
where
    C: Code + serde::Serialize + serde::de::DeserializeOwned,
{
    assert_eq!(C::try_from_value(code.to_value()), Some(code));
    assert_eq!(serde_json::from_str::<C>(&serde_json::to_string(&code)?)?, code);
    assert_eq!(code.to_value().to_string().parse::<C>()?, code);
    Ok(())
}
