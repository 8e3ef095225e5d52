//! Display: one line, held to a golden file, without the text of the source.

use statuswire::error::{
    CloseFrame, Context, DecodeFailure, HttpFailure, InvalidRequest, Overflow, Phase, ProtocolViolation, ServerStatus,
};
use statuswire::{Cause, Delivery, Error};
use std::error::Error as _;
use std::io;
use std::sync::Arc;
use std::time::Duration;

fn in_context(cause: Cause, delivery: Delivery) -> Error {
    let context = Context::new("nemesis").with_endpoint("ws://ada:pw@127.0.0.1:1987/").with_command("KV_SET");
    Error::new(cause, delivery).with_context(context)
}

fn http(status: u16, excerpt: &str) -> Cause {
    Cause::Http(Box::new(HttpFailure::new(http::StatusCode::from_u16(status).unwrap(), excerpt)))
}

fn io_error() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, "Connection reset by peer")
}

/// One of every cause.
fn all() -> Vec<Error> {
    use Delivery::{Answered, MaybeSent, NotSent};
    let status = ServerStatus::new().with_message("no such thing.");
    let unreadable = DecodeFailure::new("$.keys.a", "expected a number, found a string", r#"{"keys":{"a":"x"}}"#);
    vec![
        in_context(Cause::Status(Box::new(status)), Answered),
        in_context(Cause::Closed(CloseFrame::new(1013, "busy")), MaybeSent),
        in_context(Cause::Closed(CloseFrame::new(4321, "")), NotSent),
        in_context(http(429, "slow down"), NotSent).with_retry_after(Duration::from_millis(36_001)),
        in_context(http(404, ""), Answered),
        in_context(Cause::transport(io_error()), MaybeSent),
        in_context(Cause::Timeout(Phase::Connect), NotSent).with_source(Arc::new(io_error())),
        in_context(Cause::Timeout(Phase::Handshake), NotSent),
        in_context(Cause::Timeout(Phase::Queue), NotSent),
        in_context(Cause::Timeout(Phase::Reply), MaybeSent),
        in_context(Cause::Timeout(Phase::Idle), MaybeSent),
        in_context(Cause::Timeout(Phase::Runtime), MaybeSent),
        in_context(Cause::Decode(Box::new(unreadable)), Answered),
        in_context(Cause::Protocol(ProtocolViolation("a reply that no command waits for".into())), MaybeSent),
        in_context(
            Cause::InvalidRequest(InvalidRequest("the value at $.a is NaN, which JSON cannot hold".into())),
            NotSent,
        ),
        in_context(Cause::Overflow(Overflow::new(1024)), MaybeSent),
        in_context(Cause::Shutdown, NotSent),
    ]
}

#[test]
fn every_cause_has_its_line() {
    let lines: Vec<String> = all().iter().map(Error::to_string).collect();
    let golden = include_str!("../golden/error_display.txt");
    assert_eq!(lines.join("\n") + "\n", golden);
}

#[test]
fn a_command_that_left_before_could_not_be_sent_again() {
    let lines = [Delivery::NotSent, Delivery::MaybeSent].map(|delivery| {
        let error = Error::new(Cause::Timeout(Phase::Queue), delivery).to_string();
        error.split(';').next().unwrap().to_owned()
    });
    assert_eq!(lines, ["the command could not be sent in time", "the command could not be sent again in time"]);
}

#[test]
fn a_source_is_told_once() {
    let mut with_source = 0;
    for error in all() {
        if let Some(source) = error.source() {
            with_source += 1;
            assert!(!error.to_string().contains(&source.to_string()), "{error}");
        }
    }
    assert_eq!(with_source, 2);
}

#[test]
fn the_chain_leads_to_the_first_reason() {
    let error = Error::new(Cause::transport(io_error()), Delivery::NotSent);
    let source = error.source().and_then(|source| source.downcast_ref::<io::Error>()).expect("the io error");
    assert_eq!(source.kind(), io::ErrorKind::ConnectionReset);
    assert!(Error::invalid_request("x").source().is_none());
    // The cause's own source wins over an additional one.
    let both = error.with_source(Arc::new(io::Error::other("another")));
    assert_eq!(both.source().unwrap().to_string(), "Connection reset by peer");
}

#[test]
fn what_is_not_known_is_left_out() {
    assert_eq!(Error::invalid_request("x").to_string(), "invalid request: x; correct the request (not sent)");
    let mut error = Error::invalid_request("x");
    *error.context_mut() = Context::new("nemesis");
    assert_eq!(error.to_string(), "nemesis: invalid request: x; correct the request (not sent)");
    *error.context_mut() = Context::default().with_command("KV_GET");
    assert_eq!(error.to_string(), "KV_GET: invalid request: x; correct the request (not sent)");
    let status = Error::new(Cause::Status(Box::default()), Delivery::Answered);
    assert_eq!(status.to_string(), "the server answered with an error; ask the operator of the service (answered)");
}

#[test]
fn foreign_text_cannot_break_the_line() {
    let nasty = "one\ntwo\r\u{1b}[31m\u{202e}three";
    let status = ServerStatus::new().with_message(nasty);
    for cause in [
        Cause::Status(Box::new(status)),
        Cause::Closed(CloseFrame::new(1011, nasty)),
        http(500, nasty),
        Cause::Protocol(ProtocolViolation(nasty.into())),
        Cause::InvalidRequest(InvalidRequest(nasty.into())),
        Cause::Decode(Box::new(DecodeFailure::new(nasty, nasty, nasty))),
    ] {
        let line = Error::new(cause, Delivery::Answered).to_string();
        assert!(line.contains(r"one\ntwo\r\u{1b}[31m\u{202e}three"), "{line}");
        assert!(!line.contains(|c: char| c.is_control() || c == '\u{202e}'), "{line:?}");
    }
}

#[test]
fn foreign_text_cannot_flood_the_line() {
    let flood = "ä".repeat(1_000_000);
    let error = Error::new(Cause::Closed(CloseFrame::new(1011, flood.as_str())), Delivery::MaybeSent);
    assert!(error.to_string().chars().count() < 400);
    assert!(error.to_string().contains("… (2000000 bytes in all)"));
}

#[test]
fn the_shortest_wait_is_told_in_whole_seconds() {
    let line = |wait| Error::new(http(503, ""), Delivery::NotSent).with_retry_after(wait).to_string();
    assert!(line(Duration::ZERO).contains("try again in 0 s"));
    assert!(line(Duration::from_nanos(1)).contains("try again in 1 s"));
    assert!(line(Duration::MAX).contains("try again in 18446744073709551615 s"));
}

#[test]
fn the_alternate_form_adds_what_the_tables_say() {
    use statuswire::codes::{edgware, nemesis};
    for error in all() {
        assert!(format!("{error:#}").starts_with(&error.to_string()));
    }
    let error = Error::status(nemesis::ErrorCode::NotExist, ServerStatus::new());
    let explained = format!("{error:#}");
    let (line, rest) = explained.split_once('\n').unwrap();
    assert_eq!(line, error.to_string());
    assert!(rest.starts_with("nemesis 22 NotExist (Containers and values)\n"), "{rest}");
    assert!(rest.contains("kind NOT_FOUND, outcome error, recovery correct"), "{rest}");
    let code: edgware::ErrorCode = "2030d".parse().unwrap();
    let explained = format!("{:#}", Error::status(code, ServerStatus::new()));
    assert!(explained.starts_with("Action Deregister User (2030d); correct the request (answered)\n"), "{explained}");
    let closed = format!("{:#}", in_context(Cause::Closed(CloseFrame::new(1013, "busy")), Delivery::MaybeSent));
    assert!(closed.contains("\nwebsocket-close 1013 Try Again Later (Protocol)\n"), "{closed}");
    let refused = in_context(Cause::InvalidRequest(InvalidRequest("no".into())), Delivery::NotSent);
    assert_eq!(format!("{refused:#}"), refused.to_string(), "no code, nothing to explain");
}
