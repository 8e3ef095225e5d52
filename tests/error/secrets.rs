//! Errors, excerpts and endpoints show no secrets.

use proptest::prelude::*;
use serde_json::json;
use statuswire::error::{Context, Redaction, ServerStatus, redacted_endpoint};
use statuswire::{Cause, Delivery, Error};

#[test]
fn endpoints_lose_their_credentials() {
    for (url, shown) in [
        ("ws://127.0.0.1:1987/", "ws://127.0.0.1:1987/"),
        ("ws://ada:s3cret@host:1987/a/b", "ws://host:1987/a/b"),
        ("ws://s3cret@host", "ws://host"),
        ("ws://ada:s3@cret@host/", "ws://host/"),
        ("ada:s3cret@host:1987", "host:1987"),
        ("wss://[::1]:1987/x", "wss://[::1]:1987/x"),
        ("wss://ada:s3cret@[fe80::1%25eth0]/x", "wss://[fe80::1%25eth0]/x"),
        ("wss://host/p?token=s3cret&a=1&s3cret", "wss://host/p?token=***&a=***&***"),
        ("wss://host?token=s3=cret", "wss://host?token=***"),
        ("wss://host/p#s3cret", "wss://host/p"),
        ("wss://host/p?a=1#s3cret", "wss://host/p?a=***"),
        ("wss://host\\@s3cret-like-path", "wss://host\\@s3cret-like-path"),
        // An unescaped delimiter in a password: a parser would take `ada:s3` for host and port.
        ("ws://ada:s3/cret@host/", "ws://***"),
        ("ws://ada:s3?cret@host/", "ws://***"),
        ("ws://ada:s3#cret@host/", "ws://***"),
        ("ws://host/\n", "ws://***"),
        ("", ""),
        ("ws://", "ws://"),
    ] {
        assert_eq!(redacted_endpoint(url), shown, "{url}");
    }
}

#[test]
fn errors_do_not_show_credentials() {
    let context = Context::new("nemesis").with_endpoint("ws://ada:s3cret@host:1987/?token=s3cret");
    let io = std::io::Error::other("reset");
    let error = Error::new(Cause::transport(io), Delivery::MaybeSent).with_context(context);
    assert_eq!(&*error.context().endpoint, "ws://host:1987/?token=***");
    for text in [error.to_string(), format!("{error:?}"), format!("{:?}", error.to_problem())] {
        assert!(!text.contains("s3cret"), "{text}");
    }
    assert!(!serde_json::to_string(&error.to_problem()).unwrap().contains("host"));
}

#[test]
fn debug_hides_secret_members_of_bodies() {
    let body = json!({"tkn": 4711_4711_u64, "nested": [{"Password": "s3cret"}], "user": "ada"});
    let status = ServerStatus::new().with_message(r#"bad {"token":"s3cret"}"#).with_body(body.to_string());
    let error = Error::new(Cause::Status(Box::new(status)), Delivery::Answered);
    for text in [error.to_string(), format!("{error:?}"), error.to_problem().detail] {
        assert!(!text.contains("s3cret") && !text.contains("4711"), "{text}");
    }
    assert!(format!("{error:?}").contains("ada"));
}

#[test]
fn debug_shows_libraries_errors_by_display() {
    #[derive(Debug)]
    #[allow(dead_code)]
    struct Request {
        authorization: &'static str,
    }
    impl std::fmt::Display for Request {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("request failed")
        }
    }
    impl std::error::Error for Request {}
    let request = || Request { authorization: "Bearer s3cret" };
    let error = Error::new(Cause::transport(request()), Delivery::NotSent).with_source(std::sync::Arc::new(request()));
    assert!(format!("{error:?}").contains("request failed"));
    assert!(!format!("{error:#?}").contains("s3cret"));
}

