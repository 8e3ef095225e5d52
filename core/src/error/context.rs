//! The context of a failed call: service, endpoint, command, attempt, elapsed time.

use super::Redaction;
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

/// Schemes that are shown even if the rest of the address is not.
const SCHEMES: [&str; 6] = ["ws://", "wss://", "http://", "https://", "mqtt://", "mqtts://"];

/// Returns a URL that can be shown: without user name, password and fragment, and with `***` for the values of query
/// parameters and for what [`Redaction`] hides in the path. Other secrets in the path are not recognized.
///
/// The text need not be a valid URL. It is shown only if it is certain where a password would end: an `@` (or `%40`)
/// behind the first `/`, `\`, `?` or `#` may belong to a password that contains this character. So may a part that cannot
/// be a host and a port, and what follows a scheme without a host. In these cases `***` is returned, with the scheme if it
/// is a usual one.
///
/// ```
/// use statuswire::error::redacted_endpoint;
///
/// assert_eq!(redacted_endpoint("wss://ada:pw@db.example:1987/a?token=s3cret"), "wss://db.example:1987/a?token=***");
/// assert_eq!(redacted_endpoint("wss://ada:p/w@db.example/"), "wss://***");
/// ```
pub fn redacted_endpoint(url: &str) -> String {
    let (scheme, rest) = match url.find("://").map(|at| url.split_at(at + "://".len())) {
        Some((scheme, rest)) if is_scheme(scheme) => (scheme, rest),
        _ => ("", url),
    };
    // Browsers and several parsers treat a backslash as a slash.
    let (authority, rest) = rest.split_at(rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len()));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    // As in `ws:///x` and `ws:/x`. Only of a file it is usual.
    let needs_host = !scheme.is_empty() && !scheme.eq_ignore_ascii_case("file://") && !rest.is_empty();
    let has_no_host = (needs_host && host.is_empty()) || host.ends_with(':');
    if has_no_host || !is_host(host) || contains_at(rest) || url.contains(char::is_control) {
        let usual = SCHEMES.iter().find(|usual| usual.eq_ignore_ascii_case(scheme));
        return format!("{}***", usual.unwrap_or(&""));
    }
    let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
    let (path, query) = match rest.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (rest, None),
    };
    let mut shown = format!("{scheme}{host}{}", Redaction::default().mask(path));
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

/// Returns whether a text contains `@`, as it is or encoded, also more than once (`%2540`).
fn contains_at(text: &str) -> bool {
    let is_encoded = |(at, _): (usize, &str)| text[..at].trim_end_matches("25").ends_with('%');
    text.contains('@') || text.match_indices("40").any(is_encoded)
}

/// Returns whether the text is a scheme (RFC 3986, 3.1) with its `://`.
fn is_scheme(text: &str) -> bool {
    let name = text.trim_end_matches("://");
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

/// Returns whether the text is `host`, `host:port`, `[v6]`, `[v6]:port`, or nothing.
fn is_host(text: &str) -> bool {
    let in_name = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    let (host_is_valid, after) = match text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        Some((address, after)) => (address.chars().all(|c| in_name(c) || matches!(c, ':' | '%')), after),
        None => {
            let (name, after) = text.split_at(text.find(':').unwrap_or(text.len()));
            (name.chars().all(in_name), after)
        }
    };
    let is_port = |port: &str| port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit());
    host_is_valid && (after.is_empty() || after.strip_prefix(':').is_some_and(is_port))
}
