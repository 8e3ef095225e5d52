//! JSON bodies, with the path to what cannot be decoded.

use super::response::media_type;
use http::HeaderMap;
use serde::Deserialize;

/// Decodes a body. The error is the path, and what is wrong there.
pub(super) fn json<'a, T: Deserialize<'a>>(headers: &HeaderMap, body: &'a [u8]) -> Result<T, (String, String)> {
    let media_type = media_type(headers);
    let not_json = |why: &str| (String::new(), format!("the body is {media_type:?}, not JSON{why}"));
    if media_type == "text/html" {
        return Err(not_json(""));
    }
    if body.is_empty() {
        return Err((String::new(), "the answer has no body".to_owned()));
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
        (path, error.to_string())
    })
}
