//! What a peer sends gets into errors only in part, and is stored once for all errors that one failure makes.

use crate::alone;
use crate::services::{blazeauth, nemesis};
use crate::support::*;
use crate::usage::{KIB, MIB, Usage};
use futures_util::future::join_all;
use statuswire::Error;
use statuswire::blazeauth::ErrorCode as BlazeAuthCode;
use statuswire::error::{Cause, DecodeFailure, Delivery, HttpFailure, ProtocolViolation, ServerStatus};
use statuswire::nemesis::ErrorCode as NemesisCode;
use statuswire::policy::Limits;
use statuswire::rpc::{CallOptions, Matching};
use std::collections::HashMap;

/// The payload of a message just below the default limit of 16 MiB.
const LARGE: usize = 15 * MIB;

/// Of what takes long to decode.
const MEDIUM: usize = 3 * MIB;

/// What reading a message allocates: the buffer doubles until the message is complete, and the message lies in it.
const fn reading(message: usize) -> usize {
    2 * message + MIB
}

fn text(payload: String) -> Vec<u8> {
    frame(0x81, payload.as_bytes())
}

/// All that an error shows is short.
#[track_caller]
fn assert_short(error: &Error) {
    for shown in [error.to_string(), format!("{error:?}"), format!("{error:#?}"), format!("{:?}", error.to_problem())] {
        assert!(shown.len() < 16 * KIB, "{} bytes", shown.len());
    }
}

/// Runs 64 commands whose connection ends with this message; their errors may keep 64 KiB together.
async fn ends_64_commands(payload: String, allocated: usize) -> Vec<Error> {
    let (server, client) = nemesis(64, vec![text(payload)]).await;
    let usage = Usage::start();
    let kv = client.kv();
    let results = within(join_all((0..64).map(|_| kv.count()))).await;
    let errors: Vec<_> = results.into_iter().map(Result::unwrap_err).collect();
    usage.assert_allocated(allocated + MIB);
    until(|| server.connections() == 2).await;
    usage.assert_live(64 * KIB + 128 * KIB);
    errors.iter().for_each(assert_short);
    errors
}

