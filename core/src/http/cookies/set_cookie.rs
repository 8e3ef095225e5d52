//! The header `Set-Cookie`.

use http::{HeaderMap, HeaderValue, header};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::time::{Duration, SystemTime};

/// A cookie that an answer sets or removes (RFC 6265, 4.1). The value is opaque: it is sent back unchanged.
#[derive(Clone)]
pub struct SetCookie {
    pub(super) name: String,
    pub(super) value: SecretString,
    /// When it expires; `None`: with the session of the client.
    pub(super) expires: Option<SystemTime>,
    pub(super) domain: Option<String>,
    pub(super) path: Option<String>,
    pub(super) secure: bool,
}

/// Shows no value.
impl fmt::Debug for SetCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetCookie")
            .field("name", &self.name)
            .field("is_removal", &self.is_removal())
            .finish_non_exhaustive()
    }
}

impl SetCookie {
    /// Returns the cookies that the headers of an answer set or remove. What is no cookie is left out.
    pub fn all(headers: &HeaderMap) -> impl Iterator<Item = Self> {
        headers.get_all(header::SET_COOKIE).iter().filter_map(|value| Self::parse(value, SystemTime::now()))
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the value as it was sent.
    pub fn value(&self) -> &SecretString {
        &self.value
    }

    /// Returns whether the answer removes the cookie: it is expired.
    pub fn is_removal(&self) -> bool {
        self.expires.is_some_and(|at| at <= SystemTime::now())
    }

    pub(super) fn parse(value: &HeaderValue, now: SystemTime) -> Option<Self> {
        let text = value.to_str().ok()?;
        let mut parts = text.split(';').map(str::trim);
        let (name, value) = parts.next()?.split_once('=')?;
        let (name, value) = (name.trim_end(), value.trim_start());
        if name.is_empty() {
            return None;
        }
        let mut cookie =
            Self { name: name.to_owned(), value: value.into(), expires: None, domain: None, path: None, secure: false };
        // Max-Age counts more than Expires.
        let mut age = None;
        for part in parts {
            let (attribute, value) =
                part.split_once('=').map_or((part, ""), |(name, value)| (name.trim(), value.trim()));
            match attribute.to_ascii_lowercase().as_str() {
                "max-age" => age = seconds(value).or(age),
                "expires" => cookie.expires = date(value).or(cookie.expires),
                "domain" if !value.is_empty() => {
                    cookie.domain = Some(value.trim_start_matches('.').to_ascii_lowercase());
                }
                "path" => cookie.path = Some(value.to_owned()).filter(|path| path.starts_with('/')),
                "secure" => cookie.secure = true,
                _ => {}
            }
        }
        if let Some(age) = age {
            // An age that the clock cannot add is as good as none.
            cookie.expires = now.checked_add(age);
        }
        Some(cookie)
    }

    /// Returns the cookie as a header, with an absolute expiry, from which `parse` reads the same.
    pub(super) fn line(&self) -> String {
        let mut line = format!("{}={}", self.name, self.value.expose_secret());
        let mut add = |name: &str, value: &str| line.extend(["; ", name, value]);
        if let Some(at) = self.expires {
            add("Expires=", &httpdate::fmt_http_date(at.min(last_date())));
        }
        if let Some(domain) = &self.domain {
            add("Domain=", domain);
        }
        if let Some(path) = &self.path {
            add("Path=", path);
        }
        if self.secure {
            add("Secure", "");
        }
        line
    }
}

/// Reads an age; zero or less is none at all. More digits than a number has are a long time.
fn seconds(text: &str) -> Option<Duration> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if digits.len() < text.len() {
        return Some(Duration::ZERO);
    }
    Some(Duration::from_secs(digits.parse().unwrap_or(u64::MAX)))
}

/// Reads a date. Some servers write it with hyphens: `Thu, 01-Jan-1970 00:00:01 GMT`.
fn date(text: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(text).or_else(|_| httpdate::parse_http_date(&text.replace('-', " "))).ok()
}

/// The last date that can be written: 31 December 9999.
fn last_date() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_799)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<SetCookie> {
        SetCookie::parse(&HeaderValue::from_str(text).unwrap(), SystemTime::now())
    }

    #[test]
    fn cookies_are_read() {
        let cookie = parse("SESS1=a%2Cb=c; Max-Age=2000000; path=/; domain=.Example.org; HttpOnly; secure").unwrap();
        assert_eq!((cookie.name(), cookie.value().expose_secret()), ("SESS1", "a%2Cb=c"));
        assert_eq!((cookie.domain.as_deref(), cookie.path.as_deref()), (Some("example.org"), Some("/")));
        assert!(cookie.secure && !cookie.is_removal() && cookie.expires.is_some());
        let cookie = parse("a=").unwrap();
        assert!(cookie.expires.is_none() && !cookie.secure && cookie.path.is_none());
        assert!(parse("novalue").is_none() && parse("=x").is_none() && parse("").is_none());
    }

    #[test]
    fn removals_are_seen() {
        for (text, removes) in [
            ("a=deleted; Max-Age=0", true),
            ("a=x; max-age=-1", true),
            ("a=x; expires=Thu, 01-Jan-1970 00:00:01 GMT", true),
            ("a=x; expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0", true),
            ("a=x; expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=10", false),
            ("a=x; Max-Age=99999999999999999999", false),
            ("a=x; Max-Age=soon", false),
            ("a=x; Expires=soon", false),
            ("a=", false),
        ] {
            assert_eq!(parse(text).unwrap().is_removal(), removes, "{text}");
        }
    }

    #[test]
    fn a_cookie_is_read_back_from_its_line() {
        for text in ["a=b; Max-Age=100; Domain=x.org; Path=/a; Secure", "a=b", "a=b; Max-Age=99999999999"] {
            let cookie = parse(text).unwrap();
            let again = parse(&cookie.line()).unwrap();
            assert_eq!(cookie.line(), again.line());
        }
    }
}
