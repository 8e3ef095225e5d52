//! A stream of bytes to the server: TCP or a tunnel through a proxy, and TLS if the address asks for it.

use super::endpoint::Endpoint;
use crate::error::{Cause, Delivery, Error};
use crate::net::{Stream, dial, tunnel};
use crate::policy::Proxy;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

pub(super) async fn open(
    endpoint: &Endpoint,
    proxy: Option<&Proxy>,
    tls: Option<&TlsConnector>,
) -> Result<Box<dyn Stream>, Error> {
    let transport = |error: std::io::Error| Error::new(Cause::transport(error), Delivery::NotSent);
    let stream: Box<dyn Stream> = match proxy {
        Some(proxy) => tunnel::open(proxy, &endpoint.host, endpoint.port).await?,
        None => Box::new(dial(&endpoint.host, endpoint.port).await.map_err(transport)?),
    };
    let Some(tls) = tls else { return Ok(stream) };
    let name = ServerName::try_from(endpoint.host.clone())
        .map_err(|_| Error::invalid_request("the host of the address is not a valid name for TLS"))?;
    Ok(Box::new(tls.connect(name, stream).await.map_err(transport)?))
}
