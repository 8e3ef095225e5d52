//! A client that is used outside the runtime in which it connected.

use crate::support::{Lines, MS, Received, Server, builder, command, echo, receive, send};
use futures_util::StreamExt;
use statuswire::error::{Cause, Delivery, Error, Phase};
use statuswire::policy::Limits;
use statuswire::rpc::{CallOptions, Client, Matching, Replies, State, StreamOptions};
use std::future::Future;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::time::timeout;

fn single() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn threaded() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

/// Runs in a runtime of its own; nothing may hang.
fn elsewhere<T>(work: impl Future<Output = T>) -> T {
    single().block_on(async { timeout(Duration::from_secs(60), work).await.expect("it hangs") })
}

/// Answers all commands but `SILENT`.
async fn server() -> Server {
    Server::start(|mut socket, _| async move {
        while let Some(Received { seq, name, argument }) = receive(&mut socket).await {
            if name != "SILENT" {
                send(&mut socket, format!("{seq}.{argument}")).await;
            }
        }
    })
    .await
}

fn is_not_running(error: &Error) -> bool {
    matches!(error.cause(), Cause::Timeout(Phase::Runtime))
}

#[test]
fn a_client_whose_runtime_ended_before_its_task_ran_has_ended() {
    let client = single().block_on(async { builder("ws://127.0.0.1:9/", Lines::new(Matching::ById)).connect_lazy() });
    let client = client.unwrap();
    elsewhere(async {
        let error = client.call(command("A", "")).await.unwrap_err();
        assert!(matches!(error.cause(), Cause::Transport(_)), "{error:?}");
        assert_eq!(error.delivery(), Delivery::NotSent);
        assert!(client.state().borrow().is_closed());
        client.shutdown(Duration::from_secs(3600)).await;
    });
}

/// Everything that waits for the client's task, with a time limit of 20 ms each.
async fn all_end(client: &Client<Lines>, written: Delivery) {
    let limit = CallOptions::default().with_timeout(20 * MS);
    let call = client.call_with(command("SILENT", ""), &limit, Ok).await.unwrap_err();
    assert!(is_not_running(&call), "{call:?}");
    assert_eq!(call.delivery(), written, "{call:?}");
    assert!(call.to_string().contains("runtime is not running"), "{call}");

    let limit = StreamOptions::default().with_timeout(20 * MS);
    let many = command("SILENT", "").replies(Replies::UntilLast);
    let mut replies = client.call_many(&many, &limit).await.unwrap();
    let error = replies.next().await.unwrap().unwrap_err();
    assert!(is_not_running(&error), "{error:?}");
    assert!(replies.next().await.is_none());

    let error = client.send_one_way(&command("SILENT", "").replies(Replies::None)).await.unwrap_err();
    assert!(is_not_running(&error), "{error:?}");
}

#[test]
fn time_limits_hold_while_the_runtime_of_the_client_is_not_driven() {
    let network = threaded();
    let server = network.block_on(server());
    let home = single();
    let timeouts = statuswire::policy::Timeouts::default().with_call(20 * MS).with_close(20 * MS);
    let client = home.block_on(async {
        let limits = Limits::default().with_calls(4);
        let client = builder(&server.url, Lines::new(Matching::ById)).limits(limits).timeouts(timeouts);
        let client = client.connect().await.unwrap();
        let limit = CallOptions::default().with_timeout(Duration::from_secs(60));
        assert_eq!(client.call_with(command("A", "1"), &limit, Ok).await.unwrap(), "1");
        client
    });
    // From here on, nothing drives `home`.
    elsewhere(async {
        all_end(&client, Delivery::MaybeSent).await;
        // More calls than there are slots: the waiting ones end, too.
        let calls = (0..16).map(|_| client.call(command("SILENT", "")));
        for result in futures_util::future::join_all(calls).await {
            assert!(matches!(result.unwrap_err().cause(), Cause::Timeout(_)));
        }
        client.shutdown(20 * MS).await;
        let state = client.state().borrow().clone();
        let State::Closed { cause: Some(cause), .. } = state else { panic!("{state:?}") };
        assert!(is_not_running(&cause), "{cause:?}");
        let error = client.call(command("A", "")).await.unwrap_err();
        assert!(matches!(error.cause(), Cause::Shutdown), "{error:?}");
    });
    // Driven again, the task finds that the client has ended.
    let tasks = || home.metrics().num_alive_tasks();
    assert_eq!(tasks(), 1);
    home.block_on(crate::support::until(|| tasks() == 0));
}

