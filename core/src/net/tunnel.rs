//! Tunnels through an HTTP proxy: the method CONNECT (RFC 9110, section 9.3.6).

use super::Stream;
use super::answer::{NoAnswer, ask};
use super::dial::dial;
use super::refusal::refusal;
use crate::error::{Cause, Delivery, Error, ProtocolViolation, Redaction};
use crate::policy::Proxy;
use std::error::Error as StdError;
use std::io::{self, Cursor};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, join};
use tokio::net::TcpStream;

/// Connects to a proxy.
pub(crate) async fn reach(proxy: &Proxy) -> Result<TcpStream, Error> {
    let fail = |error: io::Error| {
        let why = format!("the proxy {proxy} cannot be reached: {error}");
        Error::new(Cause::transport(io::Error::new(error.kind(), why)), Delivery::NotSent)
    };
    dial(proxy.host(), proxy.port()).await.map_err(fail)
}

/// Connects to a host through a proxy.
pub(crate) async fn open(proxy: &Proxy, host: &str, port: u16) -> Result<Box<dyn Stream>, Error> {
    let mut stream = reach(proxy).await?;
    let target = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n").into_bytes();
    if let Some(value) = proxy.authorization() {
        for part in [b"Proxy-Authorization: ", value.as_bytes(), b"\r\n"] {
            request.extend_from_slice(part);
        }
    }
    request.extend_from_slice(b"\r\n");
    let answer = ask(&mut stream, &request).await.map_err(|why| unanswered(proxy, why))?;
    if !answer.status.is_success() {
        return Err(from_proxy(refusal(answer, &mut stream, &proxy.hide_in(Redaction::default())).await, proxy));
    }
    if answer.rest.is_empty() {
        return Ok(Box::new(stream));
    }
    // The server may speak first, and its first bytes may come together with the proxy's head.
    let (reader, writer) = stream.into_split();
    Ok(Box::new(join(Cursor::new(answer.rest.freeze()).chain(reader), writer)))
}

fn unanswered(proxy: &Proxy, why: NoAnswer) -> Error {
    let transport = |kind, why| Error::new(Cause::transport(io::Error::new(kind, why)), Delivery::NotSent);
    match why {
        NoAnswer::Invalid(reason) => {
            let reason = format_args!("the proxy's answer to CONNECT is invalid: {reason}");
            let error = Error::new(Cause::Protocol(ProtocolViolation::new(reason)), Delivery::NotSent);
            error.with_source(through(proxy))
        }
        NoAnswer::Closed => {
            let why = format!("the proxy {proxy} closed the connection before it answered");
            transport(io::ErrorKind::UnexpectedEof, why)
        }
        NoAnswer::Broken(error) => {
            transport(error.kind(), format!("the connection to the proxy {proxy} failed: {error}"))
        }
    }
}

/// Returns what tells, as the source of an error, that a proxy is involved.
pub(crate) fn through(proxy: &Proxy) -> Arc<dyn StdError + Send + Sync> {
    let text: Box<dyn StdError + Send + Sync> = format!("the connection goes through the proxy {proxy}").into();
    text.into()
}

/// Marks the error for a status as the proxy's.
pub(crate) fn from_proxy(error: Error, proxy: &Proxy) -> Error {
    match error.cause() {
        Cause::Http(failure) => {
            let failure = failure.clone().with_proxy(&proxy.to_string());
            error.with_cause(Cause::Http(failure.into()))
        }
        _ => error,
    }
}
