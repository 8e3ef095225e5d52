//! What names a resource: its type and its id.

use super::resource::{Attributes, Resource};
use super::resource_type::ResourceType;
use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};
use serde_json::Value;
use std::fmt;
use uuid::Uuid;

/// The id in a reference to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ResourceId {
    /// A resource that exists, or existed when the reference was made.
    Uuid(Uuid),
    /// The resource was deleted. There is nothing to fetch.
    Missing,
    /// The reference leads to no resource, such as the parent of a term at the root. There is nothing to fetch.
    Virtual,
}

const MISSING: &str = "missing";
const VIRTUAL: &str = "virtual";

impl ResourceId {
    /// Returns the UUID; `None` for a marker.
    pub fn uuid(self) -> Option<Uuid> {
        match self {
            Self::Uuid(uuid) => Some(uuid),
            Self::Missing | Self::Virtual => None,
        }
    }
}

impl From<Uuid> for ResourceId {
    fn from(uuid: Uuid) -> Self {
        Self::Uuid(uuid)
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uuid(uuid) => fmt::Display::fmt(uuid, f),
            Self::Missing => f.pad(MISSING),
            Self::Virtual => f.pad(VIRTUAL),
        }
    }
}

impl Serialize for ResourceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ResourceId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl serde::de::Visitor<'_> for Text {
            type Value = ResourceId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a UUID, \"missing\" or \"virtual\"")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<ResourceId, E> {
                match text {
                    MISSING => Ok(ResourceId::Missing),
                    VIRTUAL => Ok(ResourceId::Virtual),
                    text => Uuid::try_parse(text)
                        .map(ResourceId::Uuid)
                        .map_err(|_| E::invalid_value(serde::de::Unexpected::Str(text), &self)),
                }
            }
        }

        deserializer.deserialize_str(Text).map_err(D::Error::custom)
    }
}

/// A reference to a resource: its type, its id, and what the referring field says about it.
#[derive(Clone, Debug, PartialEq, serde::Deserialize, serde::Serialize)]
#[non_exhaustive]
pub struct Identifier {
    /// The type of the resource.
    #[serde(rename = "type")]
    pub resource_type: ResourceType,
    /// Its id, or why there is no resource.
    pub id: ResourceId,
    /// What the referring field holds besides the reference: `alt`, `title`, `width` and `height` of an image,
    /// `description` and `display` of a file, the number in `drupal_internal__target_id`, and `arity` if one resource is
    /// referred to several times.
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub meta: Attributes,
}

impl Identifier {
    /// Makes a reference.
    pub fn new(resource_type: ResourceType, id: impl Into<ResourceId>) -> Self {
        Self { resource_type, id: id.into(), meta: Attributes::new() }
    }

    /// Adds a member to `meta`, such as the `alt` text of an image.
    #[must_use]
    pub fn with_meta(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.meta.insert(name.to_owned(), value.into());
        self
    }
}

/// A reference to a resource that was read.
impl<T> From<&Resource<T>> for Identifier {
    fn from(resource: &Resource<T>) -> Self {
        Self::new(resource.resource_type.clone(), resource.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ids_are_uuids_or_markers() {
        for (text, id) in [
            ("00000000-0000-4000-8000-000000000501", ResourceId::Uuid(Uuid::from_u128(0x4000_8000_0000_0000_0501))),
            ("missing", ResourceId::Missing),
            ("virtual", ResourceId::Virtual),
        ] {
            let read: ResourceId = serde_json::from_value(json!(text)).unwrap();
            assert_eq!((read, read.to_string()), (id, text.to_owned()));
            assert_eq!(serde_json::to_value(read).unwrap(), json!(text));
        }
        assert_eq!(ResourceId::Missing.uuid(), None);
        for wrong in [json!("17"), json!(17), json!(null), json!("")] {
            assert!(serde_json::from_value::<ResourceId>(wrong).is_err());
        }
    }

    #[test]
    fn identifiers_keep_their_meta() {
        let json = json!({
            "type": "file--file", "id": "00000000-0000-4000-8000-000000000501",
            "meta": {"alt": "The deck", "drupal_internal__target_id": 4}, "links": {}
        });
        let image: Identifier = serde_json::from_value(json).unwrap();
        assert_eq!(image.meta["alt"], "The deck");
        let sent = serde_json::to_value(Identifier::new(image.resource_type, image.id).with_meta("alt", "A")).unwrap();
        assert_eq!(sent, json!({"type": "file--file", "id": image.id, "meta": {"alt": "A"}}));
    }
}
