//! Unusual but legal answers to the upgrade.

use super::connect::{answering, failure, lines};
use crate::support::*;
use statuswire::error::Cause;
use statuswire::rpc::Matching;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;

#[tokio::test]
async fn a_refusal_says_the_same_in_every_form() {
    let many: String = (0..200).map(|number| format!("X-Header-{number}: 1\r\n")).collect();
    for answer in [
        "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 37\r\nContent-Length: 9\r\n\r\nslow down".to_owned(),
        "HTTP/1.0 429 Too Many Requests\r\nRetry-After: 37\r\nContent-Length: 9\r\n\r\nslow down".to_owned(),
        format!("HTTP/1.1 429 x\r\n{many}Retry-After: 37\r\nContent-Length: 9\r\n\r\nslow down"),
        "HTTP/1.1 429\r\nTransfer-Encoding: chunked\r\nRetry-After: 37\r\n\r\n5\r\nslow \r\n4\r\ndown\r\n0\r\n\r\n"
            .to_owned(),
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nRetry-After: 1\r\n\r\n\
         HTTP/1.1 429 x\r\nRetry-After: 37\r\nContent-Length: 9\r\n\r\nslow down"
            .to_owned(),
    ] {
        let server = answering(answer.clone().leak().as_bytes()).await;
        let error = failure(lines(&server.url)).await;
        let Cause::Http(failure) = error.cause() else { panic!("{answer}: {error:?}") };
        assert_eq!((failure.status.as_u16(), failure.excerpt.as_str()), (429, "slow down"), "{answer}");
        assert_eq!(error.retry_after(), Some(Duration::from_secs(37)), "{answer}");
    }
}

/// Connects to a server that answers the upgrade with `before`, the usual answer in version 1.`minor`, and `headers`.
async fn accepted(before: &'static str, minor: u8, headers: &'static str, protocols: &[&str]) -> Result<(), String> {
    let server = Server::raw(move |mut stream, _| async move {
        let key = read_head(&mut stream).await;
        let usual = String::from_utf8(accept(&key)).unwrap().replacen("1.1", &format!("1.{minor}"), 1);
        let kept = usual.lines().filter(|line| {
            let name = line.split(':').next().unwrap().to_lowercase();
            !line.is_empty() && !headers.to_lowercase().contains(&format!("{name}:"))
        });
        let head: String = kept.map(|line| format!("{line}\r\n")).collect();
        stream.write_all(format!("{before}{head}{headers}\r\n").as_bytes()).await.unwrap();
        echo(WebSocketStream::from_raw_socket(stream, Role::Server, None).await, true).await;
    })
    .await;
    let mut builder = builder(&server.url, Lines::new(Matching::ById));
    for protocol in protocols {
        builder = builder.header("sec-websocket-protocol", protocol);
    }
    let client = within(builder.connect()).await.map_err(|error| error.to_string())?;
    assert_eq!(within(client.call(command("A", "x"))).await.unwrap(), "x");
    Ok(())
}

#[tokio::test]
async fn interim_answers_and_spread_lists_are_no_obstacle() {
    for (before, headers, protocols) in [
        ("HTTP/1.1 100 Continue\r\n\r\n", "", &[] as &[&str]),
        ("HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n", "", &[]),
        ("", "Connection: keep-alive\r\nConnection: Upgrade\r\nConnection:\r\n", &[]),
        ("", "Upgrade:\r\nUpgrade: , WebSocket ,\r\n", &[]),
        ("", "Sec-WebSocket-Extensions:\r\nSec-WebSocket-Extensions: ,\r\n", &[]),
        ("", "Sec-WebSocket-Protocol:\r\n", &[]),
        ("", "Sec-WebSocket-Protocol:\r\nSec-WebSocket-Protocol: two\r\n", &["one", "two"]),
        ("", "Sec-WebSocket-Protocol: three,\r\n", &["one, two", "three"]),
    ] {
        let result = accepted(before, 1, headers, protocols).await;
        assert_eq!(result, Ok(()), "{before}{headers}");
    }
}

#[tokio::test]
async fn an_acceptance_that_changes_the_terms_is_refused() {
    for (minor, headers, protocols, why) in [
        (0, "", &[] as &[&str], "HTTP/1.0"),
        (1, "Connection: keep-alive\r\nConnection: close\r\n", &[], "Connection"),
        (1, "Upgrade: h2c\r\nUpgrade:\r\n", &[], "Upgrade"),
        (1, "Sec-WebSocket-Extensions:\r\nSec-WebSocket-Extensions: permessage-deflate\r\n", &[], "extension"),
        (1, "Sec-WebSocket-Protocol:\r\n", &["one"], "none of the offered"),
        (1, "Sec-WebSocket-Protocol: one\r\nSec-WebSocket-Protocol: two\r\n", &["one", "two"], "more than one"),
        (1, "Sec-WebSocket-Protocol:\r\nSec-WebSocket-Protocol: other\r\n", &["one"], "not offered"),
        (1, "Sec-WebSocket-Protocol:\r\nSec-WebSocket-Protocol: other\r\n", &[], "not offered"),
    ] {
        let error = accepted("", minor, headers, protocols).await.expect_err(headers);
        assert!(error.contains(why), "{headers}: {error}");
    }
}
