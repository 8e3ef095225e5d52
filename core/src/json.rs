//! Reading JSON messages piece by piece.
//!
//! A client often needs one member of a message (the status, the id, the type) before it can decode the others.
//! [`Members`] finds all members in one pass over the text and leaves their values undecoded, or decodes them all as
//! one type.

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// The members of a JSON object, names and values, in the order of the text. A name may occur more than once.
///
/// Values stay undecoded unless `V` is another type: a client can decode one member now, and another later or never.
/// Undecoded values keep their text, so numbers keep the precision that was sent.
///
/// ```
/// use statuswire::json::Members;
///
/// let members: Members = serde_json::from_str(r#"{"id":7,"value":{"a": 1.50}}"#)?;
/// assert_eq!(members.get("value").map(|value| value.get()), Some(r#"{"a": 1.50}"#));
///
/// let Members(scores) = serde_json::from_str::<Members<u8>>(r#"{"ada":3,"grace":5}"#)?;
/// assert_eq!(scores, [("ada".into(), 3), ("grace".into(), 5)]);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug)]
pub struct Members<'a, V = &'a RawValue>(pub Vec<(Cow<'a, str>, V)>);

/// A member's name; borrowed unless it has escapes.
#[derive(Deserialize)]
#[serde(transparent)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<V> Members<'_, V> {
    /// Returns the value of the first member named `name`.
    pub fn get(&self, name: &str) -> Option<&V> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Members<'de, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect<V>(PhantomData<V>);

        impl<'de, V: Deserialize<'de>> Visitor<'de> for Collect<V> {
            type Value = Members<'de, V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((Name(name), value)) = map.next_entry()? {
                    members.push((name, value));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Collect(PhantomData))
    }
}

/// Calls `visit` with the name and the value of each member of a JSON object, in the order of the text.
///
/// Unlike [`Members`] it keeps nothing: a list of the millions of members that a large message can have would take many
/// times the message's memory.
///
/// ```
/// use statuswire::json::for_each_member;
///
/// let mut id = None;
/// for_each_member(r#"{"id":7,"value":{"a": 1.50}}"#, |name, value| {
///     if name == "id" {
///         id = value.get().parse().ok();
///     }
/// })?;
/// assert_eq!(id, Some(7));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Errors
///
/// If the text is not one JSON object. Members before the fault were visited.
pub fn for_each_member<'a>(text: &'a str, visit: impl FnMut(Cow<'a, str>, &'a RawValue)) -> serde_json::Result<()> {
    struct Each<F>(F);

    impl<'de, F: FnMut(Cow<'de, str>, &'de RawValue)> Visitor<'de> for Each<F> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
            while let Some((Name(name), value)) = map.next_entry()? {
                self.0(name, value);
            }
            Ok(())
        }
    }

    let mut json = serde_json::Deserializer::from_str(text);
    json.deserialize_map(Each(visit))?;
    json.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_their_text_and_order() {
        let Members(members): Members<'_> = serde_json::from_str(r#"{"b": [1, 2],"a\u0062":null,"b":3}"#).unwrap();
        let texts: Vec<_> = members.iter().map(|(name, value)| (&**name, value.get())).collect();
        assert_eq!(texts, [("b", "[1, 2]"), ("ab", "null"), ("b", "3")]);
        assert!(matches!(members[0].0, Cow::Borrowed("b")));
        assert_eq!(Members(members).get("b").unwrap().get(), "[1, 2]");
    }

    #[test]
    fn what_is_no_object() {
        assert!(serde_json::from_str::<Members<'_>>("[1]").is_err());
        for text in ["[1]", "{", "{} 1", ""] {
            assert!(for_each_member(text, |_, _| ()).is_err(), "{text}");
        }
    }
}
