//! The page cache: what anonymous clients may keep.
use std::collections::BTreeMap;

use super::call::Call;
use super::reply::{Response, set};
use super::site::Site;
use super::value::time::http_date;

/// When each cached answer was made, by URL.
#[derive(Debug, Default)]
pub(super) struct PageCache(BTreeMap<String, i64>);

impl PageCache {
    /// Forgets everything, after a change.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

impl Site {
    /// Marks an answer as cacheable if it is, and shortens it to 304 if the client has it.
    pub(super) fn cached(&mut self, call: &Call<'_>, mut response: Response) -> Response {
        let max_age = self.settings.page_max_age;
        let anonymous = !call.viewer.tried && call.header("authorization").is_none();
        let fits = ["GET"].contains(&call.method()) && response.status().as_u16() < 500;
        if max_age == 0 || !anonymous || !fits {
            return response;
        }
        let now = self.now();
        let made = *self.cache.0.entry(call.uri()).or_insert(now);
        let etag = format!("\"{made}\"");
        let modified = http_date(made);
        // Both have to fit.
        let known = call.header("if-none-match") == Some(etag.as_str())
            && call.header("if-modified-since") == Some(modified.as_str());
        if known {
            response = Response::new(bytes::Bytes::new());
            *response.status_mut() = http::StatusCode::NOT_MODIFIED;
        }
        set(&mut response, "cache-control", &format!("max-age={max_age}, public"));
        set(&mut response, "etag", &etag);
        set(&mut response, "last-modified", &modified);
        set(&mut response, "vary", "Cookie");
        response
    }
}
