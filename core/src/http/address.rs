//! What may be done with an `http` or `https` URL, and what may be shown of it.

use crate::error::redacted_endpoint;
use http::Uri;
use reqwest::header::HeaderValue;
use reqwest::{StatusCode, Url};
use std::net::IpAddr;

/// The maximum number of redirects per request.
pub(super) const REDIRECTS: usize = 5;

/// Returns whether an answer with this status and a `Location` redirects.
pub(super) fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Parses a URL, or says why it cannot be requested.
pub(super) fn parse(text: &str) -> Result<Url, String> {
    Url::parse(text).map_err(|error| error.to_string()).and_then(checked)
}

/// Returns the target of a redirect, or why it is not followed.
pub(super) fn redirected(from: &Url, location: &HeaderValue) -> Result<Url, String> {
    let location = std::str::from_utf8(location.as_bytes()).map_err(|_| "it is not UTF-8".to_owned())?;
    let next = from.join(location).map_err(|error| error.to_string()).and_then(checked)?;
    if from.scheme() == "https" && next.scheme() != "https" {
        return Err("it leads from https to http".to_owned());
    }
    Ok(next)
}

fn checked(url: Url) -> Result<Url, String> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err("the scheme is neither http nor https".to_owned());
    }
    // reqwest would send them as a header.
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it holds a user name or a password".to_owned());
    }
    // `Uri` accepts fewer texts than `Url`.
    Uri::try_from(url.as_str()).map_err(|error| error.to_string())?;
    Ok(url)
}

/// Returns scheme, host, and port if it is not the default.
pub(super) fn origin(url: &Url) -> String {
    let mut shown = redacted_endpoint(url.as_str());
    let host = shown.find("://").map_or(0, |at| at + "://".len());
    let end = shown[host..].find(['/', '?']).map_or(shown.len(), |at| host + at);
    shown.truncate(end);
    shown
}

/// Returns the origin of a redirect's target; `None` if it is not a URL.
pub(super) fn redirect_origin(from: &Url, location: &[u8]) -> Option<String> {
    Some(origin(&from.join(std::str::from_utf8(location).ok()?).ok()?))
}

/// Returns where a proxy must make a tunnel to; `None` without TLS, where it makes the request.
pub(super) fn tunnel_to(url: &Url) -> Option<(&str, u16)> {
    Some((host(url)?, url.port_or_known_default()?)).filter(|_| url.scheme() == "https")
}

/// Returns whether the address is on this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    host(url).is_some_and(|host| host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback()))
}

fn host(url: &Url) -> Option<&str> {
    Some(url.host_str()?.trim_start_matches('[').trim_end_matches(']'))
}
