//! The order of members in JSON. Drupal goes through a body as it was sent, so the first member that is wrong is named.
use std::collections::HashMap;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// The members of an object in the order of `body`, in which it stands below these names.
pub(super) fn ordered<'a>(object: &'a Map<String, Value>, body: &[u8], path: &[&str]) -> Vec<(&'a String, &'a Value)> {
    let names = Names(path).deserialize(&mut serde_json::Deserializer::from_slice(body)).unwrap_or_default();
    // A name that comes twice keeps its first place.
    let places: HashMap<&String, usize> = names.iter().enumerate().rev().map(|(place, name)| (name, place)).collect();
    let mut members: Vec<_> = object.iter().collect();
    members.sort_by_key(|(name, _)| places.get(name));
    members
}

/// Reads the names of the members below a path; what is not an object has none.
struct Names<'a>(&'a [&'a str]);

impl<'de> DeserializeSeed<'de> for Names<'_> {
    type Value = Vec<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Names<'_> {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = members.next_key::<String>()? {
            match self.0.split_first() {
                Some((first, rest)) if *first == name => names = members.next_value_seed(Names(rest))?,
                inner => {
                    members.next_value::<IgnoredAny>()?;
                    if inner.is_none() {
                        names.push(name);
                    }
                }
            }
        }
        Ok(names)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Vec::new())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }
}
