//! What a relationship refers to.

use super::identifier::Identifier;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use std::fmt;

/// What a relationship refers to.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Linkage {
    /// A field for one reference.
    ToOne(Option<Identifier>),
    /// A field for a list of references, in the site's order.
    ToMany(Vec<Identifier>),
}

impl Linkage {
    /// Returns all references.
    pub fn identifiers(&self) -> &[Identifier] {
        match self {
            Self::ToOne(one) => one.as_slice(),
            Self::ToMany(many) => many,
        }
    }
}

impl From<Identifier> for Linkage {
    fn from(one: Identifier) -> Self {
        Self::ToOne(Some(one))
    }
}

impl From<Option<Identifier>> for Linkage {
    fn from(one: Option<Identifier>) -> Self {
        Self::ToOne(one)
    }
}

impl From<Vec<Identifier>> for Linkage {
    fn from(many: Vec<Identifier>) -> Self {
        Self::ToMany(many)
    }
}

impl<const N: usize> From<[Identifier; N]> for Linkage {
    fn from(many: [Identifier; N]) -> Self {
        Self::ToMany(many.into())
    }
}

impl Serialize for Linkage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::ToOne(one) => one.serialize(serializer),
            Self::ToMany(many) => many.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Linkage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Linkage;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a reference, a list of references, or null")
            }

            fn visit_unit<E>(self) -> Result<Linkage, E> {
                Ok(Linkage::ToOne(None))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Linkage, A::Error> {
                Identifier::deserialize(MapAccessDeserializer::new(map)).map(Linkage::from)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Linkage, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(Linkage::ToMany)
            }
        }

        deserializer.deserialize_any(Either)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drupal::ResourceId;
    use serde_json::json;

    #[test]
    fn one_none_and_many() {
        let crew = json!({"type": "user--user", "id": "missing"});
        let read = |json| serde_json::from_value::<Linkage>(json).unwrap();
        assert_eq!(read(json!(null)), Linkage::ToOne(None));
        assert_eq!(read(crew.clone()).identifiers()[0].id, ResourceId::Missing);
        assert_eq!(read(json!([])), Linkage::ToMany(Vec::new()));
        let many = read(json!([crew, crew]));
        assert_eq!(many.identifiers().len(), 2);
        assert_eq!(serde_json::to_value(&many).unwrap(), json!([crew, crew]));
        assert_eq!(serde_json::to_value(Linkage::ToOne(None)).unwrap(), json!(null));
        for wrong in [json!("x"), json!([1]), json!({"type": "user--user"})] {
            assert!(serde_json::from_value::<Linkage>(wrong).is_err());
        }
    }
}
