//! WebSocket frames. tungstenite's state machine would answer violations by itself; here the service decides.
use std::io::Cursor;

use bytes::{Buf, BytesMut};
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use crate::message::Message;
use crate::service::Violation;

/// Longest frame header: two bytes, eight of length, four of mask.
const MAX_HEADER: usize = 14;
const MAX_CONTROL: u64 = 125;

/// What a client sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Incoming {
    Message(Message),
    Ping(Vec<u8>),
    Pong,
    /// The payload of the close frame that answers it.
    Close(Vec<u8>),
}

/// Bytes that were read and not yet understood.
#[derive(Debug)]
pub(super) struct Inbox {
    pub(super) buffer: BytesMut,
    fragments: Option<(Data, Vec<u8>)>,
    max_payload: usize,
}

impl Inbox {
    pub(super) fn new(max_payload: usize) -> Self {
        Self { buffer: BytesMut::new(), fragments: None, max_payload }
    }

    /// The next whole message or control frame, if it is there.
    pub(super) fn next(&mut self) -> Result<Option<Incoming>, Violation> {
        loop {
            let Some((header, payload)) = self.frame()? else { return Ok(None) };
            let data = match header.opcode {
                OpCode::Control(control) => return close_or_ping(control, payload).map(Some),
                OpCode::Data(data) => data,
            };
            let (data, payload) = match (data, self.fragments.take()) {
                (Data::Continue, Some((kind, mut start))) => {
                    start.extend_from_slice(&payload);
                    (kind, start)
                }
                (Data::Text | Data::Binary, None) => (data, payload),
                _ => return Err(Violation::Protocol),
            };
            if !header.is_final {
                self.fragments = Some((data, payload));
                continue;
            }
            return Ok(Some(match data {
                Data::Text => Incoming::Message(String::from_utf8(payload).map_err(|_| Violation::NotUtf8)?.into()),
                _ => Incoming::Message(payload.into()),
            }));
        }
    }

    fn frame(&mut self) -> Result<Option<(FrameHeader, Vec<u8>)>, Violation> {
        let mut cursor = Cursor::new(&self.buffer[..]);
        let Some((header, length)) = FrameHeader::parse(&mut cursor).map_err(|_| Violation::Protocol)? else {
            return Ok(None);
        };
        let start = cursor.position() as usize;
        // RFC 6455 has every frame of a client masked.
        let Some(mask) = header.mask else { return Err(Violation::Protocol) };
        let control = matches!(header.opcode, OpCode::Control(_));
        if header.rsv1 || header.rsv2 || header.rsv3 || control && (!header.is_final || length > MAX_CONTROL) {
            return Err(Violation::Protocol);
        }
        // Judged by the header, before the payload is there.
        let before = if control { 0 } else { self.fragments.as_ref().map_or(0, |(_, start)| start.len()) };
        let Some(length) = usize::try_from(length).ok().filter(|length| before + length <= self.max_payload) else {
            return Err(Violation::TooLong);
        };
        if self.buffer.len() < start + length {
            return Ok(None);
        }
        self.buffer.advance(start);
        let mut payload = self.buffer.split_to(length).to_vec();
        payload.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
        Ok(Some((header, payload)))
    }
}

fn close_or_ping(control: Control, payload: Vec<u8>) -> Result<Incoming, Violation> {
    match control {
        Control::Ping => Ok(Incoming::Ping(payload)),
        Control::Pong => Ok(Incoming::Pong),
        Control::Close => Ok(Incoming::Close(if may_be_echoed(&payload) { payload } else { Vec::new() })),
        Control::Reserved(_) => Err(Violation::Protocol),
    }
}

/// A close frame is answered with its own code and reason, one that makes no sense to the servers with an empty one.
fn may_be_echoed(payload: &[u8]) -> bool {
    let Some((code, reason)) = payload.split_first_chunk() else { return false };
    matches!(u16::from_be_bytes(*code), 1000..=1003 | 1007..=1011 | 4000..=4999) && std::str::from_utf8(reason).is_ok()
}

/// A frame from the server.
pub(super) fn frame(opcode: OpCode, is_final: bool, payload: &[u8]) -> Vec<u8> {
    let header = FrameHeader { is_final, opcode, ..FrameHeader::default() };
    let mut out = Vec::with_capacity(MAX_HEADER + payload.len());
    // Writing to a vector cannot fail.
    let _ = header.format(payload.len() as u64, &mut out);
    out.extend_from_slice(payload);
    out
}

pub(super) fn message(message: &Message) -> Vec<u8> {
    match message {
        Message::Text(text) => frame(OpCode::Data(Data::Text), true, text.as_bytes()),
        Message::Binary(bytes) => frame(OpCode::Data(Data::Binary), true, bytes),
    }
}

pub(super) fn ping() -> Vec<u8> {
    frame(OpCode::Control(Control::Ping), true, &[])
}

pub(super) fn pong(payload: &[u8]) -> Vec<u8> {
    frame(OpCode::Control(Control::Pong), true, payload)
}

