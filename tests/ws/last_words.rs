//! What the server said before the connection broke reaches the callers, even if a write fails first.

use crate::support::{Lines, MS, accept, builder, command, frame, read_head, within};
use futures_util::future::join_all;
use statuswire::error::{Cause, Error};
use statuswire::rpc::Matching;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const REASON: &[u8] = b"\x10\x69rate limited, 37 seconds left";

/// Upgrades each connection, reads a few bytes of the first command, says `words`, and drops the socket with all that it
/// has not read: the kernel resets the connection.
async fn rude(words: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            // A client that is dropped may leave in the middle of connecting.
            let head = read_head(&mut stream).await;
            let mut few = [0; 14];
            if head.ends_with("\r\n\r\n")
                && stream.write_all(&accept(&head)).await.is_ok()
                && stream.read_exact(&mut few).await.is_ok()
            {
                stream.write_all(&words).await.unwrap();
            }
        }
    });
    url
}

async fn calls(url: &str, bytes: usize) -> Vec<Result<String, Error>> {
    let client = builder(url, Lines::new(Matching::ById)).connect().await.unwrap();
    let calls = (0..4).map(|_| client.call(command("A", "x".repeat(bytes))));
    within(join_all(calls)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_close_frame_before_a_reset_is_read() {
    let url = rude(frame(0x88, REASON)).await;
    for (bytes, runs) in [(1 << 20, 20), (100, 20)] {
        for _ in 0..runs {
            let errors: Vec<_> = calls(&url, bytes).await.into_iter().map(Result::unwrap_err).collect();
            let closed = |error: &Error| matches!(error.cause(), Cause::Closed(close) if close.code == 4201);
            // A call that found the connection lost may have begun the next one: it ends in the same way.
            assert!(errors.iter().all(closed), "{bytes}: {errors:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replies_before_a_reset_are_read() {
    for bytes in [1 << 20, 100] {
        for _ in 0..10 {
            let url = rude([frame(0x81, b"1.first"), frame(0x88, REASON)].concat()).await;
            let results = calls(&url, bytes).await;
            assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{bytes}: {results:?}");
        }
    }
}

#[tokio::test]
async fn a_server_that_says_nothing_before_a_reset_costs_no_time_limit() {
    let url = rude(Vec::new()).await;
    for error in calls(&url, 1 << 20).await.into_iter().map(Result::unwrap_err) {
        assert!(matches!(error.cause(), Cause::Transport(_)), "{error:?}");
    }
}

/// Refuses before it has read the request, and resets the connection.
#[tokio::test]
async fn a_refusal_before_a_reset_is_read() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let served = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&served);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(b"HTTP/1.1 429 x\r\nRetry-After: 37\r\nContent-Length: 0\r\n\r\n").await.unwrap();
            until_readable(&stream).await;
            count.fetch_add(1, SeqCst);
        }
    });
    for _ in 0..20 {
        let error = within(builder(&url, Lines::new(Matching::ById)).connect()).await.unwrap_err();
        assert!(matches!(error.cause(), Cause::Http(failure) if failure.status == 429), "{error:?}");
        assert_eq!(error.retry_after(), Some(Duration::from_secs(37)));
    }
    assert_eq!(served.load(SeqCst), 20);
}

async fn until_readable(stream: &TcpStream) {
    tokio::time::timeout(1000 * MS, stream.readable()).await.unwrap().unwrap();
}
