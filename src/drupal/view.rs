//! Views that export JSON.

use super::client::Client;
use super::rest::JSON;
use crate::error::Error;
use crate::http::Response;
use crate::reexport::http::Method;
use futures_core::Stream;
use futures_util::stream;
use serde::de::DeserializeOwned;

/// A view with a display "REST export", from [`Client::view`]: a list of rows. Every value of a row is a text, often HTML.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before rows are asked for"]
pub struct View {
    site: Client,
    path: String,
    parameters: Vec<(String, String)>,
}

impl Client {
    /// Returns a view by the path of its export.
    pub fn view(&self, path: &str) -> View {
        View { site: self.clone(), path: path.trim_start_matches('/').to_owned(), parameters: Vec::new() }
    }
}

impl View {
    /// Adds a parameter, such as one of the view's exposed filters.
    pub fn parameter(mut self, name: &str, value: &str) -> Self {
        self.parameters.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Returns the rows of a page, counted from 0. Behind the last page there are none. A view without a pager has the same
    /// rows on every page.
    pub async fn page<T: DeserializeOwned>(&self, page: u64) -> Result<Vec<T>, Error> {
        self.fetch(page).await?.json()
    }

    /// Returns the pages, each fetched when it is asked for, up to the first without rows. A view without a pager has one.
    ///
    /// It ends with an error after [`Builder::max_pages`](super::Builder::max_pages).
    pub fn pages<T: DeserializeOwned>(&self) -> impl Stream<Item = Result<Vec<T>, Error>> + Send + Unpin + use<T> {
        let start = (self.clone(), 0, None::<Response>);
        Box::pin(stream::try_unfold(start, async |(view, page, first)| {
            let response = view.fetch(page).await?;
            if first.is_some_and(|first| first.bytes() == response.bytes()) {
                return Ok(None);
            }
            if page >= view.site.http.service().pages as u64 {
                let reason = "the view has more pages than the client follows; filter, or raise `Builder::max_pages`";
                return Err(response.decode_failure("$", reason));
            }
            let rows: Vec<T> = response.json()?;
            let first = (page == 0).then_some(response);
            Ok(if rows.is_empty() { None } else { Some((rows, (view, page + 1, first))) })
        }))
    }

    async fn fetch(&self, page: u64) -> Result<Response, Error> {
        let request = self.site.request(Method::GET, &self.path).query("_format", "json").query("page", page);
        let parameters = self.parameters.iter();
        let request = parameters.fold(request, |request, (name, value)| request.query(name, value));
        self.site.call(request.expect(JSON)).await
    }
}
