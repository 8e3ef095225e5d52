//! Whatever goes wrong, and whatever a server repeats: no error, no log and no `Debug` text shows a secret.

use crate::service::*;
use crate::setup::Setup;
use crate::support::traced::Traced;
use crate::support::{Server, drain, read_head, within};
use futures_util::SinkExt;
use statuswire::blazeauth::{Client, Credentials, ErrorCode, License, NewAccount, State};
use statuswire::error::{Cause, Error};
use statuswire::policy::{Backoff, Retry, Timeouts};
use statuswire_sandbox::ConnectFault;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use tokio::io::AsyncWriteExt;

/// Each one has this in it.
const CANARY: &str = "cAnArY";
const API_KEY: &str = "BAcAnArY-key\"\\000041x";
const CLIENT_ID: &str = "cAnArY-client";
const LICENCE: &str = "cAnArY-licence";
const OTHER: &str = "cAnArY-other-licence";
const WORD: &str = "cAnArY-password";
const RESUME: &str = "cAnArY-resume";
const VALUE: &str = "cAnArY-value";

/// What the test logs, without what the played server's library tells.
fn log() -> Traced {
    Traced::start_without("tungstenite::")
}

#[track_caller]
fn assert_harmless(text: &str) {
    let line = text.lines().find(|line| line.contains(CANARY));
    assert_eq!(line, None, "a secret shows");
}

/// Everything that a client and its errors may show.
#[track_caller]
fn look_at(client: &Client, error: &Error) {
    assert_harmless(&shown(error));
    assert_harmless(&format!("{client:?} {:?}", *client.state().borrow()));
    if let Cause::Status(status) = error.cause() {
        assert_harmless(&status.body.as_ref().map(ToString::to_string).unwrap_or_default());
    }
    if let State::Waiting { cause, .. } | State::Closed { cause: Some(cause), .. } = &*client.state().borrow() {
        assert_harmless(&shown(cause));
    }
}

fn client(url: &str) -> Setup {
    let soon = Backoff::default().with_base(SECOND / 1000).with_cap(SECOND / 200);
    let builder = Setup::new(url, API_KEY, CLIENT_ID).retry(Retry::never()).backoff(soon).rate_limit(None);
    builder.timeouts(Timeouts::default().with_connect(SECOND))
}

/// What is asked, with all secrets in it; each call may fail as it likes.
async fn ask(client: &Client) -> Vec<Error> {
    let account = Credentials::account("somebody", WORD).activating(OTHER);
    let store = client.store();
    let mut errors = Vec::new();
    errors.extend(client.login_by_license(LICENCE).await.err());
    errors.extend(client.login_by_account(&account).await.err());
    errors.extend(client.create_account(&NewAccount::new("somebody", WORD).license(OTHER)).await.err());
    errors.extend(client.link_license(OTHER).await.err());
    errors.extend(store.set("k", VALUE, None).await.err());
    errors.extend(store.get("k").await.err());
    errors.extend(client.variable("name").await.err());
    errors.extend(client.license().await.err());
    errors
}

