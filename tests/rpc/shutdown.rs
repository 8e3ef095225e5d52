//! Every way in which a client ends.

use crate::support::setup::Setup;
use crate::support::*;
use futures_util::{StreamExt, future::join_all};
use statuswire::error::{Cause, Delivery, Error};
use statuswire::policy::{Limits, Timeouts};
use statuswire::rpc::{Expect, Outgoing};
use statuswire::rpc::{
    InFlight, Matching, Message, Protocol, Replies, Routes, State, StreamOptions, Unroutable, Window,
};
use statuswire::ws::Upgrade;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tokio::sync::Notify;

const LONG: Duration = Duration::from_secs(3600);

/// Answers commands once it is told to, and counts orderly farewells.
async fn gated(gate: Arc<Notify>, farewells: Arc<AtomicUsize>) -> Server {
    Server::start(move |mut socket, _| {
        let (gate, farewells) = (Arc::clone(&gate), Arc::clone(&farewells));
        async move {
            if let Some(command) = receive(&mut socket).await {
                gate.notified().await;
                send(&mut socket, format!("{}.{}", command.name, command.argument)).await;
                while let Some(message) = socket.next().await {
                    match message {
                        Ok(tokio_tungstenite::tungstenite::Message::Text(text)) => {
                            let mut parts = text.split(' ').skip(1);
                            let (name, argument) = (parts.next().unwrap(), parts.next().unwrap());
                            send(&mut socket, format!("{name}.{argument}")).await;
                        }
                        Ok(tokio_tungstenite::tungstenite::Message::Close(Some(close)))
                            if close.code == 1000.into() =>
                        {
                            farewells.fetch_add(1, SeqCst);
                        }
                        _ => {}
                    }
                }
            }
        }
    })
    .await
}

fn lines() -> Lines {
    let mut lines = Lines::new(Matching::InOrder);
    lines.window = Window::commands(1);
    lines
}

#[tokio::test]
async fn what_is_under_way_is_finished_and_nothing_new_is_taken() {
    let (gate, farewells) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
    let server = gated(Arc::clone(&gate), Arc::clone(&farewells)).await;
    let limits = Limits::default().with_calls(5);
    let client = builder(&server.url, lines()).limits(limits).connect().await.unwrap();
    // One on the wire, four in the queue, one before the door.
    let calls = join_all((0..6).map(|n| client.call(command("A", n.to_string()))));
    let stop = async {
        tokio::task::yield_now().await;
        let end = async {
            // Not before the shutdown has begun.
            within(client.state().wait_for(|state| matches!(state, State::Closing))).await.unwrap();
            let late = client.call(command("A", "late")).await.unwrap_err();
            assert!(late.is_shutdown() && late.delivery() == Delivery::NotSent, "{late:?}");
            gate.notify_one();
        };
        tokio::join!(client.shutdown(LONG), end)
    };
    let (results, _) = within(async { tokio::join!(calls, stop) }).await;
    for (n, result) in results.into_iter().enumerate() {
        match result {
            Ok(reply) => assert_eq!(reply, n.to_string()),
            Err(error) => {
                assert_eq!(n, 5, "{error:?}");
                assert!(error.is_shutdown() && error.delivery() == Delivery::NotSent, "{error:?}");
            }
        }
    }
    assert!(matches!(&*client.state().borrow(), State::Closed { cause: None, .. }));
    until(|| farewells.load(SeqCst) == 1).await;
    // Again, and by a clone: it is over already.
    within(client.clone().shutdown(LONG)).await;
}

#[tokio::test]
async fn after_the_limit_the_rest_fails_truly() {
    let seen = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&seen);
    let server = Server::start(move |mut socket, _| {
        let counter = Arc::clone(&counter);
        async move {
            while receive(&mut socket).await.is_some() {
                counter.fetch_add(1, SeqCst);
            }
        }
    })
    .await;
    let client = builder(&server.url, lines()).connect().await.unwrap();
    let calls = join_all((0..5).map(|n| client.call(command("A", n.to_string()))));
    let stop = async {
        until(|| seen.load(SeqCst) == 1).await;
        client.shutdown(20 * MS).await;
    };
    let (results, ()) = within(async { tokio::join!(calls, stop) }).await;
    for (n, result) in results.into_iter().enumerate() {
        let error = result.unwrap_err();
        assert!(error.is_shutdown(), "{error:?}");
        assert_eq!(error.delivery(), if n == 0 { Delivery::MaybeSent } else { Delivery::NotSent }, "call {n}");
    }
    assert_eq!(seen.load(SeqCst), 1);
}

