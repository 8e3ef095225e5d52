//! The client side of the HTTP upgrade (RFC 6455, section 4).
//!
//! tungstenite derives the keys. Its own handshake is not used: it logs the credentials in the headers of requests, drops
//! the bytes after the head (the first frames or the body of a refusal), and knows no HTTP/1.0 and no interim responses.

use super::endpoint::Endpoint;
use crate::error::{Cause, Delivery, Error, ProtocolViolation};
use crate::net::Stream;
use crate::net::answer::{Answer, NoAnswer, ask, members};
use http::{HeaderMap, StatusCode, header};
use std::fmt::Display;
use std::io;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// Headers that the upgrade sets itself.
const OWN: [header::HeaderName; 5] =
    [header::HOST, header::CONNECTION, header::UPGRADE, header::SEC_WEBSOCKET_VERSION, header::SEC_WEBSOCKET_KEY];

/// Requests the upgrade and reads the head of the answer. A status other than 101 is not an error here.
pub(super) async fn upgrade(
    endpoint: &Endpoint,
    stream: &mut dyn Stream,
    headers: &HeaderMap,
) -> Result<Answer, Error> {
    let key = generate_key();
    let request = request(endpoint, &key, headers)?;
    let transport = |error| Error::new(Cause::transport(error), Delivery::NotSent);
    let answer = ask(stream, &request).await.map_err(|why| match why {
        NoAnswer::Invalid(reason) => violation(reason),
        NoAnswer::Broken(error) => transport(error),
        NoAnswer::Closed => {
            let reason = "the server closed the connection before it answered the upgrade";
            transport(io::Error::new(io::ErrorKind::UnexpectedEof, reason))
        }
    })?;
    if answer.status == StatusCode::SWITCHING_PROTOCOLS {
        check(&answer, headers, &key).map_err(violation)?;
    }
    Ok(answer)
}

fn request(endpoint: &Endpoint, key: &str, headers: &HeaderMap) -> Result<Vec<u8>, Error> {
    if let Some(name) = headers.keys().find(|name| OWN.contains(name)) {
        return Err(Error::invalid_request(format!("the header {:?} is set by the upgrade itself", name.as_str())));
    }
    let uri = &endpoint.uri;
    let (path, host) =
        (uri.path_and_query().map_or("/", |path| path.as_str()), uri.authority().map_or("", |it| it.as_str()));
    let mut bytes = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
    )
    .into_bytes();
    for (name, value) in headers {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    Ok(bytes)
}

/// Checks the answer as RFC 6455 (section 4.1) requires.
fn check(answer: &Answer, asked: &HeaderMap, key: &str) -> Result<(), &'static str> {
    if answer.version == 0 {
        return Err("it switches protocols in HTTP/1.0");
    }
    let answered = |name| members(&answer.headers, name);
    let is = |name, value: &str| answered(name).any(|member| member.eq_ignore_ascii_case(value));
    if !is(header::UPGRADE, "websocket") {
        return Err("it does not say `Upgrade: websocket`");
    }
    if !is(header::CONNECTION, "upgrade") {
        return Err("it does not say `Connection: Upgrade`");
    }
    // Case matters in base64.
    if answered(header::SEC_WEBSOCKET_ACCEPT).next() != Some(&derive_accept_key(key.as_bytes())) {
        return Err("its Sec-WebSocket-Accept does not match the key");
    }
    if answered(header::SEC_WEBSOCKET_EXTENSIONS).next().is_some() {
        return Err("it selects an extension that was not offered");
    }
    let mut offered = members(asked, header::SEC_WEBSOCKET_PROTOCOL);
    match (answered(header::SEC_WEBSOCKET_PROTOCOL).next(), answered(header::SEC_WEBSOCKET_PROTOCOL).nth(1)) {
        (None, _) if offered.next().is_none() => Ok(()),
        (None, _) => Err("it selects none of the offered subprotocols"),
        (Some(_), Some(_)) => Err("it selects more than one subprotocol"),
        (Some(taken), None) if offered.any(|protocol| protocol == taken) => Ok(()),
        (Some(_), None) => Err("it selects a subprotocol that was not offered"),
    }
}

