//! Reads documents, and checks that they hold what was asked for.

use super::document::Document;
use super::identifier::Identifier;
use super::resource::Resource;
use super::resource_type::ResourceType;
use crate::codes::drupal::ErrorCode;
use crate::error::{Cause, DecodeFailure, Delivery, Error, Redaction};
use crate::http::Response;
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// Characters of an excerpt.
const EXCERPT: usize = 120;

/// What a document must hold.
#[derive(Clone, Copy)]
pub(super) struct Expected<'a> {
    pub(super) resource_type: &'a ResourceType,
    /// The resource that was asked for by its id.
    pub(super) id: Option<Uuid>,
}

/// The data of a document that can be compared with what was asked for.
pub(super) trait Data: DeserializeOwned {
    fn resources(&self) -> impl Iterator<Item = Name<'_>>;
}

/// The type and the id of a resource.
pub(super) type Name<'a> = (&'a ResourceType, Uuid);

impl<T: DeserializeOwned> Data for Resource<T> {
    fn resources(&self) -> impl Iterator<Item = Name<'_>> {
        std::iter::once((&self.resource_type, self.id))
    }
}

impl<T: DeserializeOwned> Data for Vec<Resource<T>> {
    fn resources(&self) -> impl Iterator<Item = Name<'_>> {
        self.iter().map(|resource| (&resource.resource_type, resource.id))
    }
}

/// Reads a document and compares it with what was asked for: a site answers with a resource of another type if the id is
/// that of one.
pub(super) fn expected<D: Data>(response: &Response, expected: Expected<'_>) -> Result<Document<D>, Error> {
    let document = document::<D>(response);
    let other = match &document {
        Ok(document) => document.data.resources().find_map(|name| expected.refuse(name)),
        // A resource of another type has other attributes: that it is one says more.
        Err(_) => serde_json::from_slice::<Document<Unread>>(response.bytes())
            .ok()
            .and_then(|Document { data: Unread { resource_type, id }, .. }| expected.refuse((&resource_type, id))),
    };
    match other {
        Some(reason) => Err(response.decode_failure("$.data", reason)),
        None => document,
    }
}

/// A resource of which only the name is read.
#[derive(serde::Deserialize)]
struct Unread {
    #[serde(rename = "type")]
    resource_type: ResourceType,
    id: Uuid,
}

impl Expected<'_> {
    /// Returns why a resource is not what was asked for.
    fn refuse(&self, (resource_type, id): Name<'_>) -> Option<String> {
        if resource_type != self.resource_type {
            return Some(format!("the answer is a {resource_type}, not a {}", self.resource_type));
        }
        let asked = self.id.filter(|asked| *asked != id)?;
        Some(format!("the answer is the resource {id}, not {asked}"))
    }
}

/// Reads a document without comparing it.
pub(super) fn document<D: DeserializeOwned>(response: &Response) -> Result<Document<D>, Error> {
    response.json()
}

/// Reads an included resource.
pub(super) fn included<T: DeserializeOwned>(text: &str, name: &Identifier) -> Result<Resource<T>, Error> {
    let mut json = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = format!("$.included[{} {}].{}", name.resource_type, name.id, error.path());
        let excerpt = Redaction::default().excerpt(text, EXCERPT);
        let failure = DecodeFailure::new(path, error.inner(), excerpt);
        Error::new(Cause::Decode(Box::new(failure)), Delivery::Answered).with_code(ErrorCode::InvalidJson)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Sent;
    use crate::reexport::http::{HeaderMap, Method, StatusCode};
    use serde_json::{Value, json};

    fn response(text: impl Into<String>) -> Response {
        let sent = Sent::new(Method::GET, "/jsonapi/node/vessel").unwrap();
        Response::new(sent, StatusCode::OK, HeaderMap::new(), text.into())
    }

    #[derive(Debug, serde::Deserialize)]
    #[allow(dead_code, reason = "only read")]
    struct Vessel {
        field_berths: u8,
    }

    const ID: Uuid = Uuid::from_u128(0x4000_8000_0000_0000_0502);

    fn ask(answer: &Value, id: Option<Uuid>) -> Result<Document<Resource<Vessel>>, Error> {
        let resource_type: &ResourceType = &"node--vessel".parse().unwrap();
        expected(&response(answer.to_string()), Expected { resource_type, id })
    }

    #[track_caller]
    fn decode_failure(error: &Error) -> (&str, &str) {
        assert_eq!(error.delivery(), Delivery::Answered);
        match error.cause() {
            Cause::Decode(failure) => (&failure.path, &failure.reason),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_resource_must_be_the_one_that_was_asked_for() {
        let answer = |resource_type, berths: Value| json!({"data": {"type": resource_type, "id": ID, "attributes": {"field_berths": berths}}});
        assert!(ask(&answer("node--vessel", json!(3)), Some(ID)).is_ok());
        assert!(ask(&answer("node--vessel", json!(3)), None).is_ok());
        for berths in [json!(3), json!(null)] {
            let error = ask(&answer("node--article", berths), Some(ID)).unwrap_err();
            assert_eq!(decode_failure(&error), ("$.data", "the answer is a node--article, not a node--vessel"));
        }
        let error = ask(&answer("node--vessel", json!(3)), Some(Uuid::nil())).unwrap_err();
        assert!(decode_failure(&error).1.contains("the answer is the resource 00000000-0000-4000-8000-000000000502"));
        let error = ask(&answer("node--vessel", json!("three")), Some(ID)).unwrap_err();
        assert_eq!(decode_failure(&error).0, "$.data.attributes.field_berths");
    }

    #[test]
    fn every_resource_of_a_list_is_compared() {
        let vessel = |name| json!({"type": name, "id": ID, "attributes": {"field_berths": 1}});
        let resource_type: &ResourceType = &"node--vessel".parse().unwrap();
        let list = |answer: Value| {
            let expected_type = Expected { resource_type, id: None };
            expected::<Vec<Resource<Vessel>>>(&response(answer.to_string()), expected_type)
        };
        assert!(list(json!({"data": [vessel("node--vessel")]})).is_ok());
        assert!(list(json!({"data": [vessel("node--vessel"), vessel("node--article")]})).is_err());
    }

    #[test]
    fn what_is_no_document() {
        let answers =
            ["", "{", "[]", "null", "<html>", r#"{"data":1}"#, r#"{"data":null}"#, "{} {}", "\u{1f}\u{8b}\u{8}"];
        for answer in answers {
            let resource_type: &ResourceType = &"node--vessel".parse().unwrap();
            let result = expected::<Resource<Vessel>>(&response(answer), Expected { resource_type, id: None });
            decode_failure(&result.unwrap_err());
        }
    }
}
