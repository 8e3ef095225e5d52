//! Requests through an HTTP proxy.

use super::link::{Link, RedirectChain};
use crate::error::{Cause, Delivery, Error};
use crate::net::tunnel;
use crate::policy::Proxy;
use reqwest::StatusCode;
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

/// Finds out why no server can be reached through a proxy. `None` if it is not the proxy.
///
/// reqwest tells neither what the proxy answered nor its address. So the proxy is asked once more.
pub(super) async fn reason(proxy: &Proxy, link: &Link, limit: Duration) -> Option<Error> {
    let asking = async {
        match link.tunnel_to() {
            Some((host, port)) => tunnel::open(proxy, host, port).await.map(drop),
            None => tunnel::reach(proxy).await.map(drop),
        }
    };
    timeout(limit, asking).await.ok()?.err()
}

/// Marks the error for a status as the proxy's if only a proxy sends it: it answers requests without TLS itself.
pub(super) fn attribute(error: Error, proxy: &Proxy, chain: &RedirectChain) -> Error {
    match error.cause() {
        Cause::Http(failure)
            if failure.status == StatusCode::PROXY_AUTHENTICATION_REQUIRED && chain.here.tunnel_to().is_none() =>
        {
            let failure = failure.clone().with_proxy(&proxy.to_string());
            error.with_cause(Cause::Http(failure.into())).clone_with_delivery(unsent(chain))
        }
        _ => error,
    }
}

/// Returns the delivery of a request that was not sent to the last server.
pub(super) fn unsent(chain: &RedirectChain) -> Delivery {
    if chain.before.is_empty() { Delivery::NotSent } else { Delivery::MaybeSent }
}
