//! A stream of bytes to the server: TCP, and TLS if the address asks for it.

use super::dial::dial;
use super::endpoint::Endpoint;
use crate::error::{Cause, Delivery, Error};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

/// A stream of bytes in both directions, with or without TLS.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

pub(super) async fn open(endpoint: &Endpoint, tls: Option<&TlsConnector>) -> Result<Box<dyn Stream>, Error> {
    let transport = |error: std::io::Error| Error::new(Cause::transport(error), Delivery::NotSent);
    let stream = dial(&endpoint.host, endpoint.port).await.map_err(transport)?;
    let Some(tls) = tls else { return Ok(Box::new(stream)) };
    let name = ServerName::try_from(endpoint.host.clone())
        .map_err(|_| Error::invalid_request("the host of the address is not a valid name for TLS"))?;
    Ok(Box::new(tls.connect(name, stream).await.map_err(transport)?))
}
