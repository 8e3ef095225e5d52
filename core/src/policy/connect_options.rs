//! The options that all clients share.

use super::proxy::Credentials;
use super::{Limits, Proxy, RateLimit, Reconnecting, Retry, Timeouts};
use crate::error::Error;
use http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;

/// The options that all services and transports share. A service's builder adds only its own.
///
/// ```
/// use statuswire::ConnectOptions;
/// use statuswire::policy::Timeouts;
/// use std::time::Duration;
///
/// let timeouts = Timeouts::default().with_call(Duration::from_secs(5));
/// let options = ConnectOptions::default().with_timeouts(timeouts).with_header("x-team", "harbour").with_lazy(true);
/// # drop(options);
/// ```
#[derive(Clone)]
pub struct ConnectOptions {
    timeouts: Timeouts,
    limits: Limits,
    reconnecting: Reconnecting,
    retry: Option<Retry>,
    /// The outer `None`: neither user nor service has decided.
    rate_limit: Option<Option<RateLimit>>,
    roots: Vec<u8>,
    #[cfg(feature = "platform-roots")]
    platform_roots: bool,
    client_certificate: Option<(Vec<u8>, SecretString)>,
    proxy: Option<Result<Proxy, Error>>,
    proxy_credentials: Option<Result<Credentials, Error>>,
    headers: Result<HeaderMap, Error>,
    plaintext_credentials: bool,
    lazy: bool,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            timeouts: Timeouts::default(),
            limits: Limits::default(),
            reconnecting: Reconnecting::default(),
            retry: None,
            rate_limit: None,
            roots: Vec::new(),
            #[cfg(feature = "platform-roots")]
            platform_roots: false,
            client_certificate: None,
            proxy: None,
            proxy_credentials: None,
            headers: Ok(HeaderMap::new()),
            plaintext_credentials: false,
            lazy: false,
        }
    }
}

/// Shows no value of a header: each may be a credential.
impl fmt::Debug for ConnectOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.headers.as_ref().map(|headers| headers.keys().collect::<Vec<_>>());
        let mut shown = f.debug_struct("ConnectOptions");
        #[cfg(feature = "platform-roots")]
        shown.field("platform_roots", &self.platform_roots);
        shown
            .field("timeouts", &self.timeouts)
            .field("limits", &self.limits)
            .field("reconnecting", &self.reconnecting)
            .field("retry", &self.retry())
            .field("rate_limit", &self.rate_limit())
            .field("root_certificates", &format_args!("{} bytes", self.roots.len()))
            .field("client_certificate", &self.client_certificate.is_some())
            .field("proxy", &self.proxy.as_ref().map(|proxy| proxy.as_ref().map(Proxy::to_string)))
            .field("proxy_credentials", &self.proxy_credentials.is_some())
            .field("headers", &names)
            .field("plaintext_credentials", &self.plaintext_credentials)
            .field("lazy", &self.lazy)
            .finish()
    }
}

/// Options that users set.
impl ConnectOptions {
    /// Sets the time limits. Default: [`Timeouts::default`].
    #[must_use]
    pub fn with_timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// Sets the size limits. Default: [`Limits::default`].
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets how long to wait between attempts to reconnect. Default: [`Reconnecting::default`].
    #[must_use]
    pub fn with_reconnecting(mut self, reconnecting: Reconnecting) -> Self {
        self.reconnecting = reconnecting;
        self
    }

