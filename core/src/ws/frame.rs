//! Frames (RFC 6455, section 5): frames and masks client messages, and assembles server messages.
//!
//! tungstenite's message layer copies and writes each message in the task that owns the socket. The engine is faster
//! because callers frame their own messages, and long replies are slices of the read buffer. Only tungstenite's header
//! codec is used.

use crate::rpc::{Framing, Message, Outgoing};
use bytes::{Buf, Bytes, BytesMut};
use bytestring::ByteString;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::io::Cursor;
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

/// Masks client frames. Section 5.3 requires unpredictable masks, so they come from a cryptographic generator that the
/// operating system seeds.
pub(super) struct Masking(StdRng);

impl Masking {
    pub(super) fn new() -> Self {
        Self(StdRng::from_rng(&mut rand::rng()))
    }
}

impl Framing for Masking {
    fn frame(&mut self, message: &Outgoing, bytes: &mut Vec<u8>) {
        let opcode = if message.binary { Data::Binary } else { Data::Text };
        append_frame(OpCode::Data(opcode), &message.payload, self.0.next_u32().to_ne_bytes(), bytes);
    }
}

/// Returns a control frame. Cuts the payload to the 125 bytes that are allowed.
pub(super) fn control_frame(opcode: Control, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    append_frame(OpCode::Control(opcode), &payload[..payload.len().min(125)], rand::random(), &mut bytes);
    bytes
}

/// Returns a close frame with a code and no reason.
pub(super) fn close_frame(code: u16) -> Vec<u8> {
    control_frame(Control::Close, &code.to_be_bytes())
}

fn append_frame(opcode: OpCode, payload: &[u8], mask: [u8; 4], bytes: &mut Vec<u8>) {
    let header = FrameHeader { opcode, mask: Some(mask), ..FrameHeader::default() };
    let length = payload.len() as u64;
    bytes.reserve(header.len(length) + payload.len());
    // Writing to a Vec cannot fail.
    let _ = header.format(length, bytes);
    let start = bytes.len();
    bytes.extend_from_slice(payload);
    let (blocks, rest) = bytes[start..].as_chunks_mut::<8>();
    let [a, b, c, d] = mask;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    for block in blocks {
        *block = (u64::from_ne_bytes(*block) ^ wide).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
}

/// Returns the end of the frame that contains the byte before `at`.
pub(super) fn frame_end(frames: &[u8], at: usize) -> usize {
    let mut end = 0;
    while end < at {
        let mut cursor = Cursor::new(&frames[end..]);
        let Ok(Some((_, length))) = FrameHeader::parse(&mut cursor) else { return frames.len() };
        end += cursor.position() as usize + length as usize;
    }
    end
}

/// A complete message or control frame from the server.
#[derive(Debug)]
pub(super) enum Incoming {
    Message(Message),
    Ping(Bytes),
    Pong,
    /// `None`: a close frame without a code.
    Close(Option<(u16, String)>),
}

/// A violation of RFC 6455 by the server, and the close code for it (section 7.4.1).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) reason: String,
    pub(super) code: u16,
}

impl Fault {
    fn protocol(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), code: 1002 }
    }
}

/// Bytes per read, unless frames are known to be longer. Small replies are delivered after each chunk: their callers'
/// next commands go out while the rest is still being read.
const CHUNK: usize = 8 << 10;
/// The largest read. It is used after long messages, so that one read takes several of them.
const LONG: usize = 128 << 10;

/// Assembles the server's frames.
pub(super) struct Reader {
    pub(super) buffer: BytesMut,
    /// The size of the allocation that the buffer lies in, and with it each message that was not copied out.
    block: usize,
    /// The fragments of an incomplete message.
    fragments: Option<(Data, Vec<u8>)>,
    limit: usize,
    /// The length of the last frame.
    last: usize,
    /// What is missing of the frame that has begun, as its header says.
    missing: usize,
    /// The length of the last frame's payload if it was copied: then it is still in the buffer.
    copied: usize,
    /// The last message, if it is not in the buffer.
    whole: Option<Bytes>,
}

impl Reader {
    pub(super) fn new(rest: BytesMut, limit: usize) -> Self {
        // Copied, because the block of the HTTP head may be larger.
        let buffer = BytesMut::from(&rest[..]);
        Self { block: buffer.capacity(), buffer, fragments: None, limit, last: 0, missing: 0, copied: 0, whole: None }
    }

    /// Makes room to read into. The length in a header is not trusted: the buffer at most doubles, unless earlier
    /// frames were long. A block that was made for a long message is not kept for shorter ones.
    pub(super) fn reserve(&mut self) {
        let is_oversized = self.block > 2 * LONG && self.buffer.len() + self.missing <= LONG;
        if self.buffer.capacity() - self.buffer.len() >= CHUNK / 2 && !is_oversized {
            return;
        }
        let likely = if self.last < CHUNK { CHUNK } else { self.last.saturating_mul(8).min(LONG) };
        let room = self.buffer.len().min(self.missing).max(likely);
        if is_oversized || !self.buffer.try_reclaim(room) {
            let mut block = BytesMut::with_capacity(self.buffer.len() + room);
            block.extend_from_slice(&self.buffer);
            self.block = block.capacity();
            self.buffer = block;
        }
    }

