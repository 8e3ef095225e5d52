//! The address to connect to.

use crate::error::{Error, redacted_endpoint};
use crate::policy::host_and_port;
use http::Uri;
use std::net::IpAddr;
use std::sync::Arc;

/// A parsed `ws` or `wss` address.
#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    pub(super) uri: Uri,
    pub(super) tls: bool,
    pub(super) host: String,
    pub(super) port: u16,
    /// The address for errors and traces, without credentials and query values.
    pub(super) shown: Arc<str>,
}

impl Endpoint {
    pub(super) fn parse(url: &str) -> Result<Self, Error> {
        let shown: Arc<str> = redacted_endpoint(url).into();
        let refuse = |why: &str| {
            Error::invalid_request(format!(
                "{shown:?} is not an address to connect to: {why}; use the form ws://host:port/path"
            ))
        };
        if url.contains('#') {
            return Err(refuse("it has a fragment"));
        }
        let uri: Uri = url.parse().map_err(|error: http::uri::InvalidUri| refuse(&error.to_string()))?;
        let tls = match uri.scheme_str() {
            Some("ws") => false,
            Some("wss") => true,
            Some(_) => return Err(refuse("the scheme is neither ws nor wss")),
            None => return Err(refuse("the scheme is missing")),
        };
        let authority = uri.authority().ok_or_else(|| refuse("the host is missing"))?;
        if authority.as_str().contains('@') {
            return Err(refuse("it holds credentials; give them as a header"));
        }
        // The path and the query are sent to the host, which may be the beginning of what was meant as a password.
        if uri.path_and_query().is_some_and(|path| path.as_str().contains('@')) {
            return Err(refuse("it has an @ behind the host; write %40 there, and give credentials as a header"));
        }
        let (host, port) = host_and_port(authority, if tls { 443 } else { 80 }).map_err(refuse)?;
        Ok(Self { uri, tls, host, port, shown })
    }

    /// Returns whether the address is on this machine.
    pub(super) fn is_loopback(&self) -> bool {
        self.host.eq_ignore_ascii_case("localhost") || self.host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        for (url, tls, host, port, loopback) in [
            ("ws://localhost:1987", false, "localhost", 1987, true),
            ("ws://127.8.0.1/", false, "127.8.0.1", 80, true),
            ("wss://example.org/path?x=1", true, "example.org", 443, false),
            ("ws://[::1]:9000/x", false, "::1", 9000, true),
            ("wss://[2001:db8::1]/x", true, "2001:db8::1", 443, false),
        ] {
            let endpoint = Endpoint::parse(url).unwrap();
            let parts = (endpoint.tls, endpoint.host.as_str(), endpoint.port, endpoint.is_loopback());
            assert_eq!(parts, (tls, host, port, loopback), "{url}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_and_says_why() {
        for (url, why) in [
            ("localhost:1987", "scheme"),
            ("http://localhost", "neither ws nor wss"),
            ("ws://", ""),
            ("ws://host:99999/", "not a port"),
            ("ws://host:/", "not a port"),
            ("ws://host:0/", "port 0"),
            ("ws://user:secret@host/", "credentials"),
            ("wss://ada:secret/", "not a port"),
            ("wss://ada:secret/x@host/", "behind the host"),
            ("wss://ada:12/secret@host/", "behind the host"),
            ("wss://ada:12?secret@host/", "behind the host"),
            ("wss://ada%3Asecret%40host/", ""),
            ("wss:\\\\ada:secret@host/", ""),
            ("ada:secret@host", ""),
            ("wss:ada:secret@host", ""),
            ("//ada:secret@host", ""),
            ("ws:/ada:secret@host", ""),
            ("ws://ada:se cret@host", ""),
            ("ws://host/#part", "fragment"),
            ("", ""),
            ("ws://ho st/", ""),
        ] {
            let error = Endpoint::parse(url).unwrap_err();
            assert_eq!(error.delivery(), crate::Delivery::NotSent);
            let text = error.to_string();
            assert!(text.contains(why), "{url}: {text}");
            assert!(!text.contains("secret"), "{text}");
        }
    }
}
