//! TLS with a private authority: a client that trusts the certificates of your own CA and no others.
//!
//! Run it with `cargo run --example private_ca`. It makes a CA and puts TLS in front of a fake NemesisDB; with a real
//! server you only need the CA's certificate as PEM.

#[path = "common/print.rs"]
mod print;

use print::println;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use statuswire::ConnectOptions;
use statuswire::nemesis::Client;
use statuswire_sandbox::Nemesis;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let server = Nemesis::start().await?;
    let (acceptor, ca_certificate) = certificates()?;
    let url = serve_tls(acceptor, server.addr()).await?;

    // This is all that a client needs. A PEM file may hold several certificates.
    let options = ConnectOptions::default().with_root_certificates(ca_certificate.as_bytes());
    let db = Client::builder(&url).options(options).connect().await?;
    println!("connected over TLS; the server has version {}", db.server_info().await?.version);

    // Without it the public roots are trusted, and this server is not. There is no option to skip verification.
    match Client::connect(&url).await {
        Ok(_) => return Err("a certificate of an unknown authority was accepted".into()),
        Err(error) => {
            println!("refused: {error}");
            // The text of an error does not repeat its source.
            if let Some(source) = error.source() {
                println!("    because: {source}");
            }
        }
    }
    Ok(())
}

/// Makes an authority and a certificate for `localhost`. Returns what a server needs, and the authority's certificate
/// as PEM.
fn certificates() -> Result<(TlsAcceptor, String), Box<dyn Error + Send + Sync>> {
    let ca_key = KeyPair::generate()?;
    let mut ca = CertificateParams::new(Vec::new())?;
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca_certificate = ca.self_signed(&ca_key)?.pem();

    let key = KeyPair::generate()?;
    let certificate =
        CertificateParams::new(vec!["localhost".to_owned()])?.signed_by(&key, &Issuer::new(ca, ca_key))?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der())?)?;
    Ok((TlsAcceptor::from(Arc::new(config)), ca_certificate))
}

/// Accepts TLS connections and forwards their bytes to the server at `target`. Returns the URL.
async fn serve_tls(acceptor: TlsAcceptor, target: SocketAddr) -> std::io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(async move {
        while let Ok((accepted, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut tls = acceptor.accept(accepted).await?;
                let mut plain = TcpStream::connect(target).await?;
                tokio::io::copy_bidirectional(&mut tls, &mut plain).await
            });
        }
    });
    Ok(format!("wss://localhost:{port}"))
}
