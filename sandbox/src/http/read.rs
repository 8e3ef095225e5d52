//! Reading requests.
use std::io;

use bytes::{Buf, Bytes, BytesMut};
use http::{Method, Request, StatusCode, Version};

use super::connection::{Connection, End};
use super::fault::{Moment, Plan, Sending};
use super::head::{Head, Length, MAX_HEADERS, Refusal};
use super::response::text;
use super::send::Asked;
use super::service::Service;
use crate::accepting::raised;

/// Read from the socket at a time.
const READ_CHUNK: usize = 64 * 1024;
/// Longest line with the size of a chunk.
const MAX_CHUNK_LINE: usize = 4 * 1024;

/// Why there is no request.
pub(super) enum NoRequest {
    Refused(Refusal),
    End(End),
}

impl From<Refusal> for NoRequest {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<End> for NoRequest {
    fn from(end: End) -> Self {
        Self::End(end)
    }
}

impl<S: Service> Connection<S> {
    /// Reads the next request, with what is to be done about it. One that is refused is answered, and ends the connection.
    pub(super) async fn request(&mut self) -> Result<(Asked, Request<Bytes>, Plan), End> {
        match self.read_request().await {
            Ok(request) => Ok(request),
            Err(NoRequest::End(end)) => Err(end),
            Err(NoRequest::Refused((status, why))) => {
                self.shared.record.count_malformed();
                let asked = Asked { method: Method::GET, version: Version::HTTP_11, keep_alive: false };
                self.send(&asked, text(status, why), &Sending::default()).await?;
                Err(End::Finished)
            }
        }
    }

    async fn read_request(&mut self) -> Result<(Asked, Request<Bytes>, Plan), NoRequest> {
        let head = loop {
            if let Some(head) = Head::take(&mut self.inbox, self.shared.options.max_head)? {
                break head;
            }
            self.read().await?;
        };
        let Head { request, body, expects_continue, keep_alive } = head;
        let mut asked = Asked { method: request.method().clone(), version: request.version(), keep_alive };
        let mut request = request.map(|()| Bytes::new());
        if let Some(plan) = self.shared.faults.plan(Moment::Head, self.number, &request) {
            asked.keep_alive = false;
            return Ok((asked, request, plan));
        }
        let waits = expects_continue && self.inbox.is_empty();
        *request.body_mut() = match body {
            Length::Known(length) => {
                let length = self.within_limit(length)?;
                self.tell_to_continue(waits && length > 0).await?;
                self.take(length).await?.freeze()
            }
            Length::Chunked => {
                self.tell_to_continue(waits).await?;
                self.chunks().await?
            }
        };
        let plan = self.shared.faults.plan(Moment::Body, self.number, &request).unwrap_or_default();
        Ok((asked, request, plan))
    }

    async fn tell_to_continue(&mut self, waits: bool) -> Result<(), End> {
        if waits {
            self.outbox.extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
            self.flush().await?;
        }
        Ok(())
    }

    fn within_limit(&self, length: u64) -> Result<usize, Refusal> {
        let length = usize::try_from(length).ok().filter(|&length| length <= self.shared.options.max_body);
        length.ok_or((StatusCode::PAYLOAD_TOO_LARGE, "the body is too long"))
    }

    /// Takes bytes out of the inbox when they have come. They are copied: a record must not keep the whole inbox.
    async fn take(&mut self, length: usize) -> Result<BytesMut, End> {
        while self.inbox.len() < length {
            self.read().await?;
        }
        let taken = BytesMut::from(&self.inbox[..length]);
        self.inbox.advance(length);
        Ok(taken)
    }

    async fn chunks(&mut self) -> Result<Bytes, NoRequest> {
        const MALFORMED: Refusal = (StatusCode::BAD_REQUEST, "malformed chunks");
        let mut body = BytesMut::new();
        loop {
            let (line, size) = loop {
                match httparse::parse_chunk_size(&self.inbox) {
                    Ok(httparse::Status::Complete(found)) => break found,
                    Ok(httparse::Status::Partial) if self.inbox.len() < MAX_CHUNK_LINE => self.read().await?,
                    Ok(_) | Err(_) => return Err(MALFORMED.into()),
                }
            };
            self.inbox.advance(line);
            if size == 0 {
                self.trailers().await?;
                return Ok(body.freeze());
            }
            self.within_limit(size.saturating_add(body.len() as u64))?;
            body.unsplit(self.take(size as usize).await?);
            if self.take(2).await? != b"\r\n"[..] {
                return Err(MALFORMED.into());
            }
        }
    }

    /// Reads what may come behind the last chunk, to the empty line, and drops it.
    async fn trailers(&mut self) -> Result<(), NoRequest> {
        loop {
            let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
            match httparse::parse_headers(&self.inbox, &mut headers) {
                Ok(httparse::Status::Complete((length, _))) => {
                    self.inbox.advance(length);
                    return Ok(());
                }
                Ok(httparse::Status::Partial) if self.inbox.len() < self.shared.options.max_head => {}
                Ok(_) | Err(_) => return Err((StatusCode::BAD_REQUEST, "malformed trailers").into()),
            }
            self.read().await?;
        }
    }

    /// Reads what is there, at least one byte.
    pub(super) async fn read(&mut self) -> Result<(), End> {
        loop {
            tokio::select! {
                biased;
                () = raised(&mut self.stopping) => return Err(End::Stopping),
                readable = self.stream.readable() => readable?,
            }
            self.inbox.reserve(READ_CHUNK);
            match self.stream.try_read_buf(&mut self.inbox) {
                Ok(0) => return Err(End::Gone),
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}
