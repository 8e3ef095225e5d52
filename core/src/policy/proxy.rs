//! The address and the credentials of an HTTP proxy.

use crate::error::{Error, Redaction, redacted_endpoint};
use http::uri::Authority;
use http::{HeaderValue, Uri};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;

const BASIC: &str = "Basic ";

/// An HTTP proxy, for [`ConnectOptions::with_proxy`](super::ConnectOptions::with_proxy). `Display` writes its address.
#[derive(Clone, Debug)]
pub struct Proxy {
    host: String,
    port: u16,
    pub(super) credentials: Option<Credentials>,
}

/// A user and a password, as the proxy gets them.
#[derive(Clone, Debug)]
pub(super) struct Credentials {
    authorization: HeaderValue,
    password: SecretString,
}

impl Proxy {
    pub(super) fn parse(url: &str) -> Result<Self, Error> {
        let refuse = |why: &str| {
            let shown = redacted_endpoint(url);
            Error::invalid_request(format!(
                "{shown:?} is not the address of a proxy: {why}; use the form http://host:port"
            ))
        };
        let uri: Uri = url.parse().map_err(|error: http::uri::InvalidUri| refuse(&error.to_string()))?;
        match uri.scheme_str() {
            Some("http") => {}
            Some("https") => return Err(refuse("TLS to the proxy itself is not supported")),
            Some(scheme) if scheme.starts_with("socks") => return Err(refuse("SOCKS is not supported")),
            Some(_) => return Err(refuse("the scheme is not http")),
            None => return Err(refuse("the scheme is missing")),
        }
        let authority = uri.authority().ok_or_else(|| refuse("the host is missing"))?;
        if url.contains('@') {
            return Err(refuse("it holds credentials; give them with `ConnectOptions::with_proxy_credentials`"));
        }
        if uri.path_and_query().is_some_and(|path| path != "/") || url.contains('#') {
            return Err(refuse("it has a path, a query or a fragment"));
        }
        let (host, port) = host_and_port(authority, 80).map_err(refuse)?;
        Ok(Self { host, port, credentials: None })
    }

    /// Returns the host, without the brackets of an IPv6 address.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the value of the `Proxy-Authorization` header. It is marked sensitive.
    pub fn authorization(&self) -> Option<&HeaderValue> {
        self.credentials.as_ref().map(|it| &it.authorization)
    }

    /// Adds the credentials to what a redaction hides: answers may repeat them.
    #[must_use]
    pub fn hide_in(&self, redaction: Redaction) -> Redaction {
        let Some(Credentials { authorization, password }) = &self.credentials else { return redaction };
        let encoded = authorization.to_str().unwrap_or_default().trim_start_matches(BASIC);
        redaction.hide(encoded).hide(password.clone())
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, .. } = self;
        if host.contains(':') { write!(f, "http://[{host}]:{port}") } else { write!(f, "http://{host}:{port}") }
    }
}

/// Reads host and port, or says what is wrong with them. The host has no brackets.
pub(crate) fn host_and_port(authority: &Authority, default: u16) -> Result<(String, u16), &'static str> {
    let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
    if host.is_empty() {
        return Err("the host is missing");
    }
    match (authority.port_u16(), authority.as_str().rsplit_once(':')) {
        (Some(0), _) => Err("port 0 cannot be connected to"),
        (Some(port), _) => Ok((host, port)),
        (None, Some((_, port))) if !port.ends_with(']') => {
            Err("what follows the host is not a port; ports go from 1 to 65535")
        }
        (None, _) => Ok((host, default)),
    }
}

impl Credentials {
    pub(super) fn basic(user: &str, password: SecretString) -> Result<Self, Error> {
        let authorization = basic(user, &password)
            .map_err(|why| Error::invalid_request(format!("the credentials of the proxy cannot be sent: {why}")))?;
        Ok(Self { authorization, password })
    }
}

/// Makes the value of a header of the `Basic` scheme (RFC 7617), marked sensitive, or says why it cannot be made.
pub(crate) fn basic(user: &str, password: &SecretString) -> Result<HeaderValue, &'static str> {
    let both = Zeroizing::new(format!("{user}:{}", password.expose_secret()));
    if user.contains(':') || both.contains(char::is_control) {
        return Err("a user name has no colon, and neither it nor the password has control characters");
    }
    let value = Zeroizing::new(format!("{BASIC}{}", *base64(both.as_bytes())));
    let mut value = HeaderValue::from_str(&value).map_err(|_| "they make no header")?;
    value.set_sensitive(true);
    Ok(value)
}

fn base64(bytes: &[u8]) -> Zeroizing<String> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = Zeroizing::new(String::with_capacity(bytes.len().div_ceil(3) * 4));
    for three in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, index| bits << 8 | usize::from(*three.get(index).unwrap_or(&0)));
        for index in 0..4 {
            text.push(if index <= three.len() { char::from(DIGITS[bits >> (18 - 6 * index) & 63]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_encoded_as_the_standard_says() {
        for (user, password, expected) in [
            ("Aladdin", "open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
            ("test", "123\u{a3}", "Basic dGVzdDoxMjPCow=="),
            ("", "", "Basic Og=="),
            ("a", "b:c?\u{ff}", "Basic YTpiOmM/w78="),
        ] {
            assert_eq!(Credentials::basic(user, password.into()).unwrap().authorization, expected);
        }
        for (user, password) in [("a:b", "s3cret"), ("a", "s3cret\n")] {
            let error = Credentials::basic(user, password.into()).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("s3cret"));
        }
    }
}
