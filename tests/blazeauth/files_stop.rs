//! Downloads that are stopped or dropped, and writers that are slow.

use crate::file_server::{Break, Plan, Server, content, plan};
use crate::support::{until, within};
use statuswire::blazeauth::{ErrorCode, Interrupted, Verified};
use statuswire::policy::RateLimit;
use statuswire::{Cause, Delivery};
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::AsyncWrite;
use tokio::sync::{Semaphore, watch};

/// A writer that takes as many bytes as it is allowed to.
struct Slow {
    got: Arc<Mutex<Vec<u8>>>,
    allowed: watch::Receiver<usize>,
    waiting: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

struct Allow {
    allowed: watch::Sender<usize>,
    got: Arc<Mutex<Vec<u8>>>,
}

impl Allow {
    fn taken(&self) -> usize {
        self.got.lock().unwrap().len()
    }
    fn set(&self, bytes: usize) {
        self.allowed.send_replace(bytes);
    }
}

fn slow() -> (Slow, Allow) {
    let (sender, allowed) = watch::channel(0);
    let got = Arc::default();
    (Slow { got: Arc::clone(&got), allowed, waiting: None }, Allow { allowed: sender, got })
}

impl AsyncWrite for Slow {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        loop {
            let room = *self.allowed.borrow() - self.got.lock().unwrap().len();
            if room > 0 {
                let taken = room.min(bytes.len());
                self.got.lock().unwrap().extend_from_slice(&bytes[..taken]);
                return Poll::Ready(Ok(taken));
            }
            let mut allowed = self.allowed.clone();
            let full = self.got.lock().unwrap().len();
            let waiting = self.waiting.get_or_insert_with(|| {
                Box::pin(async move {
                    let _ = allowed.wait_for(|&room| room > full).await;
                })
            });
            std::task::ready!(waiting.as_mut().poll(cx));
            self.waiting = None;
        }
    }
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn a_stop_ends_the_stream_and_tells_how_much_arrived() {
    let gate = Arc::new(Semaphore::new(3));
    let served = Plan { cuts: vec![10], gate: Some(gate), ..plan(&content(100)) };
    let server = Server::start(move |_, _, _| served.clone()).await;
    let client = server.client().await;
    let (mut got, seen) = (Vec::new(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&seen);
    let download = client.download("patch").progress(move |_| _ = count.fetch_add(1, SeqCst));
    let stopper = download.stopper();
    let stop = async {
        until(|| seen.load(SeqCst) == 3).await;
        stopper.clone().stop();
        stopper.stop();
    };
    let (result, ()) = within(async { tokio::join!(download.write_to(&mut got), stop) }).await;
    let error = result.unwrap_err();
    assert_eq!((error.code_as(), error.delivery()), (Some(ErrorCode::FileTransferStopped), Delivery::Answered));
    assert_eq!(Interrupted::of(&error).unwrap().at_hand, 30);
    assert_eq!(got, content(30));
    assert_eq!(server.packets(8).len(), 1);
}

#[tokio::test]
async fn a_stop_before_the_beginning_sends_nothing() {
    let server = Server::start(|_, _, _| plan(&content(10))).await;
    let client = server.client().await;
    let download = client.download("patch");
    download.stopper().stop();
    let error = within(download.write_to(&mut Vec::new())).await.unwrap_err();
    assert_eq!((error.code_as(), error.delivery()), (Some(ErrorCode::FileTransferStopped), Delivery::NotSent));
    within(client.online_users()).await.unwrap();
    assert!(server.packets(7).is_empty() && server.packets(8).is_empty());
}

#[tokio::test]
async fn a_stop_while_the_connection_is_away_ends_the_wait() {
    let server =
        Server::start(|_, _, _| Plan { cuts: vec![10], only: Some((2, Break::Connection)), ..plan(&content(100)) })
            .await;
    let client = server
        .builder()
        .backoff(
            statuswire::policy::Backoff::default()
                .with_base(Duration::from_secs(3600))
                .with_cap(Duration::from_secs(3600)),
        )
        .connect()
        .await
        .unwrap();
    let download = client.download("patch");
    let stopper = download.stopper();
    let stop = async {
        let mut state = client.state();
        state.wait_for(|state| matches!(state, statuswire::blazeauth::State::Waiting { .. })).await.unwrap();
        stopper.stop();
    };
    let mut got = Vec::new();
    let (result, ()) = within(async { tokio::join!(download.write_to(&mut got), stop) }).await;
    let error = result.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::FileTransferStopped));
    assert_eq!(Interrupted::of(&error).unwrap().at_hand, 20);
}

