//! Reads the answer to an HTTP/1 request: the head, and the beginning of the body of a refusal.

use super::Stream;
use bytes::{Buf, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

/// Maximum bytes of the heads of one answer, with those of interim responses.
const MAX_HEAD: usize = 64 * 1024;
/// Maximum bytes of a refusal's body that are returned.
pub(crate) const MAX_BODY: usize = 2048;
/// Maximum bytes that are read for them; chunks have sizes and extensions.
const MAX_CHUNKED: usize = 4 * MAX_BODY;
/// Maximum time to read them.
const BODY_TIME: Duration = Duration::from_millis(500);

/// The answer to a request, without its body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// The minor version of HTTP/1.
    pub(crate) version: u8,
    /// Bytes that arrived after the head.
    pub(crate) rest: BytesMut,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum NoAnswer {
    /// The connection was closed.
    Closed,
    /// The connection broke.
    Broken(io::Error),
    /// What arrived is not the head of a response.
    Invalid(String),
}

/// Sends a request without a body, and reads the head of the answer.
pub(crate) async fn ask(stream: &mut dyn Stream, request: &[u8]) -> Result<Answer, NoAnswer> {
    // A peer that refuses at once may close before it has read the request. Its answer says more than the failure.
    let written = async {
        stream.write_all(request).await?;
        stream.flush().await
    }
    .await;
    let answer = read_answer(stream).await;
    match (answer, written) {
        // What failed first is the reason.
        (Err(NoAnswer::Closed | NoAnswer::Broken(_)), Err(error)) => Err(NoAnswer::Broken(error)),
        (answer, _) => answer,
    }
}

/// Reads the head of the final response. Interim responses (1xx except 101) are skipped, as RFC 9110 (section 15.2)
/// requires.
async fn read_answer(stream: &mut dyn Stream) -> Result<Answer, NoAnswer> {
    let mut buffer = BytesMut::with_capacity(2048);
    let mut allowed = MAX_HEAD;
    loop {
        let (length, answer) = read_head(stream, &mut buffer, allowed).await?;
        buffer.advance(length);
        if answer.status.is_informational() && answer.status != StatusCode::SWITCHING_PROTOCOLS {
            allowed = allowed.saturating_sub(length);
            continue;
        }
        return Ok(Answer { rest: buffer, ..answer });
    }
}

/// Reads one head to the end. Returns its length too.
async fn read_head(
    stream: &mut dyn Stream,
    buffer: &mut BytesMut,
    allowed: usize,
) -> Result<(usize, Answer), NoAnswer> {
    // Parsing begins anew each time. So that a peer which sends single bytes does not make it slow, it waits for the end
    // of the head, or for twice as much.
    let (mut seen, mut parsed) = (0_usize, 0);
    loop {
        let new = &buffer[seen.saturating_sub(2)..];
        let is_due = buffer.len() >= 2 * parsed
            || new.windows(2).any(|two| two == b"\n\n")
            || new.windows(3).any(|three| three == b"\n\r\n");
        seen = buffer.len();
        if is_due {
            parsed = seen;
            if let Some(head) = parse(buffer).map_err(NoAnswer::Invalid)? {
                return Ok(head);
            }
        }
        if seen >= allowed {
            return Err(NoAnswer::Invalid(format!("its head is longer than {MAX_HEAD} bytes")));
        }
        match stream.read_buf(buffer).await {
            Ok(1..) => {}
            Ok(0) => return Err(NoAnswer::Closed),
            Err(error) => return Err(NoAnswer::Broken(error)),
        }
    }
}

/// Parses a head, if it is complete. It is lenient: a refusal with an odd header still says why.
fn parse(bytes: &[u8]) -> Result<Option<(usize, Answer)>, String> {
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
    let mut fields = vec![httparse::EMPTY_HEADER; lines];
    let mut response = httparse::Response::new(&mut fields);
    let parsed = httparse::ParserConfig::default()
        .allow_multiple_spaces_in_response_status_delimiters(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .allow_spaces_after_header_name_in_responses(true)
        .ignore_invalid_headers_in_responses(true)
        .parse_response(&mut response, bytes)
        .map_err(|error| error.to_string())?;
    let httparse::Status::Complete(length) = parsed else { return Ok(None) };
    let status = response.code.and_then(|code| StatusCode::from_u16(code).ok());
    let (Some(status), Some(version)) = (status, response.version) else {
        return Err("its status is not between 100 and 999".to_owned());
    };
    let mut headers = HeaderMap::new();
    for field in &*response.headers {
        // A value over several lines is one line with spaces (RFC 9112, section 5.2).
        let line: Vec<u8> = field.value.iter().map(|byte| if b"\r\n".contains(byte) { b' ' } else { *byte }).collect();
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(field.name), HeaderValue::try_from(line)) {
            headers.try_append(name, value).map_err(|_| "it has too many headers")?;
        }
    }
    Ok(Some((length, Answer { status, headers, version, rest: BytesMut::new() })))
}

/// Returns the members of a header that is a list, which may be spread over several lines (RFC 9110, section 5.6.1).
pub(crate) fn members(headers: &HeaderMap, name: header::HeaderName) -> impl Iterator<Item = &str> {
    // What is not UTF-8 is a member too: an unknown one.
    let lines = headers.get_all(name).into_iter().map(|value| str::from_utf8(value.as_bytes()).unwrap_or("?"));
    lines.flat_map(|line| line.split(',')).map(str::trim).filter(|member| !member.is_empty())
}

/// How the end of a body is found (RFC 9112, section 6.3).
enum Framing {
    Length(usize),
    Chunked,
    UntilClose,
}

impl Framing {
    fn of(answer: &Answer) -> Self {
        if matches!(answer.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
            return Self::Length(0);
        }
        let mut codings = members(&answer.headers, header::TRANSFER_ENCODING);
        if codings.any(|coding| coding.eq_ignore_ascii_case("chunked")) {
            return Self::Chunked;
        }
        let length = members(&answer.headers, header::CONTENT_LENGTH).next().and_then(|length| length.parse().ok());
        length.map_or(Self::UntilClose, Self::Length)
    }

    /// Returns the body as far as it has arrived, and whether more is needed.
    fn body(&self, raw: &[u8]) -> (Vec<u8>, bool) {
        let (mut body, complete) = match self {
            Self::Length(length) => (raw[..raw.len().min(*length)].to_vec(), raw.len() >= *length),
            Self::Chunked => dechunk(raw),
            Self::UntilClose => (raw.to_vec(), false),
        };
        let enough = body.len() >= MAX_BODY || raw.len() >= MAX_CHUNKED;
        body.truncate(MAX_BODY);
        (body, !complete && !enough)
    }
}

/// Joins the chunks that have arrived. Returns also whether they end there; what is no chunk ends them. A body that does
/// not begin with a chunk is returned as it is.
fn dechunk(mut raw: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    loop {
        let size = match httparse::parse_chunk_size(raw) {
            Ok(httparse::Status::Partial) => return (body, false),
            Err(_) if body.is_empty() => return (raw.to_vec(), false),
            Ok(httparse::Status::Complete((_, 0))) | Err(_) => return (body, true),
            Ok(httparse::Status::Complete((length, size))) => {
                raw = &raw[length..];
                usize::try_from(size).unwrap_or(usize::MAX)
            }
        };
        let Some((chunk, after)) = raw.split_at_checked(size) else {
            body.extend_from_slice(raw);
            return (body, false);
        };
        body.extend_from_slice(chunk);
        raw = match after {
            [b'\r', b'\n', next @ ..] => next,
            [] | [b'\r'] => return (body, false),
            _ => return (body, true),
        };
    }
}

/// Reads the beginning of the body of a refusal.
pub(crate) async fn read_body(answer: &mut Answer, stream: &mut dyn Stream) -> Vec<u8> {
    let framing = Framing::of(answer);
    let (mut body, mut wanted) = framing.body(&answer.rest);
    let reading = timeout(BODY_TIME, async {
        while wanted && stream.read_buf(&mut answer.rest).await.is_ok_and(|read| read > 0) {
            (body, wanted) = framing.body(&answer.rest);
        }
    });
    // What has arrived by then has to do.
    let _ = reading.await;
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncWriteExt, duplex};
    use tokio::time::Instant;

    /// Reads an answer and its body from a peer that sends these bytes in pieces and then stays silent.
    async fn answered(bytes: &[u8], piece: usize) -> Result<(Answer, String), NoAnswer> {
        let (mut client, mut server) = duplex(64);
        let serve = async {
            for part in bytes.chunks(piece) {
                if server.write_all(part).await.is_err() {
                    break;
                }
            }
            // Stays open as long as the client waits.
            std::future::pending::<()>().await;
        };
        tokio::select! {
            read = async {
                let mut answer = read_answer(&mut client).await?;
                let body = read_body(&mut answer, &mut client).await;
                Ok((answer, String::from_utf8(body).unwrap()))
            } => read,
            () = serve => unreachable!(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_ends_where_its_framing_says_without_waiting() {
        for (answer, body) in [
            (
                "HTTP/1.1 429 Wait\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=\"y\"\r\n world\r\n0\r\n\r\n",
                "hello world",
            ),
            (
                "HTTP/1.1 429\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding:\r\nTransfer-Encoding: , Chunked\r\n\r\n2\r\nhi\r\n0\r\n",
                "hi",
            ),
            ("HTTP/1.1 500 x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\nno chunk", "hi"),
            ("HTTP/1.1 500 x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhitoo long", "hi"),
            ("HTTP/1.0 503 x\r\nContent-Length: 5\r\n\r\nlater", "later"),
            ("HTTP/1.1 503 x\nContent-Length: 5, 5\n\nlater and more", "later"),
            ("HTTP/1.1 204 x\r\n\r\nnone", ""),
            ("HTTP/1.1 403 x\r\nContent-Length: 0\r\n\r\n", ""),
        ] {
            for piece in [1, 7, 1000] {
                let begun = Instant::now();
                let (_, read) = answered(answer.as_bytes(), piece).await.unwrap();
                assert_eq!(read, body, "{answer:?} in pieces of {piece}");
                assert_eq!(begun.elapsed(), Duration::ZERO, "it waited: {answer:?} in pieces of {piece}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn of_a_long_or_stalled_body_the_beginning_is_read() {
        let long = "x".repeat(3 * MAX_CHUNKED);
        let chunks = "1;ext\r\nx\r\n".repeat(MAX_CHUNKED);
        for (answer, length) in [
            (format!("HTTP/1.1 500 x\r\n\r\n{long}"), MAX_BODY),
            (format!("HTTP/1.1 500 x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n{long}"), MAX_BODY),
            (format!("HTTP/1.1 500 x\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}"), MAX_CHUNKED / 10),
            (format!("HTTP/1.1 500 x\r\nTransfer-Encoding: chunked\r\n\r\n1;{long}\r\n"), 0),
            (format!("HTTP/1.1 500 x\r\nContent-Length: {}\r\n\r\n{long}", u64::MAX), MAX_BODY),
            ("HTTP/1.1 500 x\r\nContent-Length: 7\r\n\r\nhalf".to_owned(), 4),
            ("HTTP/1.1 500 x\r\nContent-Length: what\r\n\r\nhalf".to_owned(), 4),
            ("HTTP/1.1 500 x\r\nTransfer-Encoding: chunked\r\n\r\nin no chunk".to_owned(), 11),
        ] {
            let (_, body) = answered(answer.as_bytes(), 1000).await.unwrap();
            assert!(body.len().abs_diff(length) <= 8, "{} bytes of {:.60}", body.len(), answer);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn heads_are_read_as_they_come() {
        let many: String = (0..2000).map(|number| format!("X-{number}: 1\r\n")).collect();
        for answer in [
            format!("HTTP/1.1 429 x\r\n{many}Retry-After: 7\r\nContent-Length: 0\r\n\r\n"),
            "HTTP/1.1  429  x\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n".to_owned(),
            "HTTP/1.0 429\r\nRetry-After : 7\r\nContent-Length: 0\r\n\r\n".to_owned(),
            "HTTP/1.1 429 x\r\nbroken header\r\nRetry-After:\r\n 7\r\nContent-Length: 0\r\n\r\n".to_owned(),
            "\r\nHTTP/1.1 429 Zu viele Anfr\u{fc}\r\nretry-after:7\nContent-Length: 0\n\n".to_owned(),
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n\
             HTTP/1.1 429 x\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"
                .to_owned(),
        ] {
            for piece in [1, 50, 100_000] {
                let (answer, _) = answered(answer.as_bytes(), piece).await.unwrap();
                assert_eq!(answer.status, 429);
                assert_eq!(answer.headers[header::RETRY_AFTER].to_str().unwrap().trim(), "7");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_without_end_and_interim_answers_without_end_are_refused() {
        for flood in ["HTTP/1.1 103 x\r\nLink: </x>\r\n\r\n", "HTTP/1.1 200 x\r\nX: y", "HTTP/1.1 100 x\r\n\r\n"] {
            let error = answered(flood.repeat(MAX_HEAD).as_bytes(), 4096).await.unwrap_err();
            assert!(matches!(error, NoAnswer::Invalid(_)), "{error:?}");
        }
        let lines = format!("HTTP/1.1 200 x\r\n{}", "a:\n".repeat(MAX_HEAD));
        assert!(matches!(answered(lines.as_bytes(), 4096).await, Err(NoAnswer::Invalid(_))));
        for nonsense in ["SSH-2.0-OpenSSH_9.9\r\n", "HTTP/2.0 200 x\r\n\r\n", "HTTP/1.1 099 x\r\n\r\n"] {
            assert!(matches!(answered(nonsense.as_bytes(), 4096).await, Err(NoAnswer::Invalid(_))), "{nonsense}");
        }
    }
}
