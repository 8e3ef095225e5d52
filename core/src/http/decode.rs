//! JSON bodies, with the path to what cannot be decoded.

use super::response::media_type;
use crate::error::{bounded, is_secret_name};
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use serde::Deserialize;

/// The most bytes of a reason: it quotes values of any length.
const REASON: usize = 1024;

/// Decodes a body. The error is the path, and what is wrong there.
pub(super) fn json<'a, T: Deserialize<'a>>(headers: &HeaderMap, body: &'a [u8]) -> Result<T, (String, String)> {
    let body = without_bom(body);
    let media_type = media_type(headers);
    let not_json = |why: &str| match &*media_type {
        "" => (String::new(), format!("the body is not JSON{why}")),
        _ => (String::new(), format!("the body is {media_type:?}, not JSON{why}")),
    };
    if media_type == "text/html" {
        return Err(not_json(""));
    }
    if body.is_empty() {
        return Err((String::new(), "the answer has no body".to_owned()));
    }
    if let Some(encoding) = encoding(headers) {
        return Err(not_json(&format!(": it is compressed as {encoding:?}, and only gzip was asked for")));
    }
    // Decoding again for the path costs nothing where nothing fails; tracking it always would.
    serde_json::from_slice(body).map_err(|error| {
        let is_json = media_type.ends_with("json") || error.is_data();
        if !is_json {
            return not_json(&format!(": {error}"));
        }
        let again = &mut serde_json::Deserializer::from_slice(body);
        let inside = serde_path_to_error::deserialize::<_, T>(again).err();
        let path = inside.map(|error| error.path().to_string()).filter(|path| path != ".").unwrap_or_default();
        let path = match path.chars().next() {
            None => "$".to_owned(),
            Some('[') => format!("${path}"),
            Some(_) => format!("$.{path}"),
        };
        // The reason may quote the value.
        let reason = match path.split(['.', '[', ']']).any(is_secret_name) {
            true => format!("the value has the wrong type or form at line {} column {}", error.line(), error.column()),
            false => bounded(&error, REASON),
        };
        (path, reason)
    })
}

/// Returns the body without a byte order mark, which some servers write before JSON (RFC 8259, 8.1).
pub(super) fn without_bom(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

/// Returns how the body is still compressed; `None` if it is not.
fn encoding(headers: &HeaderMap) -> Option<&str> {
    let encoding = headers.get(CONTENT_ENCODING)?.to_str().ok()?.trim();
    Some(encoding).filter(|encoding| !encoding.is_empty() && !encoding.eq_ignore_ascii_case("identity"))
}
