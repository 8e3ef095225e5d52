//! The TLS configuration of all transports.

use crate::error::Error;
use std::sync::Arc;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Reads PEM certificates.
fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(found) if found.is_empty() => {
            Err(Error::invalid_request("the root certificates contain no certificate; give at least one in PEM format"))
        }
        Ok(found) => Ok(found),
        Err(error) => Err(Error::invalid_request(format!("the root certificates cannot be read as PEM: {error}"))),
    }
}

/// Returns a configuration that trusts the certificates in `pem`, or the public roots if it is empty.
pub(crate) fn client_config(pem: &[u8]) -> Result<ClientConfig, Error> {
    let mut store = RootCertStore::empty();
    if pem.is_empty() {
        store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    for root in if pem.is_empty() { Vec::new() } else { certificates(pem)? } {
        let added = store.add(root);
        added.map_err(|error| Error::invalid_request(format!("a root certificate cannot be used: {error}")))?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::invalid_request(format!("TLS cannot be set up: {error}")))?;
    Ok(config.with_root_certificates(store).with_no_client_auth())
}
