//! Splits PEM text into blocks.
//!
//! The parser of rustls skips, without a word, what it does not know: other labels, and blocks whose first line does not
//! begin at the start of a line. Here each block is either returned or reported.

use secrecy::zeroize::Zeroizing;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

const HYPHENS: &[u8] = b"-----";
/// Maximum bytes of a label with the hyphens behind it. Without a limit, many labels on one line would take long.
const LABEL: usize = 80;
/// Minimum characters of base64 that count as a line of a block: more than a fingerprint (SHA-256) has.
const LINE: usize = 48;

/// A block between its BEGIN and END lines.
pub(super) struct Block<'a> {
    label: &'a [u8],
    body: &'a [u8],
}

/// What a block holds, by its label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Certificate,
    /// A certificate, and behind it what OpenSSL trusts it for.
    TrustedCertificate,
    /// A private key in the clear.
    PrivateKey,
    EncryptedKey,
    Other(&'static str),
}

impl Block<'_> {
    /// A label that is not known is not repeated: if its line is damaged, it may hold a key.
    pub(super) fn content(&self) -> Content {
        match self.label {
            b"CERTIFICATE" | b"X509 CERTIFICATE" => Content::Certificate,
            b"TRUSTED CERTIFICATE" => Content::TrustedCertificate,
            b"ENCRYPTED PRIVATE KEY" => Content::EncryptedKey,
            b"PRIVATE KEY" | b"EC PRIVATE KEY" | b"RSA PRIVATE KEY" if contains(self.body, b"4,ENCRYPTED") => {
                Content::EncryptedKey
            }
            b"PRIVATE KEY" | b"EC PRIVATE KEY" | b"RSA PRIVATE KEY" => Content::PrivateKey,
            b"DSA PRIVATE KEY" => Content::Other("a DSA private key"),
            b"OPENSSH PRIVATE KEY" => Content::Other("an OpenSSH private key"),
            b"PUBLIC KEY" | b"RSA PUBLIC KEY" => Content::Other("a public key"),
            b"X509 CRL" => Content::Other("a revocation list"),
            b"CERTIFICATE REQUEST" | b"NEW CERTIFICATE REQUEST" => Content::Other("a certificate request"),
            b"PKCS7" | b"PKCS #7 SIGNED DATA" | b"CMS" => Content::Other("a PKCS #7 container"),
            b"EC PARAMETERS" | b"DH PARAMETERS" => Content::Other("parameters of a key"),
            _ => Content::Other("a block with an unknown label"),
        }
    }

    /// Decodes the body. `None` if it is not base64.
    pub(super) fn decode(&self) -> Option<Zeroizing<Vec<u8>>> {
        let (begin, end) = (&b"-----BEGIN CERTIFICATE-----\n"[..], &b"\n-----END CERTIFICATE-----"[..]);
        // With this label the decoder of rustls takes any body.
        let canonical = Zeroizing::new([begin, self.body, end].concat());
        let der = CertificateDer::from_pem_slice(&canonical).ok()?;
        Some(Zeroizing::new(der.to_vec()))
    }

    /// Returns the block as PEM again, without indentation.
    pub(super) fn canonical(&self) -> Zeroizing<Vec<u8>> {
        let label = self.label;
        let lines = [b"-----BEGIN ", label, b"-----\n", self.body, b"\n-----END ", label, b"-----\n"];
        Zeroizing::new(lines.concat())
    }
}

impl Content {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Certificate => "a certificate",
            Self::TrustedCertificate => "a trusted certificate in OpenSSL's form",
            Self::PrivateKey => "a private key",
            Self::EncryptedKey => "an encrypted private key",
            Self::Other(name) => name,
        }
    }
}

/// A BEGIN or END line, or what is left of one.
struct Marker<'a> {
    begins: bool,
    /// `None` if no five hyphens end the line.
    label: Option<&'a [u8]>,
    start: usize,
    end: usize,
}

