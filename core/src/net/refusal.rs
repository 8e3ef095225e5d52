//! The error for a request that a server or a proxy refuses.

use super::Stream;
use super::answer::{Answer, read_body};
use crate::error::{Delivery, Error, Redaction};
use http::header::{HeaderValue, LOCATION};

/// Maximum characters of the body in the error.
const EXCERPT: usize = 200;

/// Reads the beginning of the body, and makes the error. The redaction hides what was sent: the answer may repeat it.
pub(crate) async fn refusal(mut answer: Answer, stream: &mut dyn Stream, redaction: &Redaction) -> Error {
    let body = read_body(&mut answer, stream).await;
    let Answer { status, mut headers, .. } = answer;
    if let Some(location) = headers.remove(LOCATION)
        && let Ok(masked) = HeaderValue::try_from(redaction.mask(&String::from_utf8_lossy(location.as_bytes())))
    {
        headers.insert(LOCATION, masked);
    }
    Error::http(status, &headers, redaction.excerpt_bytes(&body, EXCERPT), Delivery::NotSent)
}
