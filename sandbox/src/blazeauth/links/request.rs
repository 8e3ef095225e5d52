//! What a test learns about requests to the link server.
use std::fmt;

/// A request to the link server.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LinkRequest {
    /// The method, as `GET`.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// All headers in their order, values as text; bytes that are not UTF-8 as the replacement character.
    pub headers: Vec<(String, String)>,
    /// The status it was answered with.
    pub status: u16,
}

impl LinkRequest {
    /// Returns the first header of this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for LinkRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The query and values of headers may be secrets.
        let path = self.target.split('?').next();
        let headers: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("LinkRequest")
            .field("method", &self.method)
            .field("path", &path.unwrap_or_default())
            .field("headers", &headers)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
