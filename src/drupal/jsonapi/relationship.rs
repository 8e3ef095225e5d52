//! Relationships by themselves: reading and changing what they refer to.

use super::decode;
use super::identifier::Identifier;
use super::linkage::Linkage;
use super::resources::{JSON_API, Resources};
use crate::drupal::Attributes;
use crate::error::Error;
use crate::http::Request;
use crate::reexport::http::{Method, StatusCode};
use serde::Serialize;
use uuid::Uuid;

/// A relationship of a resource, from [`Resources::relationship`].
#[derive(Clone, Debug)]
pub struct Relationship {
    resources: Resources<Attributes>,
    id: Uuid,
    field: String,
}

impl<T> Resources<T> {
    /// Returns a relationship of a resource.
    pub fn relationship(&self, id: Uuid, field: &str) -> Relationship {
        let Self { site, resource_type, targets, .. } = self;
        let resources = Resources::new(site.clone(), resource_type.clone(), (**targets).clone());
        Relationship { resources, id, field: field.to_owned() }
    }
}

impl Relationship {
    /// Returns what the relationship refers to.
    pub async fn get(&self) -> Result<Linkage, Error> {
        let response = self.resources.site.call(self.request(Method::GET)).await?;
        Ok(decode::document::<Linkage>(&response)?.data)
    }

    /// Adds references to a field with several, and returns all that it has now. A reference that is there already is not
    /// added again, unless its [`meta`](Identifier::meta) has another `arity`.
    ///
    /// # Errors
    ///
    /// [`InvalidPointer`](crate::drupal::ErrorCode::InvalidPointer) if the field has only one reference, or a reference has
    /// the wrong type; [`ObjectNotFound`](crate::drupal::ErrorCode::ObjectNotFound) if it leads to no resource.
    pub async fn add(&self, references: impl IntoIterator<Item = Identifier>) -> Result<Vec<Identifier>, Error> {
        let references: Vec<_> = references.into_iter().collect();
        let request = self.with_body(Method::POST, &references, &references)?;
        let response = self.resources.site.call(request).await?;
        if response.status() == StatusCode::NO_CONTENT {
            return Ok(references);
        }
        Ok(decode::document(&response)?.data)
    }

    /// Replaces what the relationship refers to: an [`Identifier`] or an `Option` of one for a field with one reference, a
    /// list for a field with several.
    ///
    /// # Errors
    ///
    /// As [`add`](Self::add). [`ValidationError`](crate::drupal::ErrorCode::ValidationError) if the field must not be empty.
    pub async fn replace(&self, linkage: impl Into<Linkage>) -> Result<(), Error> {
        let linkage = linkage.into();
        let request = self.with_body(Method::PATCH, linkage.identifiers(), &linkage)?;
        self.resources.site.call(request).await?;
        Ok(())
    }

    /// Removes references from a field with several. Those that are not there are ignored.
    ///
    /// # Errors
    ///
    /// [`InvalidPointer`](crate::drupal::ErrorCode::InvalidPointer) if the field has only one reference.
    pub async fn remove(&self, references: impl IntoIterator<Item = Identifier>) -> Result<(), Error> {
        let references: Vec<_> = references.into_iter().collect();
        let request = self.with_body(Method::DELETE, &references, &references)?;
        self.resources.site.call(request).await?;
        Ok(())
    }

    fn request(&self, method: Method) -> Request {
        self.resources.request_to(method, self.id).segment("relationships").segment(&self.field)
    }

    fn with_body(&self, method: Method, references: &[Identifier], data: &impl Serialize) -> Result<Request, Error> {
        #[derive(Serialize)]
        struct Body<D> {
            data: D,
        }

        self.resources.targets.check(&self.field, references)?;
        Ok(self.request(method).header("content-type", JSON_API).json(&Body { data }))
    }
}
