//! HTTP servers that want our memory.

use crate::alone;
use crate::support::files::{plain, respond};
use crate::support::{Server, drain, gzip, read_head, within};
use crate::usage::{KIB, MIB, Usage};
use statuswire::ConnectOptions;
use statuswire::error::{Cause, Error};
use statuswire::http::{Builder, Client, Request, Service};
use statuswire::policy::{Limits, Retry};
use tokio::io::AsyncWriteExt;

struct Plain;

impl Service for Plain {
    fn service(&self) -> &'static str {
        "plain"
    }
}

async fn answering(answer: Vec<u8>) -> (Server, Client<Plain>) {
    let answer: &'static [u8] = answer.leak();
    let server = Server::raw(move |mut stream, _| async move {
        read_head(&mut stream).await;
        let _ = stream.write_all(answer).await;
        drain(&mut stream).await;
    })
    .await;
    let limits = Limits::default().with_message_in(MIB);
    let options = ConnectOptions::default().with_limits(limits).with_retry(Retry::never());
    let client = Builder::new(server.url.replace("ws://", "http://"), Plain).options(options).build().unwrap();
    (server, client)
}

async fn fails(client: &Client<Plain>, most: usize) -> Error {
    let usage = Usage::start();
    let error = within(client.send(Request::get("x"))).await.unwrap_err();
    usage.assert_allocated(most);
    error
}

#[tokio::test]
async fn a_compressed_bomb_ends_at_the_limit() {
    let _alone = alone().await;
    let bomb = gzip::zeros(256 * MIB);
    let (_server, client) = answering(plain("200 OK", "Content-Encoding: gzip\r\n", &bomb)).await;
    let error = fails(&client, 8 * MIB).await;
    assert!(matches!(error.cause(), Cause::Protocol(_)), "{error:?}");
    assert!(error.to_string().contains("1048576 bytes (`Limits::message_in`, after decompression)"), "{error}");
    // As the body of an error, too.
    let (_server, client) = answering(plain("500 Oops", "Content-Encoding: gzip\r\n", &bomb)).await;
    let error = fails(&client, 4 * MIB).await;
    assert!(matches!(error.cause(), Cause::Http(_)), "{error:?}");
    // In chunks nothing piles up.
    let (_server, client) = answering(plain("200 OK", "Content-Encoding: gzip\r\n", &bomb)).await;
    let usage = Usage::start();
    let mut stream = within(client.open(Request::get("x"))).await.unwrap();
    let mut read = 0;
    while read < 64 * MIB {
        read += within(stream.chunk()).await.unwrap().unwrap().len();
        usage.assert_live(MIB);
    }
}

#[tokio::test]
async fn an_announced_length_reserves_no_memory() {
    let _alone = alone().await;
    let (_server, client) = answering(respond("200 OK", "Content-Length: 99999999999\r\n", b"x")).await;
    assert!(matches!(fails(&client, MIB).await.cause(), Cause::Protocol(_)));
}

#[tokio::test]
async fn a_head_without_end_is_bounded() {
    let _alone = alone().await;
    let line = format!("x: {}\r\n", "y".repeat(1000)).repeat(64 * KIB);
    let (_server, client) = answering(format!("HTTP/1.1 200 OK\r\n{line}").into_bytes()).await;
    assert!(matches!(fails(&client, 4 * MIB).await.cause(), Cause::Transport(_)));
}
