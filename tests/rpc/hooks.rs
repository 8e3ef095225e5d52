//! What a protocol may say beyond its messages, and what follows from it.

use crate::support::setup::Setup;
use crate::support::*;
use futures_util::{SinkExt, future::join};
use statuswire::codes::{AnyCode, Recovery, blazeauth};
use statuswire::error::{Cause, Delivery, Error, Redaction};
use statuswire::policy::Retry;
use statuswire::reexport::http::{HeaderMap, StatusCode};
use statuswire::rpc::{
    CallOptions, Close, CloseAction, Expect, InFlight, Matching, Message, Opened, Opening, Outgoing, Protocol,
    Reconnect, Routes, State, Unroutable, Window,
};
use statuswire::ws::Upgrade;
use std::error::Error as _;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite;

const CANARY: &str = "c4nary-s3cret";

/// Talks as [`Lines`] does; the rest is said here.
struct Telling {
    lines: Lines,
    credentials: bool,
    refused: Option<Recovery>,
    states: Arc<Mutex<Vec<&'static str>>>,
    reasons: Arc<Mutex<Vec<String>>>,
    resumed: AtomicBool,
}

impl Telling {
    fn new() -> Self {
        let lines = Lines::new(Matching::ById);
        Self {
            lines,
            credentials: false,
            refused: None,
            states: Arc::default(),
            reasons: Arc::default(),
            resumed: AtomicBool::new(false),
        }
    }
}

impl Protocol for Telling {
    type Command = Command;
    type Reply = String;
    type Event = ();
    type Key = String;

    fn service(&self) -> &'static str {
        "telling"
    }
    fn matching(&self) -> Matching {
        Matching::ById
    }
    fn window(&self) -> Window {
        Window::commands(64)
    }
    fn command_name(&self, command: &Command) -> std::borrow::Cow<'static, str> {
        command.name.into()
    }
    fn encode(&self, command: &Command, seq: u64, out: &mut Outgoing) -> Result<Expect<String>, Error> {
        self.lines.encode(command, seq, out)
    }
    fn route(&self, message: Message, routes: &mut Routes<Self>) -> Result<(), Unroutable> {
        let Message::Text(text) = message else { return Err(Unroutable::new("it is binary")) };
        match text.split_once('.') {
            Some((key, reply)) => routes.answer(key.to_owned(), reply.to_owned()),
            None => return Err(Unroutable::new(format!("there is no dot in {text}"))),
        }
        Ok(())
    }
    fn redaction(&self) -> Redaction {
        Redaction::default().hide(CANARY)
    }
    async fn open(&self, _: Opening<'_, Self>) -> Result<Opened, Error> {
        match self.refused {
            Some(Recovery::LogIn) => {
                Err(Error::status(blazeauth::ErrorCode::NotAuthorized, statuswire::error::ServerStatus::new()))
            }
            Some(_) => {
                Err(Error::status(blazeauth::ErrorCode::InternalServerError, statuswire::error::ServerStatus::new()))
            }
            None if self.resumed.load(SeqCst) => Ok(Opened::Resumed),
            None => Ok(Opened::Fresh),
        }
    }
    fn on_close(&self, close: &Close<'_>) -> CloseAction {
        self.resumed.store(true, SeqCst);
        let action = match close {
            Close::Frame(frame) => {
                self.reasons.lock().unwrap().push(frame.reason.to_string());
                let action = CloseAction::new(match frame.code {
                    4000 => Reconnect::After(Duration::from_millis(7)),
                    4001 => Reconnect::Now,
                    _ => Reconnect::Never,
                });
                match frame.code {
                    4002 => action.with_source(Arc::new(Error::invalid_request("the house is on fire"))),
                    code => action.with_unprocessed(code == 4001),
                }
            }
            _ => CloseAction::usual(close),
        };
        action.with_in_flight(InFlight::Hold(Duration::from_secs(20)))
    }
    fn state_changed(&self, state: &State) {
        self.states.lock().unwrap().push(match state {
            State::Connecting { .. } => "connecting",
            State::Ready => "ready",
            State::Waiting { .. } => "waiting",
            State::Closing => "closing",
            State::Closed { .. } => "closed",
            _ => "?",
        });
    }
}

impl Upgrade for Telling {
    fn sends_credentials(&self) -> bool {
        self.credentials
    }
    fn refused(&self, status: StatusCode) -> Option<AnyCode> {
        (status == StatusCode::TOO_MANY_REQUESTS).then(|| AnyCode::of(blazeauth::ErrorCode::RateLimited))
    }
    fn accepted(&self, headers: &HeaderMap) {
        assert!(headers.contains_key("upgrade"));
    }
}

fn telling(url: &str, protocol: Telling) -> Setup<Telling> {
    let backoff = statuswire::policy::Backoff::default().with_base(MS).with_cap(5 * MS);
    Setup::new(url, protocol).backoff(backoff).retry(Retry::never())
}

