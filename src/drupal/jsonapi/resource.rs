//! One resource.

use super::identifier::Identifier;
use super::linkage::Linkage;
use super::links::Links;
use super::resource_type::ResourceType;
use serde::de::value::MapDeserializer;
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::iter;
use uuid::Uuid;

/// Attributes of any type of resource, undecoded.
pub type Attributes = Map<String, Value>;

/// A resource: its identity, its attributes as a `T`, and what its relationships refer to.
///
/// `T` is any type that serde reads from an object: a struct of your own, or [`Attributes`]. Fields that the caller may not
/// see are left out silently, and sparse fields leave out more: make them `Option`s. How Drupal writes the kinds of fields:
///
/// | Kind of field | Type in Rust |
/// |---|---|
/// | text line, list, telephone, mail | `String` |
/// | integer, float | a number |
/// | decimal | `String`, `"18.25"` |
/// | boolean | `Option<bool>`: null if it was never set |
/// | date | `String`, `"2011-05-02"` |
/// | created, changed, timestamp | `String`, RFC 3339 in UTC |
/// | date and time | `String`, RFC 3339 in the site's time zone |
/// | range | a struct of `value` and `end_value` |
/// | formatted text | a struct of `value`, `format` (may be null) and `processed` (read only); of a body also `summary` |
/// | link | a struct of `uri`, `title`, `options` (an empty list if empty, else an object) |
/// | one value, not set | null |
/// | several values | `Vec`; empty if not set |
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Resource<T = Attributes> {
    /// The type.
    pub resource_type: ResourceType,
    /// The id.
    pub id: Uuid,
    /// The attributes. If the answer has none, `T` is read from an empty object.
    pub attributes: T,
    /// What the relationships refer to, by the names of their fields.
    pub relationships: BTreeMap<String, Linkage>,
    /// The links, such as `self` and `working-copy`.
    pub links: Links,
    /// What modules of the site add.
    pub meta: Attributes,
}

impl<T> Resource<T> {
    /// Returns the references of a relationship; none if there is no such relationship in the answer.
    pub fn identifiers(&self, field: &str) -> &[Identifier] {
        self.relationships.get(field).map_or(&[], Linkage::identifiers)
    }
}

impl Resource<Attributes> {
    /// Returns the language that the attributes are in. A resource without a translation comes in its default language,
    /// whatever language was asked for.
    pub fn langcode(&self) -> Option<&str> {
        self.attributes.get("langcode")?.as_str()
    }
}

impl<T: Serialize> Serialize for Resource<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut resource = serializer.serialize_struct("Resource", 6)?;
        resource.serialize_field("type", &self.resource_type)?;
        resource.serialize_field("id", &self.id)?;
        resource.serialize_field("attributes", &self.attributes)?;
        resource.serialize_field("relationships", &Relationships(&self.relationships))?;
        resource.serialize_field("links", &self.links)?;
        resource.serialize_field("meta", &self.meta)?;
        resource.end()
    }
}

/// Relationships as they are sent: each is an object around its linkage.
pub(super) struct Relationships<'a>(pub(super) &'a BTreeMap<String, Linkage>);

#[derive(serde::Serialize)]
struct Sent<'a> {
    data: &'a Linkage,
}

impl Serialize for Relationships<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, data) in self.0 {
            map.serialize_entry(name, &Sent { data })?;
        }
        map.end()
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Resource<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(rename = "Resource", bound(deserialize = "T: DeserializeOwned"))]
        struct Read<T> {
            #[serde(rename = "type")]
            resource_type: ResourceType,
            id: Uuid,
            #[serde(default = "none")]
            attributes: Option<T>,
            #[serde(default)]
            relationships: BTreeMap<String, Relationship>,
            #[serde(default)]
            links: Links,
            #[serde(default)]
            meta: Attributes,
        }

        /// A relationship without `data` has only links.
        #[derive(serde::Deserialize)]
        struct Relationship {
            #[serde(default, deserialize_with = "present")]
            data: Option<Linkage>,
        }

        fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Linkage>, D::Error> {
            Linkage::deserialize(deserializer).map(Some)
        }

        fn none<T>() -> Option<T> {
            None
        }

        let read = Read::<T>::deserialize(deserializer)?;
        let attributes = match read.attributes {
            Some(attributes) => attributes,
            None => T::deserialize(MapDeserializer::new(iter::empty::<((), ())>()))?,
        };
        let relationships = read.relationships.into_iter();
        Ok(Self {
            resource_type: read.resource_type,
            id: read.id,
            attributes,
            relationships: relationships.filter_map(|(name, it)| Some((name, it.data?))).collect(),
            links: read.links,
            meta: read.meta,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ID: &str = "00000000-0000-4000-8000-000000000502";

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Vessel {
        title: String,
        field_berths: Option<u8>,
    }

    fn heron() -> Value {
        json!({
            "type": "node--vessel", "id": ID, "foreign": [1],
            "links": {"self": {"href": "https://x.example/a"}},
            "attributes": {"title": "Heron", "field_berths": 6, "status": true},
            "relationships": {
                "field_port": {"data": {"type": "taxonomy_term--port", "id": ID}, "links": {}},
                "field_photo": {"data": null},
                "field_crew": {"data": []},
                "field_far": {"links": {}}
            }
        })
    }

    #[test]
    fn attributes_of_a_type_of_ones_own() {
        let heron: Resource<Vessel> = serde_json::from_value(heron()).unwrap();
        assert_eq!(heron.attributes, Vessel { title: "Heron".into(), field_berths: Some(6) });
        assert_eq!(heron.identifiers("field_port")[0].resource_type, "taxonomy_term--port");
        assert_eq!(heron.relationships["field_photo"], Linkage::ToOne(None));
        assert_eq!(heron.relationships["field_crew"], Linkage::ToMany(Vec::new()));
        assert!(!heron.relationships.contains_key("field_far") && heron.identifiers("field_far").is_empty());
        assert_eq!(heron.links.href("self"), Some("https://x.example/a"));
    }

    #[test]
    fn absent_members_are_empty() {
        let bare = json!({"type": "node--vessel", "id": ID});
        assert!(serde_json::from_value::<Resource>(bare.clone()).unwrap().attributes.is_empty());
        let error = serde_json::from_value::<Resource<Vessel>>(bare).unwrap_err();
        assert!(error.to_string().contains("missing field `title`"), "{error}");
    }

    #[test]
    fn a_resource_is_written_as_it_is_sent() {
        let read: Resource = serde_json::from_value(heron()).unwrap();
        let again: Resource = serde_json::from_value(serde_json::to_value(&read).unwrap()).unwrap();
        assert_eq!(read, again);
        assert_eq!(read.langcode(), None);
    }

    #[test]
    fn a_resource_has_a_uuid() {
        for id in [json!("missing"), json!("17"), json!(17), json!(null)] {
            assert!(serde_json::from_value::<Resource>(json!({"type": "node--vessel", "id": id})).is_err());
        }
    }
}
