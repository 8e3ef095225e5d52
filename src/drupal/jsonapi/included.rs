//! The resources that a document includes.

use super::decode;
use super::identifier::{Identifier, ResourceId};
use super::resource::Resource;
use super::resource_type::ResourceType;
use crate::error::Error;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error as _};
use serde_json::value::RawValue;
use std::collections::HashMap;

/// The resources that a document includes, found by type and id. They are decoded when asked for.
///
/// A resource that is referred to and not here is one that the caller may not see, or one that was deleted.
#[derive(Clone, Debug, Default)]
pub struct Included(HashMap<(ResourceType, ResourceId), Box<RawValue>>);

impl Included {
    /// Returns the resource that a reference leads to; `None` if it is not included.
    ///
    /// # Errors
    ///
    /// If its attributes are not a `T`.
    pub fn get<T: DeserializeOwned>(&self, identifier: &Identifier) -> Result<Option<Resource<T>>, Error> {
        // The marker ids are never in the map.
        let key = (identifier.resource_type.clone(), identifier.id);
        let found = self.0.get(&key).map(|raw| decode::included(raw.get(), identifier));
        found.transpose()
    }

    /// Returns the resources that a relationship of a resource leads to, in its order, without those that are not
    /// included.
    ///
    /// # Errors
    ///
    /// If the attributes of one of them are not a `T`.
    pub fn related<T: DeserializeOwned, R>(&self, of: &Resource<R>, field: &str) -> Result<Vec<Resource<T>>, Error> {
        of.identifiers(field).iter().filter_map(|identifier| self.get(identifier).transpose()).collect()
    }

    /// Returns the number of included resources.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether nothing is included.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns references to all included resources, in no order.
    pub fn identifiers(&self) -> impl Iterator<Item = Identifier> {
        self.0.keys().map(|(resource_type, id)| Identifier::new(resource_type.clone(), *id))
    }
}

impl<'de> Deserialize<'de> for Included {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = Vec::<Box<RawValue>>::deserialize(deserializer)?;
        let mut resources = HashMap::with_capacity(texts.len());
        for text in texts {
            let name: Identifier = serde_json::from_str(text.get()).map_err(D::Error::custom)?;
            resources.insert((name.resource_type, name.id), text);
        }
        Ok(Self(resources))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drupal::{Document, ErrorCode};
    use uuid::Uuid;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Port {
        name: String,
    }

    const DOCUMENT: &str = r#"{
        "data": {"type": "node--vessel", "id": "00000000-0000-4000-8000-000000000502", "relationships": {
            "field_port": {"data": {"type": "taxonomy_term--port", "id": "00000000-0000-4000-8000-000000000102"}},
            "field_tender": {"data": [{"type": "node--vessel", "id": "missing"}]}
        }},
        "included": [{"type": "taxonomy_term--port", "id": "00000000-0000-4000-8000-000000000102",
            "attributes": {"name": "Birch Dock"}}]
    }"#;

    #[test]
    fn resources_are_found_by_type_and_id() {
        let heron: Document<Resource> = serde_json::from_str(DOCUMENT).unwrap();
        let port: Vec<Resource<Port>> = heron.included.related(&heron.data, "field_port").unwrap();
        assert_eq!(port[0].attributes, Port { name: "Birch Dock".into() });
        assert_eq!(heron.included.related::<Port, _>(&heron.data, "field_tender").unwrap(), []);
        let elsewhere = Identifier::new(port[0].resource_type.clone(), Uuid::nil());
        assert_eq!(heron.included.get::<Port>(&elsewhere).unwrap(), None);
        assert_eq!(heron.included.identifiers().collect::<Vec<_>>(), [Identifier::from(&port[0])]);
        assert_eq!(heron.included.len(), 1);
    }

    #[test]
    fn attributes_of_another_shape_are_an_error() {
        let heron: Document<Resource> = serde_json::from_str(DOCUMENT).unwrap();
        #[derive(Debug, serde::Deserialize)]
        #[allow(dead_code, reason = "it is never made")]
        struct Tall {
            name: u64,
        }
        let error = heron.included.related::<Tall, _>(&heron.data, "field_port").unwrap_err();
        assert_eq!(error.code_as(), Some(ErrorCode::InvalidJson));
        assert!(error.to_string().contains("attributes.name"), "{error}");
    }
}
