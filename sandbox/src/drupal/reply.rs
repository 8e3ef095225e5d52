//! Answers and their content types.
use bytes::Bytes;
use http::HeaderValue;
use serde_json::{Value, json};

use super::call::{Call, Family};
use super::failure::Failure;

pub(super) type Response = http::Response<Bytes>;

pub(super) const JSON: &str = "application/json";
pub(super) const JSON_API: &str = "application/vnd.api+json";
const PLAIN: &str = "text/plain; charset=UTF-8";
const HTML: &str = "text/html; charset=UTF-8";

/// What a server says that cannot go on.
pub(super) const UNEXPECTED: &str = "The website encountered an unexpected error. Try again later.";
/// What a format other than HTML gets on a page.
pub(super) const ONLY_HTML: &str =
    "A route that returns a rendered array as its response only supports the HTML format.";

pub(super) fn respond(status: u16, content_type: &str, body: impl Into<Bytes>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
    set(&mut response, "content-type", content_type);
    response
}

/// Sets a header; a value that no header can have is left out.
pub(super) fn set(response: &mut Response, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
        response.headers_mut().insert(name, value);
    }
}

/// Adds a header that can stand there several times.
pub(super) fn add(response: &mut Response, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
        response.headers_mut().append(name, value);
    }
}

pub(super) fn json(status: u16, content_type: &str, body: &Value) -> Response {
    respond(status, content_type, body.to_string())
}

/// An answer without content.
pub(super) fn no_content() -> Response {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = http::StatusCode::NO_CONTENT;
    response
}

pub(super) fn plain(status: u16, text: &str) -> Response {
    respond(status, PLAIN, text.to_owned())
}

pub(super) fn html(status: u16, title: &str) -> Response {
    let page =
        format!("<!DOCTYPE html>\n<html lang=\"en\"><head><title>{title}</title></head><body>{title}</body></html>\n");
    respond(status, HTML, page)
}

/// The member that every document of JSON:API begins with.
pub(super) fn document() -> Value {
    json!({"jsonapi": {"version": "1.0", "meta": {"links": {"self": {"href": "http://jsonapi.org/format/1.0/"}}}}})
}

/// Writes a failure as this family of routes does.
pub(super) fn refuse(call: &Call<'_>, family: Family, failure: &Failure, verbose: bool) -> Response {
    let status = failure.status;
    let mut response = match family {
        Family::JsonApi => {
            let mut body = document();
            body["errors"] = failure.objects(&call.uri(), verbose).into();
            json(status, JSON_API, &body)
        }
        Family::Json if status < 500 => json(status, JSON, &json!({"message": failure.detail()})),
        Family::Xml if status < 500 => {
            let message = super::text::escape_html(failure.detail());
            let body = format!("<?xml version=\"1.0\"?>\n<response><message>{message}</message></response>\n");
            respond(status, "text/xml; charset=UTF-8", body)
        }
        Family::Html => html(status, super::failure::title(status)),
        _ => plain(status, failure.detail()),
    };
    if let Some(allow) = &failure.allow {
        set(&mut response, "allow", allow);
    }
    if let Some(link) = &failure.link {
        set(&mut response, "link", link);
    }
    if let Some(seconds) = failure.retry_after.filter(|_| family == Family::JsonApi) {
        set(&mut response, "retry-after", &seconds.to_string());
    }
    response
}
