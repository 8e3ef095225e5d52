//! Secret URLs.

use crate::error::{Delivery, Error, Redaction};
use crate::http::address;
use reqwest::Url;
use reqwest::header::HeaderValue;
use std::sync::Arc;

/// Maximum characters of an excerpt.
const EXCERPT: usize = 200;
/// The length from which a part of a link may itself be a secret. Hiding shorter parts would only garble excerpts.
const SECRET_VALUE: usize = 6;
const SECRET_SEGMENT: usize = 16;

/// An `http` or `https` URL. It has no `Debug`, because the link alone gives access to the file.
pub(super) struct Link(Url);

impl Link {
    pub(super) fn parse(link: &str) -> Result<Self, Error> {
        address::parse(link).map(Self).map_err(|why| {
            Error::invalid_request(format!("the link cannot be followed: {why}; it should look like https://host/path"))
        })
    }

    /// Returns the target of a redirect, or why it is not followed.
    pub(super) fn redirected(&self, location: &HeaderValue) -> Result<Self, String> {
        address::redirected(&self.0, location).map(Self)
    }

    /// Returns the part of a redirect's target that may be shown; `None` if it is not a URL.
    pub(super) fn redirect_origin(&self, location: &[u8]) -> Option<String> {
        address::redirect_origin(&self.0, location)
    }

    pub(super) fn url(&self) -> &Url {
        &self.0
    }

    /// Returns the part that may be shown: scheme, host, and port if it is not the default.
    pub(super) fn origin(&self) -> Arc<str> {
        address::origin(&self.0).into()
    }

    /// Returns the texts to hide.
    fn secrets(&self) -> Vec<String> {
        let Self(url) = self;
        let raw_values =
            url.query().unwrap_or_default().split('&').map(|pair| pair.split_once('=').unwrap_or((pair, pair)).1);
        let values = url.query_pairs().map(|(_, value)| value.into_owned()).chain(raw_values.map(str::to_owned));
        let segments = url.path().split('/').map(str::to_owned);
        let whole = [url.as_str(), url.path(), url.query().unwrap_or_default()].map(str::to_owned);
        let parts = values.filter(|value| value.len() >= SECRET_VALUE);
        let parts = parts.chain(segments.filter(|segment| segment.len() >= SECRET_SEGMENT));
        parts.chain(whole.into_iter().filter(|text| text.len() > 1)).collect()
    }
}

/// A link and the earlier links that redirected to it.
pub(super) struct RedirectChain {
    /// Hides other secrets than the links.
    redaction: Redaction,
    pub(super) here: Link,
    pub(super) before: Vec<Link>,
}

impl RedirectChain {
    pub(super) fn new(here: Link, redaction: Redaction) -> Self {
        Self { redaction, here, before: Vec::new() }
    }

    pub(super) fn go_to(&mut self, next: Link) {
        self.before.push(std::mem::replace(&mut self.here, next));
    }

    /// Returns the delivery of a request that was not sent to the last server.
    pub(super) fn unsent(&self) -> Delivery {
        if self.before.is_empty() { Delivery::NotSent } else { Delivery::MaybeSent }
    }

    /// Returns the beginning of a body, which may be cut, without any part of the links.
    pub(super) fn excerpt(&self, body: &[u8]) -> String {
        let secrets = self.before.iter().chain([&self.here]).flat_map(Link::secrets);
        secrets.fold(self.redaction.clone(), Redaction::hide).excerpt_bytes(body, EXCERPT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_that_cannot_be_followed_are_refused_without_showing_them() {
        for (link, why) in [
            ("canary", "relative URL"),
            ("ftp://host/canary", "scheme"),
            ("https://canary@host/", "user name"),
            ("https://:canary@host/", "password"),
            ("https://host:canary/", "port"),
            ("https:///", "host"),
            ("", "relative URL"),
            (&format!("https://host/{}", "canary".repeat(11_000)), "too long"),
        ] {
            let Err(error) = Link::parse(link) else { panic!("{link} was taken") };
            assert!(error.is_invalid_request(), "{error:?}");
            assert!(error.to_string().contains(why), "{error}");
            assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
        }
    }

    #[test]
    fn the_origin_is_all_that_is_shown() {
        for (link, origin) in [
            ("https://files.example/canary?x=canary#canary", "https://files.example"),
            ("http://127.0.0.1:8080/canary", "http://127.0.0.1:8080"),
            ("https://[::1]:9/canary", "https://[::1]:9"),
            ("https://canary:12/canary@host/", "https://***"),
        ] {
            assert_eq!(&*Link::parse(link).unwrap().origin(), origin);
        }
    }

    #[test]
    fn redirects_are_checked() {
        let link = Link::parse("https://one.example/a/b?c=d").unwrap();
        let to = |location: &str| link.redirected(&HeaderValue::from_bytes(location.as_bytes()).unwrap());
        assert_eq!(to("../e?f=g").ok().unwrap().0.as_str(), "https://one.example/e?f=g");
        assert_eq!(to("//two.example/").ok().unwrap().0.as_str(), "https://two.example/");
        assert_eq!(to("/\u{e9}").ok().unwrap().0.as_str(), "https://one.example/%C3%A9");
        for (location, why) in [
            ("http://one.example/", "from https to http"),
            ("file:///etc/passwd", "scheme"),
            ("https://user:pw@two.example/", "password"),
            ("https://two.example:x/", "port"),
        ] {
            assert!(to(location).err().unwrap().contains(why), "{location}");
        }
        assert!(link.redirected(&HeaderValue::from_bytes(b"/\xff").unwrap()).is_err());
    }

    #[test]
    fn excerpts_hide_the_link_its_parts_and_what_is_left_of_them_at_the_end() {
        let link = Link::parse("https://host/0123456789abcdef/f.bin?sign=A%2FB%2BC%3Dcanary&n=1&bare-canary").unwrap();
        let mut chain = RedirectChain::new(link, Redaction::default());
        chain.go_to(Link::parse("https://elsewhere/").unwrap());
        let shown = |body: &str| chain.excerpt(body.as_bytes());
        assert_eq!(shown("no f.bin at 1: 0123456789abcdef"), "no f.bin at 1: ***");
        assert_eq!(shown("<S>A/B+C=canary</S> A%2FB%2BC%3Dcanary bare-canary."), "<S>***</S> *** ***.");
        assert_eq!(shown("GET /0123456789abcdef/f.bin failed"), "GET *** failed");
        assert_eq!(shown(r#"{"url":"https://host/0123456789abcdef/f.bin?sign"}"#), r#"{"url":"***"}"#);
        assert_eq!(shown("it is A/B+C=can"), "it is ***");
    }
}
