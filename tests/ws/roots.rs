//! Root certificates: which blocks are used, and what is said of the others.

use crate::support::authority::{Authority, base64, pem};
use crate::support::traced::Traced;
use crate::support::*;
use crate::tls::{echoing, over_tls};
use statuswire::rpc::Matching;
use statuswire::tls::SkippedCertificate;
use statuswire::{ConnectOptions, Error};

/// A certificate that webpki refuses: it has the version 2, and extensions.
fn unusable(name: &str) -> Vec<u8> {
    let mut der = Authority::named(name).der;
    let version = der.windows(5).position(|five| five == [0xa0, 3, 2, 1, 2]).unwrap();
    der[version + 4] = 1;
    der
}

/// OpenSSL's form: the certificate, and lists of what it may be used for and must not be.
fn trusted(der: &[u8], trust: &[u8]) -> Vec<u8> {
    [der, &[0x30, u8::try_from(trust.len()).unwrap()], trust].concat()
}

const SERVERS: &[u8] = &[6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 1];

fn skipped(pem: impl AsRef<[u8]>) -> Vec<SkippedCertificate> {
    ConnectOptions::default().with_root_certificates(pem.as_ref()).skipped_root_certificates()
}

async fn refusal(pem: impl AsRef<[u8]>) -> Error {
    let builder = builder("wss://localhost:1/", Lines::new(Matching::ById)).root_certificates(pem.as_ref());
    let error = within(builder.connect()).await.unwrap_err();
    assert!(error.is_invalid_request(), "{error:?}");
    error
}

#[tokio::test]
async fn a_bundle_is_read_however_it_is_laid_out() {
    let authority = Authority::new();
    let server = echoing(authority.acceptor("127.0.0.1", 2090)).await;
    let plain = &authority.pem;
    let mut layouts = vec![
        plain.replace("\r\n", "\n").replace('\n', "\r\n"),
        format!("\u{feff}{plain}"),
        format!("# The authority of the harbour\n\n{plain}"),
        plain.replace('\n', "\n    "),
        plain.lines().collect::<String>(),
        plain.trim_end().to_owned(),
        plain.replace("CERTIFICATE", "X509 CERTIFICATE"),
    ];
    for trust in [&b""[..], &[&[0x30, 10], SERVERS].concat(), b"\x0c\x02ca"] {
        layouts.push(pem("TRUSTED CERTIFICATE", &trusted(&authority.der, trust)));
    }
    layouts.push(pem("TRUSTED CERTIFICATE", &authority.der));
    for bundle in layouts {
        assert_eq!(skipped(&bundle), [], "{bundle}");
        let client = within(over_tls(&server, &bundle).connect()).await.expect(&bundle);
        assert_eq!(client.call(command("A", "hello")).await.unwrap(), "hello");
    }
}

#[tokio::test]
async fn what_cannot_be_used_is_skipped_and_told_by_number_subject_and_reason() {
    let authority = Authority::new();
    let server = echoing(authority.acceptor("127.0.0.1", 2090)).await;
    let (begin, end) = ("-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n");
    let distrusted = trusted(&Authority::named("distrusted").der, &[&[0xa0, 10], SERVERS].concat());
    let cut = Authority::named("cut").der;
    let blocks = [
        (pem("CERTIFICATE", &unusable("too new")), Some("CN=too new"), "no valid X.509"),
        (pem("CERTIFICATE", &cut[..cut.len() - 9]), Some("CN=cut"), "no valid X.509"),
        (pem("TRUSTED CERTIFICATE", &distrusted), Some("CN=distrusted"), "distrusts"),
        (pem("CERTIFICATE", b"no DER"), None, "no valid X.509"),
        (pem("CERTIFICATE", b""), None, "no valid X.509"),
        (format!("{begin}!!!\n{end}"), None, "base64"),
        (pem("X509 CRL", b"list"), None, "revocation list"),
        (pem("PRIVATE KEY", b"s3cret"), None, "private key"),
        (pem("PRIVATE KEY s3cret", b"s3cret"), None, "unknown label"),
        (format!("{begin}AAAA\n"), None, "no END"),
        (authority.pem.clone(), None, ""),
        (format!("AAAA\n{end}"), None, "no BEGIN"),
    ];
    let bundle: String = blocks.iter().map(|(block, ..)| block.as_str()).collect();

    let all = skipped(&bundle);
    let expected: Vec<_> = blocks.iter().enumerate().filter(|(_, (.., why))| !why.is_empty()).collect();
    assert_eq!(all.len(), expected.len(), "{all:#?}");
    for (skipped, (index, (_, subject, why))) in all.iter().zip(&expected) {
        assert_eq!(skipped.number(), index + 1, "{skipped}");
        assert!(skipped.reason().contains(why), "{skipped}");
        match subject {
            Some(subject) => assert!(skipped.subject().unwrap().contains(subject), "{skipped}"),
            None => assert_eq!(skipped.subject(), None),
        }
    }

    // The rest is used, and the log tells what is not.
    let log = Traced::start();
    let client = within(over_tls(&server, &bundle).connect()).await.unwrap();
    assert_eq!(client.call(command("A", "hello")).await.unwrap(), "hello");
    let warnings: Vec<_> = log.text().lines().filter(|line| line.contains("WARN")).map(str::to_owned).collect();
    assert_eq!(warnings.len(), all.len(), "{warnings:#?}");
    for (warning, skipped) in warnings.iter().zip(&all) {
        assert!(warning.contains(&format!("block={}", skipped.number())), "{warning}");
        assert!(warning.contains(skipped.reason()) && warning.contains(skipped.subject().unwrap_or("unreadable")));
    }
    let text = format!("{all:?} {}", log.text());
    assert!(!text.contains("s3cret") && !text.contains(&base64(b"s3cret")), "{text}");
}

