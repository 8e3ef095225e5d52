//! Which call it was: service, endpoint, command, attempt, time taken.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

/// The call that failed. What is not known is empty, `None` or zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Context {
    /// The service's name in lower case, as its code table spells it.
    pub service: &'static str,
    /// Where the service was looked for; without credentials (see [`redacted_endpoint`]).
    pub endpoint: Arc<str>,
    /// The command as the service spells it.
    pub command: Cow<'static, str>,
    /// The number that tells this call from others on the same client.
    pub correlation: Option<u64>,
    /// Which attempt failed, counted from 1. Zero if attempts were not counted.
    pub attempt: u32,
    /// From the call to its failure, queueing and earlier attempts included.
    pub elapsed: Duration,
}

impl Context {
    /// A call to a service, of which nothing else is known yet.
    pub fn new(service: &'static str) -> Self {
        Self { service, ..Self::default() }
    }

    /// Sets the endpoint. Credentials in the URL are removed here ([`redacted_endpoint`]).
    #[must_use]
    pub fn with_endpoint(mut self, url: &str) -> Self {
        self.endpoint = redacted_endpoint(url).into();
        self
    }

    /// Sets the command's name.
    #[must_use]
    pub fn with_command(mut self, command: impl Into<Cow<'static, str>>) -> Self {
        self.command = command.into();
        self
    }

    /// Sets the number of the call.
    #[must_use]
    pub fn with_correlation(mut self, correlation: u64) -> Self {
        self.correlation = Some(correlation);
        self
    }

    /// Sets the attempt, counted from 1.
    #[must_use]
    pub fn with_attempt(mut self, attempt: u32) -> Self {
        self.attempt = attempt;
        self
    }

    /// Sets the time taken.
    #[must_use]
    pub fn with_elapsed(mut self, elapsed: Duration) -> Self {
        self.elapsed = elapsed;
        self
    }
}

/// A URL that can be shown: user name, password and fragment are removed, the values of query parameters become `***`.
///
/// The text need not be a valid URL. If it is so malformed that a password cannot be told from a host, only the scheme
/// is left. Secrets in the path are not recognised.
///
/// ```
/// use statuswire::error::redacted_endpoint;
///
/// assert_eq!(redacted_endpoint("wss://ada:pw@db.example:1987/a?token=s3cret"), "wss://db.example:1987/a?token=***");
/// ```
pub fn redacted_endpoint(url: &str) -> String {
    let (scheme, rest) = match url.find("://") {
        Some(at) => url.split_at(at + "://".len()),
        None => ("", url),
    };
    let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
    let (place, query) = match rest.split_once('?') {
        Some((place, query)) => (place, Some(query)),
        None => (rest, None),
    };
    // Browsers and several parsers take a backslash for a slash.
    let authority_end = place.find(['/', '\\']).unwrap_or(place.len());
    let (authority, path) = place.split_at(authority_end);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if !is_host(host) || url.contains(char::is_control) {
        // An unescaped `/`, `?` or `#` in a password ends the authority early: what is left of it may be the password.
        return format!("{scheme}***");
    }
    let mut shown = format!("{scheme}{host}{path}");
    for (index, parameter) in query.into_iter().flat_map(|query| query.split('&')).enumerate() {
        shown.push(if index == 0 { '?' } else { '&' });
        // A parameter without a value may itself be the secret.
        if let Some((name, _)) = parameter.split_once('=') {
            shown.push_str(name);
            shown.push('=');
        }
        shown.push_str("***");
    }
    shown
}

/// Is it `host`, `host:port`, `[v6]` or `[v6]:port`?
fn is_host(host: &str) -> bool {
    let after_brackets = host.rsplit_once(']').map_or(host, |(_, after)| after);
    match after_brackets.split_once(':') {
        Some((_, port)) => port.bytes().all(|b| b.is_ascii_digit()),
        None => true,
    }
}
