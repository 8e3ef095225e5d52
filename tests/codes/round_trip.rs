//! Every value of the 16-bit tables, through number, name, text and serde, and back.

use serde::de::value::Error as ValueError;
use serde::de::{Deserialize, Deserializer, Visitor};
use statuswire::codes::{
    Classification, Code, Value, blazeauth, blazeauth_close, nemesis, nemesis_fusion, nemesis_sessions,
};
use std::collections::{HashMap, HashSet};

/// Takes one table through everything. A macro: what a table's enum has by itself is in no trait.
macro_rules! round_trip {
    ($test:ident, $table:ident) => {
        #[test]
        fn $test() {
            use $table::{ErrorCode, TABLE};
            let mut listed = 0;
            for value in 0..=u16::MAX {
                let code = ErrorCode::from_value(value);
                assert_eq!(code.value(), value);
                assert_eq!((u16::from(code), ErrorCode::from(value)), (value, code));
                assert_eq!(code.to_value(), Value::Number(i64::from(value)));
                assert_eq!(ErrorCode::try_from_value(code.to_value()), Some(code));
                assert_eq!(code.to_string().parse::<ErrorCode>().unwrap(), code);
                assert_eq!(value.to_string().parse::<ErrorCode>().unwrap(), code);

                let json = serde_json::to_value(code).unwrap();
                assert_eq!(json, serde_json::json!(value));
                assert_eq!(ErrorCode::deserialize(&json).unwrap(), code);
                assert_eq!(ErrorCode::deserialize(&serde_json::json!(code.to_string())).unwrap(), code);
                assert_eq!(ErrorCode::deserialize(Binary(value)).unwrap(), code);

                match Code::info(code) {
                    Some(info) => {
                        listed += 1;
                        assert!(code.is_listed());
                        assert_eq!((info.name, info.value), (code.name(), code.to_value()));
                        assert_eq!(ErrorCode::from_name(info.name), Some(code));
                        assert_eq!(ErrorCode::from_name(&format!("{code:?}")), Some(code));
                        for alias in info.aliases {
                            assert_eq!(ErrorCode::from_name(alias), Some(code));
                        }
                        assert_eq!(code.to_string(), info.name);
                        assert_eq!(code.classification(), info.classification());
                        assert!(!code.meaning().is_empty() && code.http_status().is_some());
                    }
                    None => {
                        assert!(!code.is_listed());
                        assert_eq!(code.to_string(), value.to_string());
                        assert_eq!(format!("{code:?}"), format!("Unlisted({value})"));
                        assert_eq!((code.name(), code.classification()), ("Unlisted", Classification::UNLISTED));
                    }
                }
            }
            assert_eq!(listed, ErrorCode::ALL.len());
            assert_eq!(TABLE.codes.len(), ErrorCode::ALL.len());
            assert!(ErrorCode::ALL.iter().zip(TABLE.codes).all(|(code, info)| code.name() == info.name));
            assert_eq!(ErrorCode::ALL.iter().collect::<HashSet<_>>().len(), listed);
        }
    };
}

round_trip!(current, nemesis);
round_trip!(sessions, nemesis_sessions);
round_trip!(fusion, nemesis_fusion);
round_trip!(blazeauth_status, blazeauth);
round_trip!(blazeauth_closing, blazeauth_close);

/// A format that does not describe itself: it holds an integer, and can only be read as one.
struct Binary(u16);

impl<'de> Deserializer<'de> for Binary {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, ValueError> {
        Err(serde::de::Error::custom("the format does not say what it holds"))
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_u16(self.0)
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct seq
        tuple tuple_struct map struct enum identifier ignored_any
    }
}

#[test]
fn what_is_no_code_is_refused() {
    use nemesis::ErrorCode;
    assert_eq!(ErrorCode::try_from_value(Value::Number(-1)), None);
    assert_eq!(ErrorCode::try_from_value(Value::Number(65_536)), None);
    for text in ["", "-1", "65536", "notexist", "NotExist ", "1.0", "Unlisted"] {
        assert_eq!(ErrorCode::from_name(text), None);
        let error = text.parse::<ErrorCode>().unwrap_err();
        assert_eq!(error.table().name, "nemesis");
        assert_eq!(
            error.to_string(),
            "the text is neither a name in the table `nemesis` nor a number that its codes can have"
        );
    }
    for json in ["-1", "65536", "18446744073709551615", "1.5", "\"nothing\"", "null", "[]"] {
        let error = serde_json::from_str::<ErrorCode>(json).unwrap_err().to_string();
        assert!(error.contains("a number or a name of the table `nemesis`"), "{json}: {error}");
    }
}

#[test]
fn codes_are_keys_of_maps() {
    let map = HashMap::from([(nemesis::ErrorCode::Ok, 1)]);
    let json = serde_json::to_string(&map).unwrap();
    assert_eq!(json, r#"{"1":1}"#);
    assert_eq!(serde_json::from_str::<HashMap<nemesis::ErrorCode, i32>>(&json).unwrap(), map);
}

#[test]
fn values_are_constants() {
    const DUPLICATE: u16 = nemesis::ErrorCode::Duplicate.value();
    const CODE: nemesis::ErrorCode = nemesis::ErrorCode::from_value(DUPLICATE);
    assert_eq!((DUPLICATE, CODE.name()), (160, "Duplicate"));
    const { assert!(CODE.is_listed() && size_of::<nemesis::ErrorCode>() == 4) };
}