#[tokio::test]
async fn a_stop_that_comes_too_late_is_a_success() {
    let served = Plan { cuts: vec![10], deaf: true, ..plan(&content(100)) };
    let server = Server::start(move |_, _, _| served.clone()).await;
    let client = server.client().await;
    let download = client.download("patch");
    let stopper = download.stopper();
    let download = download.progress(move |progress| {
        if progress.received == 50 {
            stopper.stop();
        }
    });
    let mut got = Vec::new();
    let done = within(download.write_to(&mut got)).await.unwrap();
    assert_eq!((done.size, done.verified), (100, Verified::File));
    assert_eq!(got, content(100));
}

#[tokio::test]
async fn dropping_a_download_ends_the_stream_at_the_server() {
    let gate = Arc::new(Semaphore::new(2));
    let served = Plan { cuts: vec![10], gate: Some(gate), ..plan(&content(100)) };
    let server = Server::start(move |_, nth, _| match nth {
        0 => served.clone(),
        _ => Plan { gate: None, ..served.clone() },
    })
    .await;
    let client = server.client().await;
    let (mut got, seen) = (Vec::new(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&seen);
    let download = client.download("patch").progress(move |_| _ = count.fetch_add(1, SeqCst)).write_to(&mut got);
    let given_up = async {
        tokio::select! {
            _ = download => panic!("it cannot be complete"),
            () = until(|| seen.load(SeqCst) == 2) => {}
        }
    };
    within(given_up).await;
    // The next one waits until the name is free.
    let mut got = Vec::new();
    within(client.download("patch").write_to(&mut got)).await.unwrap();
    assert_eq!(got, content(100));
    let order: Vec<_> = server.seen.lock().unwrap().iter().map(|seen| seen.packet).collect();
    assert_eq!(order, [0, 7, 8, 7]);
}

#[tokio::test]
async fn a_slow_writer_holds_the_reader() {
    const SIZE: usize = 30 << 20;
    let served = plan(&content(SIZE));
    let server = Server::start(move |_, _, _| served.clone()).await;
    let limits = statuswire::policy::Limits::default().with_replies(16);
    let client = server.builder().limits(limits).connect().await.unwrap();
    let (mut writer, allow) = slow();
    let received = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&received);
    let download = client.download("patch").progress(move |it| count.store(it.received as usize, SeqCst));
    let control = async {
        until(|| received.load(SeqCst) >= 1 << 20).await;
        let mut other = Box::pin(client.online_users());
        for _ in 0..100 {
            assert!(futures_util::poll!(&mut other).is_pending(), "another call was answered");
            tokio::task::yield_now().await;
        }
        // The rest waits in the connection, up to its own limit, and at the server.
        assert!(received.load(SeqCst) <= (1 << 20) + (16 << 10));
        allow.set(SIZE);
        assert_eq!(other.await.unwrap(), 3);
    };
    let (result, ()) = within(async { tokio::join!(download.write_to(&mut writer), control) }).await;
    assert_eq!(result.unwrap().attempts, 1);
    assert!(*allow.got.lock().unwrap() == content(SIZE));
    assert!(server.packets(8).is_empty());
}

#[tokio::test]
async fn a_stop_does_not_wait_for_a_writer_that_takes_nothing() {
    let server = Server::start(|_, _, _| plan(&content(12 << 20))).await;
    let client = server.client().await;
    let (mut writer, allow) = slow();
    allow.set(1000);
    let received = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&received);
    let download = client.download("patch").progress(move |it| count.store(it.received as usize, SeqCst));
    let stopper = download.stopper();
    let stop = async {
        until(|| received.load(SeqCst) >= 1 << 20).await;
        stopper.stop();
    };
    let (result, ()) = within(async { tokio::join!(download.write_to(&mut writer), stop) }).await;
    let error = result.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::FileTransferStopped));
    assert_eq!(Interrupted::of(&error).unwrap().at_hand, 1000);
    assert_eq!(server.packets(8).len(), 1);
    assert_eq!(allow.taken(), 1000);
}

