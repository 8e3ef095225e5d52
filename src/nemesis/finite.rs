//! A serializer to JSON that refuses NaN and infinities, which `serde_json` silently writes as `null`.
//!
//! It passes everything else to the serializer inside, at any depth. What the written text shows is checked there
//! ([`check`](super::check::check)).

use serde::ser::{
    Error, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use std::fmt;

/// Adds the check to a value, to a serializer, or to what a serializer returns for a compound value.
pub(super) struct Finite<T>(pub(super) T);

fn check<E: Error>(is_nan: bool, is_infinite: bool) -> Result<(), E> {
    if is_nan {
        Err(E::custom("NaN is not a JSON number; store null or a string instead"))
    } else if is_infinite {
        Err(E::custom("infinity is not a JSON number; store null or a string instead"))
    } else {
        Ok(())
    }
}

impl<T: Serialize + ?Sized> Serialize for Finite<&T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(Finite(serializer))
    }
}

/// Methods that only call the serializer inside.
macro_rules! pass {
    ($($method:ident($($name:ident: $type:ty),*);)*) => {
        $(fn $method(self, $($name: $type),*) -> Result<S::Ok, S::Error> {
            self.0.$method($($name),*)
        })*
    };
}

/// Methods that begin a compound value.
macro_rules! begin {
    ($($method:ident($($name:ident: $type:ty),*) -> $compound:ident;)*) => {
        $(fn $method(self, $($name: $type),*) -> Result<Self::$compound, S::Error> {
            self.0.$method($($name),*).map(Finite)
        })*
    };
}

