//! What to write into a resource.

use super::identifier::Identifier;
use super::linkage::Linkage;
use super::resource::Relationships;
use super::resource_type::ResourceType;
use crate::codes::drupal::ErrorCode;
use crate::drupal::ResourceId;
use crate::error::Error;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The fields to set when a resource is created or changed: attributes and relationships.
///
/// What is left out stays as it is. An attribute `null` or `[]` clears a field, and so does an empty relationship.
///
/// ```
/// use serde_json::json;
/// use statuswire::drupal::{Fields, Identifier};
///
/// # let (port, mara) = (Identifier::new("taxonomy_term--port".parse()?, uuid::Uuid::nil()), Identifier::new("user--user".parse()?, uuid::Uuid::nil()));
/// let fields = Fields::new(json!({"title": "Gannet", "field_berths": 4}))
///     .relationship("field_port", port)
///     .relationship("field_crew", [mara]);
/// # let _ = fields;
/// # Ok::<(), statuswire::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Fields<A = Value> {
    attributes: Option<A>,
    relationships: BTreeMap<String, Linkage>,
}

impl<A: Serialize> Fields<A> {
    /// Makes fields of attributes. They must be serialized as an object: a struct, a map, `json!({...})`.
    pub fn new(attributes: A) -> Self {
        Self { attributes: Some(attributes), relationships: BTreeMap::new() }
    }

    /// Sets what a relationship refers to: an [`Identifier`] or an `Option` of one for a field with one reference, a list
    /// for a field with several.
    ///
    /// The references must name the right types: Drupal takes the number of a resource of another entity type, and refers
    /// to whatever else has that number. [`Resources::with_targets`](super::Resources::with_targets) lets the client
    /// check them.
    #[must_use]
    pub fn relationship(mut self, field: &str, to: impl Into<Linkage>) -> Self {
        self.relationships.insert(field.to_owned(), to.into());
        self
    }

    pub(super) fn relationships(&self) -> &BTreeMap<String, Linkage> {
        &self.relationships
    }

    /// Returns the body of a request.
    pub(super) fn body(&self, resource_type: &ResourceType, id: Uuid) -> Result<Vec<u8>, Error> {
        #[derive(Serialize)]
        struct Body<'a> {
            data: Data<'a>,
        }

        #[derive(Serialize)]
        struct Data<'a> {
            #[serde(rename = "type")]
            resource_type: &'a ResourceType,
            id: Uuid,
            #[serde(skip_serializing_if = "Option::is_none")]
            attributes: Option<Box<serde_json::value::RawValue>>,
            relationships: Relationships<'a>,
        }

        let unwritable = |reason: String| Error::invalid_request(reason).with_code(ErrorCode::InvalidJson);
        let attributes = self.attributes.as_ref().map(serde_json::value::to_raw_value).transpose();
        let attributes =
            attributes.map_err(|error| unwritable(format!("the attributes cannot be written as JSON: {error}")))?;
        if attributes.as_ref().is_some_and(|text| !text.get().starts_with('{')) {
            // The site would fail with 500.
            return Err(unwritable("the attributes are not a JSON object; give a struct or a map".to_owned()));
        }
        let relationships = Relationships(&self.relationships);
        let body = Body { data: Data { resource_type, id, attributes, relationships } };
        serde_json::to_vec(&body)
            .map_err(|error| unwritable(format!("the resource cannot be written as JSON: {error}")))
    }
}

impl Fields<Value> {
    /// Makes fields without attributes, for relationships alone.
    pub fn without_attributes() -> Self {
        Self { attributes: None, relationships: BTreeMap::new() }
    }
}

/// The types that the relationships of a type of resource may refer to, as far as they were declared.
#[derive(Clone, Debug, Default)]
pub(in crate::drupal) struct Targets(BTreeMap<String, Vec<ResourceType>>);

impl Targets {
    pub(super) fn declare(&mut self, field: &str, types: impl IntoIterator<Item = ResourceType>) {
        self.0.entry(field.to_owned()).or_default().extend(types);
    }

    /// Refuses references that cannot be written.
    pub(super) fn check(&self, field: &str, references: &[Identifier]) -> Result<(), Error> {
        let refuse = |what: String| Err(Error::invalid_request(what).with_code(ErrorCode::InvalidPointer));
        for Identifier { resource_type, id, .. } in references {
            if !matches!(id, ResourceId::Uuid(_)) {
                return refuse(format!("{field}: a reference to {id:?} leads nowhere; leave it out"));
            }
            match self.0.get(field) {
                Some(allowed) if !allowed.contains(resource_type) => {
                    let allowed: Vec<_> = allowed.iter().map(ResourceType::as_str).collect();
                    let allowed = allowed.join(" or ");
                    return refuse(format!("{field}: it refers to a {resource_type}; it must be a {allowed}"));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn vessel() -> ResourceType {
        "node--vessel".parse().unwrap()
    }

    fn sent<A: Serialize>(fields: &Fields<A>) -> Value {
        serde_json::from_slice(&fields.body(&vessel(), Uuid::nil()).unwrap()).unwrap()
    }

    #[test]
    fn a_body_has_type_and_id() {
        let port = Identifier::new("taxonomy_term--port".parse().unwrap(), Uuid::nil());
        let fields = Fields::new(json!({"title": "Gannet"}))
            .relationship("field_port", port.clone())
            .relationship("field_photo", None)
            .relationship("field_crew", []);
        let nil = Uuid::nil();
        assert_eq!(
            sent(&fields),
            json!({"data": {
                "type": "node--vessel", "id": nil, "attributes": {"title": "Gannet"},
                "relationships": {
                    "field_port": {"data": {"type": "taxonomy_term--port", "id": nil}},
                    "field_photo": {"data": null},
                    "field_crew": {"data": []}
                }
            }})
        );
        let bare = sent(&Fields::without_attributes().relationship("field_port", port));
        assert!(bare["data"].get("attributes").is_none());
    }

    #[test]
    fn attributes_must_be_an_object() {
        for attributes in [json!(null), json!("x"), json!([1])] {
            let error = Fields::new(attributes).body(&vessel(), Uuid::nil()).unwrap_err();
            assert_eq!(error.code_as(), Some(ErrorCode::InvalidJson));
        }
        let unwritable = BTreeMap::from([((1, 2), 3)]);
        assert!(Fields::new(unwritable).body(&vessel(), Uuid::nil()).unwrap_err().is_invalid_request());
    }

    #[test]
    fn references_are_checked() {
        let mut targets = Targets::default();
        targets.declare("field_port", ["taxonomy_term--port".parse().unwrap()]);
        let to = |name: &str, id: ResourceId| [Identifier::new(name.parse().unwrap(), id)];
        let uuid = ResourceId::Uuid(Uuid::nil());
        assert!(targets.check("field_port", &to("taxonomy_term--port", uuid)).is_ok());
        assert!(targets.check("field_other", &to("user--user", uuid)).is_ok());
        for (field, references) in [
            ("field_port", to("node--article", uuid)),
            ("field_port", to("taxonomy_term--port", ResourceId::Missing)),
            ("field_other", to("user--user", ResourceId::Virtual)),
        ] {
            let error = targets.check(field, &references).unwrap_err();
            assert_eq!(error.code_as(), Some(ErrorCode::InvalidPointer));
            assert!(error.to_string().contains(field));
        }
    }
}