fn violation(reason: impl Display) -> Error {
    let reason = format_args!("the server's answer to the upgrade is invalid: {reason}");
    Error::new(Cause::Protocol(ProtocolViolation::new(reason)), Delivery::NotSent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    fn good(key: &str) -> String {
        let accept = derive_accept_key(key.as_bytes());
        format!(
            "HTTP/1.1 101 Ok\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n"
        )
    }

    /// Answers an upgrade in pieces; `answer` makes the answer from the key.
    async fn answered(answer: impl Fn(&str) -> String, piece: usize) -> Result<Answer, Error> {
        let (mut client, mut server) = duplex(64);
        let endpoint = Endpoint::parse("ws://localhost:1/path?x=1").unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("resume-id", "abc".parse().unwrap());
        let serve = async {
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(server.read_u8().await.unwrap());
            }
            let request = String::from_utf8(request).unwrap();
            assert!(request.starts_with("GET /path?x=1 HTTP/1.1\r\nHost: localhost:1\r\n"), "{request}");
            assert!(request.contains("\r\nresume-id: abc\r\n"), "{request}");
            let key = request.split("Sec-WebSocket-Key: ").nth(1).unwrap().split("\r\n").next().unwrap();
            for part in answer(key).as_bytes().chunks(piece) {
                server.write_all(part).await.unwrap();
                tokio::task::yield_now().await;
            }
            drop(server);
        };
        let (answer, ()) = tokio::join!(upgrade(&endpoint, &mut client, &headers), serve);
        let mut answer = answer?;
        while client.read_buf(&mut answer.rest).await.unwrap() > 0 {}
        Ok(answer)
    }

    #[tokio::test]
    async fn what_follows_the_head_is_kept_however_it_is_cut() {
        for piece in 1..=60 {
            let answer = answered(|key| format!("{}\r\n\u{1}\n\n{{}}", good(key)), piece).await.unwrap();
            assert_eq!(answer.status, 101);
            assert_eq!(&answer.rest[..], b"\x01\n\n{}", "in pieces of {piece}");
        }
    }

    #[tokio::test]
    async fn a_refusal_is_an_answer() {
        let refusal = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 5\r\n\r\nlater";
        let answer = answered(|_| refusal.to_owned(), 1000).await.unwrap();
        assert_eq!((answer.status.as_u16(), &answer.headers["retry-after"]), (429, &"7".parse().unwrap()));
        assert_eq!(&answer.rest[..], b"later");
    }

    #[tokio::test]
    async fn an_answer_that_accepts_something_else_is_refused() {
        for (wrong, why) in [
            ("HTTP/1.1 101 Ok\r\nConnection: Upgrade\r\n\r\n", "Upgrade: websocket"),
            ("HTTP/1.1 101 Ok\r\nUpgrade: websocket\r\n\r\n", "Connection: Upgrade"),
            ("HTTP/1.1 101 Ok\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n", "key"),
            ("nonsense\r\n\r\n", "upgrade"),
            ("", "before it answered"),
        ] {
            let error = answered(|_| wrong.to_owned(), 1000).await.err().unwrap();
            assert_eq!(error.delivery(), Delivery::NotSent);
            let text =
                format!("{error} {}", std::error::Error::source(&error).map_or(String::new(), ToString::to_string));
            assert!(text.contains(why), "{text}");
        }
        for extra in ["Sec-WebSocket-Extensions: permessage-deflate", "Sec-WebSocket-Protocol: chat"] {
            let error = answered(|key| format!("{}{extra}\r\n\r\n", good(key)), 1000).await.err().unwrap();
            assert!(error.to_string().contains("not offered"), "{error}");
        }
    }

    #[test]
    fn headers_of_the_upgrade_cannot_be_replaced() {
        let endpoint = Endpoint::parse("ws://localhost").unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, "elsewhere".parse().unwrap());
        assert!(request(&endpoint, "key", &headers).unwrap_err().to_string().contains("host"));
    }
}
