//! Reads what webpki does not tell: the subject of a certificate that it refuses, and OpenSSL's trust data.

use crate::error::Redaction;

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OBJECT_ID: u8 = 0x06;
const BMP_STRING: u8 = 0x1e;
const T61_STRING: u8 = 0x14;
/// Context-specific, constructed, number 0.
const CONTEXT_0: u8 = 0xa0;

/// Maximum characters of a subject that are shown.
const SUBJECT: usize = 120;

/// A value with its tag.
struct Value<'a> {
    tag: u8,
    bytes: &'a [u8],
}

/// Reads a tag and a length. Returns them with what follows, which may be shorter.
fn header(der: &[u8]) -> Option<(u8, usize, &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    if first < 0x80 {
        return Some((tag, first.into(), rest));
    }
    let count = usize::from(first & 0x7f);
    if !(1..=4).contains(&count) {
        return None;
    }
    let (length, rest) = rest.split_at_checked(count)?;
    Some((tag, length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest))
}

/// Reads a value. Returns it with what follows.
fn value(der: &[u8]) -> Option<(Value<'_>, &[u8])> {
    let (tag, length, rest) = header(der)?;
    let (bytes, rest) = rest.split_at_checked(length)?;
    Some((Value { tag, bytes }, rest))
}

/// Reads the values in a value. It ends with `None` if they are damaged.
fn values(mut der: &[u8]) -> impl Iterator<Item = Option<Value<'_>>> {
    std::iter::from_fn(move || {
        if der.is_empty() {
            return None;
        }
        let next = value(der);
        der = next.as_ref().map_or(&[], |(_, rest)| rest);
        Some(next.map(|(value, _)| value))
    })
}

/// Returns the subject of a certificate as one line, such as `CN=Example, O=Harbour`. The certificate may be cut or
/// damaged behind its subject. `None` if it cannot be read.
pub(super) fn subject(certificate: &[u8]) -> Option<String> {
    let (SEQUENCE, _, signed) = header(certificate)? else { return None };
    let (SEQUENCE, _, mut fields) = header(signed)? else { return None };
    if let (Value { tag: CONTEXT_0, .. }, rest) = value(fields)? {
        // The version.
        fields = rest;
    }
    // Serial number, algorithm, issuer, validity.
    for _ in 0..4 {
        fields = value(fields)?.1;
    }
    let (Value { tag: SEQUENCE, bytes }, _) = value(fields)? else { return None };
    let mut parts = Vec::new();
    for set in values(bytes) {
        let Value { tag: SET, bytes } = set? else { return None };
        for attribute in values(bytes) {
            let Value { tag: SEQUENCE, bytes } = attribute? else { return None };
            let (Value { tag: OBJECT_ID, bytes: id }, rest) = value(bytes)? else { return None };
            parts.push(format!("{}={}", attribute_name(id), text(&value(rest)?.0)));
        }
    }
    let shown = if parts.is_empty() { "empty subject".to_owned() } else { parts.join(", ") };
    Some(Redaction::default().excerpt(&shown, SUBJECT))
}

fn attribute_name(id: &[u8]) -> &'static str {
    match id {
        [0x55, 4, 3] => "CN",
        [0x55, 4, 5] => "serialNumber",
        [0x55, 4, 6] => "C",
        [0x55, 4, 7] => "L",
        [0x55, 4, 8] => "ST",
        [0x55, 4, 10] => "O",
        [0x55, 4, 11] => "OU",
        [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25] => "DC",
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1] => "emailAddress",
        _ => "other",
    }
}