    /// Sets when a command is sent again. Default: the rule of the service, or else [`Retry::default`].
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.retry = Some(retry);
        self
    }

    /// Limits how many messages are sent in a span of time, over all connections of the client. Commands, retries and
    /// pings count; pongs and the closing handshake do not. A call over the limit waits in order and does not fail for
    /// it: its default time limit restarts when the limiter releases it. Commands of the protocol's handshake count but
    /// do not wait; nor do, over HTTP, redirects that are followed and requests of the service's own. `None` means no limit. Default: the limit of the service, or else no limit.
    #[must_use]
    pub fn with_rate_limit(mut self, limit: impl Into<Option<RateLimit>>) -> Self {
        self.rate_limit = Some(limit.into());
        self
    }

    /// Trusts these certificates (PEM, one or more) instead of the public roots, for a private CA. A second call adds
    /// to the first. Verification cannot be disabled.
    ///
    /// Blocks with the labels `CERTIFICATE`, `X509 CERTIFICATE` and `TRUSTED CERTIFICATE` are read; trust data in the
    /// latter is obeyed. A block that cannot be used is skipped, with a warning in the log that tells its number, its
    /// subject and the reason; [`skipped_root_certificates`](Self::skipped_root_certificates) returns the same. If no
    /// certificate is left, clients are refused.
    #[must_use]
    pub fn with_root_certificates(mut self, pem: &[u8]) -> Self {
        self.roots.extend_from_slice(pem);
        self.roots.push(b'\n');
        self
    }

    /// Trusts what the operating system trusts, instead of the public roots that are compiled in. Certificates of
    /// [`with_root_certificates`](Self::with_root_certificates) are trusted in addition (not on Android).
    ///
    /// On Windows, macOS, iOS and Android the system verifies certificates itself. Elsewhere its root certificates are
    /// read when a client is made; `SSL_CERT_FILE` and `SSL_CERT_DIR` in the environment say where they are.
    #[cfg(feature = "platform-roots")]
    #[must_use]
    pub fn with_platform_roots(mut self) -> Self {
        self.platform_roots = true;
        self
    }

    /// Identifies the client to servers that ask for a certificate (mutual TLS): its certificate, followed by those that
    /// lead to the root (PEM), and its private key (PEM: PKCS #8, SEC1 or PKCS #1, not encrypted). The key appears in no
    /// `Debug` output and no error. It is sent to no server. A second call replaces the first.
    ///
    /// Clients are refused if the certificate or the key cannot be used, or they do not belong together.
    #[must_use]
    pub fn with_client_certificate(mut self, chain_pem: &[u8], key_pem: impl Into<SecretString>) -> Self {
        self.client_certificate = Some((chain_pem.to_vec(), key_pem.into()));
        self
    }

    /// Connects through an HTTP proxy, `http://host:port`; without a port, 80. Only the proxy looks up the names of
    /// servers. Without this option connections are direct: variables such as `HTTPS_PROXY` in the environment are not
    /// read.
    ///
    /// WebSockets and `https://` go through a tunnel (the method CONNECT), so the proxy does not see what TLS protects.
    /// `http://` links are requested from the proxy itself. All servers count as other hosts then, even `localhost`: see
    /// [`with_plaintext_credentials`](Self::with_plaintext_credentials).
    ///
    /// Clients are refused if the address is invalid, contains credentials, or begins with `https://` or `socks5://`,
    /// which are not supported.
    #[must_use]
    pub fn with_proxy(mut self, url: &str) -> Self {
        self.proxy = Some(Proxy::parse(url));
        self
    }

    /// Sets the user name and the password for the proxy (scheme `Basic`). They are sent to the proxy only, without TLS,
    /// and appear in no `Debug` output and no error.
    #[must_use]
    pub fn with_proxy_credentials(mut self, user: &str, password: impl Into<SecretString>) -> Self {
        self.proxy_credentials = Some(Credentials::basic(user, password.into()));
        self
    }

    /// Sends a header with each request that opens a connection; over HTTP, with each request to the origin of the service.
    /// An invalid name or value fails the attempt to connect.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.add(name, value, false);
        self
    }

    /// Sends a secret header, such as `authorization`. It appears in no `Debug` output, and is not sent to another host
    /// without TLS; see [`with_plaintext_credentials`](Self::with_plaintext_credentials).
    #[must_use]
    pub fn with_secret_header(mut self, name: &str, value: impl Into<SecretString>) -> Self {
        let value: SecretString = value.into();
        self.add(name, value.expose_secret(), true);
        self
    }

    /// Allows sending credentials without TLS to another host, where the network can read them. Default: false, such a
    /// connection is refused.
    #[must_use]
    pub fn with_plaintext_credentials(mut self, allowed: bool) -> Self {
        self.plaintext_credentials = allowed;
        self
    }

    /// Sets whether `connect` returns at once while the client connects in the background until it succeeds. Calls wait
    /// for the connection, within their time limits. Default: false, `connect` makes one attempt and returns its
    /// result.
    #[must_use]
    pub fn with_lazy(mut self, lazy: bool) -> Self {
        self.lazy = lazy;
        self
    }

    fn add(&mut self, name: &str, value: &str, sensitive: bool) {
        let Ok(headers) = &mut self.headers else { return };
        match (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            (Ok(name), Ok(mut value)) => {
                value.set_sensitive(sensitive);
                headers.append(name, value);
            }
            (Err(_), _) => {
                let reason = format!("{name:?} is not a header name: use letters, digits and hyphens");
                self.headers = Err(Error::invalid_request(reason));
            }
            (_, Err(_)) => {
                let reason = format!("the value of the header {name:?} has characters that are not allowed in headers");
                self.headers = Err(Error::invalid_request(reason));
            }
        }
    }
}

