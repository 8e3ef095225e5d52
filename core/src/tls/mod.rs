//! TLS of all transports: whom a client trusts, and how it identifies itself.
//!
//! The options are in [`ConnectOptions`]:
//!
//! | Option | The client trusts |
//! |---|---|
//! | none | the public roots (those of Mozilla), compiled in |
//! | [`with_root_certificates`](ConnectOptions::with_root_certificates) | only these certificates |
//! | `with_platform_roots` (feature `platform-roots`) | what the operating system trusts |
//! | both | what the operating system trusts, and these certificates |
//!
//! [`with_client_certificate`](ConnectOptions::with_client_certificate) gives the client a certificate of its own, for
//! servers that ask for one. TLS is rustls with the ring provider, which is not installed process-wide. Verification cannot
//! be disabled.

mod client_certificate;
mod der;
mod pem;
mod roots;

pub use roots::SkippedCertificate;

use crate::error::Error;
use crate::policy::ConnectOptions;
use roots::Roots;
use std::sync::Arc;
use tokio_rustls::rustls::client::WantsClientCert;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};

impl ConnectOptions {
    /// Reads the root certificates and returns the blocks that cannot be used, with the reason of each. Clients skip them,
    /// and log a warning for each; a client for which no certificate is left is refused.
    pub fn skipped_root_certificates(&self) -> Vec<SkippedCertificate> {
        Roots::read(self.root_certificates()).skipped
    }
}

/// Returns the configuration that the options describe.
///
/// # Errors
///
/// If none of the root certificates can be used, or the client certificate or its key cannot.
pub(crate) fn client_config(options: &ConnectOptions) -> Result<ClientConfig, Error> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::invalid_request(format!("TLS cannot be set up: {error}")))?;
    let config = trusting(config, options)?;
    let Some((chain, key)) = options.client_certificate() else { return Ok(config.with_no_client_auth()) };
    let (chain, key) = (client_certificate::chain(chain)?, client_certificate::key(key)?);
    // The error names the kind of failure, never the key.
    let fail = |error| {
        format!(
            "the client certificate cannot be used with its key: {error}; give the key of the first certificate of the chain"
        )
    };
    config.with_client_auth_cert(chain, key).map_err(|error| Error::invalid_request(fail(error)))
}

/// Sets whom the client trusts.
fn trusting(
    config: ConfigBuilder<ClientConfig, WantsVerifier>,
    options: &ConnectOptions,
) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, Error> {
    let own = match options.root_certificates() {
        [] => None,
        pem => Some(Roots::read(pem).usable()?),
    };
    #[cfg(feature = "platform-roots")]
    if options.platform_roots() {
        return platform(config, own.unwrap_or_default());
    }
    let mut store = RootCertStore::empty();
    match own {
        None => store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        // All of them can be added: `Roots` has tried.
        Some(own) => drop(store.add_parsable_certificates(own)),
    }
    Ok(config.with_root_certificates(store))
}

/// Trusts what the operating system trusts, and these certificates.
#[cfg(feature = "platform-roots")]
fn platform(
    config: ConfigBuilder<ClientConfig, WantsVerifier>,
    own: Vec<tokio_rustls::rustls::pki_types::CertificateDer<'static>>,
) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, Error> {
    use rustls_platform_verifier::Verifier;
    let provider = Arc::clone(config.crypto_provider());
    #[cfg(not(target_os = "android"))]
    let verifier = Verifier::new_with_extra_roots(own, provider);
    #[cfg(target_os = "android")]
    let verifier = match own.is_empty() {
        true => Verifier::new(provider),
        false => return Err(Error::invalid_request("Android takes no root certificates besides its own; give either")),
    };
    let verifier = verifier.map_err(|error| {
        Error::invalid_request(format!("the root certificates of the operating system cannot be used: {error}"))
    })?;
    Ok(config.dangerous().with_custom_certificate_verifier(Arc::new(verifier)))
}
