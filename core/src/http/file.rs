//! Files of a service, downloaded by ranges.

use super::client::Client;
use super::content_range::ContentRange;
use super::request::Request;
use super::response::Response;
use super::rest::{Rest, violation};
use super::service::Service;
use crate::download::{Body, Failure, Piece, Source, Sum};
use crate::policy::Retry;
use http::StatusCode;
use http::header::CONTENT_RANGE;
use std::fmt;

/// A file of a service, for [`download::Download`](crate::download::Download), from [`Client::file`]. A download that is
/// interrupted continues where it ended, if the server knows ranges.
pub struct FileSource<S> {
    client: Client<S>,
    request: Request,
    sum: Option<Sum>,
}

impl<S> fmt::Debug for FileSource<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileSource").field("request", &self.request).finish_non_exhaustive()
    }
}

impl<S: Service> Client<S> {
    /// Returns a file as the source of a download, which requests it by this GET request.
    ///
    /// ```no_run
    /// use statuswire::download::Download;
    /// use statuswire::http::{Client, Request, Service};
    ///
    /// # struct Decks;
    /// # impl Service for Decks {
    /// #     fn service(&self) -> &'static str {
    /// #         "decks"
    /// #     }
    /// # }
    /// # async fn doc(client: Client<Decks>) -> Result<(), statuswire::Error> {
    /// let file = client.file(Request::get("files/deck.png"));
    /// let saved = Download::new("deck.png").save_in(file, "/srv/files").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn file(&self, request: Request) -> FileSource<S> {
        // The download itself continues after a failure.
        let retry = request.retry.clone().unwrap_or_else(Retry::never);
        FileSource {
            client: self.clone(),
            request: request.retry(retry).header("accept-encoding", "identity"),
            sum: None,
        }
    }
}

impl<S> FileSource<S> {
    /// Sets the sum of the whole file, which the download verifies.
    #[must_use]
    pub fn with_sum(mut self, sum: Sum) -> Self {
        self.sum = Some(sum);
        self
    }
}

impl<S: Service> Source for FileSource<S> {
    type Body = FileBody;

    async fn open(&mut self, offset: u64, size: Option<u64>) -> Result<FileBody, Failure> {
        let request = match offset {
            0 => self.request.clone(),
            _ => self.request.clone().header("range", format!("bytes={offset}-")),
        };
        let (response, chunks) = self.client.open(request).await?.into_parts();
        let violation = |reason: &str| response.in_call(violation(reason));
        let chunks = chunks.ok_or_else(|| violation("the answer has no body"))?;
        let whole = whole(&response, chunks.length).or(size);
        let Some(whole) = whole else {
            return Err(violation("the server does not tell the size of the file").into());
        };
        if offset > whole {
            let reason = format!("the file has {whole} bytes, and was to be continued at byte {offset}");
            return Err(Failure::Changed(violation(&reason)));
        }
        let rest = Rest::new(response.status, &response.headers, chunks, offset..whole);
        let rest = rest.map_err(|error| response.in_call(error))?;
        Ok(FileBody { response, rest, size: whole, sum: self.sum })
    }
}

/// Returns the size of the whole file, if the head of the answer tells it.
fn whole(response: &Response, length: Option<u64>) -> Option<u64> {
    match response.status {
        StatusCode::PARTIAL_CONTENT => {
            let range = response.headers.get(CONTENT_RANGE)?.to_str().ok()?;
            ContentRange::parse(range)?.whole
        }
        _ => length,
    }
}

/// The answer to one request for a file.
pub struct FileBody {
    response: Response,
    rest: Rest,
    size: u64,
    sum: Option<Sum>,
}

impl fmt::Debug for FileBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileBody").field("left", &self.rest.left).finish_non_exhaustive()
    }
}

impl Body for FileBody {
    async fn next(&mut self) -> Result<Piece, Failure> {
        let chunk = self.rest.next().await.map_err(|error| self.response.in_call(error))?;
        let piece = match chunk {
            Some(chunk) => Piece::bytes(chunk),
            None => Piece::complete(None, self.sum),
        };
        Ok(piece.with_size(Some(self.size)).with_version(self.rest.version.as_deref()))
    }
}
