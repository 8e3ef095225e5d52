//! What a service says about itself, so that [`Server`](super::Server) can serve it.
use bytes::Bytes;
use http::{Request, Response};

/// The state of a fake HTTP service and its answers. [`Routes`](super::Routes) is one to begin with.
///
/// The server calls the methods one at a time, for all connections together, so that they need no lock. They must not
/// block.
///
/// ```
/// use statuswire_sandbox::http::{Server, Service, text};
/// use statuswire_sandbox::reexport::{bytes::Bytes, http::{Method, Request, Response, StatusCode}};
///
/// /// Counts up on `POST /add` and tells the sum on `GET /sum`.
/// #[derive(Default)]
/// struct Counter(u64);
///
/// impl Service for Counter {
///     fn answer(&mut self, request: &Request<Bytes>) -> Response<Bytes> {
///         match (request.method(), request.uri().path()) {
///             (&Method::POST, "/add") => {
///                 self.0 += 1;
///                 text(StatusCode::OK, "ok")
///             }
///             (&Method::GET, "/sum") => text(StatusCode::OK, &self.0.to_string()),
///             _ => text(StatusCode::NOT_FOUND, "no such page"),
///         }
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let server = Server::start(Counter::default()).await?;
/// println!("serving on {}", server.url());
/// # Ok(())
/// # }
/// ```
pub trait Service: Send + 'static {
    /// Answers a request, whose body is whole. Called in the order in which the requests are complete.
    ///
    /// The server adds `Content-Length`, unless the response has one: that is sent as it is, right or wrong. A response
    /// with `Transfer-Encoding: chunked` is sent in chunks, and after one with `Connection: close` the connection ends.
    /// The answers to HEAD, and those with status 204 or 304, are sent without their body.
    fn answer(&mut self, request: &Request<Bytes>) -> Response<Bytes>;

    /// Forgets what a new process of the server would not know. Called by [`Server::restart`](super::Server::restart)
    /// while no connection is open. Default: keeps everything.
    fn restarted(&mut self) {}
}
