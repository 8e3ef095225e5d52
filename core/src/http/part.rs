//! Decides from a response head which bytes of the file its body contains.

use super::content_range::{self, ContentRange};
use reqwest::StatusCode;
use reqwest::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, HeaderMap, TRANSFER_ENCODING};
use std::ops::Range;

/// The bytes of a file that a body contains.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) bytes: Range<u64>,
    /// Whether the head tells the part or the length of the body.
    pub(super) announced: bool,
}

/// Returns the part in a 200 or 206, which may begin before the `asked` bytes, and end before them. Returns an error if
/// status and headers contradict each other or the request: then no byte of the body can be trusted.
///
/// `asked.end` is the length of the whole file.
pub(super) fn part(status: StatusCode, headers: &HeaderMap, asked: &Range<u64>) -> Result<Part, String> {
    let length = content_length(headers);
    let partial = status == StatusCode::PARTIAL_CONTENT;
    let Some(range) = content_range(headers, status)? else {
        if partial {
            return Err(match is_multipart(headers) {
                true => {
                    "the server answers 206 with several parts (multipart/byteranges), and one was requested".into()
                }
                false => {
                    "the server answers 206 without Content-Range: it does not say which part of the file it sends"
                        .into()
                }
            });
        }
        return match length {
            Some(length) if length != asked.end => {
                Err(format!("the server sends {length} bytes, not {} as expected, the whole file", asked.end))
            }
            _ => Ok(Part { bytes: 0..asked.end, announced: length.is_some() }),
        };
    };
    let ContentRange { first, last, whole } = range;
    if let Some(whole) = whole.filter(|whole| *whole != asked.end) {
        return Err(format!("the file has {whole} bytes, not {} as expected", asked.end));
    }
    if last >= asked.end {
        return Err(format!("the server sends the file up to byte {last}, beyond its {} bytes", asked.end));
    }
    if first > asked.start || last < asked.start {
        let from = asked.start;
        return Err(format!("the server sends the file from byte {first} to byte {last} instead of byte {from}"));
    }
    match length {
        Some(length) if range.length() != Some(length) => {
            Err(format!("the server sends {length} bytes, and its Content-Range is from byte {first} to byte {last}"))
        }
        // The status says that this is the whole file.
        None if !partial && (first > 0 || last + 1 < asked.end) => Err(format!(
            "the server answers 200, the whole file, and its Content-Range is from byte {first} to byte {last}"
        )),
        _ => Ok(Part { bytes: first..last + 1, announced: true }),
    }
}

/// Returns what a 416 says about the file, if that differs from what was asked for.
pub(super) fn unsatisfied(headers: &HeaderMap, asked: &Range<u64>) -> Option<String> {
    let whole = headers.get(CONTENT_RANGE)?.to_str().ok().and_then(content_range::unsatisfied)?;
    Some(match whole == asked.end {
        true => format!("the file has {whole} bytes as expected, but the server does not send byte {}", asked.start),
        false => format!("the file has {whole} bytes, not {} as expected", asked.end),
    })
}

fn content_range(headers: &HeaderMap, status: StatusCode) -> Result<Option<ContentRange>, String> {
    let mut values = headers.get_all(CONTENT_RANGE).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(format!("the server answers {} with several Content-Range headers", status.as_u16()));
    }
    // Not quoted: a header may repeat the link.
    let range = value.to_str().ok().and_then(ContentRange::parse);
    let code = status.as_u16();
    range.map(Some).ok_or_else(|| {
        format!("the server answers {code}, and its Content-Range does not say which part of the file it sends")
    })
}

/// Returns the length of the body. A compressed body is not decompressed, so it is the length of the bytes as stored.
fn content_length(headers: &HeaderMap) -> Option<u64> {
    match headers.get(TRANSFER_ENCODING) {
        Some(_) => None,
        None => headers.get(CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok(),
    }
}

fn is_multipart(headers: &HeaderMap) -> bool {
    let media = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    media.trim_start().get(..10).is_some_and(|start| start.eq_ignore_ascii_case("multipart/"))
}
