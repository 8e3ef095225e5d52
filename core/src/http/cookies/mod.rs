//! Cookies of one origin.

mod set_cookie;

pub use set_cookie::SetCookie;

use super::address::is_loopback;
use crate::error::Error;
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use reqwest::Url;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// The most cookies that are kept. Browsers keep about as many of one site.
const COOKIES: usize = 100;
/// The most bytes of one cookie, name and value.
const BYTES: usize = 16 << 10;

/// The cookies of one client. Clones share them.
///
/// An engine sends them to the origin of its base URL only, those with `Secure` only over TLS or to this machine, those
/// with a `Path` only below it. Values are opaque: they are sent back unchanged. A cookie whose `Domain` does not fit the
/// host is ignored, like one of more than 16 KiB. At most 100 cookies are kept; the oldest one goes.
///
/// [`save`](Self::save) and [`restore`](Self::restore) keep a session beyond the end of the program.
#[derive(Clone, Default)]
pub struct Jar(Arc<Mutex<Vec<SetCookie>>>);

/// Shows the names only.
impl fmt::Debug for Jar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Jar").field(&self.names()).finish()
    }
}

impl Jar {
    /// Makes an empty jar.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns whether there is no cookie that has not expired.
    pub fn is_empty(&self) -> bool {
        self.kept().is_empty()
    }

    /// Returns the names of the cookies, in the order in which they were set.
    pub fn names(&self) -> Vec<String> {
        self.kept().iter().map(|cookie| cookie.name.clone()).collect()
    }

    /// Returns the value of a cookie.
    pub fn get(&self, name: &str) -> Option<SecretString> {
        self.kept().iter().find(|cookie| cookie.name == name).map(|cookie| cookie.value.clone())
    }

    /// Sets a cookie for the whole origin, until the end of the program.
    ///
    /// # Errors
    ///
    /// If name or value have characters that a cookie cannot have, or more than 16 KiB.
    pub fn set(&self, name: &str, value: impl Into<SecretString>) -> Result<(), Error> {
        let value: SecretString = value.into();
        let text = Zeroizing::new(format!("{name}={}", value.expose_secret()));
        let header = HeaderValue::from_str(&text).ok().filter(|_| !text.contains(';') && text.len() <= BYTES);
        let cookie = header.and_then(|header| SetCookie::parse(&header, SystemTime::now()));
        match cookie.filter(|cookie| cookie.name == name && cookie.value.expose_secret() == value.expose_secret()) {
            Some(mut cookie) => {
                cookie.path = Some("/".to_owned());
                self.put(cookie);
                Ok(())
            }
            None => Err(Error::invalid_request(format!(
                "the cookie {name:?} cannot be set: neither name nor value may have semicolons, spaces around them or control \
                 characters, and both together have at most {BYTES} bytes"
            ))),
        }
    }

    /// Removes the cookies of a name. Returns whether there were any.
    pub fn remove(&self, name: &str) -> bool {
        let mut kept = self.kept();
        let before = kept.len();
        kept.retain(|cookie| cookie.name != name);
        kept.len() < before
    }

    /// Removes all cookies.
    pub fn clear(&self) {
        self.kept().clear();
    }

    /// Returns all cookies as a text for [`restore`](Self::restore), one `Set-Cookie` header per line. It is a secret.
    pub fn save(&self) -> SecretString {
        let mut text = Zeroizing::new(String::new());
        for cookie in self.kept().iter() {
            text.extend([&**Zeroizing::new(cookie.line()), "\n"]);
        }
        text.as_str().into()
    }

    /// Replaces all cookies by saved ones. Those that have expired are left out.
    ///
    /// # Errors
    ///
    /// If a line of the text is no cookie; then the jar is unchanged.
    pub fn restore(&self, saved: &SecretString) -> Result<(), Error> {
        let now = SystemTime::now();
        let mut cookies = Vec::new();
        for (line, number) in saved.expose_secret().lines().zip(1..) {
            let cookie = HeaderValue::from_str(line).ok().and_then(|header| SetCookie::parse(&header, now));
            let invalid = || Error::invalid_request(format!("line {number} of the saved cookies is no cookie"));
            let mut cookie = cookie.ok_or_else(invalid)?;
            cookie.path.get_or_insert_with(|| "/".to_owned());
            cookies.push(cookie);
        }
        *self.lock() = cookies;
        Ok(())
    }

