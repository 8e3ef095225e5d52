//! From an address to an open WebSocket: TCP, TLS, upgrade.

use super::endpoint::Endpoint;
use super::tap::{Stream, Tap};
use crate::dialogue::{Loss, Reconnect};
use crate::error::{Cause, Delivery, Error, Excerpts, Phase, Violation};
use crate::http_failure::{BODY_BYTES, BODY_TIME, EXCERPT, http_failure};
use bytes::BytesMut;
use http::{HeaderMap, StatusCode};
use std::sync::Arc;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_tungstenite::tungstenite;
use tungstenite::client::IntoClientRequest;

/// An open WebSocket.
pub(super) struct Socket {
    pub(super) stream: Box<dyn Stream>,
    /// What came after the HTTP head already.
    pub(super) rest: BytesMut,
    /// The headers of the server's answer.
    pub(super) headers: HeaderMap,
}

/// Connects within a limit for everything together.
pub(super) async fn connect(
    endpoint: &Endpoint,
    tls: Option<&TlsConnector>,
    headers: &HeaderMap,
    deadline: Instant,
) -> Result<Socket, Loss> {
    let connected = timeout_at(deadline, async {
        let stream = open(endpoint, tls).await?;
        upgrade(endpoint, stream, headers).await
    });
    let late = || Loss::new(Error::new(Cause::Timeout(Phase::Connect), Delivery::NotSent));
    connected.await.unwrap_or_else(|_| Err(late()))
}

async fn open(endpoint: &Endpoint, tls: Option<&TlsConnector>) -> Result<Box<dyn Stream>, Loss> {
    let transport = |error: std::io::Error| Loss::new(Error::new(Cause::transport(error), Delivery::NotSent));
    let stream = TcpStream::connect((endpoint.host.as_str(), endpoint.port)).await.map_err(transport)?;
    stream.set_nodelay(true).map_err(transport)?;
    let Some(tls) = tls else { return Ok(Box::new(stream)) };
    let name = ServerName::try_from(endpoint.host.clone()).map_err(|_| Loss {
        error: Error::refused(format!("{:?} is no host name that a certificate could be for", endpoint.host)),
        verdict: Reconnect::Never,
    })?;
    Ok(Box::new(tls.connect(name, stream).await.map_err(transport)?))
}

async fn upgrade(endpoint: &Endpoint, stream: Box<dyn Stream>, headers: &HeaderMap) -> Result<Socket, Loss> {
    let mut request = endpoint.uri.clone().into_client_request().map_err(|error| Loss {
        error: Error::refused(format!("no request can be made for {}: {error}", endpoint.shown)),
        verdict: Reconnect::Never,
    })?;
    request.headers_mut().extend(headers.clone());
    let mut tap = Tap::new(stream);
    match tokio_tungstenite::client_async(request, &mut tap).await {
        Ok((_, response)) => {
            let (head, _) = response.into_parts();
            Ok(Socket { stream: tap.stream, rest: tap.rest, headers: head.headers })
        }
        Err(tungstenite::Error::Http(response)) => Err(refused(response.status(), response.headers(), tap).await),
        Err(tungstenite::Error::Io(error)) => Err(Loss::new(Error::new(Cause::transport(error), Delivery::NotSent))),
        Err(error) => {
            let reason = format!("the server's answer to the upgrade is none: {error}");
            Err(Loss::new(Error::new(Cause::Violation(Violation(reason)), Delivery::NotSent)))
        }
    }
}

/// The server answered the upgrade with some other status.
async fn refused(status: StatusCode, headers: &HeaderMap, tap: Tap<Box<dyn Stream>>) -> Loss {
    let Tap { mut stream, rest: mut body, .. } = tap;
    let expected = headers.get(http::header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let wanted = expected.unwrap_or(BODY_BYTES).min(BODY_BYTES);
    let _ = timeout(BODY_TIME, async {
        while body.len() < wanted && stream.read_buf(&mut body).await.is_ok_and(|n| n > 0) {}
    })
    .await;
    body.truncate(wanted);
    let error = http_failure(status, headers, Excerpts::new(EXCERPT).cut_bytes(&body), Delivery::NotSent);
    // Credentials do not become right by themselves.
    let hopeless = matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
    Loss { error, verdict: if hopeless { Reconnect::Never } else { Reconnect::Backoff } }
}

/// A loss of a standing connection.
pub(super) fn broken(error: impl std::error::Error + Send + Sync + 'static) -> Loss {
    Loss::new(Error::new(Cause::Transport(Arc::new(error)), Delivery::MaybeSent))
}