async fn close(socket: &mut Socket, code: u16, reason: &'static str) {
    let frame = tungstenite::protocol::CloseFrame { code: code.into(), reason: reason.into() };
    let _ = socket.send(tungstenite::Message::Close(Some(frame))).await;
    let _ = receive(socket).await;
}

/// Closes the first connection after its first command, and echoes on the others.
async fn closing(code: u16, reason: &'static str) -> Server {
    Server::start(move |mut socket, number| async move {
        if number == 0 {
            let _ = receive(&mut socket).await;
            close(&mut socket, code, reason).await;
        } else {
            echo(socket, true).await;
        }
    })
    .await
}

#[tokio::test]
async fn a_refused_upgrade_has_the_code_and_the_wait() {
    let server = Server::raw(|mut stream, _| async move {
        let _ = read_head(&mut stream).await;
        let answer = format!("HTTP/1.1 429 Too Many\r\nRetry-After: 7\r\nContent-Length: 13\r\n\r\n{CANARY}");
        let _ = stream.write_all(answer.as_bytes()).await;
        drain(&mut stream).await;
    })
    .await;
    let error = within(telling(&server.url, Telling::new()).connect()).await.unwrap_err();
    assert_eq!(error.code_as(), Some(blazeauth::ErrorCode::RateLimited));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    assert!(matches!(error.cause(), Cause::Http(failure) if failure.status == 429 && failure.excerpt == "***"));
}

#[tokio::test]
async fn a_refusal_that_is_cut_shows_no_beginning_of_a_secret() {
    // Longer than what is read of it, incomplete, and cut by the end of the connection.
    let cut = &CANARY[..CANARY.len() - 2];
    for (length, body, stays) in [
        (100_000, CANARY.repeat(1000), true),
        (1000, format!("it is {cut}"), true),
        (1000, format!("it is {{\"a\":\"\\u0063{}", &cut[1..]), false),
    ] {
        let server = Server::raw(move |mut stream, _| {
            let body = body.clone();
            async move {
                let _ = read_head(&mut stream).await;
                let answer = format!("HTTP/1.1 403 No\r\nContent-Length: {length}\r\n\r\n{body}");
                let _ = stream.write_all(answer.as_bytes()).await;
                if stays {
                    drain(&mut stream).await;
                }
            }
        })
        .await;
        let error = within(telling(&server.url, Telling::new()).connect()).await.unwrap_err();
        let Cause::Http(failure) = error.cause() else { panic!("{error:?}") };
        assert!(failure.excerpt.ends_with("***") && !failure.excerpt.contains("4na"), "{error:?}");
    }
}

#[tokio::test]
async fn a_refusal_shows_no_secret_header_of_the_request() {
    let server = Server::raw(|mut stream, _| async move {
        let head = read_head(&mut stream).await;
        assert!(!head.is_empty());
        let body = "Bearer 0ptional-5ecret is bad, 0ptional-5ecret";
        let answer = format!("HTTP/1.1 403 No\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let _ = stream.write_all(answer.as_bytes()).await;
        drain(&mut stream).await;
    })
    .await;
    let telling = telling(&server.url, Telling::new()).secret_header("authorization", "Bearer 0ptional-5ecret");
    let error = within(telling.connect()).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Http(failure) if failure.excerpt == "*** is bad, ***"), "{error:?}");
}

/// The protocol decides by what the server sent. What is shown of it has no secrets.
#[tokio::test]
async fn a_close_is_read_as_it_came() {
    const REASON: &str = "go to c4nary-s3cret, token=c4n";
    let server = closing(4002, REASON).await;
    let protocol = Telling::new();
    let reasons = Arc::clone(&protocol.reasons);
    let client = telling(&server.url, protocol).connect().await.unwrap();
    let error = within(client.call(command("A", "1"))).await.unwrap_err();
    assert_eq!(*reasons.lock().unwrap(), [REASON]);
    assert!(matches!(error.cause(), Cause::Closed(close) if &*close.reason == "go to ***, token=***"), "{error:?}");
}

#[tokio::test]
async fn what_the_protocol_hides_is_hidden_everywhere() {
    // In the reason of a close, and in a message that cannot be routed, which the error quotes.
    for closes in [true, false] {
        let server = Server::start(move |mut socket, _| async move {
            let _ = receive(&mut socket).await;
            if closes {
                close(&mut socket, 4002, CANARY).await;
            } else {
                send(&mut socket, CANARY).await;
                let _ = receive(&mut socket).await;
            }
        })
        .await;
        let client = telling(&server.url, Telling::new()).connect().await.unwrap();
        let mut state = client.state();
        let call = client.call(command("A", "1"));
        let lost = state.wait_for(|state| matches!(state, State::Waiting { .. } | State::Closed { .. }));
        let error = tokio::select! {
            result = call => result.unwrap_err(),
            lost = within(lost) => match &*lost.unwrap() {
                State::Waiting { cause, .. } | State::Closed { cause: Some(cause), .. } => (**cause).clone(),
                other => panic!("{other:?}"),
            },
        };
        assert!(matches!(error.cause(), Cause::Closed(_) | Cause::Protocol(_)), "{error:?}");
        let texts = [format!("{error}"), format!("{error:#}"), format!("{error:?}")];
        for text in texts.into_iter().chain(error.source().map(ToString::to_string)) {
            assert!(!text.contains(CANARY), "{text}");
        }
    }
}