#[test]
fn excerpts_hide_members() {
    for (text, shown) in [
        (r#"{"tkn":12345678,"st":1}"#, r#"{"tkn":***,"st":1}"#),
        (r#"{"tkn" : 12345678 }"#, r#"{"tkn" : *** }"#),
        (r#"{"TOKEN":"a\"b\\","x":1}"#, r#"{"TOKEN":***,"x":1}"#),
        (r#"{"a":{"session":{"id":["s3cret",{"}":1}]},"b":2}}"#, r#"{"a":{"session":***,"b":2}}"#),
        (r#"{"password":"s3cr"#, r#"{"password":***"#),
        (r#"{"password":["s3cr"#, r#"{"password":***"#),
        (r#"{"m":"{\"token\":\"s3\\\"cret\\\\\",\"n\":1}"}"#, r#"{"m":"{\"token\":***,\"n\":1}"}"#),
        (r#"{"m":"{\"token\":5}","n":1}"#, r#"{"m":"{\"token\":***}","n":1}"#),
        (r#"{"a":["token","x"],"tokens":1}"#, r#"{"a":["token","x"],"tokens":1}"#),
        (r#"{"pin":1234,"a":1}"#, r#"{"pin":***,"a":1}"#),
    ] {
        assert_eq!(Redaction::default().hide_member("pin").excerpt(text, 200), shown, "{text}");
    }
}

#[test]
fn excerpts_hide_texts_as_they_stand_in_json_too() {
    let excerpts = Redaction::default().hide("s3\"cret").hide("s3\"cret-longer").hide("");
    assert_eq!(
        excerpts.excerpt(r#"raw s3"cret and {"a":"s3\"cret"} and s3"cret-longer."#, 200),
        r#"raw *** and {"a":"***"} and ***."#
    );
    assert!(!format!("{excerpts:?}").contains("s3"));
}

#[test]
fn excerpts_are_cut_between_characters() {
    assert_eq!(Redaction::default().excerpt("äöü", 3), "äöü");
    assert_eq!(Redaction::default().excerpt("äöü", 2), "äö… (6 bytes in all)");
    assert_eq!(Redaction::default().excerpt("x", 0), "… (1 bytes in all)");
    assert_eq!(Redaction::default().excerpt("", 0), "");
    // An escape is not split.
    assert_eq!(Redaction::default().excerpt("a\nb", 2), "a… (3 bytes in all)");
    assert_eq!(Redaction::default().excerpt("\u{1}\0\t\u{85}", 9), r"\u{1}… (5 bytes in all)");
    assert_eq!(Redaction::default().excerpt_bytes(&[b'a', 0xff, 0xfe], 9), "a\u{fffd}\u{fffd}");
}

proptest! {
    #[test]
    fn an_excerpt_is_one_short_line(text: String, limit in 0_usize..50) {
        let excerpt = Redaction::default().excerpt(&text, limit);
        prop_assert!(!excerpt.contains(char::is_control));
        let shown = excerpt.split_once("… (").map_or(excerpt.as_str(), |(shown, _)| shown);
        prop_assert!(shown.chars().count() <= limit || !excerpt.contains("bytes in all"));
    }

    #[test]
    fn no_value_of_a_secret_member_is_shown(a: String, b: String, limit in 0_usize..200, name in "[a-y]{0,5}") {
        let body = json!({ name: 1, "password": [{"inner": a}, b, "tail"], "z": 2 });
        let nested = json!({ "m": body.to_string() }).to_string();
        for (text, end) in [(body.to_string(), r#","z":2}"#), (nested, r#",\"z\":2}"}"#)] {
            let excerpt = Redaction::default().excerpt(&text, limit);
            prop_assert!(!excerpt.contains("inner") && !excerpt.contains("tail"), "{} of {}", excerpt, text);
            // What follows the hidden value is shown again.
            prop_assert!(limit < 60 || excerpt.ends_with(end), "{} of {}", excerpt, text);
        }
    }

    #[test]
    fn no_given_secret_is_shown(secret in "[a-zA-Z0-9\"\\\\]{6,20}", before: String, after: String) {
        let excerpts = Redaction::default().hide(secret.as_str());
        let text = format!("{before}{secret}{after}");
        prop_assert!(!excerpts.excerpt(&text, 1000).contains(&secret));
    }

    #[test]
    fn user_and_password_are_never_shown(user in "[a-z]{4,8}", password in "[ -\"$-.0->@-\\[\\]-~]{6,20}", path in "[a-z/]{0,8}") {
        let shown = redacted_endpoint(&format!("wss://{user}:{password}@HOST/{path}"));
        prop_assert_eq!(shown, format!("wss://HOST/{path}"));
    }
}
