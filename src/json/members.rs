//! The members of a JSON object, undecoded.

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// The members of a JSON object in the order of the text, their values undecoded. A name may occur more than once.
///
/// ```
/// use statuswire::json::Members;
///
/// let members: Members = serde_json::from_str(r#"{"id":7,"value":{"a": 1.50}}"#)?;
/// assert_eq!(members.get("value").map(|value| value.get()), Some(r#"{"a": 1.50}"#));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug)]
pub struct Members<'a>(pub Vec<(Cow<'a, str>, &'a RawValue)>);

/// A member's name; borrowed unless it has escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> Members<'a> {
    /// Returns the value of the first member with this name.
    pub fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

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

        deserializer.deserialize_map(Collect)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_their_text_and_order() {
        let Members(members) = serde_json::from_str(r#"{"b": [1, 2],"a\u0062":null,"b":3}"#).unwrap();
        let texts: Vec<_> = members.iter().map(|(name, value)| (&**name, value.get())).collect();
        assert_eq!(texts, [("b", "[1, 2]"), ("ab", "null"), ("b", "3")]);
        assert!(matches!(members[0].0, Cow::Borrowed("b")));
        assert_eq!(Members(members).get("b").unwrap().get(), "[1, 2]");
    }

    #[test]
    fn what_is_no_object() {
        assert!(serde_json::from_str::<Members<'_>>("[1]").is_err());
    }
}
