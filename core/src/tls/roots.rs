//! Root certificates of the user's own.

use super::der;
use super::pem::{Block, Content, blocks};
use crate::error::Error;
use std::fmt;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::{self, RootCertStore};

/// A block of the root certificates that cannot be used, for
/// [`ConnectOptions::skipped_root_certificates`](crate::ConnectOptions::skipped_root_certificates).
///
/// `Display` writes all of it: `block 2 (CN=Example): it is not a valid X.509 certificate`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedCertificate {
    number: usize,
    subject: Option<String>,
    reason: String,
}

impl SkippedCertificate {
    /// Returns the number of the block, from 1. All blocks count, also those that hold no certificate, over all calls of
    /// [`with_root_certificates`](crate::ConnectOptions::with_root_certificates).
    pub fn number(&self) -> usize {
        self.number
    }

    /// Returns the subject of the certificate, such as `CN=Example, O=Harbour`, at most 120 characters of it. `None` if
    /// the block holds no certificate whose subject can be read.
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// Returns why the block cannot be used.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for SkippedCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = self.subject().unwrap_or("subject unreadable");
        write!(f, "block {} ({subject}): {}", self.number, self.reason)
    }
}

/// The blocks of the root certificates.
pub(super) struct Roots {
    pub(super) usable: Vec<CertificateDer<'static>>,
    pub(super) skipped: Vec<SkippedCertificate>,
}

impl Roots {
    pub(super) fn read(pem: &[u8]) -> Self {
        let mut roots = Self { usable: Vec::new(), skipped: Vec::new() };
        for (index, block) in blocks(pem).into_iter().enumerate() {
            match block.map_err(|why| (None, why.to_owned())).and_then(|block| root(&block)) {
                Ok(certificate) => roots.usable.push(certificate),
                Err((subject, reason)) => {
                    roots.skipped.push(SkippedCertificate { number: index + 1, subject, reason });
                }
            }
        }
        roots
    }

    /// Logs what is skipped, and returns what is left.
    pub(super) fn usable(self) -> Result<Vec<CertificateDer<'static>>, Error> {
        for skipped in &self.skipped {
            tracing::warn!(
                block = skipped.number,
                subject = skipped.subject().unwrap_or("unreadable"),
                reason = skipped.reason,
                "a root certificate cannot be used and is skipped"
            );
        }
        if !self.usable.is_empty() {
            return Ok(self.usable);
        }
        let mut text =
            "the root certificates contain no certificate that can be used; give at least one in PEM format".to_owned();
        for (index, skipped) in self.skipped.iter().enumerate() {
            text.push_str(if index == 0 { ": " } else { "; " });
            text.push_str(&skipped.to_string());
        }
        Err(Error::invalid_request(text))
    }
}

/// Reads a block as a root certificate. Otherwise returns its subject, if it has one, and what is wrong with it.
fn root(block: &Block<'_>) -> Result<CertificateDer<'static>, (Option<String>, String)> {
    let content = block.content();
    if !matches!(content, Content::Certificate | Content::TrustedCertificate) {
        return Err((None, format!("it is {}, not a certificate", content.name())));
    }
    let bytes = block.decode().ok_or_else(|| (None, "its base64 cannot be decoded".to_owned()))?;
    let fail = |why: &str| Err((der::subject(&bytes), why.to_owned()));
    let der = match content {
        Content::TrustedCertificate => match der::trusted_certificate(&bytes) {
            Ok(der) => der,
            Err(why) => return fail(why),
        },
        _ => &bytes,
    };
    let certificate = CertificateDer::from(der.to_vec());
    match RootCertStore::empty().add(certificate.clone()) {
        Ok(()) => Ok(certificate),
        Err(rustls::Error::InvalidCertificate(rustls::CertificateError::BadEncoding)) => {
            fail("it is no valid X.509 certificate")
        }
        Err(rustls::Error::InvalidCertificate(why)) => fail(&format!("it is refused: {why}")),
        Err(why) => fail(&format!("it is refused: {why}")),
    }
}
