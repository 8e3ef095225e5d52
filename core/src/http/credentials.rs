//! Credentials: how they are written, and where they may go.

use super::address;
use super::request::Request;
use super::sent::Sent;
use super::wire::Wire;
use crate::error::{Error, is_secret_name};
use crate::policy;
use http::header::{HeaderName, HeaderValue};
use reqwest::Url;
use secrecy::SecretString;

/// Returns the value of the header `Authorization` for a user name and a password (scheme `Basic`, RFC 7617). It is marked
/// sensitive.
///
/// # Errors
///
/// If the user name has a colon, or one of them has control characters.
///
/// ```
/// let value = statuswire::http::basic("Aladdin", &"open sesame".into())?;
/// assert_eq!(value, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
/// assert!(value.is_sensitive());
/// # Ok::<(), statuswire::Error>(())
/// ```
pub fn basic(user: &str, password: &SecretString) -> Result<HeaderValue, Error> {
    policy::basic(user, password)
        .map_err(|why| Error::invalid_request(format!("the user name and the password cannot be sent: {why}")))
}

impl Wire {
    /// Refuses secrets of the caller for another origin.
    pub(super) fn refuse_secrets(&self, request: &Request, url: &Url) -> Result<(), Error> {
        let header = request.headers.iter().find(|(name, value)| is_secret(name, value));
        let what = match header {
            Some((name, _)) => format!("the header {name:?}"),
            None if request.secret => "a secret request".to_owned(),
            None => return Ok(()),
        };
        Err(Error::invalid_request(format!(
            "{what} would be sent to {}, which is another origin than {}; make a client for that origin",
            address::origin(url),
            self.base.shown
        )))
    }

    /// Refuses to send credentials without TLS to another host. It is asked about requests to the origin of the base URL: others
    /// carry none.
    pub(super) fn permit(&self, request: &Request, sent: &Sent) -> Result<(), Error> {
        let has_secrets = || request.secret || sent.headers.iter().any(|(name, value)| is_secret(name, value));
        // A proxy has its own idea of which machine is `localhost`.
        let stays_here = || self.connector.proxy.is_none() && address::is_loopback(&sent.url);
        if sent.url.scheme() == "https" || self.plaintext_credentials || stays_here() || !has_secrets() {
            return Ok(());
        }
        Err(Error::invalid_request(format!(
            "credentials would be sent without TLS to {}{}; use https://, or allow it with \
             `ConnectOptions::with_plaintext_credentials`",
            address::origin(&sent.url),
            if self.connector.proxy.is_some() { " through a proxy" } else { "" }
        )))
    }
}

/// Returns whether a header is a credential.
pub(super) fn is_secret(name: &HeaderName, value: &HeaderValue) -> bool {
    value.is_sensitive() || is_secret_name(name.as_str())
}
