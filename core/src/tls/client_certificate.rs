//! The certificate with which a client identifies itself, and its key.

use super::pem::{Block, Content, blocks};
use crate::error::Error;
use secrecy::{ExposeSecret, SecretString};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Reads the chain. All blocks must be certificates: the server would refuse a chain with a gap.
pub(super) fn chain(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
    let certificate = |(index, block): (usize, Result<Block<'_>, &str>)| {
        let refuse = |why: &str| {
            let number = index + 1;
            Error::invalid_request(format!(
                "the client certificate cannot be used: block {number}: {why}; give its chain in PEM format, and nothing else"
            ))
        };
        let block = block.map_err(refuse)?;
        if block.content() != Content::Certificate {
            return Err(refuse(&format!("it is {}, not a certificate", block.content().name())));
        }
        let der = block.decode().ok_or_else(|| refuse("its base64 cannot be decoded"))?;
        Ok(CertificateDer::from(der.to_vec()))
    };
    let chain: Vec<_> = blocks(pem).into_iter().enumerate().map(certificate).collect::<Result<_, _>>()?;
    if chain.is_empty() {
        return Err(Error::invalid_request(
            "the client certificate contains no PEM block; give its chain in PEM format",
        ));
    }
    Ok(chain)
}

/// Reads the key. Other blocks may stand next to it, as its certificate or the parameters of its curve.
pub(super) fn key(pem: &SecretString) -> Result<PrivateKeyDer<'static>, Error> {
    let refuse = |why: &str| Error::invalid_request(format!("the key of the client certificate cannot be used: {why}"));
    let mut key = None;
    for block in blocks(pem.expose_secret().as_bytes()) {
        let block = block.map_err(|why| refuse(&format!("a block is damaged: {why}")))?;
        match block.content() {
            Content::PrivateKey if key.is_some() => return Err(refuse("there are several; give one")),
            Content::PrivateKey => {
                // The reason is not shown: it may quote the key.
                let read = PrivateKeyDer::from_pem_slice(&block.canonical());
                key = Some(read.map_err(|_| refuse("its base64 cannot be decoded"))?);
            }
            Content::EncryptedKey => {
                return Err(refuse("it is encrypted; decrypt it first, for example with `openssl pkey`"));
            }
            Content::Certificate | Content::TrustedCertificate | Content::Other(_) => {}
        }
    }
    key.ok_or_else(|| refuse("there is no PEM block with a key in PKCS #8, SEC1 or PKCS #1 format"))
}
