//! Code of the user that panics: every caller gets an answer, and the process goes on.

use crate::support::setup::Setup;
use crate::support::{Command, Lines, MS, Received, Server, command, echo, frame, receive, send, send_raw, within};
use futures_util::future::join_all;
use futures_util::{FutureExt, StreamExt};
use statuswire::Error;
use statuswire::policy::{Limits, Retry};
use statuswire::rpc::{
    Backlog, CallOptions, Client, Close, CloseAction, Expect, Matching, Message, Opened, Opening, Outgoing, Part,
    Protocol, Replies, Routes, State, StreamOptions, Unroutable, Window,
};
use statuswire::ws::Upgrade;
use std::borrow::Cow;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

/// [`Lines`] with methods that panic at some place.
struct Touchy {
    lines: Lines,
    /// One or several, separated by commas.
    place: &'static str,
}

impl Touchy {
    fn at(place: &'static str, matching: Matching) -> Self {
        Self { lines: Lines::new(matching), place }
    }

    fn touch(&self, place: &str) {
        assert!(!self.place.split(", ").any(|it| it == place), "touched: {place}");
    }
}

/// A reply whose destructor panics if its text is `bomb`.
#[derive(Debug)]
struct Reply(String);

impl Drop for Reply {
    fn drop(&mut self) {
        assert!(self.0 != "bomb", "a bomb was dropped");
    }
}

fn text(mut reply: Reply) -> Result<String, Error> {
    Ok(std::mem::take(&mut reply.0))
}

impl Protocol for Touchy {
    type Command = Command;
    type Reply = Reply;
    type Event = String;
    type Key = String;

    fn service(&self) -> &'static str {
        "touchy"
    }
    fn matching(&self) -> Matching {
        self.lines.matching
    }
    fn window(&self) -> Window {
        self.lines.window
    }
    fn command_name(&self, command: &Command) -> Cow<'static, str> {
        self.touch(&format!("name {}", command.argument));
        command.name.into()
    }
    fn encode(&self, command: &Command, seq: u64, out: &mut Outgoing) -> Result<Expect<String>, Error> {
        self.touch(&format!("encode {}", command.argument));
        self.lines.encode(command, seq, out)
    }
    fn route(&self, message: Message, routes: &mut Routes<Self>) -> Result<(), Unroutable> {
        let Message::Text(text) = message else { return Ok(()) };
        for line in text.lines() {
            self.touch(&format!("route {line}"));
            let at = line.find(['.', '+']).unwrap();
            let part = if line[at..].starts_with('.') { Part::Last } else { Part::Next };
            routes.part(line[..at].to_owned(), part, Reply(line[at + 1..].to_owned()));
        }
        Ok(())
    }
    fn fits(&self, waiting: &String, got: &String) -> bool {
        self.touch(&format!("fits {waiting} {got}"));
        waiting == got
    }
    fn reply_bytes(&self, reply: &Reply) -> usize {
        self.touch(&format!("reply_bytes {}", reply.0));
        reply.0.len()
    }
    fn cancel(&self, _: &String) -> Option<Command> {
        self.touch("cancel");
        None
    }
    async fn open(&self, _: Opening<'_, Self>) -> Result<Opened, Error> {
        self.touch("open");
        Ok(Opened::Fresh)
    }
    fn on_close(&self, close: &Close<'_>) -> CloseAction {
        self.touch("on_close");
        CloseAction::usual(close)
    }
    fn state_changed(&self, state: &State) {
        match state {
            State::Ready => self.touch("state ready"),
            State::Closing => self.touch("state closing"),
            State::Closed { .. } => self.touch("state closed"),
            _ => {}
        }
        self.touch("any state");
    }
}

impl Upgrade for Touchy {}

async fn connect(server: &Server, protocol: Touchy) -> Client<Touchy> {
    Setup::new(&server.url, protocol).retry(Retry::never()).connect().await.unwrap()
}

async fn call(client: &Client<Touchy>, command: Command) -> Result<String, Error> {
    within(client.call_with(command, &CallOptions::default(), text)).await
}

/// A server that waits for `wait` commands and then sends these messages in one packet.
async fn at_once(wait: usize, messages: &'static [&'static str]) -> Server {
    Server::start(move |mut socket, _| async move {
        for _ in 0..wait {
            receive(&mut socket).await.unwrap();
        }
        let packet: Vec<u8> = messages.iter().flat_map(|text| frame(0x81, text.as_bytes())).collect();
        send_raw(&mut socket, &packet).await;
        while receive(&mut socket).await.is_some() {}
    })
    .await
}

