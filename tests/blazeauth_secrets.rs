//! Whatever goes wrong, and whatever a server repeats: no error, no log and no `Debug` text shows a secret.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails with a panic")]

mod blazeauth_support;
mod support;

use blazeauth_support::*;
use statuswire::blazeauth::{Builder, Client, Credentials, ErrorCode, License, NewAccount, State};
use statuswire::error::{Cause, Error};
use statuswire::policy::{Backoff, Retry, Timeouts};
use std::fmt::Debug;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, OnceLock};
use support::{Server, drain, read_head, within};
use tokio::io::AsyncWriteExt;
use tracing_subscriber::fmt::MakeWriter;

/// Each one has this in it.
const CANARY: &str = "cAnArY";
const API_KEY: &str = "BAcAnArY-key\"\\000041x";
const CLIENT_ID: &str = "cAnArY-client";
const LICENCE: &str = "cAnArY-licence";
const OTHER: &str = "cAnArY-other-licence";
const WORD: &str = "cAnArY-password";
const RESUME: &str = "cAnArY-resume";
const VALUE: &str = "cAnArY-value";

/// All that was logged, by `tracing` and by `log`.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// The log of the whole process. What the played server itself logs would show what it says, so that its library is
/// left out.
fn log() -> Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    let start = || {
        let log = Log::default();
        let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
        subscriber.with_writer(log.clone()).init();
        log
    };
    LOG.get_or_init(start).clone()
}

