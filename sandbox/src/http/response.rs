//! Responses of the usual kinds.
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use serde_json::Value;

/// Makes a JSON response.
///
/// ```
/// use statuswire_sandbox::http::json;
/// use statuswire_sandbox::reexport::{http::StatusCode, serde_json};
///
/// let response = json(StatusCode::CREATED, &serde_json::json!({ "id": 7 }));
/// assert_eq!(response.headers()["content-type"], "application/json");
/// assert_eq!(response.body(), r#"{"id":7}"#);
/// ```
pub fn json(status: StatusCode, body: &Value) -> Response<Bytes> {
    response(status, "application/json", body.to_string())
}

/// Makes a response of plain text.
///
/// ```
/// use statuswire_sandbox::{http::text, reexport::http::StatusCode};
///
/// let mut response = text(StatusCode::SERVICE_UNAVAILABLE, "busy");
/// response.headers_mut().insert("retry-after", 7.into());
/// assert_eq!(response.body(), "busy");
/// ```
pub fn text(status: StatusCode, body: &str) -> Response<Bytes> {
    response(status, "text/plain; charset=utf-8", body.to_owned())
}

fn response(status: StatusCode, content_type: &'static str, body: String) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