/// Three calls in flight. The first was answered before the panic; the others get an answer, too, and so do later ones.
async fn first_answered(place: &'static str, matching: Matching, messages: &'static [&'static str]) {
    let server = at_once(3, messages).await;
    let client = connect(&server, Touchy::at(place, matching)).await;
    let calls = ["A", "B", "C"].map(|name| call(&client, command(name, "")));
    let results = within(join_all(calls)).await;
    assert_eq!(results[0].as_ref().unwrap(), "a", "{place}");
    for result in &results[1..] {
        let error = result.as_ref().unwrap_err();
        assert!(std::error::Error::source(error).unwrap().to_string().contains("panicked"), "{place}: {error:?}");
    }
    within(client.state().wait_for(State::is_closed)).await.unwrap();
    call(&client, command("D", "")).await.unwrap_err();
}

#[tokio::test]
async fn a_panic_in_routing_leaves_earlier_replies_in_the_packet() {
    first_answered("route 2.b", Matching::ById, &["1.a", "2.b", "3.c"]).await;
    first_answered("route 2.b", Matching::ById, &["1.a\n2.b\n3.c"]).await;
    first_answered("route B.b", Matching::InOrder, &["A.a", "B.b", "C.c"]).await;
}

#[tokio::test]
async fn a_panic_in_matching_leaves_earlier_replies_in_the_packet() {
    first_answered("fits B B", Matching::InOrder, &["A.a", "B.b", "C.c"]).await;
    first_answered("fits B B", Matching::ByName, &["A.a\nB.b\nC.c"]).await;
    first_answered("fits B C", Matching::ByName, &["A.a", "C.c\nB.b"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_after_a_reply_was_matched_answers_its_caller() {
    let server = at_once(1, &["1+x"]).await;
    let client = connect(&server, Touchy::at("reply_bytes x", Matching::ById)).await;
    let many = command("A", "").replies(Replies::Exactly(1));
    let mut replies = within(client.call_many(&many, &StreamOptions::default())).await.unwrap();
    within(replies.next()).await.unwrap().unwrap_err();
    assert!(within(replies.next()).await.is_none());
}

#[tokio::test]
async fn a_panic_where_the_connection_begins_or_ends_ends_the_client() {
    let server = Server::start(|mut socket, _| async move {
        receive(&mut socket).await;
    })
    .await;
    let options = Setup::new(&server.url, Touchy::at("open", Matching::ById));
    let error = within(options.connect()).await.unwrap_err();
    assert!(std::error::Error::source(&error).unwrap().to_string().contains("panicked"), "{error:?}");

    let client = connect(&server, Touchy::at("on_close", Matching::ById)).await;
    call(&client, command("A", "")).await.unwrap_err();
    within(client.state().wait_for(State::is_closed)).await.unwrap();
}

#[tokio::test]
async fn a_panic_in_a_callers_own_code_stays_with_the_caller() {
    let server = Server::start(|socket, _| echo(socket, true)).await;
    let client = connect(&server, Touchy::at("encode 2", Matching::ById)).await;
    let panics = |reply: Reply| -> Result<(), Error> { panic!("decoding {reply:?}") };
    for _ in 0..100 {
        let options = CallOptions::default();
        let decoding = client.call_with(command("A", "1"), &options, panics);
        assert!(within(AssertUnwindSafe(decoding).catch_unwind()).await.is_err());
        let encoding = client.call(command("A", "2"));
        assert!(within(AssertUnwindSafe(encoding).catch_unwind()).await.is_err());
    }
    assert_eq!(call(&client, command("A", "3")).await.unwrap(), "3");
}

#[tokio::test]
async fn a_panic_in_the_state_hook_changes_nothing() {
    for place in ["state ready", "state closing", "state closed", "any state"] {
        let server = Server::start(|socket, _| echo(socket, true)).await;
        let client = connect(&server, Touchy::at(place, Matching::ById)).await;
        let mut state = client.state();
        assert_eq!(call(&client, command("A", "1")).await.unwrap(), "1", "{place}");
        within(client.shutdown(100 * MS)).await;
        assert!(state.borrow_and_update().is_closed());
        drop(client);
    }
}

/// The connection's task is dropped, or panics, and the hook panics in its destructor.
#[tokio::test]
async fn a_panic_in_the_state_hook_after_another_panic_does_not_abort() {
    let server = at_once(1, &["1.a"]).await;
    let url = server.url.clone();
    let abandoned = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(Setup::new(&url, Touchy::at("any state", Matching::ById)).connect()).unwrap()
    });
    let client = within(abandoned).await.unwrap();
    call(&client, command("A", "")).await.unwrap_err();

    let client = connect(&server, Touchy::at("state closed, fits A 1", Matching::InOrder)).await;
    call(&client, command("A", "")).await.unwrap_err();
    within(client.state().wait_for(State::is_closed)).await.unwrap();
}

#[tokio::test]
async fn a_panic_in_a_destructor_of_a_reply_or_a_stream_reaches_no_other_caller() {
    let server = Server::start(|mut socket, _| async move {
        while let Some(Received { seq, name, argument }) = receive(&mut socket).await {
            match &*name {
                // An unknown id, then the reply itself.
                "BOMB" => send(&mut socket, format!("999.bomb\n{seq}.bomb")).await,
                "MANY" => send(&mut socket, format!("{seq}+bomb\n{seq}+bomb\n{seq}+bomb\n{seq}+x")).await,
                _ => send(&mut socket, format!("{seq}.{argument}")).await,
            }
        }
    })
    .await;
    let client = connect(&server, Touchy::at("cancel", Matching::ById)).await;
    for _ in 0..3 {
        let withdrawn = tokio::time::timeout(MS, async {
            let mut late = pin!(client.call(command("BOMB", "")));
            let _ = futures_util::poll!(&mut late);
        });
        let _ = withdrawn.await;
        assert_eq!(call(&client, command("A", "1")).await.unwrap(), "1");
        let many = command("MANY", "").replies(Replies::UntilLast);
        let replies = within(client.call_many(&many, &StreamOptions::default())).await.unwrap();
        assert_eq!(call(&client, command("A", "2")).await.unwrap(), "2");
        drop(replies);
        assert_eq!(call(&client, command("A", "3")).await.unwrap(), "3");
    }
    assert!(client.state().borrow().is_ready());
}

/// A waker that panics.
struct Rude;

impl Wake for Rude {
    fn wake(self: Arc<Self>) {
        panic!("do not disturb");
    }
}

#[tokio::test]
async fn a_panic_in_a_waker_reaches_no_other_caller() {
    let server = at_once(3, &["1.a\n2.b\n3.c"]).await;
    let client = connect(&server, Touchy::at("", Matching::ById)).await;
    let rude = Waker::from(Arc::new(Rude));
    let mut first = pin!(client.call(command("A", "")));
    assert!(first.as_mut().poll(&mut Context::from_waker(&rude)).is_pending());
    let others = ["B", "C"].map(|name| call(&client, command(name, "")));
    let results = within(join_all(others)).await;
    assert_eq!(results.into_iter().map(Result::unwrap).collect::<Vec<_>>(), ["b", "c"]);
    let Poll::Ready(Ok(reply)) = first.as_mut().poll(&mut Context::from_waker(&rude)) else { panic!("no reply") };
    assert_eq!(reply.0, "a");
    // The end of the client wakes its callers, too.
    let mut last = pin!(client.call(command("D", "")));
    assert!(last.as_mut().poll(&mut Context::from_waker(&rude)).is_pending());
    within(client.shutdown(MS)).await;
    let Poll::Ready(Err(_)) = last.as_mut().poll(&mut Context::from_waker(&rude)) else { panic!("no answer") };
}

#[tokio::test]
async fn a_panic_in_naming_a_stream_leaves_no_stream() {
    let server = Server::start(|mut socket, _| async move {
        while let Some(Received { seq, name, argument }) = receive(&mut socket).await {
            let part = if name == "MANY" { "+" } else { "." };
            send(&mut socket, format!("{seq}{part}{argument}")).await;
        }
    })
    .await;
    let limits = Limits::default().with_replies(1).with_calls(1);
    let protocol = Touchy::at("name 1", Matching::ById);
    let client = Setup::new(&server.url, protocol).limits(limits).connect().await.unwrap();
    let many = command("MANY", "1").replies(Replies::UntilLast);
    let options = StreamOptions::default().with_backlog(Backlog::HoldReader);
    let opening = client.call_many(&many, &options);
    assert!(within(AssertUnwindSafe(opening).catch_unwind()).await.is_err());
    assert_eq!(call(&client, command("A", "2")).await.unwrap(), "2");
}

/// A panic value whose destructor panics.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("another panic");
    }
}

