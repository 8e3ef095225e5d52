//! From an address to an open WebSocket: TCP, TLS, upgrade.

use super::endpoint::Endpoint;
use super::upgrade::{Answer, upgrade};
use crate::error::{Cause, Delivery, Error, Phase, Redaction};
use crate::rpc::{Loss, Reconnect};
use bytes::BytesMut;
use http::{HeaderMap, StatusCode};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

/// Characters of a refusal's body that its error shows.
const EXCERPT: usize = 200;
/// Bytes of a refusal's body that are read for it.
const BODY_BYTES: usize = 2048;
/// How long they are waited for.
const BODY_TIME: Duration = Duration::from_millis(500);

/// A stream of bytes in both directions, TLS or not.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

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
    redaction: &Redaction,
) -> Result<Socket, Loss> {
    let connected = timeout_at(deadline, async {
        let mut stream = open(endpoint, tls).await?;
        let answer = upgrade(endpoint, &mut *stream, headers).await.map_err(|error| match error.cause() {
            Cause::InvalidRequest(_) => Loss::with(error, Reconnect::Never),
            _ => Loss::new(error),
        })?;
        match answer.status {
            StatusCode::SWITCHING_PROTOCOLS => Ok(Socket { stream, rest: answer.rest, headers: answer.headers }),
            _ => Err(refused(answer, stream, redaction).await),
        }
    });
    let late = || Loss::new(Error::new(Cause::Timeout(Phase::Connect), Delivery::NotSent));
    connected.await.unwrap_or_else(|_| Err(late()))
}

async fn open(endpoint: &Endpoint, tls: Option<&TlsConnector>) -> Result<Box<dyn Stream>, Loss> {
    let transport = |error: std::io::Error| Loss::new(Error::new(Cause::transport(error), Delivery::NotSent));
    let stream = TcpStream::connect((endpoint.host.as_str(), endpoint.port)).await.map_err(transport)?;
    stream.set_nodelay(true).map_err(transport)?;
    let Some(tls) = tls else { return Ok(Box::new(stream)) };
    let name = ServerName::try_from(endpoint.host.clone()).map_err(|_| {
        let reason = format!("{:?} is no host name that a certificate could be for", endpoint.host);
        Loss::with(Error::invalid_request(reason), Reconnect::Never)
    })?;
    Ok(Box::new(tls.connect(name, stream).await.map_err(transport)?))
}

/// The server answered the upgrade with some other status.
async fn refused(answer: Answer, mut stream: Box<dyn Stream>, redaction: &Redaction) -> Loss {
    let Answer { status, headers, rest: mut body } = answer;
    let expected = headers.get(http::header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let wanted = expected.unwrap_or(BODY_BYTES).min(BODY_BYTES);
    let _ = timeout(BODY_TIME, async {
        while body.len() < wanted && stream.read_buf(&mut body).await.is_ok_and(|n| n > 0) {}
    })
    .await;
    body.truncate(wanted);
    let error = Error::http(status, &headers, redaction.excerpt_bytes(&body, EXCERPT), Delivery::NotSent);
    // Credentials do not become right by themselves.
    let hopeless = matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
    Loss::with(error, if hopeless { Reconnect::Never } else { Reconnect::Backoff })
}

/// A loss of a standing connection.
pub(super) fn broken(error: impl std::error::Error + Send + Sync + 'static) -> Loss {
    Loss::new(Error::new(Cause::Transport(Arc::new(error)), Delivery::MaybeSent))
}
