//! REST resources, and views that export JSON.

use super::client::Client;
use super::jsonapi::{Attributes, Upload};
use crate::error::Error;
use crate::http::{Request, Response};
use crate::reexport::http::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The REST resources of a site, from [`Client::rest`]: a site offers each if it enables it.
///
/// A path is that of the resource on the site: `node/2`, an alias, `user/2`, `taxonomy/term/5`. Every field is a list of
/// objects: `{"nid": [{"value": 2}], "title": [{"value": "x"}]}`. What is written must name the bundle, also in changes:
/// `{"type": [{"target_id": "article"}], ...}`.
///
/// # Errors
///
/// | code | meaning |
/// |---|---|
/// | [`CommandUnavailable`](super::ErrorCode::CommandUnavailable) | the site does not offer the resource |
/// | [`ObjectNotFound`](super::ErrorCode::ObjectNotFound) | there is no such resource |
/// | [`InvalidClassName`](super::ErrorCode::InvalidClassName) | the bundle is missing or unknown |
/// | [`ValidationError`](super::ErrorCode::ValidationError) and others | a field is not acceptable: [`Error::details_of`] |
/// | [`InternalServerError`](super::ErrorCode::InternalServerError) | among others, a field does not exist |
#[derive(Clone, Debug)]
pub struct Rest {
    site: Client,
}

impl Client {
    /// Returns a handle for REST resources.
    pub fn rest(&self) -> Rest {
        Rest { site: self.clone() }
    }
}

/// The media type of REST resources.
pub(super) const JSON: &str = "application/json";

impl Rest {
    /// Reads a resource.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        self.site.call(self.request(Method::GET, path).expect(JSON)).await?.json()
    }

    /// Creates a resource: `node` for nodes, `entity/taxonomy_term` for terms. Returns what the site stored.
    pub async fn post<T: DeserializeOwned>(&self, path: &str, fields: &impl Serialize) -> Result<T, Error> {
        self.site.call(self.request(Method::POST, path).json(fields).expect(JSON)).await?.json()
    }

    /// Changes fields of a resource, and returns what the site stores now.
    pub async fn patch<T: DeserializeOwned>(&self, path: &str, fields: &impl Serialize) -> Result<T, Error> {
        self.site.call(self.request(Method::PATCH, path).json(fields).expect(JSON)).await?.json()
    }

    /// Deletes a resource.
    pub async fn delete(&self, path: &str) -> Result<(), Error> {
        let response = self.site.call(self.request(Method::DELETE, path)).await?;
        done(&response)
    }

    /// Uploads a file for a field, and returns the file in the form of REST resources. The site must offer the resource
    /// `file.upload`.
    pub async fn upload(&self, entity: &str, bundle: &str, field: &str, file: Upload) -> Result<Attributes, Error> {
        let request = self.request(Method::POST, "file/upload").segment(entity).segment(bundle).segment(field);
        self.site.call(file.write(request)?.expect(JSON)).await?.json()
    }

    fn request(&self, method: Method, path: &str) -> Request {
        self.site.request(method, path.trim_start_matches('/')).query("_format", "json")
    }
}

/// Checks that an answer has no body: a page of HTML is not what was asked for.
fn done(response: &Response) -> Result<(), Error> {
    if response.bytes().is_empty() { Ok(()) } else { Err(response.decode_failure("$", "the answer is not empty")) }
}
