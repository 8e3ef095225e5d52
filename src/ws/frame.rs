//! Frames (RFC 6455, section 5): ours are framed and masked by the callers, the server's are put together here.
//!
//! tungstenite's own message layer writes and copies each message in the task that owns the socket; framing in the
//! caller and reading slices of one buffer is what the engine's speed comes from. Its header codec is used as it is.

use crate::rpc::{Framing, Message, Outgoing};
use bytes::{Buf, Bytes, BytesMut};
use bytestring::ByteString;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::io::Cursor;
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

/// Masks client frames. The masks are unpredictable to the application, as section 5.3 demands: a cryptographic
/// generator seeded by the operating system.
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

/// A control frame; what is beyond the 125 bytes that it may hold is cut.
pub(super) fn control_frame(opcode: Control, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    append_frame(OpCode::Control(opcode), &payload[..payload.len().min(125)], rand::random(), &mut bytes);
    bytes
}

/// A close frame with a code and no reason.
pub(super) fn close_frame(code: u16) -> Vec<u8> {
    control_frame(Control::Close, &code.to_be_bytes())
}

fn append_frame(opcode: OpCode, payload: &[u8], mask: [u8; 4], bytes: &mut Vec<u8>) {
    let header = FrameHeader { opcode, mask: Some(mask), ..FrameHeader::default() };
    let length = payload.len() as u64;
    bytes.reserve(header.len(length) + payload.len());
    // Writing to a Vec does not fail.
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

/// Where the frame ends that the byte before `at` belongs to.
pub(super) fn frame_end(frames: &[u8], at: usize) -> usize {
    let mut end = 0;
    while end < at {
        let mut cursor = Cursor::new(&frames[end..]);
        let Ok(Some((_, length))) = FrameHeader::parse(&mut cursor) else { return frames.len() };
        end += cursor.position() as usize + length as usize;
    }
    end
}

/// Something complete from the server.
#[derive(Debug)]
pub(super) enum Incoming {
    Message(Message),
    Ping(Bytes),
    Pong,
    /// `None`: a close frame without a code.
    Close(Option<(u16, String)>),
}

/// What the server must not send, and the code with which RFC 6455 (section 7.4.1) ends the connection for it.
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

/// Bytes asked of the socket at a time, unless a frame is known to be longer. So much of small replies is handed out
/// before more is read: their callers' next commands go out while the rest is still being read.
const CHUNK: usize = 8 << 10;
/// The most that is asked for where messages have proven to be long: several of them come with one read.
const LONG: usize = 128 << 10;

/// Puts the server's frames together.
pub(super) struct Reader {
    pub(super) buffer: BytesMut,
    /// A message of which the last fragment is still to come.
    fragments: Option<(Data, BytesMut)>,
    limit: usize,
    /// Bytes of the last frame.
    last: usize,
}

impl Reader {
    pub(super) fn new(rest: BytesMut, limit: usize) -> Self {
        Self { buffer: rest, fragments: None, limit, last: 0 }
    }

    /// Makes room to read into. What a header promises is not believed: the buffer at most doubles, unless frames that
    /// came were long.
    pub(super) fn reserve(&mut self) {
        if self.buffer.capacity() - self.buffer.len() < CHUNK / 2 {
            let likely = if self.last < CHUNK { CHUNK } else { self.last.saturating_mul(8).min(LONG) };
            self.buffer.reserve(self.buffer.len().max(likely));
        }
    }

    /// Whether the last read took all the room there was: the socket may hold more.
    pub(super) fn is_full(&self) -> bool {
        self.buffer.len() == self.buffer.capacity()
    }

    /// The next message or control frame; `None` if more bytes are needed.
    pub(super) fn next(&mut self) -> Result<Option<Incoming>, Fault> {
        loop {
            let mut cursor = Cursor::new(&self.buffer[..]);
            let parsed = FrameHeader::parse(&mut cursor).map_err(|error| Fault::protocol(error.to_string()))?;
            let Some((header, length)) = parsed else { return Ok(None) };
            if header.mask.is_some() {
                return Err(Fault::protocol("the server masked a frame"));
            }
            if header.rsv1 || header.rsv2 || header.rsv3 {
                return Err(Fault::protocol("a frame has a reserved bit set, and no extension was agreed on"));
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
            if self.buffer.len() - start < length {
                return Ok(None);
            }
            self.last = length;
            self.buffer.advance(start);
            let payload = self.buffer.split_to(length);
            match header.opcode {
                OpCode::Control(control) => return Self::control(control, payload.freeze()).map(Some),
                OpCode::Data(data) => {
                    if let Some(message) = self.data(data, header.is_final, payload)? {
                        return Ok(Some(Incoming::Message(message)));
                    }
                }
            }
        }
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
                None => Err(Fault::protocol("a close frame holds half a code")),
            },
            Control::Reserved(code) => Err(Fault::protocol(format!("opcode {code} is reserved"))),
        }
    }

    /// Takes a data frame in; the message, if it is complete.
    fn data(&mut self, data: Data, is_final: bool, payload: BytesMut) -> Result<Option<Message>, Fault> {
        let (kind, bytes) = match (data, self.fragments.take()) {
            (Data::Continue, Some((kind, mut bytes))) => {
                bytes.extend_from_slice(&payload);
                (kind, bytes)
            }
            (Data::Continue, None) => return Err(Fault::protocol("a continuation continues nothing")),
            (_, Some(_)) => {
                return Err(Fault::protocol("a message begins before the last one has ended"));
            }
            (kind, None) => (kind, payload),
        };
        if !is_final {
            self.fragments = Some((kind, bytes));
            return Ok(None);
        }
        match kind {
            Data::Binary => Ok(Some(Message::Binary(bytes.freeze()))),
            _ => match ByteString::try_from(bytes.freeze()) {
                Ok(text) => Ok(Some(Message::Text(text))),
                Err(_) => Err(Fault { reason: "a text message is not UTF-8".into(), code: 1007 }),
            },
        }
    }
}
