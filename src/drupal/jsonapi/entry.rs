//! The entry point of JSON:API: which types there are, and who the caller is.

use super::decode;
use super::document::Document;
use super::resource_type::ResourceType;
use super::resources::JSON_API;
use crate::drupal::Client;
use crate::error::Error;
use crate::reexport::http::Method;
use serde::de::IgnoredAny;
use uuid::Uuid;

impl Client {
    /// Returns the types of resources that the site has, sorted by name.
    pub async fn types(&self) -> Result<Vec<ResourceType>, Error> {
        let entry = self.entry().await?;
        Ok(entry.links.iter().filter_map(|(name, _)| name.parse().ok()).collect())
    }

    /// Returns the id of the caller's account, a `user--user`; `None` if the site treats the caller as anonymous.
    pub async fn whoami(&self) -> Result<Option<Uuid>, Error> {
        let entry = self.entry().await?;
        let id = entry.meta.get("links").and_then(|links| links["me"]["meta"]["id"].as_str());
        Ok(id.and_then(|id| Uuid::try_parse(id).ok()))
    }

    async fn entry(&self) -> Result<Document<IgnoredAny>, Error> {
        let request = self.request(Method::GET, &self.http.service().jsonapi);
        let response = self.call(request.expect(JSON_API)).await?;
        decode::document(&response)
    }
}