#[tokio::test]
async fn a_long_name_is_not_copied_into_the_errors_of_64_commands() {
    let _alone = alone().await;
    let errors = ends_64_commands(format!(r#"{{"{}":{{"st":1}}}}"#, "x".repeat(LARGE)), reading(LARGE)).await;
    for error in errors {
        let Cause::Protocol(violation) = error.cause() else { panic!("{error:?}") };
        assert!(
            violation.0.contains("instead of a reply to") && violation.0.contains("KV_COUNT_RSP"),
            "{}",
            violation.0
        );
    }
    // With escapes the name is decoded: a string that grows, and the key made of it.
    ends_64_commands(format!(r#"{{"{}":{{"st":1}}}}"#, r#"\""#.repeat(LARGE / 2)), reading(LARGE) + 2 * LARGE).await;
}

#[tokio::test]
async fn a_long_text_where_an_object_is_due_is_not_quoted() {
    let _alone = alone().await;
    // The error of serde_json quotes it, and is dropped: a string that grows, and the error made of it.
    let errors = ends_64_commands(format!("{:?}", "x".repeat(LARGE)), reading(LARGE) + 4 * LARGE).await;
    let undecodable = errors.iter().filter(|error| matches!(error.cause(), Cause::Decode(_))).count();
    assert_eq!(undecodable, 1);
    assert!(errors.iter().all(|error| error.to_string().contains("not an object with a reply in it")));
}

#[tokio::test]
async fn a_long_text_where_a_number_is_due_is_quoted_once() {
    let _alone = alone().await;
    let reply = |value: String| text(format!(r#"{{"KV_COUNT_RSP":{{"cnt":{value},"st":1}}}}"#));
    let nested = format!(r#"{{"{}":1}}"#, "x".repeat(LARGE));
    for value in [format!("{:?}", "x".repeat(LARGE)), nested] {
        let (_server, client) = nemesis(1, vec![reply(value)]).await;
        let usage = Usage::start();
        let error = within(client.kv().count()).await.unwrap_err();
        // Decoded twice, the second time to find the path; each time the error quotes it.
        usage.assert_allocated(reading(LARGE) + 2 * 4 * LARGE);
        usage.assert_live(64 * KIB + 128 * KIB);
        let Cause::Decode(failure) = error.cause() else { panic!("{error:?}") };
        assert_eq!(failure.path, "$.KV_COUNT_RSP.cnt");
        assert!(failure.reason.starts_with("invalid type: "), "{}", failure.reason);
        assert_short(&error);
    }
}

#[tokio::test]
async fn a_long_name_in_the_path_is_cut() {
    let _alone = alone().await;
    let name = "\"".repeat(4).replace('"', "\\\"") + &"x".repeat(MEDIUM);
    let payload = format!(r#"{{"KV_GET_RSP":{{"keys":{{"a":{{"{name}":"no number"}}}},"st":1}}}}"#);
    let (_server, client) = nemesis(1, vec![text(payload)]).await;
    let usage = Usage::start();
    let error = within(client.kv().get::<HashMap<String, u8>>("a")).await.unwrap_err();
    usage.assert_allocated(reading(MEDIUM) + 8 * MEDIUM);
    usage.assert_live(64 * KIB + 128 * KIB);
    let Cause::Decode(failure) = error.cause() else { panic!("{error:?}") };
    assert!(failure.path.starts_with(r#"$.KV_GET_RSP.keys["a"]["\"\"\"\"xxx"#) && failure.path.len() < KIB);
    assert_short(&error);
}

/// Objects within objects, side by side: as values they take a hundred times this.
fn nested(bytes: usize) -> String {
    let one = r#"{"a":{"a":{}}},"#;
    format!("[{}0]", one.repeat(bytes / one.len()))
}

/// As many members as fit.
fn members(bytes: usize) -> String {
    r#""":0,"#.repeat(bytes / 5)
}

#[tokio::test]
async fn the_body_of_a_nemesis_refusal_stays_text() {
    let _alone = alone().await;
    for rest in [format!(r#""x":{},"#, nested(MEDIUM)), members(MEDIUM)] {
        let payload = format!(r#"{{"KV_COUNT_RSP":{{{rest}"st":22}}}}"#);
        let (_server, client) = nemesis(1, vec![text(payload)]).await;
        let usage = Usage::start();
        let error = within(client.kv().count()).await.unwrap_err();
        // The error keeps the text.
        usage.assert_allocated(reading(MEDIUM) + MEDIUM + MIB);
        usage.assert_live(MEDIUM + MIB);
        assert_eq!(error.code_as(), Some(NemesisCode::NotExist));
        let Cause::Status(status) = error.cause() else { panic!("{error:?}") };
        assert_eq!(status.body.as_ref().map(|body| body.len()), Some(rest.len() + r#"{"st":22}"#.len()));
        assert_short(&error);
        // A copy for another call shares it.
        let _copies: Vec<_> = (0..64).map(|_| error.clone_with_delivery(Delivery::MaybeSent)).collect();
        usage.assert_live(MEDIUM + MIB);
    }
}

#[tokio::test]
async fn the_body_of_a_blazeauth_refusal_stays_text() {
    let _alone = alone().await;
    for rest in [format!(r#""x":{},"#, nested(MEDIUM)), members(MEDIUM)] {
        let payload = format!(r#"{{{rest}"retry_after":7,"value":"hidden","status":9,"id":2}}"#);
        let (_server, client) = blazeauth(vec![text(payload)], Limits::default()).await;
        let usage = Usage::start();
        let error = within(client.variable("motd")).await.unwrap_err();
        // It is copied to mask secrets, once for each of them, and once more to hide members.
        usage.assert_allocated(reading(MEDIUM) + 8 * MEDIUM);
        usage.assert_live(MEDIUM + MIB);
        assert!(
            error.code_as::<BlazeAuthCode>().is_some() && error.retry_after().is_some_and(|wait| wait.as_secs() == 7)
        );
        let Cause::Status(status) = error.cause() else { panic!("{error:?}") };
        let body = status.body.as_deref().unwrap();
        assert!(body.len() > MEDIUM - 16 && body.ends_with(r#""retry_after":7,"value":"***","status":9,"id":2}"#));
        assert_short(&error);
    }
}

#[tokio::test]
async fn blazeauth_keeps_little_of_what_it_cannot_decode() {
    let _alone = alone().await;
    let long = "x".repeat(MEDIUM);
    for (payload, due) in [
        (format!(r#"{{"id":2,"status":1,"content":{{"{long}":1}}}}"#), "expected a string"),
        (format!(r#"{{"id":2,"status":1,"online_users_count":"{long}"}}"#), "expected u64"),
    ] {
        let (_server, client) = blazeauth(vec![text(payload)], Limits::default()).await;
        let usage = Usage::start();
        let error = match due {
            "expected u64" => within(client.online_users()).await.unwrap_err(),
            _ => within(client.variable("motd")).await.unwrap_err(),
        };
        usage.assert_allocated(reading(MEDIUM) + 2 * 4 * MEDIUM);
        usage.assert_live(64 * KIB + 128 * KIB);
        let Cause::Decode(failure) = error.cause() else { panic!("{error:?}") };
        assert!(failure.reason.starts_with(due), "{}", failure.reason);
        assert_short(&error);
    }
}

/// What other people's clients put into errors is shown in part only, and shared by copies.
#[tokio::test]
async fn errors_of_any_client_are_short() {
    let _alone = alone().await;
    let long = "x".repeat(LARGE);
    let status = ServerStatus::new().with_message(long.as_str()).with_body(format!("{long:?}"));
    let errors = [
        Cause::Status(Box::new(status)),
        Cause::Http(Box::new(HttpFailure::new(http::StatusCode::BAD_GATEWAY, long.as_str()))),
        Cause::Protocol(ProtocolViolation(long.as_str().into())),
        Cause::Decode(Box::new(DecodeFailure::new("", "", long.as_str()))),
        Cause::transport(std::io::Error::other(long.clone())),
    ]
    .map(|cause| Error::new(cause, Delivery::Answered));
    errors.iter().for_each(assert_short);
    let usage = Usage::start();
    let _copies: Vec<_> = (0..64).flat_map(|_| errors.clone()).collect();
    // 64 times two excerpts of 16 KiB.
    usage.assert_allocated(3 * MIB);

    let usage = Usage::start();
    let _violation = ProtocolViolation::new(format_args!("a reply {long:?} arrived"));
    let _failure = DecodeFailure::new(format_args!("$.{long}"), &long, "");
    usage.assert_allocated(16 * KIB);
}

/// A protocol's key of any length, and a reply to no command.
#[tokio::test]
async fn a_long_key_of_another_protocol_is_cut() {
    let _alone = alone().await;
    let reply = frame(0x81, format!("{}.answer", "\u{7f}".repeat(LARGE)).as_bytes());
    let server = Server::start(move |mut socket, _| {
        let reply = reply.clone();
        async move {
            receive(&mut socket).await;
            send_raw(&mut socket, &reply).await;
            while receive(&mut socket).await.is_some() {}
        }
    })
    .await;
    let client = builder(&server.url, Lines::new(Matching::InOrder)).connect().await.unwrap();
    let usage = Usage::start();
    let error = within(client.call_with(command("A", ""), &CallOptions::default(), Ok)).await.unwrap_err();
    // The protocol copies the key; the server its frame.
    usage.assert_allocated(reading(LARGE) + 2 * LARGE + MIB);
    assert!(error.to_string().contains("instead of a reply to"), "{error}");
    assert_short(&error);
}
