//! The address and the credentials of a proxy.

use statuswire::error::Delivery;
use statuswire::{ConnectOptions, Error};

fn address(url: &str) -> Result<String, Error> {
    ConnectOptions::default().with_proxy(url).proxy().map(|proxy| proxy.unwrap().to_string())
}

#[test]
fn addresses_of_proxies_are_read() {
    for (url, shown) in [
        ("http://proxy.example:3128", "http://proxy.example:3128"),
        ("http://proxy.example:3128/", "http://proxy.example:3128"),
        ("HTTP://proxy.example", "http://proxy.example:80"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ] {
        assert_eq!(address(url).unwrap(), shown, "{url}");
    }
    let options = ConnectOptions::default().with_proxy("http://[::1]");
    let proxy = options.proxy().unwrap().unwrap();
    assert_eq!((proxy.host(), proxy.port(), proxy.authorization()), ("::1", 80, None));
    assert!(ConnectOptions::default().proxy().unwrap().is_none());
}

#[test]
fn what_is_no_proxy_is_refused_and_says_why() {
    for (url, why) in [
        ("https://proxy:443", "TLS to the proxy itself is not supported"),
        ("socks5://proxy:1080", "SOCKS is not supported"),
        ("socks5h://proxy:1080", "SOCKS is not supported"),
        ("ftp://proxy", "the scheme is not http"),
        ("proxy.example", "the scheme is missing"),
        ("http://ada:s3cret@proxy:1", "with_proxy_credentials"),
        ("http://ada%3As3cret%40proxy:1", ""),
        ("http://ada:s3cret/@proxy:1", ""),
        ("ada:s3cret@proxy:1", ""),
        ("http://proxy:1/path", "a path"),
        ("http://proxy:1?x=s3cret", "a query"),
        ("http://proxy:1#s3cret", ""),
        ("http://proxy:0", "port 0"),
        ("http://proxy:70000", "not a port"),
        ("http://proxy:", "not a port"),
        ("http://", ""),
        ("", ""),
        ("http://pro xy\r\nX: s3cret", ""),
    ] {
        let options = ConnectOptions::default().with_proxy(url);
        let error = options.proxy().unwrap_err();
        assert!(error.is_invalid_request() && error.delivery() == Delivery::NotSent, "{url}");
        let text = format!("{error} {error:?} {options:?}");
        assert!(error.to_string().contains(why) && text.contains("http://host:port"), "{url}: {text}");
        assert!(!text.contains("s3cret"), "{url}: {text}");
    }
}

#[test]
fn credentials_are_shown_nowhere() {
    let options = ConnectOptions::default().with_proxy_credentials("ada", "s3cret").with_proxy("http://proxy:1");
    let proxy = options.proxy().unwrap().unwrap();
    assert_eq!(proxy.authorization().unwrap(), "Basic YWRhOnMzY3JldA==");
    let text = format!("{options:?} {options:#?} {proxy:?} {proxy}");
    assert!(!text.contains("s3cret") && !text.contains("YWRh"), "{text}");
    assert!(text.contains("http://proxy:1") && text.contains("proxy_credentials: true"), "{text}");

    let alone = ConnectOptions::default().with_proxy_credentials("ada", "s3cret").proxy().unwrap_err();
    assert!(alone.to_string().contains("no proxy"), "{alone}");
    for (user, password) in [("a:da", "s3cret"), ("ada", "s3cret\r\nX: y")] {
        let options = ConnectOptions::default().with_proxy("http://proxy:1").with_proxy_credentials(user, password);
        let error = options.proxy().unwrap_err();
        let text = format!("{error} {error:?} {options:?}");
        assert!(error.is_invalid_request() && !text.contains("s3cret"), "{text}");
    }
}

#[test]
fn certificates_are_not_printed() {
    let options = ConnectOptions::default().with_client_certificate(b"chain", "k3y").with_root_certificates(b"root");
    let (chain, _) = options.client_certificate().unwrap();
    assert_eq!(chain, b"chain");
    let text = format!("{options:?}");
    assert!(!text.contains("k3y") && text.contains("client_certificate: true"), "{text}");
}