#[tokio::test]
async fn a_task_that_is_not_run_loses_nothing() {
    let server = Server::start(|_, _, _| Plan { cuts: vec![1], ..plan(&content(5000)) }).await;
    let limits = statuswire::policy::Limits::default().with_replies(100);
    let client = server.builder().limits(limits).connect().await.unwrap();
    let mut got = Vec::new();
    let mut download = Box::pin(client.download("patch").write_to(&mut got));
    assert!(futures_util::poll!(&mut download).is_pending());
    // More comes than may wait while it is not polled.
    until(|| server.packets(7).len() == 1).await;
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    let done = within(download).await.unwrap();
    assert_eq!((done.verified, done.attempts), (Verified::File, 1));
    assert_eq!(got, content(5000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hashing_that_lags_behind_does_not_end_the_stream() {
    let server = Server::start(|_, _, _| plan(&content(24 << 20))).await;
    let client = server.client().await;
    let done = within(client.download("patch").write_to(&mut tokio::io::sink())).await.unwrap();
    assert_eq!((done.verified, done.attempts), (Verified::File, 1));
    assert!(server.packets(8).is_empty());
}

#[tokio::test]
async fn a_server_that_falls_silent_is_asked_again() {
    let server = Server::start(|_, nth, _| Plan {
        cuts: vec![10],
        only: (nth == 0).then_some((3, Break::Silence)),
        ..plan(&content(100))
    })
    .await;
    let client = server.client().await.with_timeout(Duration::from_millis(50));
    let mut got = Vec::new();
    let done = within(client.download("patch").write_to(&mut got)).await.unwrap();
    assert_eq!((done.verified, done.attempts), (Verified::File, 2));
    assert_eq!(server.offsets(), [0, 30]);
    assert_eq!(server.packets(8).len(), 1);
}

struct Broken;

impl AsyncWrite for Broken {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Err(io::Error::new(io::ErrorKind::StorageFull, "no room")))
    }
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn a_writer_that_fails_ends_the_download_and_the_stream() {
    let gate = Arc::new(Semaphore::new(1));
    let served = Plan { cuts: vec![10], gate: Some(gate), ..plan(&content(100)) };
    let server = Server::start(move |_, _, _| served.clone()).await;
    let client = server.client().await;
    let error = within(client.download("patch").write_to(&mut Broken)).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Io(_)), "{error:?}");
    assert_eq!(error.kind(), statuswire::codes::Kind::ResourceExhausted);
    assert_eq!(error.delivery(), Delivery::MaybeSent);
    assert_eq!(Interrupted::of(&error).unwrap().at_hand, 0);
    until(|| server.packets(8).len() == 1).await;
}

/// While the limit holds other calls back, what ends a stream goes out at once.
#[tokio::test]
async fn neither_a_stop_nor_a_drop_waits_for_the_rate_limit() {
    for stops in [true, false] {
        let gate = Arc::new(Semaphore::new(2));
        let served = Plan { cuts: vec![10], gate: Some(gate), ..plan(&content(100)) };
        let server = Server::start(move |_, _, _| served.clone()).await;
        let limit = RateLimit::new(4, Duration::from_secs(3600));
        let client = server.builder().rate_limit(Some(limit)).connect().await.unwrap();
        let (mut got, seen) = (Vec::new(), Arc::new(AtomicUsize::new(0)));
        let count = Arc::clone(&seen);
        let download = client.download("patch").progress(move |_| _ = count.fetch_add(1, SeqCst));
        let stopper = download.stopper();
        let mut download = Box::pin(download.write_to(&mut got));
        let full = async {
            until(|| seen.load(SeqCst) == 2).await;
            client.online_users().await.unwrap();
            let mut held_back = Box::pin(client.online_users());
            assert!(futures_util::poll!(&mut held_back).is_pending());
            let throttle = client.throttle().unwrap();
            assert_eq!((throttle.left, throttle.waiting), (0, 1), "one is kept for the stop");
            if stops {
                stopper.stop();
                // Until the download is over.
                std::future::pending::<()>().await;
            }
        };
        let result = within(async {
            tokio::select! {
                result = &mut download => Some(result),
                () = full => None,
            }
        });
        if let Some(result) = result.await {
            assert_eq!(result.unwrap_err().code_as(), Some(ErrorCode::FileTransferStopped));
        }
        drop(download);
        until(|| server.packets(8).len() == 1).await;
        assert_eq!(server.packets(10).len(), 1);
    }
}

/// Each of them counts for the rate limit of the server.
#[tokio::test]
async fn a_stop_and_a_drop_ask_the_server_once() {
    // The server does not heed it, or does.
    for deaf in [true, false] {
        let gate = Arc::new(Semaphore::new(2));
        let served = Plan { cuts: vec![10], gate: Some(Arc::clone(&gate)), deaf, ..plan(&content(100)) };
        let server = Server::start(move |_, _, _| served.clone()).await;
        let client = server.client().await;
        let (mut got, seen) = (Vec::new(), Arc::new(AtomicUsize::new(0)));
        let count = Arc::clone(&seen);
        let download = client.download("patch").progress(move |_| _ = count.fetch_add(1, SeqCst));
        let stopper = download.stopper();
        let mut download = Box::pin(download.write_to(&mut got));
        let asked = async {
            until(|| seen.load(SeqCst) == 2).await;
            stopper.stop();
            until(|| server.packets(8).len() == 1).await;
        };
        within(async {
            tokio::select! {
                biased;
                () = asked => {}
                result = &mut download => assert!(!deaf && result.is_err()),
            }
        })
        .await;
        drop(download);
        gate.add_permits(100);
        // The name is free once the stream has ended.
        let mut got = Vec::new();
        let _ = within(client.download("patch").write_to(&mut got)).await.unwrap();
        assert_eq!((server.packets(8).len(), server.packets(7).len()), (1, 2), "{deaf}");
    }
}