/// A close frame with any code; the reason is cut to what a control frame can hold.
pub(super) fn close(code: u16, reason: &str) -> Vec<u8> {
    let room = reason.len().min(MAX_CONTROL as usize - 2);
    // `str::floor_char_boundary` is younger than the oldest supported compiler.
    let end = (0..=room).rev().find(|&end| reason.is_char_boundary(end)).unwrap_or(0);
    close_payload(&[&code.to_be_bytes(), &reason.as_bytes()[..end]].concat())
}

pub(super) fn close_payload(payload: &[u8]) -> Vec<u8> {
    frame(OpCode::Control(Control::Close), true, payload)
}

/// The frames of one message, its payload cut into this number of pieces.
pub(super) fn fragments(message: &Message, pieces: usize) -> Vec<Vec<u8>> {
    let (kind, payload) = match message {
        Message::Text(text) => (Data::Text, text.as_bytes()),
        Message::Binary(bytes) => (Data::Binary, &bytes[..]),
    };
    let chunks = cut(payload, pieces);
    let last = chunks.len() - 1;
    let opcode = |position| OpCode::Data(if position == 0 { kind } else { Data::Continue });
    chunks.iter().enumerate().map(|(position, chunk)| frame(opcode(position), position == last, chunk)).collect()
}

/// About equal pieces, none empty unless all is; at least one.
pub(super) fn cut(bytes: &[u8], pieces: usize) -> Vec<&[u8]> {
    if bytes.is_empty() {
        return vec![bytes];
    }
    bytes.chunks(bytes.len().div_ceil(pieces.max(1))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut out = vec![first];
        match payload.len() {
            short @ ..126 => out.push(0x80 | short as u8),
            long => {
                out.push(0x80 | 126);
                out.extend((long as u16).to_be_bytes());
            }
        }
        let mask = [1, 2, 3, 4];
        out.extend(mask);
        out.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        out
    }

    fn all(bytes: &[u8]) -> Result<Vec<Incoming>, Violation> {
        let mut inbox = Inbox::new(300);
        let mut out = Vec::new();
        // Byte by byte: every cut must work.
        for byte in bytes {
            inbox.buffer.extend_from_slice(&[*byte]);
            while let Some(incoming) = inbox.next()? {
                out.push(incoming);
            }
        }
        Ok(out)
    }

    #[test]
    fn fragments_make_one_message_around_control_frames() {
        let bytes = [client(0x01, b"ab"), client(0x89, b"p"), client(0x00, b""), client(0x80, b"c")].concat();
        assert_eq!(all(&bytes), Ok(vec![Incoming::Ping(b"p".into()), Incoming::Message("abc".into())]));
        assert_eq!(all(&client(0x82, b"")), Ok(vec![Incoming::Message(vec![].into())]));
    }

    #[test]
    fn the_limit_holds_for_the_sum_of_fragments() {
        let long = |n| "x".repeat(n).into_bytes();
        assert_eq!(all(&client(0x81, &long(300))).map(|all| all.len()), Ok(1));
        assert_eq!(all(&client(0x81, &long(301))), Err(Violation::TooLong));
        assert_eq!(all(&[client(0x01, &long(200)), client(0x80, &long(100))].concat()).map(|all| all.len()), Ok(1));
        assert_eq!(all(&[client(0x01, &long(200)), client(0x80, &long(101))].concat()), Err(Violation::TooLong));
        assert_eq!(all(&[0x81, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]), Err(Violation::TooLong));
    }

    #[test]
    fn violations_are_seen() {
        for bytes in [
            client(0xc1, b"{}"),
            client(0x83, b""),
            client(0x8b, b""),
            client(0x09, b""),
            client(0x89, &[0; 126]),
            client(0x80, b"x"),
            [client(0x01, b"a"), client(0x81, b"b")].concat(),
        ] {
            assert_eq!(all(&bytes), Err(Violation::Protocol), "{bytes:?}");
        }
        assert_eq!(all(&client(0x81, b"\xff")), Err(Violation::NotUtf8));
        // Not masked.
        assert_eq!(all(&[0x81, 0x02, b'{', b'}']), Err(Violation::Protocol));
    }

    #[test]
    fn close_is_echoed_if_it_makes_sense() {
        for (code, echoed) in [
            (999, false),
            (1000, true),
            (1003, true),
            (1004, false),
            (1005, false),
            (1006, false),
            (1007, true),
            (1011, true),
            (1012, false),
            (1014, false),
            (3000, false),
            (3999, false),
            (4000, true),
            (4999, true),
            (5000, false),
        ] {
            let payload = [&u16::to_be_bytes(code)[..], b"why"].concat();
            let answer = if echoed { payload.clone() } else { vec![] };
            assert_eq!(all(&client(0x88, &payload)), Ok(vec![Incoming::Close(answer)]), "{code}");
        }
        for payload in [&b""[..], b"\x03", b"\x03\xe8\xff"] {
            assert_eq!(all(&client(0x88, payload)), Ok(vec![Incoming::Close(vec![])]));
        }
        assert_eq!(close(1000, &"é".repeat(100)).len(), 2 + 2 + 122);
        assert_eq!(fragments(&"abc".into(), 9), [vec![0x01, 1, b'a'], vec![0x00, 1, b'b'], vec![0x80, 1, b'c']]);
        assert_eq!(fragments(&"".into(), 3), [vec![0x81, 0]]);
    }
}