/// Splits a text into its blocks, in order. In place of a block that is damaged is the reason.
///
/// Text around the blocks is allowed, as in the output of `openssl x509 -text`. So are indentation, byte order marks and
/// any line ends, or none. Bytes around them that are no text, damaged lines that would begin or end a block, and base64
/// of a certificate or a key count as a damaged block.
pub(super) fn blocks(pem: &[u8]) -> Vec<Result<Block<'_>, &'static str>> {
    const NO_END: &str = "it has a BEGIN line but no END line";
    let mut blocks = Vec::new();
    let mut open: Option<Marker<'_>> = None;
    let mut at = 0;
    while let Some(marker) = next_marker(pem, at) {
        let before = &pem[at..marker.start];
        at = marker.end;
        match (open.take(), marker.begins) {
            (None, true) => {
                blocks.extend(damaged(before).map(Err));
                open = Some(marker);
            }
            (Some(_), true) => {
                blocks.push(Err(NO_END));
                open = Some(marker);
            }
            (None, false) => blocks.push(Err("it has an END line but no BEGIN line")),
            (Some(begin), false) => blocks.push(match (begin.label, marker.label) {
                (Some(label), Some(end)) if label == end => Ok(Block { label, body: before }),
                (Some(_), Some(_)) => Err("its BEGIN and END lines have different labels"),
                _ => Err("its BEGIN or END line does not end with five hyphens"),
            }),
        }
    }
    match open {
        Some(_) => blocks.push(Err(NO_END)),
        None => blocks.extend(damaged(&pem[at..]).map(Err)),
    }
    blocks
}

/// Finds the next BEGIN or END line. All searches together read the text once.
fn next_marker(pem: &[u8], mut from: usize) -> Option<Marker<'_>> {
    loop {
        let start = from + find(&pem[from..], HYPHENS)?;
        let word = start + HYPHENS.len();
        let (begins, label) = match &pem[word..] {
            rest if rest.starts_with(b"BEGIN ") => (true, word + 6),
            rest if rest.starts_with(b"END ") => (false, word + 4),
            _ => {
                from = start + 1;
                continue;
            }
        };
        let line = pem[label..pem.len().min(label + LABEL)]
            .split(|byte| matches!(byte, b'\n' | b'\r'))
            .next()
            .unwrap_or_default();
        let length = find(line, HYPHENS);
        let end = label + length.map_or(line.len(), |length| length + HYPHENS.len());
        return Some(Marker { begins, label: length.map(|length| &line[..length]), start, end });
    }
}

