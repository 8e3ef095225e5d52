//! The resources of a type: creating, changing, deleting them.

use super::decode;
use super::document::Document;
use super::fields::Fields;
use super::query::Query;
use super::resource::Resource;
use super::resources::{JSON_API, Resources, with_parameters};
use crate::error::{Delivery, Error};
use crate::http::Request;
use crate::policy::Repeat;
use crate::reexport::http::{Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

impl<T: DeserializeOwned> Resources<T> {
    /// Creates a resource with an id that the client chooses at random.
    ///
    /// The id makes it safe to send the request again after a lost answer: see [`create_as`](Self::create_as).
    ///
    /// # Errors
    ///
    /// | code | meaning |
    /// |---|---|
    /// | [`ValidationError`](crate::drupal::ErrorCode::ValidationError), [`InvalidValue`](crate::drupal::ErrorCode::InvalidValue), [`IncorrectType`](crate::drupal::ErrorCode::IncorrectType) and others | a field is not acceptable: [`Error::details_of`] |
    /// | [`AggregateError`](crate::drupal::ErrorCode::AggregateError) | several fields are not |
    /// | [`InvalidKeyName`](crate::drupal::ErrorCode::InvalidKeyName), [`InvalidNestedKey`](crate::drupal::ErrorCode::InvalidNestedKey) | there is no such field or property |
    /// | [`InvalidPointer`](crate::drupal::ErrorCode::InvalidPointer), [`ObjectNotFound`](crate::drupal::ErrorCode::ObjectNotFound) | a relationship refers to the wrong type, or to nothing |
    /// | [`OperationForbidden`](crate::drupal::ErrorCode::OperationForbidden) | the caller may not, or the site takes no writes |
    pub async fn create<A: Serialize>(&self, fields: &Fields<A>) -> Result<Resource<T>, Error> {
        self.create_as(uuid::Builder::from_random_bytes(rand::random()).into_uuid(), fields).await
    }

    /// Creates a resource with an id of your choice: a new UUID, or the one of a call whose outcome is unknown.
    ///
    /// If the answer is lost, the client may send the request again. If the site then says that the id is taken, the first
    /// request has created the resource, and it is read and returned. If your own call failed as
    /// [`MaybeSent`](crate::Delivery::MaybeSent), call [`get`](Self::get) with the id, or this with the same id again: then
    /// [`DuplicateValue`](crate::drupal::ErrorCode::DuplicateValue) means that the resource is there.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create).
    pub async fn create_as<A: Serialize>(&self, id: Uuid, fields: &Fields<A>) -> Result<Resource<T>, Error> {
        Ok(self.create_with(id, fields, &Query::new()).await?.data)
    }

    /// Does the same as [`create_as`](Self::create_as), and returns the resource with what the query includes, or with some of
    /// its fields.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create). A query with a filter, an order, a page or a version is refused.
    pub async fn create_with<A: Serialize>(
        &self,
        id: Uuid,
        fields: &Fields<A>,
        query: &Query,
    ) -> Result<Document<Resource<T>>, Error> {
        let request = with_parameters(self.request(Method::POST), query.for_write()?);
        let request = self.with_body(request, id, fields)?.repeat(Repeat::Safe);
        match self.site.call(request).await {
            Ok(response) => decode::expected(&response, self.expected(Some(id))),
            Err(error) if was_done_before(&error, StatusCode::CONFLICT) => {
                self.get_with(id, query).await.map_err(|_| error)
            }
            Err(error) => Err(error),
        }
    }

    /// Changes fields of a resource. The others stay.
    ///
    /// The request is not sent again by itself if it may have been carried out: the site would keep two revisions.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create). [`ObjectNotFound`](crate::drupal::ErrorCode::ObjectNotFound) if there is no such resource,
    /// [`OperationForbidden`](crate::drupal::ErrorCode::OperationForbidden) also if the resource has an unpublished draft.
    pub async fn patch<A: Serialize>(&self, id: Uuid, fields: &Fields<A>) -> Result<Resource<T>, Error> {
        Ok(self.patch_with(id, fields, &Query::new()).await?.data)
    }

    /// Does the same as [`patch`](Self::patch), and returns the resource with what the query includes, or with some of its
    /// fields.
    ///
    /// # Errors
    ///
    /// As [`patch`](Self::patch). A query with a filter, an order, a page or a version is refused.
    pub async fn patch_with<A: Serialize>(
        &self,
        id: Uuid,
        fields: &Fields<A>,
        query: &Query,
    ) -> Result<Document<Resource<T>>, Error> {
        self.change(with_parameters(self.request_to(Method::PATCH, id), query.for_write()?), id, fields).await
    }

    pub(in crate::drupal) async fn change<A: Serialize>(
        &self,
        request: Request,
        id: Uuid,
        fields: &Fields<A>,
    ) -> Result<Document<Resource<T>>, Error> {
        let response = self.site.call(self.with_body(request, id, fields)?).await?;
        decode::expected(&response, self.expected(Some(id)))
    }

    fn with_body<A: Serialize>(&self, request: Request, id: Uuid, fields: &Fields<A>) -> Result<Request, Error> {
        for (field, linkage) in fields.relationships() {
            self.targets.check(field, linkage.identifiers())?;
        }
        let body = fields.body(&self.resource_type, id)?;
        Ok(request.header("content-type", JSON_API).body(body))
    }
}

impl<T> Resources<T> {
    /// Deletes a resource.
    ///
    /// If the answer is lost, the client may send the request again. That the resource is not there then counts as done.
    ///
    /// # Errors
    ///
    /// [`ObjectNotFound`](crate::drupal::ErrorCode::ObjectNotFound) if there is no such resource,
    /// [`OperationForbidden`](crate::drupal::ErrorCode::OperationForbidden) if the caller may not delete it.
    pub async fn delete(&self, id: Uuid) -> Result<(), Error> {
        match self.site.call(self.request_to(Method::DELETE, id)).await {
            Err(error) if was_done_before(&error, StatusCode::NOT_FOUND) => Ok(()),
            result => result.map(|_| ()),
        }
    }
}

/// Returns whether the site refuses the repetition of a request because an earlier attempt, whose answer was lost, was
/// carried out.
fn was_done_before(error: &Error, status: StatusCode) -> bool {
    error.delivery() == Delivery::MaybeSent && error.http_failure().is_some_and(|failure| failure.status == status)
}
