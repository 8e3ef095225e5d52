//! The context of a failed call: service, endpoint, command, attempt, elapsed time.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

/// The call that failed. Unknown fields are empty, `None` or zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Context {
    /// The service's name in lower case, as in its code table.
    pub service: &'static str,
    /// The address of the service, without credentials (see [`redacted_endpoint`]).
    pub endpoint: Arc<str>,
    /// The command, spelled as the service spells it.
    pub command: Cow<'static, str>,
    /// The number of the call, unique in its client.
    pub correlation: Option<u64>,
    /// The attempt that failed, counted from 1. Zero if attempts were not counted.
    pub attempt: u32,
    /// The time from the call to its failure, including queueing and earlier attempts.
    pub elapsed: Duration,
}

impl Context {
    /// Makes the context of a call to a service. All other fields are unknown.
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

    /// Sets the elapsed time.
    #[must_use]
    pub fn with_elapsed(mut self, elapsed: Duration) -> Self {
        self.elapsed = elapsed;
        self
    }
}

/// Returns a URL that can be shown: without user name, password and fragment, and with `***` for the values of query
/// parameters.
///
/// The text need not be a valid URL. If password and host cannot be told apart, only the scheme is kept. Secrets in the
/// path are not recognized.
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
    // Browsers and several parsers treat a backslash as a slash.
    let authority_end = place.find(['/', '\\']).unwrap_or(place.len());
    let (authority, path) = place.split_at(authority_end);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if !is_host(host) || url.contains(char::is_control) {
        // An unescaped `/`, `?` or `#` in a password ends the authority early: the rest may be the password.
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

/// Returns whether the text is `host`, `host:port`, `[v6]` or `[v6]:port`.
fn is_host(host: &str) -> bool {
    let after_brackets = host.rsplit_once(']').map_or(host, |(_, after)| after);
    match after_brackets.split_once(':') {
        Some((_, port)) => port.bytes().all(|b| b.is_ascii_digit()),
        None => true,
    }
}
