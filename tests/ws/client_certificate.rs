//! Servers that ask for a certificate of the client.

use crate::support::authority::{Authority, pem};
use crate::support::setup::Setup;
use crate::support::*;
use crate::tls::{echoing, over_tls};
use statuswire::Error;
use statuswire::error::{Cause, Delivery};

/// Reads a DER value: its content, and what follows it.
fn value(der: &[u8]) -> (&[u8], &[u8]) {
    let (length, from) = match der[1] {
        length @ ..=0x7f => (length.into(), 2),
        0x81 => (der[2].into(), 3),
        _ => (usize::from(u16::from_be_bytes([der[2], der[3]])), 4),
    };
    der[from..].split_at(length)
}

/// Returns what PKCS #8 wraps: a key in SEC1 or PKCS #1.
fn unwrapped(pkcs8: &[u8]) -> Vec<u8> {
    let mut fields = value(pkcs8).0;
    for _ in ["version", "algorithm"] {
        fields = value(fields).1;
    }
    value(fields).0.to_vec()
}

fn identified(setup: Setup<Lines>, chain: &str, key: &str) -> Setup<Lines> {
    setup.map(|it| it.with_client_certificate(chain.as_bytes(), key))
}

#[tokio::test]
async fn a_server_that_asks_gets_the_certificate_whatever_form_the_key_has() {
    let authority = Authority::new();
    let server = echoing(authority.acceptor_of_known_clients("127.0.0.1")).await;
    let (certificate, key) = authority.issue("client", 2090);
    let chain = certificate.pem();
    let sec1 = pem("EC PRIVATE KEY", &unwrapped(&key.serialize_der()));
    let rsa = rcgen::KeyPair::from_pem(include_str!("../support/rsa_key.pem")).unwrap();
    let rsa_chain = authority.issue_for("client", 2090, &rsa).pem();
    let pkcs1 = pem("RSA PRIVATE KEY", &unwrapped(&rsa.serialize_der()));
    for (chain, key) in [
        (&chain, key.serialize_pem()),
        (&chain, format!("\u{feff}{}", key.serialize_pem().replace('\n', "\r\n"))),
        (&chain, format!("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n{sec1}")),
        (&chain, format!("{chain}{sec1}")),
        (&format!("{chain}{}", authority.pem), sec1),
        (&rsa_chain, rsa.serialize_pem()),
        (&rsa_chain, pkcs1),
    ] {
        let client = within(identified(over_tls(&server, &authority.pem), chain, &key).connect()).await.unwrap();
        assert_eq!(client.call(command("A", "hello")).await.unwrap(), "hello");
    }
}

#[tokio::test]
async fn without_a_certificate_or_with_a_strangers_the_server_refuses() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let server = echoing(authority.acceptor_of_known_clients("127.0.0.1")).await;
    let (certificate, key) = stranger.issue("client", 2090);
    let setup = || over_tls(&server, &authority.pem);
    for setup in [setup(), identified(setup(), &certificate.pem(), &key.serialize_pem())] {
        let error = within(setup.connect()).await.unwrap_err();
        assert!(matches!(error.cause(), Cause::Transport(_)), "{error:?}");
        assert_eq!(error.delivery(), Delivery::NotSent);
    }
}

async fn refusal(setup: Setup<Lines>) -> Error {
    let error = within(setup.connect()).await.unwrap_err();
    assert!(error.is_invalid_request(), "{error:?}");
    error
}

#[tokio::test]
async fn what_cannot_be_used_is_refused_and_the_key_is_not_shown() {
    let authority = Authority::new();
    let (certificate, key) = authority.issue("client", 2090);
    let (chain, key) = (certificate.pem(), key.serialize_pem());
    let other = authority.issue("client", 2090).1.serialize_pem();
    let damaged = key.replace("-----END", "#s3cret\n-----END");
    let without_end = key.split("-----END").next().unwrap();
    let encrypted = pem("ENCRYPTED PRIVATE KEY", b"s3cret");
    let old = key.replace("KEY-----\nM", "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: x\n\nM");
    let (no_key, nonsense) = (pem("OPENSSH PRIVATE KEY", b"s3cret"), pem("PRIVATE KEY", b"s3cret"));
    let twice = format!("{key}{other}");
    for (chain, key, why) in [
        (chain.as_str(), other.as_str(), "the key of the first certificate"),
        (&chain, &damaged, "base64"),
        (&chain, without_end, "no END"),
        (&chain, &encrypted, "encrypted"),
        (&chain, &old, "encrypted"),
        (&chain, &no_key, "no PEM block with a key"),
        (&chain, &nonsense, "cannot be used"),
        (&chain, &twice, "several"),
        (&chain, "s3cret", "no PEM block with a key"),
        ("", &key, "no PEM block"),
        (&key, &key, "block 1: it is a private key"),
        (&chain.replace("CERT", "TRUSTED CERT"), &key, "block 1: it is a trusted certificate"),
        (&chain.replace("END", "EDN"), &key, "block 1: it has a BEGIN line"),
        (&pem("CERTIFICATE", b"no DER"), &key, "cannot be used"),
    ] {
        // Also where TLS is not used at first.
        for url in ["wss://localhost:1/", "ws://localhost:1/"] {
            let setup = identified(builder(url, Lines::new(statuswire::rpc::Matching::ById)), chain, key);
            let debug = format!("{:?}", setup.options);
            let error = refusal(setup).await;
            let text = format!("{error} {error:?} {debug}");
            assert!(error.to_string().contains(why), "{why}: {error}");
            assert!(!text.contains("s3cret") && !key.lines().filter(|l| l.len() > 40).any(|line| text.contains(line)));
        }
    }
}
