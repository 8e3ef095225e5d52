//! The part of HTTP/1.1 that a download needs.
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;

/// Headers of a request that are read.
const MAX_HEADERS: usize = 64;

/// A request head.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
}

impl Request {
    /// Reads a head; `Ok(None)` if it is not complete.
    pub(super) fn parse(buffer: &[u8]) -> Result<Option<Self>, Response> {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        match request.parse(buffer) {
            Ok(httparse::Status::Partial) => Ok(None),
            Ok(httparse::Status::Complete(_)) => Ok(Some(Self {
                method: request.method.unwrap_or_default().to_owned(),
                target: request.path.unwrap_or_default().to_owned(),
                headers: request
                    .headers
                    .iter()
                    .map(|header| (header.name.to_owned(), String::from_utf8_lossy(header.value).into_owned()))
                    .collect(),
            })),
            Err(httparse::Error::TooManyHeaders) => Err(Response::text(431, "too many headers")),
            Err(error) => Err(Response::text(400, &format!("no HTTP/1.1 request: {error}"))),
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// The part of a file that a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Range {
    Whole,
    Part(std::ops::Range<usize>),
    Unsatisfiable,
}

impl Range {
    /// Only `bytes=FIRST-` is a range here; all else is answered with the whole file, as RFC 9110 allows.
    pub(super) fn of(request: &Request, size: usize) -> Self {
        request.header("range").and_then(|value| Self::parse(value, size)).unwrap_or(Self::Whole)
    }

    fn parse(value: &str, size: usize) -> Option<Self> {
        let first: usize = value.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()?;
        Some(if first < size { Self::Part(first..size) } else { Self::Unsatisfiable })
    }
}

/// An answer and how its body is sent.
#[derive(Debug, Default)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Bytes,
    /// Leave `Content-Length` out.
    pub(super) without_length: bool,
    /// Break off after this many bytes of the body.
    pub(super) cut: Option<usize>,
    /// Bytes of a piece and the pause before it.
    pub(super) pace: Option<(usize, Duration)>,
}

impl Response {
    pub(super) fn text(status: u16, body: &str) -> Self {
        let body = Bytes::copy_from_slice(body.as_bytes());
        Self { status, body, ..Self::default() }.header("Content-Type", "text/plain; charset=utf-8")
    }

    pub(super) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Everything before the body.
    pub(super) fn head(&self) -> Vec<u8> {
        let status = self.status;
        let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
        let mut head = format!("HTTP/1.1 {status} {}\r\n", reason.unwrap_or("Unknown"));
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !self.without_length {
            head.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        head.push_str("Connection: close\r\n\r\n");
        head.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let range = |value, size| Range::parse(value, size).unwrap_or(Range::Whole);
        for (value, expected) in [
            ("bytes=0-", Range::Part(0..10)),
            ("bytes=4-", Range::Part(4..10)),
            ("bytes=9-", Range::Part(9..10)),
            ("bytes=10-", Range::Unsatisfiable),
            ("bytes=2-5", Range::Whole),
            ("bytes=-3", Range::Whole),
            ("lines=1-", Range::Whole),
        ] {
            assert_eq!(range(value, 10), expected, "{value}");
        }
        assert_eq!(range("bytes=0-", 0), Range::Unsatisfiable);
    }

    #[test]
    fn heads() {
        let head = b"GET /files/1?signature=a HTTP/1.1\r\nHost: x\r\nCookie: \xff\r\n\r\n";
        for end in 0..head.len() {
            assert_eq!(Request::parse(&head[..end]).map_err(|_| ()), Ok(None));
        }
        let request = Request::parse(head).unwrap().unwrap();
        assert_eq!((request.method.as_str(), request.target.as_str()), ("GET", "/files/1?signature=a"));
        assert_eq!(request.header("cookie"), Some("\u{fffd}"));
        assert_eq!(Request::parse(b"no http\r\n\r\n").unwrap_err().status, 400);
        let many = [&head[..head.len() - 2], "a: b\r\n".repeat(MAX_HEADERS).as_bytes(), b"\r\n"].concat();
        assert_eq!(Request::parse(&many).unwrap_err().status, 431);
    }
}
