//! Walking through the pages of a collection.

use super::decode::{self, Expected};
use super::document::Page;
use super::resource::Attributes;
use super::resource_type::ResourceType;
use super::resources::JSON_API;
use crate::drupal::Client;
use crate::error::Error;
use crate::http::{Request, Response};
use futures_core::Stream;
use futures_util::stream;
use serde::de::DeserializeOwned;
use std::collections::HashSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::Pin;
use std::task::{Context, Poll};

/// The pages of a collection, from [`Resources::pages`](super::Resources::pages). The stream ends after an error.
///
/// # Cancellation
///
/// Dropping the stream ends the request for the next page.
#[must_use = "nothing is fetched before the stream is polled"]
pub struct Pages<T = Attributes>(Pin<Box<dyn Stream<Item = Result<Page<T>, Error>> + Send>>);

impl<T: DeserializeOwned + Send + 'static> Pages<T> {
    pub(super) fn new(walk: Walk, resource_type: ResourceType) -> Self {
        Self(Box::pin(stream::try_unfold((walk, resource_type), async |(mut walk, resource_type)| {
            let Some(response) = walk.next().await? else { return Ok(None) };
            let page: Page<T> = decode::expected(&response, Expected { resource_type: &resource_type, id: None })?;
            walk.follow(&response, page.links.href("next"));
            Ok(Some((page, (walk, resource_type))))
        })))
    }
}

impl<T> Stream for Pages<T> {
    type Item = Result<Page<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(cx)
    }
}

impl<T> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").finish_non_exhaustive()
    }
}

/// A walk from page to page by the links of the site.
pub(super) struct Walk {
    site: Client,
    next: Option<Result<Request, Error>>,
    /// Hashes of the links that were followed.
    followed: HashSet<u64>,
}

impl Walk {
    pub(super) fn new(site: Client, first: Result<Request, Error>) -> Self {
        Self { site, next: Some(first), followed: HashSet::new() }
    }

    /// Fetches the next page. `None` behind the last one.
    pub(super) async fn next(&mut self) -> Result<Option<Response>, Error> {
        match self.next.take() {
            Some(request) => self.site.call(request?).await.map(Some),
            None => Ok(None),
        }
    }

    /// Returns whether no further link is followed.
    pub(super) fn is_at_its_limit(&self) -> bool {
        self.followed.len() + 1 >= self.site.http.service().pages
    }

    /// Takes the link to the next page, if the answer has one. What is wrong with it is told when the next page is fetched.
    pub(super) fn follow(&mut self, response: &Response, link: Option<&str>) {
        self.next = link.map(|link| {
            let request = self.request(link);
            request.map_err(|reason| response.decode_failure("$.links.next.href", reason))
        });
    }

    fn request(&mut self, link: &str) -> Result<Request, &'static str> {
        if !self.site.http.is_own(link) {
            return Err("it leads to another host than the client was given; let the site know its own address");
        }
        if self.is_at_its_limit() {
            return Err("there are more pages than the client follows; filter, or raise `Builder::max_pages`");
        }
        let mut hasher = DefaultHasher::new();
        link.hash(&mut hasher);
        if !self.followed.insert(hasher.finish()) {
            return Err("it leads to a page that was there before");
        }
        Ok(Request::get(link).expect(JSON_API))
    }
}
