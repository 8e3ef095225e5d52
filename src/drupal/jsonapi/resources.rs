//! The resources of a type: reading them.

use super::decode::{self, Expected};
use super::document::{Document, Page};
use super::fields::Targets;
use super::one_or_many::OneOrMany;
use super::pages::{Pages, Walk};
use super::query::Query;
use super::resource::{Attributes, Resource};
use super::resource_type::ResourceType;
use crate::drupal::Client;
use crate::error::Error;
use crate::http::Request;
use crate::reexport::http::Method;
use futures_core::Stream;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde::de::DeserializeOwned;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use uuid::Uuid;

/// The media type of JSON:API.
pub(super) const JSON_API: &str = "application/vnd.api+json";

/// The resources of a type, from [`Client::resources`]. Their attributes are read as a `T`.
///
/// Cheap to clone; the same handle may be used by many tasks. For errors and cancellation see [`Client`]. What comes back
/// is compared with what was asked for: a site answers with a resource of another type if the id is that of one.
///
/// ```no_run
/// # async fn doc() -> Result<(), statuswire::Error> {
/// use futures_util::TryStreamExt;
/// use serde::Deserialize;
/// use statuswire::drupal::{Client, Filter, Query};
///
/// #[derive(Deserialize)]
/// struct Vessel {
///     title: String,
///     field_berths: Option<u32>,
/// }
///
/// let site = Client::new("https://harbor.example")?;
/// let vessels = site.resources::<Vessel>(&"node--vessel".parse()?);
/// let large = Query::new().filter(Filter::ge("field_berths", 8)).sort("title").sort("drupal_internal__nid");
/// let mut stream = vessels.stream(&large);
/// while let Some(vessel) = stream.try_next().await? {
///     println!("{}", vessel.attributes.title);
/// }
/// # Ok(())
/// # }
/// ```
pub struct Resources<T = Attributes> {
    pub(super) site: Client,
    pub(super) resource_type: ResourceType,
    pub(super) targets: Arc<Targets>,
    attributes: PhantomData<fn() -> T>,
}

/// How many resources there are, from [`Resources::count`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Count {
    /// The number of all that match and that the caller may see.
    Exact(u64),
    /// A lower bound: the site left out resources that the caller may not see, or there are more pages than the client
    /// follows ([`Builder::max_pages`](crate::drupal::Builder::max_pages)).
    AtLeast(u64),
}

impl<T> Resources<T> {
    pub(in crate::drupal) fn new(site: Client, resource_type: ResourceType, targets: Targets) -> Self {
        Self { site, resource_type, targets: Arc::new(targets), attributes: PhantomData }
    }

    /// Declares which types a relationship may refer to. References to other types are refused before anything is sent
    /// ([`InvalidPointer`](crate::drupal::ErrorCode::InvalidPointer)). Further calls for the same field add.
    ///
    /// Drupal does not notice a reference to another type of entity when a resource is created or changed. It takes its
    /// number, and refers to whatever else has that number.
    #[must_use]
    pub fn with_targets(mut self, field: &str, types: impl IntoIterator<Item = ResourceType>) -> Self {
        Arc::make_mut(&mut self.targets).declare(field, types);
        self
    }

    /// Returns the type.
    pub fn resource_type(&self) -> &ResourceType {
        &self.resource_type
    }

    /// Begins a request to the collection.
    pub(super) fn request(&self, method: Method) -> Request {
        let request = self.site.request(method, &self.site.http.service().jsonapi);
        let request = request.segment(self.resource_type.entity());
        let request = match self.resource_type.as_str().contains("--") {
            true => request.segment(self.resource_type.bundle()),
            // Renamed by a module.
            false => request,
        };
        request.expect(JSON_API)
    }

    /// Begins a request to a resource.
    pub(in crate::drupal) fn request_to(&self, method: Method, id: Uuid) -> Request {
        self.request(method).segment(id.to_string())
    }

    pub(super) fn expected(&self, id: Option<Uuid>) -> Expected<'_> {
        Expected { resource_type: &self.resource_type, id }
    }
}

impl<T: DeserializeOwned> Resources<T> {
    /// Returns a resource.
    ///
    /// # Errors
    ///
    /// [`ObjectNotFound`](crate::drupal::ErrorCode::ObjectNotFound) if there is no resource with this id.
    pub async fn get(&self, id: Uuid) -> Result<Resource<T>, Error> {
        Ok(self.get_with(id, &Query::new()).await?.data)
    }