#[tokio::test]
async fn what_was_reported_unsent_is_not_sent_with_the_farewell() {
    // The server reads nothing until the shutdown is over: the socket is full in the middle of a message.
    let (seen, go) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let (counter, signal) = (Arc::clone(&seen), Arc::clone(&go));
    let server = Server::start(move |mut socket, _| {
        let (counter, signal) = (Arc::clone(&counter), Arc::clone(&signal));
        async move {
            signal.notified().await;
            while receive(&mut socket).await.is_some() {
                counter.fetch_add(1, SeqCst);
            }
        }
    })
    .await;
    let limits = Limits::default().with_write_buffer(64 << 20);
    let timeouts = Timeouts::default().with_close(Duration::from_secs(20));
    let client =
        builder(&server.url, Lines::new(Matching::ById)).limits(limits).timeouts(timeouts).connect().await.unwrap();
    let calls = join_all((0..40).map(|_| client.call(command("A", "x".repeat(1 << 20)))));
    let stop = async {
        tokio::time::sleep(50 * MS).await;
        let closed = async {
            // Every call has ended when the farewell begins; then the server reads.
            tokio::time::sleep(100 * MS).await;
            go.notify_one();
        };
        tokio::join!(client.shutdown(MS), closed)
    };
    let (results, _) = within(async { tokio::join!(calls, stop) }).await;
    let deliveries: Vec<_> = results.into_iter().map(|result| result.unwrap_err().delivery()).collect();
    let sent = deliveries.iter().filter(|&&delivery| delivery == Delivery::MaybeSent).count();
    assert!(sent > 0 && sent < 40, "{sent}");
    until(|| seen.load(SeqCst) == sent).await;
    within(until_tasks_are(1)).await;
    assert_eq!(seen.load(SeqCst), sent, "the server saw other commands than the callers were told");
}

#[tokio::test]
async fn a_server_that_answers_no_farewell_holds_nobody_up() {
    let server = Server::start(|mut socket, _| async move {
        drain(socket.get_mut()).await;
    })
    .await;
    let timeouts = Timeouts::default().with_close(20 * MS);
    let client = builder(&server.url, lines()).timeouts(timeouts).connect().await.unwrap();
    within(client.shutdown(LONG)).await;
    drop(client);
    within(until_tasks_are(1)).await;
}

#[tokio::test]
async fn a_client_that_is_not_connected_ends_at_once_or_with_the_limit() {
    // Silent at the upgrade.
    let server = Server::raw(|mut stream, _| async move { drain(&mut stream).await }).await;
    let client = builder(&server.url, lines()).connect_lazy().unwrap();
    until(|| server.connections() == 1).await;
    within(client.shutdown(LONG)).await;

    // The same with a call that waits: it gets the time.
    let client = builder(&server.url, lines()).connect_lazy().unwrap();
    let call = client.call(command("A", ""));
    let stop = async {
        tokio::task::yield_now().await;
        client.shutdown(30 * MS).await;
    };
    let (result, ()) = within(async { tokio::join!(call, stop) }).await;
    let error = result.unwrap_err();
    assert!(error.is_shutdown() && error.delivery() == Delivery::NotSent, "{error:?}");
}

#[tokio::test]
async fn dropping_the_last_handle_ends_the_connection_and_a_stream_is_a_handle() {
    let farewell = Arc::new(Notify::new());
    let signal = Arc::clone(&farewell);
    let server = Server::start(move |mut socket, _| {
        let signal = Arc::clone(&signal);
        async move {
            let many = receive(&mut socket).await.unwrap();
            send(&mut socket, format!("{}+1", many.name)).await;
            signal.notified().await;
            send(&mut socket, format!("{}.2", many.name)).await;
            while receive(&mut socket).await.is_some() {}
        }
    })
    .await;
    let client = builder(&server.url, lines()).connect().await.unwrap();
    let many = command("A", "").replies(Replies::UntilLast);
    let mut stream = client.call_many(&many, &StreamOptions::default()).await.unwrap();
    let state = client.state();
    drop(client);
    assert_eq!(within(stream.next()).await.unwrap().unwrap(), "1");
    assert!(state.borrow().is_ready(), "{:?}", state.borrow());
    farewell.notify_one();
    assert_eq!(within(stream.next()).await.unwrap().unwrap(), "2");
    assert!(within(stream.next()).await.is_none());
    drop(stream);
    within(until_tasks_are(1)).await;
    assert!(state.borrow().is_closed());
}

