//! Until the engine has them.
use crate::codes::drupal::ErrorCode;
use crate::error::{Cause, DecodeFailure, Delivery, Error, Redaction};
use crate::http::Response;
use secrecy::{ExposeSecret, SecretString};

pub(super) trait DecodeFailed {
    fn decode_failure(&self, path: impl std::fmt::Display, reason: impl std::fmt::Display) -> Error;
}
impl DecodeFailed for Response {
    fn decode_failure(&self, path: impl std::fmt::Display, reason: impl std::fmt::Display) -> Error {
        let excerpt = Redaction::default().excerpt_bytes(self.bytes(), 120);
        let failure = DecodeFailure::new(path, reason, excerpt);
        Error::new(Cause::Decode(Box::new(failure)), Delivery::Answered).with_code(ErrorCode::InvalidJson)
    }
}
pub(super) fn basic_authorization(user: &str, password: &SecretString) -> Result<http::HeaderValue, Error> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = "Basic ".to_owned();
    for three in format!("{user}:{}", password.expose_secret()).as_bytes().chunks(3) {
        let bits = (0..3).fold(0, |bits, index| bits << 8 | usize::from(*three.get(index).unwrap_or(&0)));
        for index in 0..4 {
            text.push(if index <= three.len() { char::from(DIGITS[bits >> (18 - 6 * index) & 63]) } else { '=' });
        }
    }
    http::HeaderValue::from_str(&text).map_err(|_| Error::invalid_request("x"))
}