    /// Returns a resource with what the query includes, with some of its fields, or in another revision.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get). A query with a filter, an order or a page is refused.
    pub async fn get_with(&self, id: Uuid, query: &Query) -> Result<Document<Resource<T>>, Error> {
        let request = with_parameters(self.request_to(Method::GET, id), query.for_one()?);
        let response = self.site.call(request).await?;
        decode::expected(&response, self.expected(Some(id)))
    }

    /// Returns one page of the collection, with links to the next one.
    pub async fn page(&self, query: &Query) -> Result<Page<T>, Error> {
        let response = self.site.call(self.collection(query)?).await?;
        decode::expected(&response, self.expected(None))
    }

    /// Returns the first resource of the collection with what the query includes; `None` if no resource matches.
    ///
    /// Sort by something: otherwise it may be any resource.
    pub async fn first(&self, query: &Query) -> Result<Option<Document<Resource<T>>>, Error> {
        let mut walk = self.walk(&query.first());
        // A page is empty if the caller may not see what is on it.
        while let Some(response) = walk.next().await? {
            let mut page: Page<T> = decode::expected(&response, self.expected(None))?;
            if !page.data.is_empty() {
                let first = page.data.swap_remove(0);
                return Ok(Some(page.map(|_| first)));
            }
            walk.follow(&response, page.links.href("next"));
        }
        Ok(None)
    }

    /// Counts the resources of the collection.
    ///
    /// Drupal does not tell the number, so this walks all pages, without their fields. If a module adds the number, the first
    /// page is enough.
    pub async fn count(&self, query: &Query) -> Result<Count, Error> {
        let mut walk = self.walk(&query.counting(&self.resource_type));
        let (mut count, mut omitted) = (0, false);
        while let Some(response) = walk.next().await? {
            let page: Page<serde::de::IgnoredAny> = decode::expected(&response, self.expected(None))?;
            if let Some(total) = page.total() {
                return Ok(Count::Exact(total));
            }
            count += page.data.len() as u64;
            omitted |= !page.omitted.is_empty();
            if walk.is_at_its_limit() && page.has_next() {
                return Ok(Count::AtLeast(count));
            }
            walk.follow(&response, page.links.href("next"));
        }
        Ok(if omitted { Count::AtLeast(count) } else { Count::Exact(count) })
    }

    /// Returns what a relationship of a resource leads to, as resources with attributes of type `R`: none or one for a field
    /// with one reference. Resources that were deleted, or that the caller may not see, are left out.
    pub async fn related<R: DeserializeOwned>(&self, id: Uuid, field: &str, query: &Query) -> Result<Page<R>, Error> {
        let request = self.request_to(Method::GET, id).segment(field);
        let response = self.site.call(with_parameters(request, query.for_one()?)).await?;
        Ok(decode::document::<OneOrMany<R>>(&response)?.map(OneOrMany::into_list))
    }

    pub(super) fn collection(&self, query: &Query) -> Result<Request, Error> {
        Ok(with_parameters(self.request(Method::GET), query.for_collection()?))
    }

    pub(super) fn walk(&self, query: &Query) -> Walk {
        Walk::new(self.site.clone(), self.collection(query))
    }
}

impl<T: DeserializeOwned + Send + 'static> Resources<T> {
    /// Returns the pages of the collection, each fetched when it is asked for.
    ///
    /// The links of the site are followed, on its own host only. Short and empty pages do not end the walk. It ends with an
    /// error if the links run in a circle, or after [`Builder::max_pages`](crate::drupal::Builder::max_pages).
    ///
    /// Pages may overlap if the collection changes meanwhile, or if the query does not sort by a unique key.
    pub fn pages(&self, query: &Query) -> Pages<T> {
        Pages::new(self.walk(query), self.resource_type.clone())
    }

    /// Returns the resources of the collection, page by page as [`pages`](Self::pages) fetches them. What pages include and
    /// omit is not told: use `pages` for that.
    pub fn stream(&self, query: &Query) -> impl Stream<Item = Result<Resource<T>, Error>> + Send + Unpin + use<T> {
        self.pages(query).map_ok(|page| stream::iter(page.data).map(Ok)).try_flatten()
    }
}

pub(super) fn with_parameters(request: Request, parameters: Vec<(String, String)>) -> Request {
    parameters.into_iter().fold(request, |request, (name, value)| request.query(&name, value))
}

impl<T> Clone for Resources<T> {
    fn clone(&self) -> Self {
        let Self { site, resource_type, targets, attributes } = self;
        Self {
            site: site.clone(),
            resource_type: resource_type.clone(),
            targets: targets.clone(),
            attributes: *attributes,
        }
    }
}

impl<T> fmt::Debug for Resources<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resources").field("site", &self.site).field("resource_type", &self.resource_type).finish()
    }
}
