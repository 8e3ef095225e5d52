//! A service made of routes.
use std::fmt;

use bytes::Bytes;
use http::header::ALLOW;
use http::{HeaderValue, Method, Request, Response, StatusCode};

use super::pattern::Pattern;
use super::response::text;
use super::service::Service;

type Answer<T> = Box<dyn FnMut(&mut T, &Call<'_>) -> Response<Bytes> + Send>;

/// A quick fake service: a state, and routes that answer from it. See the [module's example](super).
///
/// The first route that fits a request answers it; see [Patterns](super#patterns). Without one the answer is 404, or 405
/// if the path has routes for other methods. HEAD is answered as GET.
pub struct Routes<T> {
    state: T,
    routes: Vec<(Pattern, Answer<T>)>,
}

/// A request that a route answers.
#[derive(Debug)]
#[non_exhaustive]
pub struct Call<'a> {
    /// The request.
    pub request: &'a Request<Bytes>,
    params: Vec<(&'a str, &'a str)>,
}

impl Call<'_> {
    /// Returns the segment of the path for which the pattern has `{name}`, as it was sent.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(param, _)| *param == name).map(|&(_, segment)| segment)
    }
}

impl<T> Routes<T> {
    /// Starts without routes.
    pub fn new(state: T) -> Self {
        Self { state, routes: Vec::new() }
    }

    /// Adds a route behind those that are there.
    pub fn on(
        mut self,
        pattern: &str,
        answer: impl FnMut(&mut T, &Call<'_>) -> Response<Bytes> + Send + 'static,
    ) -> Self {
        self.routes.push((Pattern::new(pattern), Box::new(answer)));
        self
    }

    /// Adds a route whose answer is always the same.
    pub fn reply(self, pattern: &str, response: Response<Bytes>) -> Self {
        self.on(pattern, move |_, _| response.clone())
    }

    /// Returns the state: `server.service().state()`.
    pub fn state(&mut self) -> &mut T {
        &mut self.state
    }

    fn route(&mut self, method: &str, request: &Request<Bytes>) -> Option<Response<Bytes>> {
        let mut routes = self.routes.iter_mut().filter(|(pattern, _)| pattern.fits_method(method));
        routes.find_map(|(pattern, answer)| {
            let params = pattern.params(request.uri().path())?;
            Some(answer(&mut self.state, &Call { request, params }))
        })
    }

    fn no_route(&self, path: &str) -> Response<Bytes> {
        let others = self.routes.iter().filter(|(pattern, _)| pattern.params(path).is_some());
        let methods: Vec<_> = others.filter_map(|(pattern, _)| pattern.method.as_deref()).collect();
        if methods.is_empty() {
            return text(StatusCode::NOT_FOUND, "no route for this path");
        }
        let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "no route for this method");
        if let Ok(allowed) = HeaderValue::from_str(&methods.join(", ")) {
            response.headers_mut().insert(ALLOW, allowed);
        }
        response
    }
}

impl<T: Send + 'static> Service for Routes<T> {
    fn answer(&mut self, request: &Request<Bytes>) -> Response<Bytes> {
        let method = request.method();
        let mut answer = self.route(method.as_str(), request);
        if answer.is_none() && method == Method::HEAD {
            answer = self.route("GET", request);
        }
        answer.unwrap_or_else(|| self.no_route(request.uri().path()))
    }
}

impl<T> fmt::Debug for Routes<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The state may hold secrets.
        let patterns = self.routes.iter().map(|(pattern, _)| pattern);
        f.debug_list().entries(patterns).finish()
    }
}
