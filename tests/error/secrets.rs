//! Errors, excerpts and endpoints show no secrets.

use proptest::prelude::*;
use serde_json::json;
use statuswire::error::{
    CloseFrame, Context, DecodeFailure, HttpFailure, InvalidRequest, ProtocolViolation, Redaction, ServerStatus,
    redacted_endpoint,
};
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
        ("wss://host/a;jsessionid=s3cret", "wss://host/a;jsessionid=***"),
        ("ftp://ada:s3cret@host/", "ftp://host/"),
        // An unescaped delimiter in a password: a parser would take `ada:s3` for host and port.
        ("ws://ada:s3/cret@host/", "ws://***"),
        ("ws://ada:s3?cret@host/", "ws://***"),
        ("ws://ada:s3#cret@host/", "ws://***"),
        ("ws://host/\n", "ws://***"),
        ("wss://ada:s3cret/x+y@db.example/", "wss://***"),
        ("wss://ada:12/s3cret@host/", "wss://***"),
        ("wss://ada:12?s3cret@host/", "wss://***"),
        ("wss://s3cret/x@host/", "wss://***"),
        ("wss://host/ada:s3cret@x", "wss://***"),
        ("wss://host\\@s3cret", "wss://***"),
        ("wss://host?to=s3cret@x&token=s3cret", "wss://***"),
        ("wss://host#s3cret@x", "wss://***"),
        ("wss://ada%3As3cret%40host/", "wss://***"),
        ("wss://ada:s%3cret@host:1/", "wss://host:1/"),
        ("wss://ada:123456", "wss://***"),
        ("wss://ada:s3\tcret@host/", "wss://***"),
        ("wss://ada:s3 cret@host/", "wss://host/"),
        ("ws:/ada:s3cret@h", "***"),
        ("//ada:s3cret@h", "***"),
        ("wss:\\\\ada:s3cret@h", "***"),
        ("https:ada:s3cret@h", "h"),
        ("ada:s3://cret@h", "***"),
        ("s3cret://x/@h", "***"),
        ("WSS://ada:s3/cret@h", "wss://***"),
        // An encoded `@`, and a scheme that no host follows.
        ("ws:/ada:s3cret%40h", "***"),
        ("ws:///ada:s3cret%40h/", "ws://***"),
        ("wss:///ada:s3cret", "wss://***"),
        ("wss:/ada:s3cret", "***"),
        ("wss://?s3cret", "wss://***"),
        ("wss://ada:12@/s3cret", "wss://***"),
        ("wss://ada:12/s3cret%40host/", "wss://***"),
        ("wss://ada:12/s3cret%252540host/", "wss://***"),
        ("wss://host:/s3cret", "wss://***"),
        ("wss://host/40%2041/%25", "wss://host/40%2041/%25"),
        ("/a/b", "/a/b"),
        ("file:///a/b", "file:///a/b"),
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
fn debug_and_display_of_every_foreign_text_hide_secrets() {
    let text = || r#"no {"a":{"accessToken":"s3cret"}}, ?token=s3cret"#.to_owned();
    let http = HttpFailure::new(http::StatusCode::FORBIDDEN, text());
    for cause in [
        Cause::Closed(CloseFrame::new(4000, text())),
        Cause::Http(Box::new(http)),
        Cause::Decode(Box::new(DecodeFailure::new(text(), text(), text()))),
        Cause::Protocol(ProtocolViolation(text().into())),
        Cause::InvalidRequest(InvalidRequest(text().into())),
        Cause::Status(Box::new(ServerStatus::new().with_message(text()).with_body(json!([text()]).to_string()))),
        Cause::transport(std::io::Error::other(text())),
    ] {
        let error =
            Error::new(cause, Delivery::Answered).with_source(std::sync::Arc::new(std::io::Error::other(text())));
        let shown = format!("{error} {error:#} {error:?} {error:#?} {:?} {:?}", error.cause(), error.to_problem());
        assert!(shown.contains("***") && !shown.contains("s3cret"), "{shown}");
    }
    let error = Error::io(text(), std::io::Error::other(text()), Delivery::NotSent);
    assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");
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
        (r#"{"tkn":12345678,"st":1}"#, r#"{"tkn":"***","st":1}"#),
        (r#"{"tkn" : 12345678 }"#, r#"{"tkn" : "***" }"#),
        (r#"{"TOKEN":"a\"b\\","x":1}"#, r#"{"TOKEN":"***","x":1}"#),
        (r#"{"a":{"session":{"id":["s3cret",{"}":1}]},"b":2}}"#, r#"{"a":{"session":"***","b":2}}"#),
        (r#"{"a":{"session":{"id":["s3cret",{"}":1}]}},"b":2}"#, r#"{"a":{"session":"***"},"b":2}"#),
        (r#"{"password":"s3cr"#, r#"{"password":"***"#),
        (r#"{"password":["s3cr"#, r#"{"password":"***""#),
        (r#"{"password":"#, r#"{"password":"#),
        (r#"{"m":"{\"token\":\"s3\\\"cret\\\\\",\"n\":1}"}"#, r#"{"m":"{\"token\":\"***\",\"n\":1}"}"#),
        (r#"{"m":"{\"token\":5}","n":1}"#, r#"{"m":"{\"token\":\"***\"}","n":1}"#),
        (r#"{"a":["token","x"],"tokens":1}"#, r#"{"a":["token","x"],"tokens":1}"#),
        (r#"{"my-number":1234,"a":1}"#, r#"{"my-number":"***","a":1}"#),
        (r#"{"\u0070assword":"s3cret","\\u0070wd":1}"#, r#"{"\u0070assword":"***","\\u0070wd":"***"}"#),
        (
            r#"{"m":"{\u0022token\u0022:\u0022s3\u005c\u0022cret\u0022}","n":1}"#,
            r#"{"m":"{\u0022token\u0022:\u0022***","n":1}"#,
        ),
        (r#"{"m":"{\"token\":\"s3\u005c\"cret\"}","n":1}"#, r#"{"m":"{\"token\":\"***","n":1}"#),
        (
            r#"{"m":"{\"n\":\"{\\\"token\\\":[\\\"s3cret\\\",5],\\\"k\\\":1}\"}"}"#,
            r#"{"m":"{\"n\":\"{\\\"token\\\":\\\"***\\\",\\\"k\\\":1}\"}"}"#,
        ),
    ] {
        assert_eq!(Redaction::default().hide_member("myNumber").excerpt(text, 200), shown, "{text}");
    }
}

#[test]
fn names_are_compared_without_case_and_separators() {
    for name in [
        "accessToken",
        "access-token",
        "ACCESS_TOKEN",
        "sessionId",
        "session_id",
        "JSESSIONID",
        "PHPSESSID",
        "pwd",
        "passwd",
        "userPassword",
        "password_confirmation",
        "passphrase",
        "clientSecret",
        "X-Api-Key",
        "apiKey",
        "privateKey",
        "aws_access_key_id",
        "Set-Cookie",
        "Proxy-Authorization",
        "jwt",
        "csrf-token",
        "X-XSRF-TOKEN",
        "otp",
        "license_key",
    ] {
        let shown = |text: String| Redaction::default().excerpt(&text, 200);
        assert_eq!(
            shown(format!(r#"[{{"{name}": ["s3cret"] , "n":1}}]"#)),
            format!(r#"[{{"{name}": "***" , "n":1}}]"#)
        );
        assert_eq!(
            shown(format!(r#"it says {{"{name}":"s3cret"}}, so"#)),
            format!(r#"it says {{"{name}":"***"}}, so"#)
        );
        assert_eq!(shown(format!("no {name}=s3cret")), format!("no {name}=***"));
    }
    for name in ["tokens", "opinion", "author", "keys", "sessions", "passes", "inside"] {
        let text = format!(r#"{{"{name}":1}}"#);
        assert_eq!(Redaction::default().excerpt(&text, 200), text);
    }
}

#[test]
fn excerpts_hide_parameters_and_headers() {
    for (text, shown) in [
        ("GET /a?token=s3cret&user=ada failed", "GET /a?token=***&user=ada failed"),
        ("GET /a?x=1&access_token=s3%26cret#f", "GET /a?x=1&access_token=***"),
        ("to=https%3A%2F%2Fh%2F%3Ftoken%3Ds3cret%26a", "to=https%3A%2F%2Fh%2F%3Ftoken%3D***"),
        ("password=s3cret and more", "password=*** and more"),
        ("password: s3cret, user: ada", "password: *** user: ada"),
        ("password='s3 cret' user='ada'", "password='***' user='ada'"),
        ("user[password]=s3cret&a=1", "user[password]=***&a=1"),
        ("{'api_key': 's3cret', 'a': 1}", "{'api_key': '***', 'a': 1}"),
        (r#""secret" => "s3cret", "a" => 1"#, r#""secret" => "***", "a" => 1"#),
        ("Authorization: Bearer s3cret more\nHost: h", r"Authorization: ***\nHost: h"),
        ("cookie: a=s3cret; b=\"s3cret\"; c=s3cret\r\nHost: h", r"cookie: ***\r\nHost: h"),
        (r#"{"m":"bad Authorization: Basic s3cret\nHost: h"}"#, r#"{"m":"bad Authorization: ***\nHost: h"}"#),
        ("x-auth: Bearer s3cret", "x-auth: ***"),
        ("API key: s3cret", "API key: ***"),
        ("session ID is unknown, the token is not", "session ID is unknown, the token is not"),
        ("statuswire::session::Error in token", "statuswire::session::Error in token"),
        ("no password: \n", r"no password: \n"),
    ] {
        assert_eq!(Redaction::default().excerpt(text, 200), shown, "{text}");
    }
}

#[test]
fn ordinary_words_after_a_colon_are_shown() {
    for text in [
        "auth: failed",
        "session: expired",
        "session: EXPIRED, log in again",
        "authorization: the header is missing; send it as 'Bearer'",
        "cookie: none was sent, so the session ended",
        "Set-Cookie: missing",
        "invalid token: unexpected end of file",
        "invalid token: token expired",
        "password: must be at least 8 characters",
        "password: (empty)",
        "password: \"\"",
        "OAuth: server unreachable",
        "auth: can't connect",
        "auth: basic authentication is disabled",
        "auth: session: expired",
        "expected token: ')'",
        "unexpected token: '=>', expected token: \";\".",
        "keys[\"session:17\"]: expected a string",
        r#"{"m":"auth: failed","n":["invalid token: unexpected \"end\""]}"#,
        r#"{"m":"{\"e\":\"expected token: \\\")\\\"\"}"}"#,
    ] {
        assert_eq!(Redaction::default().excerpt(text, 200), text);
    }
    for (text, shown) in [
        ("password: hunter2", "password: ***"),
        ("password: huNter", "password: ***"),
        ("password: hun-ter and", "password: *** and"),
        ("password: correcthorsebattery", "password: ***"),
        ("password: \"hunter\" and", "password: \"***\" and"),
        ("password: ') hunter' and", "password: '***' and"),
        ("password:hunter", "password:***"),
        ("session: {a: hunter}", "session: ***"),
        ("session:{\"a\":\"hunter\"}", "session:***"),
        ("'password': 'hunter'", "'password': '***'"),
        ("\"password\": hunter", "\"password\": \"***\""),
        ("password=hunter", "password=***"),
        ("cookie: a=1; b=hunter", "cookie: ***"),
        ("it sent Cookie: a=1; b=hunter", "it sent Cookie: ***"),
        ("Authorization: Bearer hunter", "Authorization: ***"),
        ("Authorization: Hawk id=\"hunter\", mac=\"hunter\"", "Authorization: ***"),
        ("x-auth: basic aHVudGVy and more", "x-auth: ***"),
        ("auth: session: hunter2", "auth: session: ***"),
        ("token: hunter%20two", "token: ***"),
        (r"token: \u0068unter\u0032", "token: ***"),
    ] {
        assert_eq!(Redaction::default().excerpt(text, 200), shown, "{text}");
    }
}

#[test]
fn texts_are_hidden_in_every_spelling() {
    let redaction = Redaction::default().hide("s3/cr\u{e9}t\"");
    for text in [
        "s3/cr\u{e9}t\"",
        r#"s3\/cr\u00e9t\""#,
        r"s3\u002Fcr\u00E9t\u0022",
        r"\u00733\u002fcrét\\\u0022",
        "s3%2Fcr%C3%A9t%22",
        "s3%2fcr%c3%a9t%22",
        r#"\\\\s3/cr\\u00e9t\\\""#,
    ] {
        assert_eq!(redaction.excerpt(&format!("<{text}> {text}!"), 200), "<***> ***!", "{text}");
    }
}

#[test]
fn texts_that_overlap_are_all_hidden() {
    let redaction = Redaction::default().hide("abcdef").hide("defghi").hide("cde").hide("defg");
    assert_eq!(redaction.excerpt("1 abcdefghi 2 xdefgx 3 abcdefg", 200), "1 *** 2 x***x 3 ***");
    assert_eq!(redaction.excerpt("token=abc defghi", 200), "token=*** ***");
    let redaction = Redaction::default().hide("abc def");
    assert_eq!(redaction.excerpt("token=abc def ghi", 200), "token=*** ghi");
}

#[test]
fn short_texts_are_hidden_as_words_only() {
    let redaction = Redaction::default().hide("e").hide("12").hide("null").hide("true-ish");
    let text = r#"{"e":"the e here","n":[12,123,"12",null,-12],"m":"e"}"#;
    let shown = r#"{"***":"the *** here","n":["***",123,"***","***","***"],"m":"***"}"#;
    assert_eq!(redaction.excerpt(text, 200), shown);
    let redaction = redaction.hide(":").hide("\":").hide(",\"").hide("[");
    assert_eq!(redaction.excerpt(text, 200), shown);
    assert_eq!(redaction.mask("rate limited, 300 seconds left"), "rate limited, 300 seconds left");
}

#[test]
fn json_remains_json() {
    let redaction = Redaction::default().hide("1234").hide("abcd\\").hide("false");
    for text in [
        r#"{"a":9123499,"b":[1234e5,-1234,true,false],"c":"x1234x"}"#,
        r#"{"a":"abcd\\","b":"abcd\\\\","token":{"x":[1,"]"]},"cookie":null,"pwd":"","auth":-1}"#,
        r#"{"a":"password='b","c":"token: ","d":"Authorization:","e":"{\"token\":","f":"session={","g":1}"#,
    ] {
        let masked = redaction.mask(text);
        let value: serde_json::Value = serde_json::from_str(&masked).expect(&masked);
        assert_eq!(value["b"].is_array(), text.contains("\"b\":["), "{masked}");
        assert!(!masked.contains("1234") && !masked.contains("abcd"), "{masked}");
    }
}

#[test]
fn texts_that_are_cut_are_hidden() {
    let redaction = Redaction::default().hide("p\u{e4}ss/w\u{f6}rd-1");
    for cut in ["p\u{e4}ss", "p\u{e4}ss/w", "p\u{e4}ss\\/w\\u00", "p\u{e4}ss%2", "p\u{e4}ss/w\u{f6}rd-"] {
        for end in ["", "...", "\u{2026}", "\"", "\"}", "...\"}]"] {
            let shown = redaction.excerpt(&format!("it is {cut}{end}"), 200);
            assert!(shown.starts_with("it is ***"), "{cut}{end}: {shown}");
        }
    }
    let bytes = "it is p\u{e4}ss/w\u{f6}".as_bytes();
    assert_eq!(redaction.excerpt_bytes(&bytes[..bytes.len() - 1], 200), "it is ***");
    // The excerpt is cut after secrets were hidden.
    assert_eq!(redaction.excerpt("it is p\u{e4}ss/w\u{f6}rd-1", 10), "it is ***");
    assert_eq!(redaction.excerpt("it is p\u{e4}ss/w\u{f6}rd-1!", 8), "it is \u{2026} (20 bytes in all)");
    assert_eq!(redaction.excerpt("it is p\u{e4}s", 200), "it is p\u{e4}s");
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
    fn backslashes_in_a_hidden_value_do_not_hide_what_follows(value in "[\\\\u0-9a\"]{0,12}", depth in 0_usize..4) {
        let (mut text, mut end) = (json!({ "password": [value], "z": 2 }).to_string(), r#""z":2}"#.to_owned());
        for _ in 0..depth {
            text = json!({ "m": text }).to_string();
            let quoted = json!(end).to_string();
            end = format!("{}\"}}", &quoted[1..quoted.len() - 1]);
        }
        // An escape that may be a quote hides the rest of its string.
        prop_assume!(!value.contains("\\u00"));
        let masked = Redaction::default().mask(&text);
        prop_assert!(masked.ends_with(&end), "{} of {}", masked, text);
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
