//! Problem documents (RFC 9457).

use serde_json::json;
use statuswire::error::{Context, HttpFailure, Problem};
use statuswire::{Cause, Delivery, Error};
use std::time::Duration;

#[test]
fn without_a_code() {
    let failure = HttpFailure::new(http::StatusCode::TOO_MANY_REQUESTS, "slow down");
    let error = Error::new(Cause::Http(Box::new(failure)), Delivery::NotSent)
        .with_retry_after(Duration::from_millis(1500))
        .with_context(Context::new("nemesis").with_endpoint("wss://internal.example/").with_command("KV_SET"));
    let expected = json!({
        "type": "about:blank",
        "title": "Too Many Requests",
        "status": 429,
        "detail": "the server answered HTTP 429 Too Many Requests, saying \"slow down\"",
        "kind": "RESOURCE_EXHAUSTED",
        "delivery": "not_sent",
        "retry_after": 2,
    });
    assert_eq!(serde_json::to_value(error.to_problem()).unwrap(), expected);
}

#[test]
fn type_and_instance_can_be_given() {
    let problem =
        Error::invalid_request("x").to_problem().with_type_base("https://errors.example/").with_instance("/log/17");
    let document = serde_json::to_value(&problem).unwrap();
    assert_eq!(document["type"], "https://errors.example/INVALID_ARGUMENT");
    assert_eq!(document["title"], "Bad Request");
    assert_eq!(document["instance"], "/log/17");
}

#[test]
fn statuses_without_a_phrase_have_a_title() {
    let problem = Error::new(Cause::Shutdown, Delivery::NotSent).to_problem();
    assert_eq!((problem.status, problem.title.as_str()), (499, "Error"));
}

#[test]
fn waits_are_rounded_up() {
    let seconds = |wait| Error::invalid_request("x").with_retry_after(wait).to_problem().retry_after;
    assert_eq!(seconds(Duration::ZERO), Some(0));
    assert_eq!(seconds(Duration::from_nanos(1)), Some(1));
    assert_eq!(seconds(Duration::from_secs(2)), Some(2));
    assert_eq!(seconds(Duration::MAX), Some(u64::MAX));
}

#[test]
fn the_media_type_is_registered() {
    assert_eq!(Problem::MEDIA_TYPE, "application/problem+json");
}