#[tokio::test]
async fn the_state_tells_the_way() {
    let server = Server::start(|mut socket, number| async move {
        if number == 0 {
            receive(&mut socket).await;
        } else {
            echo(socket, false).await;
        }
    })
    .await;
    let client = builder(&server.url, lines()).connect_lazy().unwrap();
    let mut state = client.state();
    assert!(matches!(&*state.borrow(), State::Connecting { attempt: 1, .. }));
    within(state.wait_for(State::is_ready)).await.unwrap();
    within(client.call(command("A", ""))).await.unwrap_err();
    within(client.call(command("A", ""))).await.unwrap();
    assert!(state.borrow().is_ready());
    within(client.shutdown(LONG)).await;
    assert!(state.borrow().is_closed());
}

/// Panics when the server says so.
struct Panicking;

impl Protocol for Panicking {
    type Command = ();
    type Reply = ();
    type Event = ();
    type Key = ();

    fn service(&self) -> &'static str {
        "panicking"
    }
    fn matching(&self) -> Matching {
        Matching::InOrder
    }
    fn window(&self) -> Window {
        Window::commands(2)
    }
    fn command_name(&self, (): &()) -> std::borrow::Cow<'static, str> {
        "GO".into()
    }
    fn encode(&self, (): &(), _: u64, out: &mut Outgoing) -> Result<Expect<()>, Error> {
        out.payload = b"0 GO ".to_vec();
        Ok(Expect::one(()))
    }
    fn route(&self, _: Message, _: &mut Routes<Self>) -> Result<(), Unroutable> {
        panic!("as the test wants it");
    }
}

impl Upgrade for Panicking {}

#[tokio::test]
async fn a_protocol_that_panics_ends_all_calls() {
    let server = Server::start(|mut socket, _| async move {
        receive(&mut socket).await;
        receive(&mut socket).await;
        send(&mut socket, "boom").await;
        receive(&mut socket).await;
    })
    .await;
    let client = Setup::new(&server.url, Panicking).connect().await.unwrap();
    let mut events = client.events();
    let results = within(join_all((0..4).map(|_| client.call(())))).await;
    for (n, result) in results.into_iter().enumerate() {
        let error = result.unwrap_err();
        assert!(matches!(error.cause(), Cause::Transport(_)), "{error:?}");
        assert_eq!(error.delivery(), if n < 2 { Delivery::MaybeSent } else { Delivery::NotSent });
    }
    assert!(client.state().borrow().is_closed());
    assert!(within(events.next()).await.is_none());
    assert!(within(client.call(())).await.is_err());
    within(client.shutdown(LONG)).await;
}

#[test]
fn a_runtime_that_ends_ends_all_calls() {
    let runtime = || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (clients, callers) = (runtime(), runtime());
    let server =
        callers.block_on(Server::start(|mut socket, _| async move { while receive(&mut socket).await.is_some() {} }));
    let client = clients.block_on(builder(&server.url, Lines::new(Matching::ById)).connect()).unwrap();
    let call = callers.spawn({
        let client = client.clone();
        async move { client.call(command("A", "")).await }
    });
    callers.block_on(async { tokio::time::sleep(20 * MS).await });
    clients.shutdown_background();
    let error = callers.block_on(within(call)).unwrap().unwrap_err();
    assert!(matches!(error.cause(), Cause::Transport(_)), "{error:?}");
    callers.block_on(within(client.shutdown(LONG)));
}

#[tokio::test]
async fn what_waits_for_a_lost_session_is_shut_down_too() {
    let server = Server::raw(|stream, number| async move {
        if number > 0 {
            // The session is never resumed.
            return std::future::pending().await;
        }
        let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
        let hello = receive(&mut socket).await.unwrap();
        send(&mut socket, format!("{}.fresh", hello.seq)).await;
        receive(&mut socket).await;
    })
    .await;
    let mut lines = Lines::new(Matching::ById);
    (lines.hello, lines.in_flight) = ("HELLO", InFlight::Hold(Duration::MAX));
    let client = builder(&server.url, lines).connect().await.unwrap();
    let stop = async {
        within(client.state().wait_for(|state| matches!(state, State::Connecting { .. }))).await.unwrap();
        client.shutdown(Duration::from_millis(20)).await;
    };
    let (result, ()) = within(async { tokio::join!(client.call(command("A", "")), stop) }).await;
    let error = result.unwrap_err();
    assert!(error.is_shutdown() && error.delivery() == Delivery::MaybeSent, "{error:?}");
    let loss = std::error::Error::source(&error).and_then(|source| source.downcast_ref::<Error>());
    assert!(matches!(loss.map(Error::cause), Some(Cause::Transport(_))), "{error:?}");
}