#[tokio::test]
async fn a_close_may_have_been_explained_before() {
    let server = closing(4002, "sorry").await;
    let client = telling(&server.url, Telling::new()).connect().await.unwrap();
    let mut state = client.state();
    let held = within(client.call(command("A", "1"))).await.unwrap_err();
    assert!(matches!(held.cause(), Cause::Closed(close) if close.code == 4002 && &*close.reason == "sorry"));
    assert!(held.source().unwrap().to_string().contains("on fire"));
    assert!(matches!(&*state.wait_for(State::is_closed).await.unwrap(), State::Closed { cause: Some(_), .. }));
}

#[tokio::test]
async fn a_wait_that_a_close_asks_for_is_in_the_error() {
    let server = closing(4000, "come back later").await;
    let client = telling(&server.url, Telling::new()).connect().await.unwrap();
    let mut state = client.state();
    let call = client.call(command("A", "1"));
    let waiting = async {
        let waiting = state.wait_for(|state| matches!(state, State::Waiting { .. })).await.unwrap();
        let State::Waiting { delay, cause, .. } = &*waiting else { unreachable!() };
        assert_eq!((*delay, cause.retry_after()), (7 * MS, Some(7 * MS)));
    };
    // It was held, and the next session counts as resumed: it is sent once more.
    let (reply, ()) = within(join(call, waiting)).await;
    assert_eq!(reply.unwrap(), "1");
}

#[tokio::test]
async fn unprocessed_calls_return_to_the_queue() {
    // The second connection processes nothing; the third serves.
    let server = Server::start(|mut socket, number| async move {
        match number {
            0 => drop(receive(&mut socket).await),
            1 => {
                let _ = (receive(&mut socket).await, receive(&mut socket).await);
                close(&mut socket, 4001, "never heard of you").await;
            }
            _ => echo(socket, true).await,
        }
    })
    .await;
    let client = telling(&server.url, Telling::new()).connect().await.unwrap();
    let options = CallOptions::default();
    let held = client.call_with(command("OLD", "1"), &options, Ok);
    let fresh = async {
        until(|| server.connections() == 2).await;
        client.call(command("NEW", "2")).await
    };
    let (held, fresh) = within(join(held, fresh)).await;
    assert_eq!((held.unwrap(), fresh.unwrap()), ("1".to_owned(), "2".to_owned()));
}

#[tokio::test]
async fn the_protocol_judges_a_handshake_that_failed() {
    // By default a login that is refused is not tried again, and a failure of the server is.
    for (refused, again) in [(Recovery::LogIn, false), (Recovery::Wait, true)] {
        let server = Server::start(|socket, _| echo(socket, true)).await;
        let protocol = Telling { refused: Some(refused), ..Telling::new() };
        let client = telling(&server.url, protocol).connect_lazy().unwrap();
        if again {
            within(until(|| server.connections() >= 3)).await;
        } else {
            within(client.state().wait_for(State::is_closed)).await.unwrap();
            assert_eq!(server.connections(), 1);
        }
    }
}

#[tokio::test]
async fn credentials_in_messages_do_not_leave_the_machine_in_the_clear() {
    let protocol = Telling { credentials: true, ..Telling::new() };
    let error = telling("ws://service.invalid/", protocol).connect_lazy().unwrap_err();
    assert!(matches!(error.cause(), Cause::InvalidRequest(_)) && error.to_string().contains("without TLS"), "{error}");
}

#[tokio::test]
async fn states_are_told_in_order() {
    let server = Server::start(|socket, _| echo(socket, true)).await;
    let protocol = Telling::new();
    let states = Arc::clone(&protocol.states);
    let client = telling(&server.url, protocol).connect().await.unwrap();
    client.call(command("A", "1")).await.unwrap();
    client.shutdown(Duration::from_secs(5)).await;
    assert_eq!(*states.lock().unwrap(), ["connecting", "ready", "closing", "closed"]);
}

/// A command that may be repeated, and whose repetition found no server: it may still have been carried out.
#[tokio::test]
async fn a_command_that_was_sent_once_stays_maybe_sent() {
    let server = closing(4002, "for good").await;
    let client = telling(&server.url, Telling::new()).retry(Retry::default()).connect().await.unwrap();
    let error = within(client.call(command("A", "1").safe())).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::MaybeSent);
}
