//! The entry point of JSON:API: which types there are, and who the caller is.

use super::decode;
use super::document::Document;
use super::resource_type::ResourceType;
use super::resources::JSON_API;
use crate::drupal::Client;
use crate::error::Error;
use crate::http::Response;
use crate::reexport::http::Method;
use serde::de::IgnoredAny;
use uuid::Uuid;

impl Client {
    /// Returns the types of resources that the site has, sorted by name.
    pub async fn types(&self) -> Result<Vec<ResourceType>, Error> {
        let (entry, _) = self.entry().await?;
        Ok(entry.links.iter().filter_map(|(name, _)| name.parse().ok()).collect())
    }

    /// Returns the id of the caller's account, a `user--user`; `None` if the site treats the caller as anonymous.
    pub async fn whoami(&self) -> Result<Option<Uuid>, Error> {
        let (entry, response) = self.entry().await?;
        let Some(me) = entry.meta.get("links").and_then(|links| links.get("me")) else { return Ok(None) };
        let id = me["meta"]["id"].as_str().and_then(|id| Uuid::try_parse(id).ok());
        let malformed = || response.decode_failure("$.meta.links.me.meta.id", "the id of the account is not a UUID");
        id.map(Some).ok_or_else(malformed)
    }

    async fn entry(&self) -> Result<(Document<IgnoredAny>, Response), Error> {
        let request = self.request(Method::GET, &self.http.service().jsonapi);
        let response = self.call(request.expect(JSON_API)).await?;
        Ok((decode::document(&response)?, response))
    }
}