    /// Takes over the cookies that an answer from a URL sets and removes. `sent` are the headers of the request: one that was
    /// sent with another value than that of now does not remove it. It was on its way when a lost session was renewed.
    pub(super) fn take(&self, headers: &HeaderMap, url: &Url, sent: &HeaderMap) {
        let host = url.host_str().unwrap_or_default();
        for mut cookie in SetCookie::all(headers) {
            let belongs = cookie.domain.as_deref().is_none_or(|domain| is_within(host, domain));
            let size = cookie.name.len() + cookie.value.expose_secret().len();
            let is_late =
                cookie.is_removal() && self.get(&cookie.name).is_some_and(|now| sent_another(sent, &cookie.name, &now));
            if belongs && size <= BYTES && !is_late {
                cookie.path.get_or_insert_with(|| default_path(url.path()).to_owned());
                self.put(cookie);
            }
        }
    }

    /// Returns the header `Cookie` for a request, marked sensitive; `None` if there is no cookie for it.
    pub(super) fn header(&self, url: &Url) -> Option<HeaderValue> {
        let is_private = url.scheme() == "https" || is_loopback(url);
        let mut text = Zeroizing::new(String::new());
        let kept = self.kept();
        let fits = |cookie: &&SetCookie| {
            is_below(url.path(), cookie.path.as_deref().unwrap_or("/")) && (is_private || !cookie.secure)
        };
        let mut fitting: Vec<_> = kept.iter().filter(fits).collect();
        // Of two cookies with one name, servers take the first: it must be the one for the longer path (RFC 6265, 5.4).
        fitting.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.as_deref().map_or(0, str::len)));
        for cookie in fitting {
            let separator = if text.is_empty() { "" } else { "; " };
            text.extend([separator, &cookie.name, "=", cookie.value.expose_secret()]);
        }
        let mut value = HeaderValue::from_str(&text).ok().filter(|value| !value.is_empty())?;
        value.set_sensitive(true);
        Some(value)
    }

    fn put(&self, cookie: SetCookie) {
        let mut kept = self.lock();
        let is_same = |old: &SetCookie| old.name == cookie.name && old.path == cookie.path;
        let place = kept.iter().position(is_same);
        match (cookie.is_removal(), place) {
            (true, Some(at)) => drop(kept.remove(at)),
            (true, None) => {}
            (false, Some(at)) => kept[at] = cookie,
            (false, None) => {
                if kept.len() == COOKIES {
                    kept.remove(0);
                }
                kept.push(cookie);
            }
        }
    }

    /// Locks the cookies and removes those that have expired.
    fn kept(&self) -> MutexGuard<'_, Vec<SetCookie>> {
        let mut kept = self.lock();
        kept.retain(|cookie| !cookie.is_removal());
        kept
    }

    fn lock(&self) -> MutexGuard<'_, Vec<SetCookie>> {
        // Each change is complete, also if a panic follows it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns whether a request was sent with another value of a cookie than this.
fn sent_another(sent: &HeaderMap, name: &str, value: &SecretString) -> bool {
    let cookies = sent.get(COOKIE).and_then(|cookies| cookies.to_str().ok()).unwrap_or_default();
    let mut values = cookies.split("; ").filter_map(|cookie| cookie.strip_prefix(name)?.strip_prefix('=')).peekable();
    values.peek().is_some() && values.all(|sent| sent != value.expose_secret())
}

/// Returns whether a host is the domain or below it (RFC 6265, 5.1.3).
fn is_within(host: &str, domain: &str) -> bool {
    match host.strip_suffix(domain) {
        Some("") => true,
        Some(before) => before.ends_with('.') && !host.ends_with(|last: char| last.is_ascii_digit() || last == ']'),
        None => false,
    }
}

/// Returns whether a path is the other one or below it (RFC 6265, 5.1.4).
fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || folder.ends_with('/'))
}

