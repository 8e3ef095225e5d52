//! Data that is one resource or a list, as the field decides.

use super::decode::{Data, Name};
use super::resource::Resource;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// Related resources: an object, null, or a list.
pub(super) enum OneOrMany<T> {
    One(Option<Resource<T>>),
    Many(Vec<Resource<T>>),
}

impl<T: DeserializeOwned> Data for OneOrMany<T> {
    fn resources(&self) -> impl Iterator<Item = Name<'_>> {
        let all = match self {
            Self::One(one) => one.as_slice(),
            Self::Many(many) => many,
        };
        all.iter().map(|resource| (&resource.resource_type, resource.id))
    }
}

impl<T> OneOrMany<T> {
    pub(super) fn into_list(self) -> Vec<Resource<T>> {
        match self {
            Self::One(one) => one.into_iter().collect(),
            Self::Many(many) => many,
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either<T>(PhantomData<T>);

        impl<'de, T: DeserializeOwned> Visitor<'de> for Either<T> {
            type Value = OneOrMany<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a resource, a list of resources, or null")
            }

            fn visit_unit<E>(self) -> Result<OneOrMany<T>, E> {
                Ok(OneOrMany::One(None))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<OneOrMany<T>, A::Error> {
                Resource::deserialize(MapAccessDeserializer::new(map)).map(|one| OneOrMany::One(Some(one)))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<OneOrMany<T>, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(OneOrMany::Many)
            }
        }

        deserializer.deserialize_any(Either(PhantomData))
    }
}
