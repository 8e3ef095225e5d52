//! Ranges of values, and reasons with classification in them.
#![forbid(unsafe_code)]

/// The code that the generator's own tests keep up to date.
mod codes {
    include!("../../codegen/tests/golden/all.rs");
}

use codes::ranges::{ErrorCode, TABLE};
use proptest::prelude::*;
use statuswire::codes::{AnyCode, Field, Form, Kind, Value, blazeauth_close, websocket_close};

#[test]
fn a_value_in_a_range_has_its_row() {
    for value in i16::MIN..=i16::MAX {
        let code = ErrorCode::from_value(value);
        let name = match value {
            -9..=-1 => Some("Negative"),
            40..=99 => Some("Reserved Range"),
            _ => None,
        };
        assert_eq!(code.range().map(|range| range.row.name), name, "{value}");
        assert_eq!(code.is_listed(), value == 40 || value == 41);
        // The same classification whether the type is known or only the table.
        let any = AnyCode::of(code);
        assert_eq!(any.classification(), TABLE.code(any.value()).unwrap().classification());
        assert_eq!(any.range().map(|range| range.row.name), name);
    }
    assert_eq!(ErrorCode::from_value(-5).kind(), Kind::OutOfRange);
    assert_eq!(ErrorCode::from_value(40).kind(), Kind::Unavailable, "its own row goes before");
    assert_eq!(ErrorCode::from_value(-5).to_string(), "-5");
    let range = ErrorCode::from_value(50).range().unwrap();
    assert_eq!(
        (range.first(), range.last, range.to_string()),
        (Value::Number(40), Value::Number(99), "40-99".to_owned())
    );
    assert_eq!(ErrorCode::ALL, [ErrorCode::Busy, ErrorCode::Gone], "a range is no variant");
    assert_eq!((TABLE.family, TABLE.members), (Some("device"), ["code"].as_slice()));
    assert_eq!(TABLE.form, Form::Integer { lowest: -32_768, highest: 32_767 });
}

#[test]
fn close_codes_of_all_sorts_are_known() {
    use websocket_close::ErrorCode;
    assert_eq!(ErrorCode::from_value(1014).name(), "Bad Gateway");
    assert_eq!(ErrorCode::from_value(3000), ErrorCode::Unauthorized);
    for (value, name) in [(0, "Not Used"), (1016, "Reserved For Protocol"), (3500, "Registered"), (4999, "Private Use")]
    {
        assert_eq!(ErrorCode::from_value(value).range().map(|range| range.row.name), Some(name));
    }
    for value in [1015, 5000, u16::MAX] {
        assert!(ErrorCode::from_value(value).range().is_none(), "{value}");
    }
}

#[test]
fn reasons_are_read() {
    let read = |code: blazeauth_close::ErrorCode, reason| code.info().unwrap().read_reason(reason);
    let limited = blazeauth_close::ErrorCode::RateLimited;
    let reading = read(limited, "rate limited, 37 seconds left").unwrap();
    assert_eq!(reading.get("seconds"), Some(Field::Unsigned(37)));
    assert_eq!(reading.get("minutes"), None);
    assert_eq!(read(limited, " Rate Limit Hit ").unwrap().template().text(), "rate limit hit");
    let late = blazeauth_close::ErrorCode::InitializeTimeout;
    let reading = read(late, "session wasn't initialized in 15 seconds after connection").unwrap();
    assert_eq!(reading.get("seconds"), Some(Field::Unsigned(15)));
    for reason in [
        "",
        "rate limited",
        "rate limited, x seconds left",
        "rate limited, -1 seconds left",
        "rate limited, 4294967296 seconds left",
        "rate limited, 37 seconds left!",
    ] {
        assert!(read(limited, reason).is_none(), "{reason}");
    }
}

#[test]
fn holes_of_all_types_are_read() {
    let busy = ErrorCode::Busy.info().unwrap();
    let reading = busy.read_reason("{busy} by me since -5").unwrap();
    let mut fields = Vec::new();
    reading.for_each(|name, field| fields.push((name, field.to_string())));
    assert_eq!(fields, [("who", "me".to_owned()), ("at", "-5".to_owned())]);
    assert_eq!(reading.get("at"), Some(Field::Signed(-5)));
    let gone = ErrorCode::Gone.info().unwrap();
    assert_eq!(gone.read_reason("gone to Zürich gone to").unwrap().get("place"), Some(Field::Text("Zürich gone to")));
    assert!(gone.read_reason("gone to ").is_none(), "a field of type text is not empty");
    let found = busy.reasons[1].find("INFO: now busy, 7 s left, they say").unwrap();
    assert_eq!((found.text(), found.get("seconds")), ("busy, 7 s left", Some(Field::Unsigned(7))));
}

proptest! {
    #[test]
    fn any_reason_is_read_or_not(text: String, seconds: u32, who in "[^ ]+") {
        for info in [&TABLE, &blazeauth_close::TABLE].into_iter().flat_map(|table| table.codes) {
            let _ = info.read_reason(&text);
            info.reasons.iter().for_each(|reason| { let _ = reason.find(&text); });
        }
        let busy = ErrorCode::Busy.info().unwrap();
        let reason = format!("busy, {seconds} s left");
        let reading = busy.read_reason(&reason).unwrap();
        prop_assert_eq!(reading.get("seconds"), Some(Field::Unsigned(seconds.into())));
        let reason = format!("{{busy}} by {who} since 1");
        let reading = busy.read_reason(&reason);
        prop_assert_eq!(reading.and_then(|reading| reading.get("who")), Some(Field::Text(&who)));
    }
}
