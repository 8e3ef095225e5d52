//! Heads of requests.
use bytes::{Buf, BytesMut};
use http::header::{CONNECTION, CONTENT_LENGTH, EXPECT, HOST, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri, Version};

/// Headers of a request that are read.
pub(super) const MAX_HEADERS: usize = 128;

/// A request that the server itself refuses: the status, and what is wrong.
pub(super) type Refusal = (StatusCode, &'static str);

/// A head, and what it says about the body and the connection.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) request: Request<()>,
    pub(super) body: Length,
    /// The client waits to be told to send the body.
    pub(super) expects_continue: bool,
    /// The client does not want the connection to end after the answer.
    pub(super) keep_alive: bool,
}

/// The length of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    Known(u64),
    Chunked,
}

impl Head {
    /// Takes a head out of the buffer; `None` if it is not complete.
    pub(super) fn take(buffer: &mut BytesMut, max: usize) -> Result<Option<Self>, Refusal> {
        const TOO_LONG: Refusal = (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "the head is too long");
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut parsed = httparse::Request::new(&mut headers);
        match parsed.parse(buffer) {
            Ok(httparse::Status::Complete(length)) if length <= max => {
                let head = Self::read(&parsed)?;
                buffer.advance(length);
                Ok(Some(head))
            }
            Ok(httparse::Status::Partial) if buffer.len() < max => Ok(None),
            Ok(_) | Err(httparse::Error::TooManyHeaders) => Err(TOO_LONG),
            Err(_) => Err((StatusCode::BAD_REQUEST, "no HTTP/1.1 request")),
        }
    }

    fn read(parsed: &httparse::Request<'_, '_>) -> Result<Self, Refusal> {
        let version = if parsed.version == Some(1) { Version::HTTP_11 } else { Version::HTTP_10 };
        let request = request(parsed, version).ok_or((StatusCode::BAD_REQUEST, "no HTTP/1.1 request"))?;
        let headers = request.headers();
        if version == Version::HTTP_11 && headers.get_all(HOST).iter().count() != 1 {
            return Err((StatusCode::BAD_REQUEST, "exactly one header Host is needed"));
        }
        Ok(Self {
            body: length(headers, version)?,
            expects_continue: version == Version::HTTP_11 && names(headers, &EXPECT, "100-continue"),
            keep_alive: version == Version::HTTP_11 && !names(headers, &CONNECTION, "close"),
            request,
        })
    }
}

fn request(parsed: &httparse::Request<'_, '_>, version: Version) -> Option<Request<()>> {
    let mut request = Request::new(());
    *request.method_mut() = Method::from_bytes(parsed.method?.as_bytes()).ok()?;
    *request.uri_mut() = parsed.path?.parse::<Uri>().ok()?;
    *request.version_mut() = version;
    for header in &*parsed.headers {
        let name = HeaderName::from_bytes(header.name.as_bytes()).ok()?;
        request.headers_mut().append(name, HeaderValue::from_bytes(header.value).ok()?);
    }
    Some(request)
}

fn length(headers: &HeaderMap, version: Version) -> Result<Length, Refusal> {
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    if let Some(encoding) = headers.get(TRANSFER_ENCODING) {
        if version == Version::HTTP_10 || lengths.next().is_some() {
            return Err((StatusCode::BAD_REQUEST, "Transfer-Encoding with Content-Length, or in HTTP/1.0"));
        }
        if headers.get_all(TRANSFER_ENCODING).iter().count() > 1
            || !encoding.as_bytes().eq_ignore_ascii_case(b"chunked")
        {
            return Err((StatusCode::NOT_IMPLEMENTED, "the only Transfer-Encoding here is chunked"));
        }
        return Ok(Length::Chunked);
    }
    let Some(first) = lengths.next() else { return Ok(Length::Known(0)) };
    if lengths.any(|other| other != first) {
        return Err((StatusCode::BAD_REQUEST, "different headers Content-Length"));
    }
    // `u64::from_str` takes a sign too.
    let digits = first.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let length = digits.and_then(|digits| digits.parse().ok());
    length.map(Length::Known).ok_or((StatusCode::BAD_REQUEST, "Content-Length is no number"))
}

/// Whether a header of this name has this word in its list.
pub(super) fn names(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|item| item.trim().eq_ignore_ascii_case(word))
}