struct Bombing;

impl Wake for Bombing {
    fn wake(self: Arc<Self>) {
        std::panic::panic_any(Bomb);
    }
}

#[tokio::test]
async fn a_panic_with_a_value_that_panics_reaches_no_other_caller() {
    let server = at_once(2, &["1.a\n2.b"]).await;
    let client = connect(&server, Touchy::at("", Matching::ById)).await;
    let bombing = Waker::from(Arc::new(Bombing));
    let mut first = pin!(client.call(command("A", "")));
    assert!(first.as_mut().poll(&mut Context::from_waker(&bombing)).is_pending());
    assert_eq!(call(&client, command("B", "")).await.unwrap(), "b");
    assert!(client.state().borrow().is_ready());
}

/// A subscriber that panics at every event.
struct Nervous;

impl tracing::Subscriber for Nervous {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.is_event() && metadata.target().starts_with("statuswire")
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        panic!("an event from {}", event.metadata().target());
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

#[tokio::test]
async fn a_panic_in_a_subscriber_of_traces_changes_no_state() {
    let server = at_once(1, &["1.a"]).await;
    let _nervous = tracing::subscriber::set_default(Nervous);
    let client = connect(&server, Touchy::at("route 1.a", Matching::ById)).await;
    assert!(client.state().borrow().is_ready());
    // The protocol panics, and the subscriber does where the client ends.
    call(&client, command("A", "")).await.unwrap_err();
    within(client.state().wait_for(State::is_closed)).await.unwrap();
}