#[tokio::test]
async fn if_nothing_is_left_the_error_names_each_block() {
    let bundle = [pem("CERTIFICATE", &unusable("old harbour")), pem("PRIVATE KEY", b"s3cret"), pem("X509 CRL", b"")];
    let error = refusal(bundle.concat()).await;
    let text = error.to_string();
    for part in ["block 1", "CN=old harbour", "block 2", "private key", "block 3", "revocation list"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains(&base64(b"s3cret")));

    for (bundle, why) in [
        (&b""[..], "no certificate"),
        (b"not PEM at all", "no certificate"),
        (&Authority::new().der, "DER"),
        (&"\u{feff}-----BEGIN".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>(), "UTF-16"),
    ] {
        assert!(refusal(bundle).await.to_string().contains(why));
    }
}

#[tokio::test]
async fn no_bundle_hides_behind_another() {
    let authority = Authority::new();
    let options = ConnectOptions::default()
        .with_root_certificates(authority.pem.as_bytes())
        .with_root_certificates(&Authority::new().der)
        .with_root_certificates(pem("CERTIFICATE", &unusable("third")).as_bytes());
    let skipped: Vec<_> = options.skipped_root_certificates().iter().map(ToString::to_string).collect();
    assert_eq!(skipped.len(), 2, "{skipped:?}");
    assert!(skipped[0].starts_with("block 2 ") && skipped[0].contains("DER"), "{skipped:?}");
    assert!(skipped[1].starts_with("block 3 ") && skipped[1].contains("CN=third"), "{skipped:?}");
}

/// Whether a server whose authority is given in each way is trusted.
#[cfg(feature = "platform-roots")]
mod platform {
    use super::*;

    const ELSEWHERE: &str = "STATUSWIRE_TEST_SERVER";

    /// Runs in a process of its own, since the roots of the system are read from what the environment names.
    #[tokio::test]
    async fn child() {
        let Ok(url) = std::env::var(ELSEWHERE) else { return };
        let setup = || builder(&url, Lines::new(Matching::ById));
        let client = within(setup().map(ConnectOptions::with_platform_roots).connect()).await.unwrap();
        assert_eq!(client.call(command("A", "hello")).await.unwrap(), "hello");
        let own = Authority::new();
        let both = setup().root_certificates(own.pem.as_bytes()).map(ConnectOptions::with_platform_roots);
        within(both.connect()).await.unwrap();
        let error = within(setup().root_certificates(own.pem.as_bytes()).connect()).await.unwrap_err();
        assert!(!error.is_invalid_request(), "{error:?}");
        let none = setup().root_certificates(b"none").map(ConnectOptions::with_platform_roots);
        assert!(within(none.connect()).await.unwrap_err().is_invalid_request());
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn what_the_system_trusts_is_trusted() {
        let authority = Authority::new();
        let server = echoing(authority.acceptor("127.0.0.1", 2090)).await;
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &authority.pem).unwrap();
        let mut child = tokio::process::Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "roots::platform::child"]).env("SSL_CERT_FILE", file.path()).env_remove("SSL_CERT_DIR");
        child.env(ELSEWHERE, server.url.replace("ws://", "wss://"));
        let output = within(child.output()).await.unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
        assert_eq!(server.connections(), 3);
    }

    #[tokio::test]
    async fn own_certificates_are_trusted_in_addition() {
        let authority = Authority::new();
        let server = echoing(authority.acceptor("127.0.0.1", 2090)).await;
        let client = over_tls(&server, &authority.pem).map(ConnectOptions::with_platform_roots);
        let client = within(client.connect()).await.unwrap();
        assert_eq!(client.call(command("A", "hello")).await.unwrap(), "hello");
    }
}