#[track_caller]
fn assert_harmless(text: &str) {
    if let Some(at) = text.find(CANARY) {
        let (from, to) = (text.floor_char_boundary(at.saturating_sub(200)), text.floor_char_boundary(at + 100));
        panic!("a secret shows in ...{}", &text[from..to]);
    }
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

fn client(url: &str) -> Builder {
    let soon = Backoff::default().with_base(SECOND / 1000).with_cap(SECOND / 200);
    let builder = Client::builder(url, API_KEY, CLIENT_ID).retry(Retry::never()).backoff(soon).rate_limit(None);
    builder.timeouts(Timeouts::default().with_connect(SECOND))
}

/// Every secret, as it is and as it stands in JSON.
fn all() -> String {
    format!("{API_KEY} {CLIENT_ID} {LICENCE} {OTHER} {WORD} {RESUME} {}", serde_json::json!(API_KEY))
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

/// A server that says this in answer to every packet but the first of a session.
async fn saying(say: impl Fn(u64) -> Frame + Send + Sync + 'static) -> Server {
    let say = Arc::new(say);
    server_with(
        |_| Some(RESUME.to_owned()),
        move |mut peer| {
            let say = Arc::clone(&say);
            async move {
                if peer.resume_id.is_none() {
                    peer.initialize().await;
                }
                while let Some(packet) = peer.packet().await {
                    let _ = futures_util::SinkExt::send(&mut peer.socket, say(packet.id)).await;
                }
            }
        },
    )
    .await
}

#[tokio::test]
async fn answers_that_repeat_secrets() {
    let log = log();
    let secrets = serde_json::json!(all()).to_string();
    let value = serde_json::json!(VALUE).to_string();
    for members in [
        format!(r#""status":6,"message":{secrets},"license":{value},"levels":[{secrets}],"comment":{secrets}"#),
        format!(r#""status":103,"value":{value},"content":{{"a":{value}}},"detail":[{{"b":{secrets}}}]"#),
        format!(r#""status":{secrets}"#),
        format!(r#""{CLIENT_ID}":{secrets}"#),
        format!(r#""status":1,"content":[{value}],"value":[{value}],"license":[{value}],"levels":{secrets}"#),
        format!(
            r#""status":1,"content":{{"c":{value}}},"value":{{{value}:{value}}},"license":true,"comment":{secrets}"#
        ),
    ] {
        let server = saying(move |id| Frame::text(format!(r#"{{"id":{id},{members}}}"#))).await;
        let client = client(&server.url).connect().await.unwrap();
        let errors = within(ask(&client)).await;
        assert!(errors.len() >= 4);
        errors.iter().for_each(|error| look_at(&client, error));
    }
    assert_harmless(&String::from_utf8_lossy(&log.0.lock().unwrap()));
}

/// The words of an error may quote what was wrong: not where that may be a secret. Digits are secrets, too.
#[tokio::test]
async fn numbers_where_texts_are_due() {
    let server = saying(|id| {
        Frame::text(format!(r#"{{"id":{id},"status":1,"content":4711471100,"value":4711471100,"license":4711471100}}"#))
    })
    .await;
    let client = client(&server.url).connect().await.unwrap();
    let errors = within(ask(&client)).await;
    assert_eq!(errors.len(), 4);
    for error in errors {
        assert!(error.to_string().contains("expected a string"), "{error}");
        assert!(!shown(&error).contains("47114711"), "{error}");
    }
}

#[tokio::test]
async fn messages_that_nobody_understands() {
    let log = log();
    let secrets = all();
    let quoted = serde_json::json!(secrets).to_string();
    for text in [
        secrets.clone(),
        quoted.clone(),
        format!(r#"{{"id":{quoted}}}"#),
        format!(r#"{{"status":1,"value":"{VALUE}"}}"#),
        format!(r#"{{"id":18446744073709551615,"event_type":1,"content":{quoted},"#),
        format!(r#"{{"id":1,"id":{quoted}}}"#),
    ] {
        let server = saying(move |_| Frame::text(text.clone())).await;
        let client = client(&server.url).connect().await.unwrap().with_timeout(SECOND / 20);
        let errors = within(ask(&client)).await;
        assert_eq!(errors.len(), 8);
        errors.iter().for_each(|error| look_at(&client, error));
    }
    let server = saying(move |_| Frame::binary(format!("{{{secrets}").into_bytes())).await;
    let client = client(&server.url).connect().await.unwrap().with_timeout(SECOND / 20);
    within(ask(&client)).await.iter().for_each(|error| look_at(&client, error));
    assert_harmless(&String::from_utf8_lossy(&log.0.lock().unwrap()));
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
    assert_harmless(&String::from_utf8_lossy(&log.0.lock().unwrap()));
}

/// A refused upgrade, with secrets in its line, headers and body; also when the secrets are known from before only.
#[tokio::test]
async fn refused_upgrades() {
    let log = log();
    for status in ["429 Too Many", "403 cAnArY-client", "500 Oops", "200 Ok", "101 Switching"] {
        let server = Server::raw(move |mut stream, _| async move {
            let head = read_head(&mut stream).await;
            assert!(!head.contains("cAnArY-key"), "{head}");
            let secrets = all();
            let headers = format!("Retry-After: 7\r\nX-A: {CLIENT_ID}\r\nSet-Cookie: {LICENCE}\r\nResume-Id: {RESUME}");
            let answer =
                format!("HTTP/1.1 {status}\r\n{headers}\r\nContent-Length: {}\r\n\r\n{secrets}", secrets.len());
            let _ = stream.write_all(answer.as_bytes()).await;
            drain(&mut stream).await;
        })
        .await;
        let error = within(client(&server.url).connect()).await.unwrap_err();
        assert!(matches!(error.cause(), Cause::Http(_) | Cause::Violation(_)), "{error:?}");
        if let Cause::Http(failure) = error.cause() {
            // Licences, passwords and the Resume-Id were never given to this client.
            assert!(!failure.excerpt.contains(CLIENT_ID) && !failure.excerpt.contains(API_KEY), "{error:?}");
        }
    }
    let text = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(!text.contains(CLIENT_ID) && !text.contains(API_KEY));
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
    show(&Client::builder("ws://cAnArY:cAnArY@host/?key=cAnArY", API_KEY, CLIENT_ID));
    show(&Credentials::license(LICENCE));
    show(&Credentials::account("somebody", WORD).activating(OTHER));
    show(&NewAccount::with_email("a@b.c", WORD).license(LICENCE));
    let (sandbox, _) = start().await;
    let client = builder(&sandbox.url()).connect_lazy().unwrap();
    sandbox.application(KEY).unwrap().put_license(statuswire::sandbox::blazeauth::License::new(LICENCE));
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
    // The sandbox shows none, either.
    show(&sandbox);
    assert_harmless(&String::from_utf8_lossy(&log.0.lock().unwrap()));
}