fn text(value: &Value<'_>) -> String {
    match value.tag {
        BMP_STRING => {
            let units = value.bytes.chunks_exact(2).map(|two| u16::from_be_bytes([two[0], two[1]]));
            char::decode_utf16(units).map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        T61_STRING => value.bytes.iter().copied().map(char::from).collect(),
        _ => String::from_utf8_lossy(value.bytes).into_owned(),
    }
}

/// Returns the certificate in OpenSSL's `TRUSTED CERTIFICATE`, or why it is not to be trusted as the root of a TLS server.
///
/// Behind the certificate follows what it may and what it must not be used for (`X509_CERT_AUX`). Systems keep in this
/// form also the certificates that they explicitly distrust. The rule is OpenSSL's (`X509_check_trust`).
pub(super) fn trusted_certificate(der: &[u8]) -> Result<&[u8], &'static str> {
    const UNREADABLE: &str = "its trust data cannot be read";
    /// `serverAuth` and `anyExtendedKeyUsage`.
    const TLS_SERVER: [&[u8]; 2] = [&[0x2b, 6, 1, 5, 5, 7, 3, 1], &[0x55, 0x1d, 0x25, 0]];
    let (_, trust) = value(der).ok_or("it is no X.509 certificate")?;
    let certificate = &der[..der.len() - trust.len()];
    if trust.is_empty() {
        return Ok(certificate);
    }
    let Some((Value { tag: SEQUENCE, bytes: lists }, [])) = value(trust) else { return Err(UNREADABLE) };
    for list in values(lists) {
        let Value { tag, bytes } = list.ok_or(UNREADABLE)?;
        let mut listed = false;
        for id in values(bytes).take_while(|_| matches!(tag, SEQUENCE | CONTEXT_0)) {
            listed |= TLS_SERVER.contains(&id.ok_or(UNREADABLE)?.bytes);
        }
        match tag {
            SEQUENCE if !listed => return Err("its trust data does not trust it for TLS servers"),
            CONTEXT_0 if listed => return Err("its trust data distrusts it for TLS servers"),
            _ => {}
        }
    }
    Ok(certificate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tlv(tag: u8, bytes: &[u8]) -> Vec<u8> {
        let length = u16::try_from(bytes.len()).unwrap().to_be_bytes();
        [&[tag, 0x82, length[0], length[1]], bytes].concat()
    }

    fn attribute(last: u8, tag: u8, text: &[u8]) -> Vec<u8> {
        tlv(SET, &tlv(SEQUENCE, &[tlv(OBJECT_ID, &[0x55, 4, last]), tlv(tag, text)].concat()))
    }

    fn certificate(version: &[u8], subject: &[u8]) -> Vec<u8> {
        let fields = [version, &tlv(2, &[1]), &tlv(SEQUENCE, &[]), &tlv(SEQUENCE, &[]), &tlv(SEQUENCE, &[])].concat();
        tlv(SEQUENCE, &tlv(SEQUENCE, &[fields, tlv(SEQUENCE, subject), tlv(SEQUENCE, b"key")].concat()))
    }

    #[test]
    fn subjects_are_read_in_all_forms() {
        let name = [attribute(3, 12, "Größe\n".as_bytes()), attribute(10, 0x1e, &[0, b'X', 1, 0x7f])].concat();
        for version in [&b""[..], &[0xa0, 3, 2, 1, 2]] {
            let whole = certificate(version, &name);
            assert_eq!(subject(&whole).unwrap(), r"CN=Größe\n, O=Xſ");
            assert_eq!(subject(&whole[..whole.len() - 3]).unwrap(), r"CN=Größe\n, O=Xſ");
        }
        assert_eq!(subject(&certificate(b"", &[])).unwrap(), "empty subject");
        assert_eq!(subject(&certificate(b"", &attribute(99, 0x14, &[0xe4]))).unwrap(), "other=ä");
        let long = subject(&certificate(b"", &attribute(3, 12, &[b'x'; 5000]))).unwrap();
        assert!(long.len() < 200 && long.starts_with("CN=xxx"), "{long}");
    }

    #[test]
    fn damage_in_any_place_is_no_panic() {
        let whole = certificate(&[0xa0, 3, 2, 1, 2], &attribute(3, 12, b"name"));
        for at in 0..whole.len() {
            let _ = (subject(&whole[..at]), trusted_certificate(&whole[..at]));
            for byte in 0..=255 {
                let mut damaged = whole.clone();
                damaged[at] = byte;
                let _ = (subject(&damaged), trusted_certificate(&damaged));
            }
        }
        for der in [&[0x30, 0x80][..], &[0x30, 0x85, 1, 1, 1, 1, 1], &[0x30, 0x84, 255, 255, 255, 255], &[]] {
            assert_eq!(subject(der), None);
            assert!(trusted_certificate(der).is_err());
        }
    }

    #[test]
    fn trust_data_decides() {
        let certificate = certificate(b"", &[]);
        let server = tlv(OBJECT_ID, &[0x2b, 6, 1, 5, 5, 7, 3, 1]);
        let any = tlv(OBJECT_ID, &[0x55, 0x1d, 0x25, 0]);
        let mail = tlv(OBJECT_ID, &[0x2b, 6, 1, 5, 5, 7, 3, 4]);
        let alias = tlv(12, b"name");
        for (lists, expected) in [
            (vec![], "trusted"),
            (vec![alias.clone()], "trusted"),
            (vec![tlv(SEQUENCE, &server), alias.clone()], "trusted"),
            (vec![tlv(SEQUENCE, &[mail.clone(), any].concat())], "trusted"),
            (vec![tlv(CONTEXT_0, &mail), alias], "trusted"),
            (vec![tlv(SEQUENCE, &mail)], "does not trust it"),
            (vec![tlv(SEQUENCE, &server), tlv(CONTEXT_0, &server)], "distrusts it"),
            (vec![vec![0x30, 9]], "cannot be read"),
        ] {
            let der = [certificate.clone(), tlv(SEQUENCE, &lists.concat())].concat();
            let outcome = trusted_certificate(&der).map(|found| assert_eq!(found, certificate));
            let text = outcome.map_or_else(|why| why, |()| "trusted");
            assert!(text.contains(expected), "{lists:?}: {text}");
        }
        assert_eq!(trusted_certificate(&certificate), Ok(&certificate[..]));
        assert!(trusted_certificate(&[certificate, vec![5]].concat()).is_err());
    }
}
