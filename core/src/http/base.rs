//! The address of a service, and the URLs below it.

use super::address;
use crate::error::{Error, redacted_endpoint};
use reqwest::Url;
use std::fmt::Write;
use std::sync::Arc;

/// The base URL of a service: scheme, host, and perhaps a folder.
#[derive(Clone)]
pub(super) struct Base {
    /// Ends with a slash.
    url: Url,
    /// The URL for errors and traces.
    pub(super) shown: Arc<str>,
}

impl Base {
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let refuse = |why: &str| {
            let shown = redacted_endpoint(text);
            Error::invalid_request(format!(
                "{shown:?} is not the address of a service: {why}; use the form https://host/folder"
            ))
        };
        if text.contains(['?', '#']) {
            return Err(refuse("it has a query or a fragment"));
        }
        if text.contains(char::is_control) {
            return Err(refuse("it has control characters"));
        }
        let url = address::parse(&format!("{}/", text.trim_end_matches('/'))).map_err(|why| refuse(&why))?;
        // A part of a password may look like a host and a path.
        if url.path().contains('@') {
            return Err(refuse("it has an @ behind the host; write %40 there"));
        }
        let shown = redacted_endpoint(text.trim_end_matches('/')).into();
        Ok(Self { url, shown })
    }

    /// Returns the URL of a path below the base, or an absolute URL as it is. `query` is encoded, and added to that of the
    /// path.
    pub(super) fn join(&self, path: &str, query: &str) -> Result<Url, Error> {
        let refuse = |why: &str| {
            let shown = redacted_endpoint(path);
            Error::invalid_request(format!("{shown:?} cannot be requested: {why}"))
        };
        if path.contains('#') {
            return Err(refuse("it has a fragment; write %23 for the character #"));
        }
        if path.contains(char::is_control) {
            return Err(refuse("it has control characters"));
        }
        let mut url = if is_absolute(path) {
            address::parse(path).map_err(|why| refuse(&why))?
        } else {
            let only_path = path.split_once('?').map_or(path, |(path, _)| path);
            if only_path.split(['/', '\\']).any(is_dot_segment) {
                return Err(refuse("it has a segment of dots, which leads out of its folder"));
            }
            let path = path.trim_start_matches('/').replace(' ', "%20").replace('\\', "%5C");
            address::parse(&format!("{}{path}", self.url)).map_err(|why| refuse(&why))?
        };
        if !query.is_empty() {
            let whole = match url.query() {
                Some(own) if !own.is_empty() => format!("{own}&{query}"),
                _ => query.to_owned(),
            };
            url.set_query(Some(&whole));
        }
        Ok(url)
    }

    /// Returns whether a URL has the origin of the base.
    pub(super) fn owns(&self, url: &Url) -> bool {
        origin(url) == origin(&self.url)
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }
}

/// Returns the origin of an `http` or `https` URL. `Url::origin` would copy the host.
fn origin(url: &Url) -> (&str, Option<&str>, Option<u16>) {
    (url.scheme(), url.host_str(), url.port_or_known_default())
}

/// Returns whether a text begins with a scheme and `//`.
pub(super) fn is_absolute(text: &str) -> bool {
    let first = text.split(['/', '?']).next().unwrap_or_default();
    first.ends_with(':') && text[first.len()..].starts_with("//")
}

/// Returns whether URL parsers remove the segment, or remove it together with the one before.
pub(super) fn is_dot_segment(segment: &str) -> bool {
    matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..")
}

/// Appends a text, with all characters but the unreserved ones (RFC 3986, 2.3) percent-encoded.
pub(super) fn encode(text: &str, into: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => into.push(char::from(byte)),
            // Writing into a String cannot fail.
            _ => drop(write!(into, "%{byte:02X}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_by_one_slash() {
        for (base, path, query, url) in [
            ("https://x.org", "a/b", "", "https://x.org/a/b"),
            ("https://x.org/", "/a/b/", "", "https://x.org/a/b/"),
            ("https://x.org/site//", "//a", "", "https://x.org/site/a"),
            ("http://[::1]:8080/site", "", "", "http://[::1]:8080/site/"),
            ("https://x.org/site", "a?b=c", "d=e", "https://x.org/site/a?b=c&d=e"),
            ("https://x.org/site", "?b=c", "", "https://x.org/site/?b=c"),
            ("https://x.org/site", "a", "d=e", "https://x.org/site/a?d=e"),
            ("https://x.org/site", "a b/\u{e9}%2F", "", "https://x.org/site/a%20b/%C3%A9%2F"),
            ("https://x.org/site", "v1/items:batch", "", "https://x.org/site/v1/items:batch"),
            ("https://x.org/site", "items:batch", "", "https://x.org/site/items:batch"),
            ("https://x.org/site", "https://y.org/a?b", "c=d", "https://y.org/a?b&c=d"),
            ("https://x.org/site", "HTTPS://x.org/a", "", "https://x.org/a"),
        ] {
            assert_eq!(Base::parse(base).unwrap().join(path, query).unwrap().as_str(), url, "{base} {path}");
        }
    }

    #[test]
    fn bases_that_cannot_be_used_are_refused_without_secrets() {
        for base in [
            "",
            "x.org",
            "ftp://x.org",
            "https://ada:s3cret@x.org",
            "https://x.org/?token=s3cret",
            "https://x.org/#s3cret",
            "https://ada:12/s3cret@x.org/",
            "https://x.org:99999",
            "https://x.org/\n",
        ] {
            let error = Base::parse(base).err().unwrap();
            assert!(error.is_invalid_request() && !format!("{error} {error:?}").contains("s3cret"), "{error:?}");
        }
    }

    #[test]
    fn paths_that_lead_elsewhere_are_refused() {
        let base = Base::parse("https://x.org/site").unwrap();
        for path in
            ["../a", "a/..", "a/%2e%2E/b", "a\\..\\b", "./a", "a#b", "a\nb", "ftp://x.org/", "https://a:b@x.org/"]
        {
            assert!(base.join(path, "").unwrap_err().is_invalid_request(), "{path}");
        }
        assert!(base.join("a?b=../c", "").is_ok() && base.join("a/...", "").is_ok());
    }

    #[test]
    fn origins_are_compared_whole() {
        let base = Base::parse("https://x.org/site").unwrap();
        for (url, owned) in [
            ("https://x.org/elsewhere", true),
            ("https://X.org:443/", true),
            ("http://x.org/", false),
            ("https://x.org:444/", false),
            ("https://x.org.evil/", false),
        ] {
            assert_eq!(base.owns(&Url::parse(url).unwrap()), owned, "{url}");
        }
    }

    #[test]
    fn texts_are_encoded() {
        let mut text = String::new();
        encode("a b/c?&=+%\u{e9}~", &mut text);
        assert_eq!(text, "a%20b%2Fc%3F%26%3D%2B%25%C3%A9~");
    }
}