/// Returns the path of a cookie that has none: the folder of the request.
fn default_path(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) | None => "/",
        Some(last) => &path[..last],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn jar(from: &str, lines: &[&str]) -> Jar {
        let jar = Jar::new();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("set-cookie", line.parse().unwrap());
        }
        jar.take(&headers, &url(from), &HeaderMap::new());
        jar
    }

    fn sent(jar: &Jar, to: &str) -> String {
        jar.header(&url(to)).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    }

    #[test]
    fn cookies_go_where_they_belong() {
        let lines =
            ["a=1; Path=/", "b=2%2C; Path=/site", "c=3; Secure; Path=/", "d=4", "e=5; Domain=other.org; Path=/"];
        let jar = jar("https://www.example.org/site/user/login", &lines);
        assert_eq!(sent(&jar, "https://www.example.org/"), "a=1; c=3");
        assert_eq!(sent(&jar, "https://www.example.org/site/x"), "b=2%2C; a=1; c=3");
        assert_eq!(sent(&jar, "https://www.example.org/sites"), "a=1; c=3");
        assert_eq!(sent(&jar, "https://www.example.org/site/user/x"), "d=4; b=2%2C; a=1; c=3");
        assert_eq!(sent(&jar, "http://www.example.org/site"), "b=2%2C; a=1");
        assert_eq!(sent(&jar, "http://127.0.0.1/"), "a=1; c=3");
        assert!(jar.header(&url("https://www.example.org/")).unwrap().is_sensitive());
    }

    #[test]
    fn domains_are_compared_by_labels() {
        for (host, domain, fits) in [
            ("example.org", "example.org", true),
            ("www.example.org", "example.org", true),
            ("badexample.org", "example.org", false),
            ("example.org", "www.example.org", false),
            ("127.0.0.1", "0.0.1", false),
            ("127.0.0.1", "127.0.0.1", true),
        ] {
            assert_eq!(is_within(host, domain), fits, "{host} {domain}");
        }
    }

    #[test]
    fn cookies_are_replaced_removed_saved_and_restored() {
        let jar = jar("https://x.org/", &["a=1; Path=/; Max-Age=1000", "b=2; Path=/", "a=3; Path=/; Max-Age=1000"]);
        assert_eq!(sent(&jar, "https://x.org/"), "a=3; b=2");
        let copy = Jar::new();
        copy.restore(&jar.save()).unwrap();
        assert_eq!(sent(&copy, "https://x.org/"), "a=3; b=2");
        assert!(jar.remove("a") && !jar.remove("a"));
        assert_eq!(jar.names(), ["b"]);
        let error = copy.restore(&"c=1\nnonsense".into()).unwrap_err();
        assert!(error.to_string().contains("line 2"), "{error}");
        assert_eq!(copy.names(), ["a", "b"]);
        copy.clear();
        assert!(copy.is_empty() && copy.header(&url("https://x.org/")).is_none());
        assert!(!format!("{jar:?}").contains('2'));
    }

    #[test]
    fn a_late_answer_does_not_remove_a_newer_cookie() {
        let url = url("https://x.org/");
        let removal =
            HeaderMap::from_iter([(http::header::SET_COOKIE, "a=deleted; Path=/; Max-Age=0".parse().unwrap())]);
        let sent = |cookies: &str| HeaderMap::from_iter([(COOKIE, cookies.parse().unwrap())]);
        let jar = jar("https://x.org/", &["a=new; Path=/"]);
        jar.take(&removal, &url, &sent("b=1; a=old"));
        assert_eq!(jar.names(), ["a"]);
        jar.take(&removal, &url, &sent("b=1; a=new"));
        assert!(jar.is_empty());
        jar.set("a", "1").unwrap();
        jar.take(&removal, &url, &sent("b=1"));
        assert!(jar.is_empty());
    }

    #[test]
    fn what_cannot_be_a_cookie_is_refused() {
        let jar = Jar::new();
        for (name, value) in [("", "x"), ("a=b", "c"), ("a", "b; Path=/"), ("a", "b\n"), (" a", "b"), ("a", " b")] {
            assert!(jar.set(name, value).is_err(), "{name} {value}");
        }
        assert!(jar.set("a", "x".repeat(BYTES)).is_err());
        jar.set("a", "b").unwrap();
        assert_eq!(jar.get("a").unwrap().expose_secret(), "b");
    }

    #[test]
    fn a_flood_of_cookies_is_bounded() {
        let lines: Vec<String> = (0..3 * COOKIES).map(|number| format!("n{number}=x; Path=/")).collect();
        let jar = jar("https://x.org/", &lines.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(jar.names().len(), COOKIES);
        assert_eq!(jar.names()[0], format!("n{}", 2 * COOKIES));
    }
}
