//! Sending answers, whole or as a fault has it.
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Version};

use super::connection::{Connection, End};
use super::fault::{Cut, Sending};
use super::head::names;
use super::service::Service;

/// Bytes of an endless body that are sent at a time, about.
const ENDLESS_ROUND: usize = 16 * 1024;

/// What the form of an answer depends on.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) method: Method,
    pub(super) version: Version,
    pub(super) keep_alive: bool,
}

/// An answer as it is sent.
#[derive(Debug)]
struct Wire {
    head: Vec<u8>,
    /// `None`: HTTP allows no body.
    body: Option<Bytes>,
    chunked: bool,
    /// The connection ends after it.
    close: bool,
}

impl Wire {
    fn new(asked: &Asked, response: Response<Bytes>, sending: &Sending) -> Self {
        let (parts, body) = response.into_parts();
        let (status, mut headers) = (parts.status, parts.headers);
        if sending.endless {
            headers.remove(CONTENT_LENGTH);
            headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        }
        if let Some(length) = sending.content_length {
            headers.remove(TRANSFER_ENCODING);
            headers.insert(CONTENT_LENGTH, length.into());
        }
        let has_body =
            !status.is_informational() && !matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        let mut chunked = names(&headers, &TRANSFER_ENCODING, "chunked");
        // The end of the connection ends the body.
        let without_length = sending.without_length || chunked && asked.version == Version::HTTP_10;
        if without_length {
            headers.remove(TRANSFER_ENCODING);
            headers.remove(CONTENT_LENGTH);
            chunked = false;
        } else if has_body && !chunked && !headers.contains_key(CONTENT_LENGTH) {
            headers.insert(CONTENT_LENGTH, body.len().into());
        }
        let announced = names(&headers, &CONNECTION, "close");
        let keep_alive = asked.keep_alive && !without_length;
        if !keep_alive && !announced {
            headers.append(CONNECTION, HeaderValue::from_static("close"));
        }
        Self {
            head: head(status, &headers),
            body: (has_body && asked.method != Method::HEAD).then_some(body),
            chunked,
            close: !keep_alive || announced || sending.last,
        }
    }
}

fn head(status: StatusCode, headers: &HeaderMap) -> Vec<u8> {
    let reason = status.canonical_reason().unwrap_or_default();
    let mut head = format!("HTTP/1.1 {} {reason}\r\n", status.as_u16()).into_bytes();
    for (name, value) in headers {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            head.extend_from_slice(part);
        }
    }
    head.extend_from_slice(b"\r\n");
    head
}

/// How the pieces of a body are sent.
struct Pieces {
    size: usize,
    pause: Option<Duration>,
    chunked: bool,
    /// Bytes that may still be sent.
    room: usize,
}

impl<S: Service> Connection<S> {
    /// Sends an answer. `Ok`: the connection goes on.
    pub(super) async fn send(
        &mut self,
        asked: &Asked,
        response: Response<Bytes>,
        sending: &Sending,
    ) -> Result<(), End> {
        let Wire { head, body, chunked, close } = Wire::new(asked, response, sending);
        let (room, then) = match sending.cut {
            Some((Cut::Head(bytes), then)) => {
                self.outbox.extend_from_slice(&head[..bytes.min(head.len())]);
                self.flush().await?;
                return self.end(then).await;
            }
            Some((Cut::Body(bytes), then)) => (bytes, Some(then)),
            None => (usize::MAX, None),
        };
        self.outbox.extend_from_slice(&head);
        let (size, pause) = sending.pieces.map_or((usize::MAX, None), |(size, pause)| (size, Some(pause)));
        let mut pieces = Pieces { size, pause, chunked, room };
        match body {
            Some(body) if sending.endless => self.send_endless(&body, pieces).await?,
            Some(body) => {
                self.send_pieces(&body, &mut pieces).await?;
                if chunked && then.is_none() {
                    self.outbox.extend_from_slice(b"0\r\n\r\n");
                }
            }
            None => {}
        }
        self.flush().await?;
        match then {
            Some(then) => self.end(then).await,
            None if close => Err(End::Finished),
            None => Ok(()),
        }
    }

    /// Sends a body over and over, while there is room.
    async fn send_endless(&mut self, body: &[u8], mut pieces: Pieces) -> Result<(), End> {
        let body = if body.is_empty() { b" " } else { body };
        let round = body.repeat(ENDLESS_ROUND.div_ceil(body.len()));
        while self.send_pieces(&round, &mut pieces).await? {
            self.flush().await?;
            if *self.stopping.borrow() {
                return Err(End::Stopping);
            }
        }
        Ok(())
    }

    /// Sends a body while there is room, and returns whether there was room for all of it.
    async fn send_pieces(&mut self, body: &[u8], pieces: &mut Pieces) -> Result<bool, End> {
        for piece in body.chunks(pieces.size) {
            if pieces.room == 0 {
                return Ok(false);
            }
            if pieces.pause.is_some() {
                self.flush().await?;
                self.pause(pieces.pause).await?;
            }
            if pieces.chunked {
                self.outbox.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
            }
            let sent = &piece[..piece.len().min(pieces.room)];
            self.outbox.extend_from_slice(sent);
            pieces.room -= sent.len();
            if sent.len() < piece.len() {
                return Ok(false);
            }
            if pieces.chunked {
                self.outbox.extend_from_slice(b"\r\n");
            }
        }
        Ok(true)
    }
}