/// What services and transports read, and the defaults that a service sets.
impl ConnectOptions {
    /// Sets the retry rule of a service, unless the user has set one.
    #[must_use]
    pub fn or_retry(mut self, retry: Retry) -> Self {
        self.retry.get_or_insert(retry);
        self
    }

    /// Sets the rate limit of a service, unless the user has set one or removed it.
    #[must_use]
    pub fn or_rate_limit(mut self, limit: RateLimit) -> Self {
        self.rate_limit.get_or_insert(Some(limit));
        self
    }

    /// Returns the time limits.
    pub fn timeouts(&self) -> &Timeouts {
        &self.timeouts
    }

    /// Returns the size limits.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Returns how long to wait between attempts to reconnect.
    pub fn reconnecting(&self) -> &Reconnecting {
        &self.reconnecting
    }

    /// Returns the retry rule.
    pub fn retry(&self) -> Retry {
        self.retry.clone().unwrap_or_default()
    }

    /// Returns the rate limit, if there is one.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        self.rate_limit.flatten()
    }

    /// Returns the certificates to trust instead of the public roots, as PEM; empty if there are none.
    pub fn root_certificates(&self) -> &[u8] {
        &self.roots
    }

    /// Returns whether the client trusts what the operating system trusts.
    #[cfg(feature = "platform-roots")]
    pub fn platform_roots(&self) -> bool {
        self.platform_roots
    }

    /// Removes the client certificate: for servers of somebody else.
    #[cfg(feature = "http")]
    pub(crate) fn without_client_certificate(mut self) -> Self {
        self.client_certificate = None;
        self
    }

    /// Returns the chain of the client certificate and its key, as PEM.
    pub fn client_certificate(&self) -> Option<(&[u8], &SecretString)> {
        self.client_certificate.as_ref().map(|(chain, key)| (chain.as_slice(), key))
    }

    /// Returns the proxy with its credentials, if there is one.
    ///
    /// # Errors
    ///
    /// If its address or its credentials are invalid, or there are credentials but no proxy.
    pub fn proxy(&self) -> Result<Option<Proxy>, Error> {
        let credentials = self.proxy_credentials.clone().transpose()?;
        match self.proxy.clone().transpose()? {
            Some(mut proxy) => {
                proxy.credentials = credentials;
                Ok(Some(proxy))
            }
            None if credentials.is_none() => Ok(None),
            None => Err(Error::invalid_request(
                "there are credentials for a proxy but no proxy; set one with `ConnectOptions::with_proxy`",
            )),
        }
    }

    /// Returns the headers.
    ///
    /// # Errors
    ///
    /// If a header has an invalid name or value.
    pub fn headers(&self) -> Result<&HeaderMap, Error> {
        self.headers.as_ref().map_err(Error::clone)
    }

    /// Returns whether credentials may be sent without TLS to another host.
    pub fn plaintext_credentials(&self) -> bool {
        self.plaintext_credentials
    }

    /// Returns whether `connect` returns at once.
    pub fn is_lazy(&self) -> bool {
        self.lazy
    }
}
