//! What an error answer becomes.

use super::{client, options};
use crate::support::within;
use statuswire::codes::nemesis::ErrorCode;
use statuswire::codes::{Kind, Recovery};
use statuswire::error::Detail;
use statuswire::http::{Builder, Request, Response, Service};
use statuswire::reexport::http::StatusCode;
use statuswire::{Cause, Delivery, Error};
use statuswire_sandbox::http::{Routes, Server, json, text};
use statuswire_sandbox::reexport::bytes::Bytes;
use statuswire_sandbox::reexport::http::Response as Answer;
use statuswire_sandbox::reexport::serde_json::json as value;
use std::time::Duration;

/// A service with numbers in the member `code`.
struct Coded;

impl Service for Coded {
    fn service(&self) -> &'static str {
        "coded"
    }

    fn refused(&self, response: &Response, mut error: Error) -> Error {
        let code = |detail: &Detail| Some(ErrorCode::from_value(detail.label.as_deref()?.parse().ok()?));
        let codes: Vec<_> = error.details().iter().map(code).collect();
        let whole = if codes.len() > 1 { Some(ErrorCode::Bounds) } else { codes.first().copied().flatten() };
        if let Some(failure) = error.http_failure_mut() {
            for (detail, code) in failure.details.iter_mut().zip(codes) {
                detail.code = code.map(Into::into);
            }
        }
        assert!(!response.status().is_success());
        match whole {
            Some(code) => error.with_code(code),
            None => error,
        }
    }

    fn failed(&self, error: Error) -> Error {
        error.with_code(ErrorCode::LoadError)
    }
}

#[tokio::test]
async fn every_shape_of_an_error_body_is_read() {
    for (body, text, field) in [
        (value!({ "title": "Bad", "detail": "No name." }), "No name.", None),
        (
            value!({ "errors": [{ "detail": "is null", "source": { "pointer": "/data/attributes/title" } }] }),
            "is null",
            Some("title"),
        ),
        (value!({ "message": "No such note." }), "No such note.", None),
        (value!({ "code": 101, "error": "Object not found." }), "Object not found.", None),
    ] {
        let server = Server::start(Routes::new(()).reply("/x", json(StatusCode::CONFLICT, &body))).await.unwrap();
        let error = within(client(&server.url()).send(Request::get("x"))).await.unwrap_err();
        let detail = &error.details()[0];
        assert_eq!((detail.text.as_str(), detail.field.as_deref()), (text, field), "{body}");
        assert!(error.to_string().contains(text), "{error}");
        let failure = error.http_failure().unwrap();
        assert_eq!(
            (failure.status, failure.headers["content-type"].to_str().unwrap()),
            (StatusCode::CONFLICT, "application/json")
        );
        assert_eq!((error.kind(), error.delivery()), (Kind::Aborted, Delivery::Answered));
    }
    let server = Server::start(Routes::new(()).reply("/x", text(StatusCode::BAD_GATEWAY, "down"))).await.unwrap();
    let error = within(client(&server.url()).send(Request::post("x"))).await.unwrap_err();
    assert_eq!((error.details()[0].text.as_str(), error.kind()), ("down", Kind::Unavailable));
    let page = Answer::builder().status(500).header("content-type", "text/html").body("<h1>Oops".into()).unwrap();
    let server = Server::start(Routes::new(()).reply("/x", page)).await.unwrap();
    let error = within(client(&server.url()).send(Request::get("x"))).await.unwrap_err();
    assert!(error.details().is_empty() && error.to_string().contains("<h1>Oops"), "{error}");
}

#[tokio::test]
async fn a_service_adds_its_codes_and_several_failures_have_children() {
    let both = value!({ "errors": [
        { "detail": "is empty", "code": 2, "source": { "pointer": "/data/attributes/name" } },
        { "detail": "is too long", "code": 3, "source": { "pointer": "/data/attributes/mail" } },
    ] });
    let limited = Answer::builder()
        .status(422)
        .header("retry-after", "7")
        .header("allow", "GET, POST")
        .header("set-cookie", "a=s3cret")
        .body(Bytes::from(both.to_string()))
        .unwrap();
    let one = json(StatusCode::NOT_FOUND, &value!({ "code": 2, "error": "gone" }));
    let server = Server::start(Routes::new(()).reply("/both", limited).reply("/one", one)).await.unwrap();
    let client = Builder::new(server.url(), Coded).options(options()).build().unwrap();

    let error = within(client.send(Request::get("one"))).await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::from_value(2)));
    assert_eq!(error.kind(), ErrorCode::from_value(2).kind());
    assert_eq!(error.context().service, "coded");

    let error = within(client.send(Request::post("both"))).await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::Bounds));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    let failure = error.http_failure().unwrap();
    assert_eq!(failure.headers["allow"], "GET, POST");
    assert!(!failure.headers.contains_key("set-cookie"));
    let texts: Vec<_> = error.details_of("mail").map(|detail| detail.text.as_str()).collect();
    assert_eq!(texts, ["is too long"]);
    let children = error.children();
    let codes: Vec<_> = children.iter().map(|child| child.code_as()).collect();
    assert_eq!(codes, [Some(ErrorCode::from_value(2)), Some(ErrorCode::from_value(3))]);
    for child in &children {
        assert_eq!((child.retry_after(), child.details().len()), (Some(Duration::from_secs(7)), 1));
        assert_eq!(child.http_failure().unwrap().status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(&*child.context().command, "POST /both");
    }
    assert!(error.to_string().contains("name: is empty\" and 1 more"), "{error}");
}

#[tokio::test]
async fn a_service_gives_codes_to_failures_without_an_answer() {
    let server = Server::start(Routes::new(()).reply("/text", text(StatusCode::OK, "x"))).await.unwrap();
    let client = Builder::new(server.url(), Coded).options(options()).build().unwrap();
    let undecodable = within(client.json::<u8>(Request::get("text"))).await.unwrap_err();
    server.kill().await;
    let lost = within(client.send(Request::get("text"))).await.unwrap_err();
    assert!(matches!(undecodable.cause(), Cause::Decode(_)) && matches!(lost.cause(), Cause::Transport(_)));
    for error in [undecodable, lost] {
        assert_eq!(error.code_as(), Some(ErrorCode::LoadError));
        assert_eq!(error.recovery(), ErrorCode::LoadError.recovery());
    }
    // What the caller did wrong is not the service's.
    let error = within(client.send(Request::get("../x"))).await.unwrap_err();
    assert_eq!((error.code(), error.recovery()), (None, Recovery::Correct));
}