    /// Returns whether the last read filled the buffer, so the socket may have more.
    pub(super) fn is_full(&self) -> bool {
        self.buffer.len() == self.buffer.capacity()
    }

    /// Returns the next message or control frame; `None` if more bytes are needed.
    pub(super) fn next(&mut self) -> Result<Option<Incoming>, Fault> {
        self.whole = None;
        loop {
            self.buffer.advance(std::mem::take(&mut self.copied));
            let mut cursor = Cursor::new(&self.buffer[..]);
            let parsed = FrameHeader::parse(&mut cursor).map_err(|error| Fault::protocol(error.to_string()))?;
            let Some((header, length)) = parsed else { return Ok(None) };
            if header.mask.is_some() {
                return Err(Fault::protocol("the server masked a frame"));
            }
            if header.rsv1 || header.rsv2 || header.rsv3 {
                return Err(Fault::protocol("a frame has a reserved bit set, but no extension was negotiated"));
            }
            if let OpCode::Control(_) = header.opcode
                && (length > 125 || !header.is_final)
            {
                return Err(Fault::protocol("a control frame is fragmented or longer than 125 bytes"));
            }
            let begun = self.fragments.as_ref().map_or(0, |(_, bytes)| bytes.len());
            let length = match usize::try_from(length) {
                Ok(length) if length <= self.limit.saturating_sub(begun) => length,
                _ if matches!(header.opcode, OpCode::Control(_)) => length as usize,
                _ => {
                    let total = length.saturating_add(begun as u64);
                    let reason = format!(
                        "a message of {total} bytes or more exceeds the limit of {} (`Limits::message_in`)",
                        self.limit
                    );
                    return Err(Fault { reason, code: 1009 });
                }
            };
            let start = cursor.position() as usize;
            self.missing = start.saturating_add(length).saturating_sub(self.buffer.len());
            if self.missing > 0 {
                return Ok(None);
            }
            self.last = length;
            self.buffer.advance(start);
            let payload = self.payload(length);
            match header.opcode {
                OpCode::Control(control) => return Self::control(control, payload).map(Some),
                OpCode::Data(data) => {
                    if let Some(message) = self.data(data, header.is_final, payload)? {
                        if begun > 0 || self.copied == 0 {
                            self.whole = Some(message.bytes().clone());
                        }
                        return Ok(Some(Incoming::Message(message)));
                    }
                }
            }
        }
    }

    /// Returns the bytes of the message that [`next`](Self::next) returned last.
    pub(super) fn returned(&self) -> &[u8] {
        self.whole.as_deref().unwrap_or(&self.buffer[..self.copied])
    }

    /// Takes the payload of a frame. It is a copy unless it fills at least half of its block: a message that waits must
    /// keep little more memory alive than its own.
    fn payload(&mut self, length: usize) -> Bytes {
        if length < self.block / 2 {
            self.copied = length;
            return Bytes::copy_from_slice(&self.buffer[..length]);
        }
        self.buffer.split_to(length).freeze()
    }

    fn control(control: Control, payload: Bytes) -> Result<Incoming, Fault> {
        match control {
            Control::Ping => Ok(Incoming::Ping(payload)),
            Control::Pong => Ok(Incoming::Pong),
            Control::Close => match payload.split_first_chunk::<2>() {
                Some((code, reason)) => {
                    let reason = String::from_utf8_lossy(reason).into_owned();
                    Ok(Incoming::Close(Some((u16::from_be_bytes(*code), reason))))
                }
                None if payload.is_empty() => Ok(Incoming::Close(None)),
                None => Err(Fault::protocol("a close frame contains only half of a code")),
            },
            Control::Reserved(code) => Err(Fault::protocol(format!("opcode {code} is reserved"))),
        }
    }

    /// Adds a data frame. Returns the message if it is complete.
    fn data(&mut self, data: Data, is_final: bool, payload: Bytes) -> Result<Option<Message>, Fault> {
        let (kind, bytes) = match (data, self.fragments.take()) {
            (Data::Continue, None) => return Err(Fault::protocol("a continuation frame follows no message")),
            (Data::Continue, Some((kind, mut bytes))) => {
                bytes.extend_from_slice(&payload);
                if !is_final {
                    self.fragments = Some((kind, bytes));
                    return Ok(None);
                }
                // Without the spare capacity.
                (kind, Bytes::from(bytes.into_boxed_slice()))
            }
            (_, Some(_)) => {
                return Err(Fault::protocol("a message begins before the previous one has ended"));
            }
            (kind, None) if !is_final => {
                self.fragments = Some((kind, payload.to_vec()));
                return Ok(None);
            }
            (kind, None) => (kind, payload),
        };
        match kind {
            Data::Binary => Ok(Some(Message::Binary(bytes))),
            _ => match ByteString::try_from(bytes) {
                Ok(text) => Ok(Some(Message::Text(text))),
                Err(_) => Err(Fault { reason: "a text message is not UTF-8".into(), code: 1007 }),
            },
        }
    }
}