impl<S: Serializer> Serializer for Finite<S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Finite<S::SerializeSeq>;
    type SerializeTuple = Finite<S::SerializeTuple>;
    type SerializeTupleStruct = Finite<S::SerializeTupleStruct>;
    type SerializeTupleVariant = Finite<S::SerializeTupleVariant>;
    type SerializeMap = Finite<S::SerializeMap>;
    type SerializeStruct = Finite<S::SerializeStruct>;
    type SerializeStructVariant = Finite<S::SerializeStructVariant>;

    fn serialize_f32(self, value: f32) -> Result<S::Ok, S::Error> {
        check(value.is_nan(), value.is_infinite())?;
        self.0.serialize_f32(value)
    }

    fn serialize_f64(self, value: f64) -> Result<S::Ok, S::Error> {
        check(value.is_nan(), value.is_infinite())?;
        self.0.serialize_f64(value)
    }

    pass! {
        serialize_bool(value: bool);
        serialize_i8(value: i8);
        serialize_i16(value: i16);
        serialize_i32(value: i32);
        serialize_i64(value: i64);
        serialize_i128(value: i128);
        serialize_u8(value: u8);
        serialize_u16(value: u16);
        serialize_u32(value: u32);
        serialize_u64(value: u64);
        serialize_u128(value: u128);
        serialize_char(value: char);
        serialize_str(value: &str);
        serialize_bytes(value: &[u8]);
        serialize_none();
        serialize_unit();
        serialize_unit_struct(name: &'static str);
        serialize_unit_variant(name: &'static str, index: u32, variant: &'static str);
    }

    begin! {
        serialize_seq(len: Option<usize>) -> SerializeSeq;
        serialize_tuple(len: usize) -> SerializeTuple;
        serialize_tuple_struct(name: &'static str, len: usize) -> SerializeTupleStruct;
        serialize_tuple_variant(name: &'static str, index: u32, variant: &'static str, len: usize)
            -> SerializeTupleVariant;
        serialize_map(len: Option<usize>) -> SerializeMap;
        serialize_struct(name: &'static str, len: usize) -> SerializeStruct;
        serialize_struct_variant(name: &'static str, index: u32, variant: &'static str, len: usize)
            -> SerializeStructVariant;
    }

    // JSON shows neither `Some` nor a newtype, and a variant is an object. To serialize them as that keeps the path to a
    // failure, which `serde_path_to_error` otherwise loses here.

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<S::Ok, S::Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        let mut object = self.serialize_map(Some(1))?;
        object.serialize_entry(variant, value)?;
        object.end()
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.0.collect_str(value)
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

/// Compound values whose parts are unnamed.
macro_rules! parts {
    ($($compound:ident::$method:ident)*) => {
        $(impl<S: $compound> $compound for Finite<S> {
            type Ok = S::Ok;
            type Error = S::Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
                self.0.$method(&Finite(value))
            }

            fn end(self) -> Result<S::Ok, S::Error> {
                self.0.end()
            }
        })*
    };
}

/// Compound values whose parts are fields.
macro_rules! fields {
    ($($compound:ident)*) => {
        $(impl<S: $compound> $compound for Finite<S> {
            type Ok = S::Ok;
            type Error = S::Error;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), S::Error> {
                self.0.serialize_field(key, &Finite(value))
            }

            fn skip_field(&mut self, key: &'static str) -> Result<(), S::Error> {
                self.0.skip_field(key)
            }

            fn end(self) -> Result<S::Ok, S::Error> {
                self.0.end()
            }
        })*
    };
}

parts! {
    SerializeSeq::serialize_element
    SerializeTuple::serialize_element
    SerializeTupleStruct::serialize_field
    SerializeTupleVariant::serialize_field
}

fields! { SerializeStruct SerializeStructVariant }

impl<S: SerializeMap> SerializeMap for Finite<S> {
    type Ok = S::Ok;
    type Error = S::Error;

    /// Keys become strings; `serde_json` itself refuses those that cannot.
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), S::Error> {
        self.0.serialize_key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
        self.0.serialize_value(&Finite(value))
    }

    fn end(self) -> Result<S::Ok, S::Error> {
        self.0.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Serialize;
    use serde_json::Value;
    use serde_json::value::RawValue;
    use std::collections::BTreeMap;

    fn written<T: Serialize>(value: &T) -> Result<String, String> {
        let mut text = Vec::new();
        value.serialize(Finite(&mut serde_json::Serializer::new(&mut text))).map_err(|error| error.to_string())?;
        Ok(String::from_utf8(text).unwrap())
    }

    /// Every form that serde knows.
    #[derive(Clone, Debug, Serialize)]
    enum Form {
        Unit,
        Newtype(Box<Form>),
        Tuple(Box<Form>, Option<Box<Form>>),
        Struct { a: Box<Form>, b: (i8, u64, char) },
        Floats(Wrapper, f32),
        Text(String),
        List(Vec<Form>),
        Map(BTreeMap<i16, Form>),
        Bytes(Plain, ()),
    }

    #[derive(Clone, Debug, Serialize)]
    struct Wrapper(f64);

    #[derive(Clone, Debug, Serialize)]
    struct Plain {
        value: Option<bool>,
        #[serde(skip_serializing_if = "Option::is_none")]
        skipped: Option<u8>,
        tuple: Pair,
    }

    #[derive(Clone, Debug, Serialize)]
    struct Pair(i128, u128);

    fn forms(floats: impl Strategy<Value = f64> + 'static) -> impl Strategy<Value = Form> {
        let leaf = prop_oneof![
            Just(Form::Unit),
            "[^N]*".prop_map(Form::Text),
            (floats, any::<i8>()).prop_map(|(value, small)| Form::Floats(Wrapper(value), f32::from(small))),
            (any::<Option<bool>>(), any::<Option<u8>>(), any::<i128>(), any::<u128>())
                .prop_map(|(value, skipped, a, b)| Form::Bytes(Plain { value, skipped, tuple: Pair(a, b) }, ())),
        ];
        leaf.prop_recursive(6, 40, 4, |inner| {
            let boxed = inner.clone().prop_map(Box::new);
            prop_oneof![
                boxed.clone().prop_map(Form::Newtype),
                (boxed.clone(), proptest::option::of(boxed.clone())).prop_map(|(a, b)| Form::Tuple(a, b)),
                (boxed, any::<(i8, u64, char)>()).prop_map(|(a, b)| Form::Struct { a, b }),
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Form::List),
                proptest::collection::btree_map(any::<i16>(), inner, 0..4).prop_map(Form::Map),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_finite_is_written_as_without_the_check(form in forms(proptest::num::f64::NORMAL)) {
            prop_assert_eq!(written(&form), serde_json::to_string(&form).map_err(|error| error.to_string()));
        }

        #[test]
        fn what_is_not_finite_is_found_at_any_depth(form in forms(Just(f64::NAN))) {
            // No text has a capital N.
            prop_assert_eq!(written(&form).is_err(), format!("{form:?}").contains("NaN"));
        }
    }

    #[test]
    fn values_of_serde_json_pass() {
        let value: Value = serde_json::from_str(r#"{"a":[1,-2,1.5,null,true,"x"],"b":{}}"#).unwrap();
        assert_eq!(written(&value).unwrap(), value.to_string());
        let raw = RawValue::from_string(r#"{"a" : 1.50}"#.to_owned()).unwrap();
        assert_eq!(written(&vec![&raw]).unwrap(), r#"[{"a" : 1.50}]"#);
    }

    #[test]
    fn infinities_and_nan() {
        assert!(written(&f64::NAN).unwrap_err().contains("NaN"));
        assert!(written(&Some(f32::INFINITY)).unwrap_err().contains("infinity"));
        assert!(written(&BTreeMap::from([("a", -f64::INFINITY)])).unwrap_err().contains("infinity"));
    }
}