/// Returns what is wrong with the text around blocks, if it seems to be more than text.
fn damaged(text: &[u8]) -> Option<&'static str> {
    let is_control = |byte: &u8| *byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r' | b'\x0b' | b'\x0c');
    if text.iter().any(is_control) {
        return Some("it is no PEM text; convert DER to PEM, and UTF-16 to UTF-8");
    }
    let is_damaged = contains(text, b"-BEGIN ") || contains(text, b"-END ");
    if is_damaged {
        return Some("its BEGIN or END line does not have five hyphens on each side");
    }
    // A SEQUENCE in DER, of 128 bytes or more, begins so in base64.
    let is_der = |run: &[u8]| run.len() >= LINE && run.starts_with(b"MI");
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    let has_der = text.split(|byte| !is_base64(byte)).any(is_der);
    has_der.then_some("its base64 is in no block; put it between lines such as -----BEGIN X----- and -----END X-----")
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    find(text, part).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Describes each block: its decoded content, or what is wrong.
    fn read(pem: &str) -> Vec<String> {
        let shown = |block: Result<Block<'_>, &str>| match block {
            Ok(block) => match block.decode() {
                Some(bytes) => format!("{}: {}", block.content().name(), String::from_utf8_lossy(&bytes)),
                None => format!("{}, not base64", block.content().name()),
            },
            Err(why) => why.to_owned(),
        };
        blocks(pem.as_bytes()).into_iter().map(shown).collect()
    }

    #[test]
    fn a_block_is_read_however_it_is_laid_out() {
        let plain = "-----BEGIN CERTIFICATE-----\naGVs\nbG8=\n-----END CERTIFICATE-----\n";
        for pem in [
            plain.to_owned(),
            plain.replace('\n', "\r\n"),
            plain.replace('\n', "\r"),
            plain.replace('\n', ""),
            plain.replace('\n', "\n    "),
            plain.replace('\n', " \n\t"),
            plain.replace("CERT", "X509 CERT"),
            plain.replace("CERT", "TRUSTED CERT"),
            format!("\u{feff}{plain}"),
            format!("Subject: CN=x -- a dash\n-----\n\n    {plain}the end"),
            format!("\"{}\"", plain.trim()),
            plain.trim().to_owned(),
        ] {
            assert!(matches!(&read(&pem)[..], [one] if one.ends_with(": hello")), "{pem:?}");
            assert_eq!(read(&format!("{pem}\n\u{feff}{pem}")).len(), 2, "{pem:?}");
        }
    }

    #[test]
    fn what_is_damaged_is_told() {
        let (begin, end) = ("-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n");
        let good = format!("{begin}aGVsbG8=\n{end}");
        for (pem, why) in [
            (format!("{begin}aGVsbG8=\n"), "no END"),
            (format!("aGVsbG8=\n{end}"), "no BEGIN"),
            (format!("{begin}aGVsbG8=\n{}", end.replace("CERT", "X509 CERT")), "different labels"),
            (format!("{begin}aGV*bG8=\n{end}"), "not base64"),
            (format!("{begin}aGVsbG8=\\n\n{end}"), "not base64"),
            (format!("{begin}Proc-Type: x\n\naGVsbG8=\n{end}"), "not base64"),
            (good.replace("BEGIN CERTIFICATE-----", "BEGIN CERTIFICATE----"), "five hyphens"),
            (good.replace("-----BEGIN", "----BEGIN"), "no BEGIN"),
            (good.replace("-----", "----"), "five hyphens"),
            ("\u{0}-\u{0}-\u{0}".to_owned(), "UTF-16"),
            (good.replace("CERTIFICATE", "SOMETHING"), "unknown label"),
            (good.replace("CERTIFICATE", "X509 CRL"), "revocation list"),
        ] {
            for (text, count) in [(pem.clone(), 1), (format!("{good}{pem}"), 2), (format!("{pem}{good}{pem}"), 3)] {
                let all = read(&text);
                assert_eq!(all.len(), count, "{text:?}: {all:?}");
                assert!(all.last().unwrap().contains(why), "{text:?}: {all:?}");
            }
        }
        assert!(blocks(b"").is_empty() && blocks(b"nothing - at all -----").is_empty());
    }

    #[test]
    fn base64_outside_a_block_does_not_vanish() {
        let good = "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n";
        let base64 = format!("MIIBszCCAVmgAwIBAgIU{}\nMA==", "x".repeat(44));
        for (begin, end) in [
            ("-----begin certificate-----", "-----end certificate-----"),
            ("----- BEGIN CERTIFICATE -----", "----- END CERTIFICATE -----"),
            ("-----BEGINCERTIFICATE-----", "-----ENDCERTIFICATE-----"),
            ("-----BEGIN\tCERTIFICATE-----", "-----END\tCERTIFICATE-----"),
            ("\u{2014}\u{2013}BEGIN CERTIFICATE\u{2014}\u{2013}", "\u{2014}\u{2013}END CERTIFICATE\u{2014}\u{2013}"),
            ("{\"ca\":\"", "\"}"),
            ("", ""),
        ] {
            let lost = format!("{begin}\n{base64}\n{end}\n");
            for (text, count) in [(lost.clone(), 1), (format!("{good}{lost}"), 2), (format!("{lost}{good}{lost}"), 3)] {
                let all = read(&text);
                assert_eq!(all.len(), count, "{text:?}: {all:?}");
                assert!(all.last().unwrap().contains("in no block"), "{text:?}: {all:?}");
            }
        }
        let text = format!("SHA-256 {}=\n{}\n==========\n", "MI".repeat(21), "ab:cd:".repeat(30));
        assert_eq!(read(&format!("{text}{good}{text}")), ["a certificate: hello"]);
    }

    #[test]
    fn many_labels_on_one_line_are_all_found() {
        assert_eq!(blocks(&b"-----BEGIN x-----".repeat(100_000)).len(), 100_000);
        assert_eq!(blocks(&b"-----END x-----".repeat(100_000)).len(), 100_000);
    }

    #[test]
    fn a_label_that_may_hold_a_key_is_not_repeated() {
        let pem = "-----BEGIN PRIVATE KEY MIIEvQ-----\nMIIE\n-----END PRIVATE KEY MIIEvQ-----\n";
        assert!(read(pem)[0].starts_with("a block with an unknown label: "), "{:?}", read(pem));
    }
}