#[test]
fn time_limits_hold_while_the_runtime_of_the_client_is_blocked() {
    let network = threaded();
    let server = network.block_on(server());
    let home = threaded();
    let timeouts = statuswire::policy::Timeouts::default().with_call(20 * MS).with_close(20 * MS);
    let client = home.block_on(async {
        builder(&server.url, Lines::new(Matching::ById)).timeouts(timeouts).connect().await.unwrap()
    });
    let (blocked, is_blocked) = oneshot::channel();
    let (release, released) = std::sync::mpsc::channel::<()>();
    home.spawn(async move {
        blocked.send(()).unwrap();
        let _ = released.recv();
    });
    elsewhere(async {
        is_blocked.await.unwrap();
        all_end(&client, Delivery::MaybeSent).await;
        let shutdown = client.shutdown(20 * MS);
        shutdown.await;
        assert!(client.state().borrow().is_closed());
    });
    release.send(()).unwrap();
    home.block_on(crate::support::until(|| home.metrics().num_alive_tasks() == 0));
}

#[test]
fn calls_from_another_runtime_and_from_no_runtime_are_answered() {
    let home = threaded();
    let (_server, client) = home.block_on(async {
        let server = Server::start(|socket, _| echo(socket, true)).await;
        let client = builder(&server.url, Lines::new(Matching::ById)).connect().await.unwrap();
        (server, client)
    });
    let answer = elsewhere(client.call(command("A", "1")));
    assert_eq!(answer.unwrap(), "1");
    let work = async {
        let answer = client.call(command("A", "2")).await.unwrap();
        client.shutdown(Duration::from_secs(60)).await;
        answer
    };
    assert_eq!(futures_executor_block_on(work), "2");
}

#[test]
fn without_a_timer_a_call_waits_for_its_turn_and_is_not_retried() {
    let home = threaded();
    let (_server, client) = home.block_on(async {
        let server = Server::start(|mut socket, connection| async move {
            while let Some(Received { seq, argument, .. }) = receive(&mut socket).await {
                if connection == 0 && argument == "leave" {
                    return;
                }
                send(&mut socket, format!("{seq}.{argument}")).await;
            }
        })
        .await;
        let limits = Limits::default().with_calls(1);
        let client = builder(&server.url, Lines::new(Matching::ById)).limits(limits).retry(Default::default());
        (server, client.connect().await.unwrap())
    });
    let calls = (0..4).map(|n| client.call(command("A", n.to_string())));
    let answers = futures_executor_block_on(futures_util::future::join_all(calls));
    assert_eq!(answers.into_iter().map(Result::unwrap).collect::<Vec<_>>(), ["0", "1", "2", "3"]);
    let error = futures_executor_block_on(client.call(command("A", "leave").safe())).unwrap_err();
    assert_eq!((error.delivery(), error.context().attempt), (Delivery::MaybeSent, 1));
}

#[test]
fn a_stream_may_be_read_in_one_runtime_after_the_other() {
    let network = threaded();
    let server = network.block_on(server());
    let home = single();
    let (_client, mut replies) = home.block_on(async {
        let client = builder(&server.url, Lines::new(Matching::ById)).connect().await.unwrap();
        let limit = StreamOptions::default().with_timeout(20 * MS);
        let many = command("SILENT", "").replies(Replies::UntilLast);
        let replies = client.call_many(&many, &limit).await.unwrap();
        (client, replies)
    });
    let pending = elsewhere(async { futures_util::poll!(replies.next()).is_pending() });
    assert!(pending);
    let error = elsewhere(replies.next()).unwrap().unwrap_err();
    assert!(is_not_running(&error), "{error:?}");
}

/// The peer reads nothing, so that only the beginning of the first command leaves.
#[test]
fn a_command_that_may_not_have_left_is_no_success() {
    let network = threaded();
    let server = network.block_on(Server::start(|socket, _| async move {
        let _socket = socket;
        std::future::pending().await
    }));
    let home = threaded();
    let client = home.block_on(async {
        let timeouts = statuswire::policy::Timeouts::default().with_call(Duration::from_secs(3600));
        let limits = Limits::default().with_write_buffer(64 << 20);
        let client = builder(&server.url, Lines::new(Matching::ById)).timeouts(timeouts).limits(limits);
        client.connect().await.unwrap()
    });
    let one_way = |bytes| command("A", "x".repeat(bytes)).replies(Replies::None);
    let (large, small) = (one_way(15 << 20), one_way(10));
    elsewhere(async {
        let sent = futures_util::future::join(client.send_one_way(&large), client.send_one_way(&small));
        let mut sent = std::pin::pin!(sent);
        assert!(futures_util::poll!(&mut sent).is_pending());
        home.shutdown_background();
        let (first, second) = sent.await;
        let first = first.unwrap_err();
        assert_eq!(first.delivery(), Delivery::MaybeSent, "{first:?}");
        let second = second.unwrap_err();
        assert_eq!(second.delivery(), Delivery::MaybeSent, "{second:?}");
    });
}

/// An executor without tokio.
fn futures_executor_block_on<T>(work: impl Future<Output = T>) -> T {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = std::task::Waker::from(std::sync::Arc::new(Unpark(std::thread::current())));
    let mut work = std::pin::pin!(work);
    loop {
        match work.as_mut().poll(&mut std::task::Context::from_waker(&waker)) {
            std::task::Poll::Ready(value) => return value,
            std::task::Poll::Pending => std::thread::park(),
        }
    }
}