/// A server that repeats what it heard so far, in messages of these forms: `ID` stands for the packet's id, `HEARD` for
/// all texts it got but values, as a JSON string, `VALUE` for a value.
async fn repeating(form: &'static str) -> Server {
    let heard = Arc::new(Mutex::new(vec![RESUME.to_owned()]));
    server_with(
        |_| Some(RESUME.to_owned()),
        move |mut peer| {
            let heard = Arc::clone(&heard);
            async move {
                while let Some(packet) = peer.packet().await {
                    let members = packet.members.as_object().unwrap();
                    let texts =
                        members.iter().filter(|(name, _)| *name != "value").filter_map(|(_, text)| text.as_str());
                    let all = {
                        let mut heard = heard.lock().unwrap();
                        heard.extend(texts.map(str::to_owned));
                        heard.sort_unstable();
                        heard.dedup();
                        serde_json::json!(heard.join(" ")).to_string()
                    };
                    let value = serde_json::json!(VALUE).to_string();
                    let text =
                        form.replace("ID", &packet.id.to_string()).replace("HEARD", &all).replace("VALUE", &value);
                    match packet.kind {
                        0 => peer.answer(packet.id, r#""app_name":"","app_version":"","status":1"#).await,
                        _ if form.starts_with("{HEARD") => {
                            let _ = peer.socket.send(Frame::binary(text.into_bytes())).await;
                        }
                        _ => peer.say(text).await,
                    }
                }
            }
        },
    )
    .await
}

#[tokio::test]
async fn answers_that_repeat_secrets() {
    let log = log();
    for form in [
        r#"{"id":ID,"status":6,"message":HEARD,"license":VALUE,"levels":[HEARD],"comment":HEARD}"#,
        r#"{"id":ID,"status":103,"value":VALUE,"content":{"a":VALUE},"detail":[{"b":HEARD}]}"#,
        r#"{"id":ID,"status":HEARD}"#,
        r#"{"id":ID,HEARD:HEARD}"#,
        r#"{"id":ID,"status":1,"content":[VALUE],"value":[VALUE],"license":[VALUE],"levels":HEARD}"#,
        r#"{"id":ID,"status":1,"content":{"c":VALUE},"value":{VALUE:VALUE},"license":true,"comment":HEARD}"#,
    ] {
        let server = repeating(form).await;
        let client = client(&server.url).connect().await.unwrap();
        let errors = within(ask(&client)).await;
        assert!(errors.len() >= 2, "{errors:?}");
        errors.iter().for_each(|error| look_at(&client, error));
    }
    assert_harmless(&log.text());
}

#[tokio::test]
async fn messages_that_cannot_be_understood() {
    let log = log();
    for form in [
        "HEARD",
        r#"HEARD HEARD"#,
        r#"{"id":HEARD}"#,
        r#"{"status":1,"value":VALUE}"#,
        r#"{"id":18446744073709551615,"event_type":1,"content":HEARD,"#,
        r#"{"id":1,"id":HEARD}"#,
    ] {
        let server = repeating(form).await;
        let client = client(&server.url).connect().await.unwrap().with_timeout(SECOND / 50);
        let errors = within(ask(&client)).await;
        assert_eq!(errors.len(), 8);
        errors.iter().for_each(|error| look_at(&client, error));
    }
    // A binary one.
    let server = repeating("{HEARD").await;
    let client = client(&server.url).connect().await.unwrap().with_timeout(SECOND / 50);
    within(ask(&client)).await.iter().for_each(|error| look_at(&client, error));
    assert_harmless(&log.text());
}

/// The words of an error may quote what was wrong: not where that may be a secret. Digits are secrets, too.
#[tokio::test]
async fn numbers_where_texts_are_due() {
    let form = r#"{"id":ID,"status":1,"content":4711471100,"value":4711471100,"license":4711471100,"presigned_url":4711471100}"#;
    let server = repeating(form).await;
    let client = client(&server.url).connect().await.unwrap();
    let mut errors = within(ask(&client)).await;
    errors.push(within(client.download("patch-0007").write_to(&mut Vec::new())).await.unwrap_err());
    assert_eq!(errors.len(), 3);
    for error in errors {
        assert!(error.to_string().contains("expected a string"), "{error}");
        assert!(!shown(&error).contains("47114711"), "{error}");
    }
}

#[tokio::test]
async fn closes_and_what_announces_them() {
    let log = log();
    // As much as a reason has room for.
    for reason in [format!("{LICENCE} {WORD} {RESUME}"), format!("{API_KEY} {CLIENT_ID} {OTHER}"), LICENCE.into()] {
        for code in [1000, 4000, 4100, 4203, 4999] {
            let reason = reason.clone();
            let server = server_with(
                |_| Some(RESUME.to_owned()),
                move |mut peer| {
                    let reason = reason.clone();
                    async move {
                        peer.initialize().await;
                        let first = peer.packet().await;
                        let Some(first) = first else { return };
                        peer.answer(first.id, r#""status":6"#).await;
                        let second = peer.packet().await;
                        let Some(second) = second else { return };
                        peer.answer(second.id, r#""status":6"#).await;
                        let _ = peer.packet().await;
                        peer.say(format!(
                            r#"{{"id":18446744073709551615,"event_type":1,"content":"{LICENCE} {VALUE}"}}"#
                        ))
                        .await;
                        peer.close(code, &reason).await;
                    }
                },
            )
            .await;
            let client = client(&server.url).connect().await.unwrap().with_timeout(SECOND / 20);
            let errors = within(ask(&client)).await;
            assert!(errors.iter().any(|error| matches!(error.cause(), Cause::Closed(_))), "{errors:?}");
            errors.iter().for_each(|error| look_at(&client, error));
        }
    }
    assert_harmless(&log.text());
}

/// What is secret makes no difference to what is understood.
#[tokio::test(start_paused = true)]
async fn secrets_that_are_words_of_the_protocol() {
    for licence in ["e", "seconds", "300", "rate limited, "] {
        let sandbox = sandbox().await;
        let client = builder(&sandbox.url()).retry(Retry::never()).connect().await.unwrap();
        client.login_by_license(licence).await.unwrap_err();
        session(&sandbox).close(4201, "rate limited, 300 seconds left");
        let State::Waiting { cause, .. } = state(&client, |state| matches!(state, State::Waiting { .. })).await else {
            panic!("{licence}")
        };
        assert_eq!(cause.retry_after(), Some(SECOND * 300), "{licence}");
        let Cause::Closed(close) = cause.cause() else { panic!("{cause:?}") };
        assert!(licence.len() == 1 || !close.reason.contains(licence), "{close:?}");
    }
    for secret in ["1234", "null", "7", "retry_after", "e", "status", ":"] {
        let server = server_with(
            |_| None,
            |mut peer| async move {
                peer.initialize().await;
                while let Some(packet) = peer.packet().await {
                    let members = r#""n":[null,51234,7],"a":{"WebSocketApiKey":"x"},"retry_after":7,"status":6"#;
                    peer.answer(packet.id, members).await;
                }
            },
        )
        .await;
        let client = client(&server.url).connect().await.unwrap();
        let error = client.login_by_license(secret).await.unwrap_err();
        assert_eq!(error.retry_after(), Some(SECOND * 7), "{secret}");
        let Cause::Status(status) = error.cause() else { panic!("{error:?}") };
        let body = status.body.as_ref().expect(secret).to_string();
        assert!(body.contains(r#"{"WebSocketApiKey":"***"}"#), "{secret}: {body}");
        assert!(secret != "1234" && secret != "null" || !body.contains(secret), "{secret}: {body}");
    }
}

/// A mistyped licence may be any word or number of the answer, and so may all other secrets.
#[tokio::test]
async fn a_refusal_is_read_before_secrets_are_hidden() {
    const WORDS: [&str; 15] = [
        "e",
        "seconds",
        "staff",
        "comment",
        "levels",
        "time_left",
        "retry_after",
        "1234",
        "12",
        "34",
        "null",
        "true",
        "status",
        "\"",
        "{",
    ];
    for secret in WORDS {
        let server = server_with(
            |_| None,
            |mut peer| async move {
                peer.initialize().await;
                while let Some(packet) = peer.packet().await {
                    let members = r#""levels":["staff","e","null","true"],"comment":"comment 12","ip_address":"seconds","time_left":1234,"retry_after":1234,"status":103"#;
                    peer.answer(packet.id, members).await;
                }
            },
        )
        .await;
        // Two of them are as short as an id may be.
        let id = if secret.len() < 4 { CLIENT_ID } else { secret };
        let client = Setup::new(&server.url, API_KEY, id).retry(Retry::never()).connect().await.unwrap();
        let account = Credentials::account("somebody", secret);
        for error in [
            client.login_by_license(secret).await.unwrap_err(),
            client.login_by_account(&account).await.unwrap_err(),
            client.license().await.unwrap_err(),
        ] {
            let license = License::of_refusal(&error).unwrap_or_else(|| panic!("{secret}: {error:?}"));
            assert_eq!(license.levels.names, ["staff", "e", "null", "true"], "{secret}");
            assert_eq!(
                (license.comment.as_deref(), license.ip_address.as_deref()),
                (Some("comment 12"), Some("seconds"))
            );
            assert_eq!(
                (license.time_left.unwrap().raw(), error.retry_after()),
                (1234, Some(SECOND * 1234)),
                "{secret}"
            );
            assert!(license.key.is_none() && license.unread.is_empty(), "{secret}: {license:?}");
            let Cause::Status(status) = error.cause() else { panic!("{error:?}") };
            let body = status.body.as_deref().unwrap();
            assert!(serde_json::from_str::<serde_json::Value>(body).is_ok(), "{secret}: {body}");
            assert!(secret.len() < 4 || !body.contains(secret), "{secret}: {body}");
        }
    }
}

/// A refused upgrade, with secrets in its line, headers and body.
#[tokio::test]
async fn refused_upgrades() {
    let log = log();
    for status in ["429 Too Many", "403 cAnArY-client", "500 Oops", "200 Ok", "101 Switching"] {
        let server = Server::raw(move |mut stream, _| async move {
            let head = read_head(&mut stream).await;
            assert_harmless(&head);
            let headers = format!("Retry-After: 7\r\nX-A: {CLIENT_ID}\r\nSet-Cookie: {LICENCE}\r\nResume-Id: {RESUME}");
            let body = format!("{API_KEY} {CLIENT_ID} {}", serde_json::json!(API_KEY));
            let answer = format!("HTTP/1.1 {status}\r\n{headers}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            let _ = stream.write_all(answer.as_bytes()).await;
            drain(&mut stream).await;
        })
        .await;
        let error = within(client(&server.url).connect()).await.unwrap_err();
        assert!(matches!(error.cause(), Cause::Http(_) | Cause::Protocol(_)), "{error:?}");
        assert_harmless(&shown(&error));
    }
    // What the client learned meanwhile is hidden, too.
    let sandbox = sandbox().await;
    sandbox.application(KEY).unwrap().put_license(statuswire_sandbox::blazeauth::License::new(LICENCE));
    let client = builder(&sandbox.url()).connect().await.unwrap();
    client.login_by_license(LICENCE).await.unwrap();
    sandbox.fault(ConnectFault::upgrade().refuse(401, &[("X", LICENCE)], LICENCE));
    session(&sandbox).cut();
    let error = end(&client).await;
    assert!(matches!(error.cause(), Cause::Http(failure) if failure.excerpt == "***"), "{error:?}");
    look_at(&client, &error);
    assert_harmless(&log.text());
}

/// Secrets in use are known for as long as they are, whatever comes after them.
#[tokio::test]
async fn old_secrets_are_not_forgotten() {
    let server = server_with(
        |_| Some(RESUME.to_owned()),
        |mut peer| async move {
            peer.initialize().await;
            while let Some(packet) = peer.packet().await {
                let status = if packet.members["license"] == LICENCE { 1 } else { 6 };
                let echo = serde_json::json!(format!("{LICENCE} {RESUME}"));
                peer.answer(packet.id, &format!(r#""message":{echo},"status":{status}"#)).await;
            }
        },
    )
    .await;
    let client = client(&server.url).connect().await.unwrap();
    client.login_by_license(LICENCE).await.unwrap();
    for number in 0..200 {
        let error = client.login_by_license(format!("other-{number}")).await.unwrap_err();
        look_at(&client, &error);
    }
}

#[tokio::test]
async fn debug_texts_and_states() {
    let log = log();
    let show = |it: &dyn Debug| assert_harmless(&format!("{it:?} {it:#?}"));
    show(&Setup::new("ws://cAnArY:cAnArY@host/?key=cAnArY", API_KEY, CLIENT_ID));
    show(&Credentials::account("somebody", WORD).activating(OTHER));
    show(&NewAccount::with_email("a@b.c", WORD).license(LICENCE));
    let (sandbox, _) = start().await;
    let client = builder(&sandbox.url()).connect_lazy().unwrap();
    sandbox.application(KEY).unwrap().put_license(statuswire_sandbox::blazeauth::License::new(LICENCE));
    let license: License = client.login_by_license(LICENCE).await.unwrap();
    show(&license);
    show(&client);
    show(&client.store());
    show(&*client.state().borrow());
    let error = client.login_by_license(OTHER).await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::AlreadyAuthorized));
    look_at(&client, &error);
    client.shutdown(SECOND).await;
    show(&client);
    assert_harmless(&log.text());
}
