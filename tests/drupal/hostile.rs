//! Sites that lie, stall or flood.

use crate::fake::{self, answer, api, json, site};
use crate::reading::{id, vessel, vessels};
use futures_util::StreamExt;
use serde_json::json;
use statuswire::ConnectOptions;
use statuswire::drupal::{Attributes, Client, Credentials, ErrorCode, Query};
use statuswire::error::Error;
use statuswire::policy::{Limits, Retry, Timeouts};
use statuswire_sandbox::Then;
use statuswire_sandbox::http::Fault;
use statuswire_sandbox::reexport::http::Response;
use std::time::Duration;

const API: &str = "application/vnd.api+json";

fn once() -> ConnectOptions {
    ConnectOptions::default().with_retry(Retry::never())
}

fn client(url: &str) -> Client {
    Client::builder(url).options(once()).build().unwrap()
}

async fn failure(status: u16, media_type: &str, body: &str) -> Error {
    let (body, media_type) = (body.to_owned(), media_type.to_owned());
    let server = site(move |_, _| answer(status, &media_type, body.clone())).await;
    vessels(&client(&server.url())).get(id(1)).await.unwrap_err()
}

#[tokio::test]
async fn what_is_no_document_is_told() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep = format!(r#"{{"data":{{"type":"node--vessel","id":"{}","attributes":{{"title":{deep}}}}}}}"#, id(1));
    let included = r#"{"data":{"type":"node--vessel","id":"x"},"included":[1]}"#;
    for (media_type, body) in [
        ("text/html; charset=UTF-8", "<!DOCTYPE html>"),
        ("application/json", r#"{"data":null}"#),
        (API, ""),
        (API, "{"),
        (API, "null"),
        (API, "[]"),
        (API, r#"{"data":[]}"#),
        (API, r#"{"data":null}"#),
        (API, r#"{"data":{"type":7,"id":"x"}}"#),
        (API, included),
        (API, "\u{feff}{}"),
        (API, &deep),
    ] {
        let error = failure(200, media_type, body).await;
        assert_eq!(error.code_as(), Some(ErrorCode::InvalidJson), "{body:.60}");
        assert!(error.to_string().len() < 1500);
    }
    assert_eq!(failure(204, "", "").await.code_as(), Some(ErrorCode::InvalidJson));
}

#[tokio::test]
async fn errors_of_any_shape_have_a_code() {
    let long = format!(r#"{{"errors":[{{"detail":"{}"}}]}}"#, "x".repeat(200_000));
    for body in
        ["", "{", "null", "[1]", r#"{"errors":7}"#, r#"{"errors":[7,null,{"detail":{}}]}"#, r#"{"message":[]}"#, &long]
    {
        let error = failure(422, API, body).await;
        assert_eq!(error.code_as(), Some(ErrorCode::ValidationError), "{body:.60}");
        assert!(format!("{error} {error:?}").len() < 20_000);
    }
    assert_eq!(failure(418, "", "").await.code_as(), Some(ErrorCode::Undefined));
}

#[tokio::test]
async fn answers_that_break_off_or_have_no_end() {
    let server = site(|_, _| api(200, &json!({"data": vessel(1)}))).await;
    let limits = Limits::default().with_message_in(1 << 16);
    let timeouts = Timeouts::default().with_idle(Duration::from_millis(200)).with_call(Duration::from_secs(20));
    let options = once().with_limits(limits).with_timeouts(timeouts);
    let vessels = vessels(&Client::builder(&server.url()).options(options).build().unwrap());
    for (fault, code) in [
        (Fault::any().cut_body(20, Then::Eof), ErrorCode::ConnectionFailed),
        (Fault::any().cut_body(20, Then::Reset), ErrorCode::ConnectionFailed),
        (Fault::any().cut_head(9, Then::Eof), ErrorCode::ConnectionFailed),
        (Fault::any().cut_body(20, Then::Silence), ErrorCode::Timeout),
        (Fault::any().raw("nonsense\r\n\r\n"), ErrorCode::ConnectionFailed),
        (Fault::any().endless(), ErrorCode::InvalidJson),
        (Fault::any().reply(gzip_bomb()), ErrorCode::InvalidJson),
    ] {
        let described = format!("{fault:?}");
        let handle = server.fault(fault);
        let error = vessels.get(id(1)).await.unwrap_err();
        assert_eq!(error.code_as(), Some(code), "{described}: {error}");
        handle.remove();
    }
}

/// One stored block of zeros after another would be no bomb: this one is 16 MiB of a repeated byte in some 16 KiB.
fn gzip_bomb() -> Response<statuswire_sandbox::reexport::bytes::Bytes> {
    let mut response = answer(200, API, bomb());
    response.headers_mut().insert("content-encoding", "gzip".parse().unwrap());
    response
}

fn bomb() -> Vec<u8> {
    // A deflate block of fixed codes: the literal 0, and then matches of length 258 and distance 1.
    let mut bits = Bits::default();
    bits.push(0b1, 1);
    bits.push(0b01, 2);
    bits.push_code(0b0011_0000, 8);
    for _ in 0..65_536 {
        bits.push_code(0b1100_0101, 8);
        bits.push_code(0, 5);
    }
    bits.push_code(0, 7);
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    bytes.extend(bits.bytes());
    bytes.extend([0; 8]);
    bytes
}

#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    /// Appends a number, its lowest bit first.
    fn push(&mut self, number: u32, bits: u32) {
        self.0.extend((0..bits).map(|bit| number >> bit & 1 == 1));
    }

    /// Appends a code, its highest bit first.
    fn push_code(&mut self, code: u32, bits: u32) {
        self.0.extend((0..bits).rev().map(|bit| code >> bit & 1 == 1));
    }

    fn bytes(&self) -> Vec<u8> {
        self.0.chunks(8).map(|bits| bits.iter().rev().fold(0, |byte, bit| byte << 1 | u8::from(*bit))).collect()
    }
}

/// Neither cookies nor tokens nor passwords follow a redirect to another host.
#[tokio::test]
async fn credentials_do_not_follow_a_redirect() {
    let elsewhere = site(|asked, _| {
        assert_eq!(
            (asked.header("cookie"), asked.header("authorization"), asked.header("x-csrf-token")),
            (None, None, None)
        );
        api(200, &json!({"data": vessel(1)}))
    })
    .await;
    let target = elsewhere.url();
    let server = site(move |asked, _| {
        let mut response = answer(302, "text/html", "");
        response.headers_mut().insert("location", format!("{target}{}", asked.uri()).parse().unwrap());
        response
    })
    .await;
    let client = Client::builder(&server.url()).options(once()).credentials(Credentials::basic("mara", "s3cret"));
    let client = client.build().unwrap();
    // Whether the answer of the other host is taken does not matter here.
    let _ = vessels(&client).get(id(1)).await;
    let _ = client.login("mara", "s3cret").await.unwrap_err();
    assert_eq!(elsewhere.record().received("POST /user/login"), 0);
}

#[tokio::test]
async fn a_session_with_tokens_that_are_no_headers() {
    let server = site(|asked, _| match asked.line() {
        "POST /user/login?_format=json" => {
            let login = json!({"csrf_token": "a\r\nb: c", "logout_token": "&x=\r\n"});
            fake::with_cookie(json(200, &login), "s")
        }
        _ => answer(403, "application/json", "{}"),
    })
    .await;
    let client = client(&server.url());
    client.login("mara", "mara-pass-1").await.unwrap();
    let error = vessels(&client).delete(id(1)).await.unwrap_err();
    assert!(error.is_invalid_request() && !error.to_string().contains("b: c"), "{error}");
    client.logout().await.unwrap_err();
}

#[tokio::test]
async fn a_page_of_many_resources_is_read_once() {
    let data: Vec<_> = (0..5000).map(vessel).collect();
    let server = site(move |_, _| api(200, &json!({"data": data, "links": {"next": {"href": ""}}}))).await;
    let pages: Vec<_> = vessels(&client(&server.url())).pages(&Query::new()).collect().await;
    // The empty link is relative to the site: its answer is not a page that was asked for, or it is a circle.
    assert!(pages.last().unwrap().is_err() && pages.len() <= 3);
    let attributes = client(&server.url()).resources::<Attributes>(&"node--vessel".parse().unwrap());
    assert_eq!(attributes.page(&Query::new()).await.unwrap().data.len(), 5000);
}
