//! Requests through an HTTP proxy.

use super::address;
use crate::error::{Cause, Delivery, Error};
use crate::net::tunnel;
use crate::policy::Proxy;
use reqwest::header::HeaderMap;
use reqwest::{StatusCode, Url};
use std::error::Error as StdError;
use std::time::Duration;
use tokio::time::timeout;

/// Returns the proxy in the form that reqwest takes.
pub(super) fn for_all_requests(proxy: &Proxy) -> reqwest::Result<reqwest::Proxy> {
    let all = reqwest::Proxy::all(proxy.to_string())?;
    Ok(match proxy.authorization() {
        Some(authorization) => all.custom_http_auth(authorization.clone()),
        None => all,
    })
}

/// Returns the refusal if the proxy refused the credentials, as reqwest words it. Then it must not be asked again: accounts
/// are locked after a few failures.
pub(super) fn refused_credentials(error: &Error) -> Option<Error> {
    let is_refusal = |error: &&(dyn StdError + 'static)| error.to_string().ends_with("proxy authorization required");
    std::iter::successors(error.source(), |error| (*error).source()).find(is_refusal)?;
    Some(Error::http(StatusCode::PROXY_AUTHENTICATION_REQUIRED, &HeaderMap::new(), "", error.delivery()))
}

/// Finds out why no server can be reached through a proxy. `None` if it is not the proxy.
///
/// reqwest tells neither what else the proxy answered nor its address. So the proxy is asked once more.
pub(super) async fn reason(proxy: &Proxy, url: &Url, limit: Duration) -> Option<Error> {
    let asking = async {
        match address::tunnel_to(url) {
            Some((host, port)) => tunnel::open(proxy, host, port).await.map(drop),
            None => tunnel::reach(proxy).await.map(drop),
        }
    };
    let error = timeout(limit, asking).await.ok()?.err()?;
    let Cause::Http(failure) = error.cause() else { return Some(error) };
    // A proxy that has seen the link may redirect to it.
    let mut failure = failure.clone();
    failure.location =
        failure.location.as_deref().and_then(|location| address::redirect_origin(url, location.as_bytes()));
    Some(error.with_cause(Cause::Http(failure)))
}

/// Marks the error for a status as the proxy's if only a proxy sends it: it answers requests without TLS itself. `unsent` is
/// the delivery of a request that was not sent to the server.
pub(super) fn attribute(error: Error, proxy: &Proxy, url: &Url, unsent: Delivery) -> Error {
    match error.cause() {
        Cause::Http(failure)
            if failure.status == StatusCode::PROXY_AUTHENTICATION_REQUIRED && address::tunnel_to(url).is_none() =>
        {
            tunnel::from_proxy(error, proxy).clone_with_delivery(unsent)
        }
        _ => error,
    }
}
