//! Where in a binary frame the metadata ends and the chunk begins.

use super::metadata::Metadata;
use crate::blazeauth::reply::mistake;
use crate::rpc::Unroutable;
use serde_json::Deserializer;

/// How a binary frame of a file stream joins its metadata, a JSON object, and the bytes of the file.
///
/// The documentation does not show it. The default is what its wording suggests; the others are for the case that it
/// proves wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Layout {
    /// The object begins at the first byte, and the file's bytes directly behind its closing brace. Nothing separates
    /// them: white space there belongs to the file.
    #[default]
    JsonThenBytes,
    /// The length of the JSON text in four bytes, the most significant first; then the text; then the file's bytes.
    LengthBigEndian,
    /// The same with the least significant byte first.
    LengthLittleEndian,
    /// The object, one byte of this value, the file's bytes. The byte counts only directly behind the object: it may
    /// occur inside of it and in the file.
    Delimiter(u8),
}

impl Layout {
    /// Reads a frame's metadata and says where its chunk begins.
    ///
    /// The error says what does not fit, and at which byte of the frame.
    pub(in crate::blazeauth) fn split(self, frame: &[u8]) -> Result<(Metadata, usize), Unroutable> {
        match self {
            Self::JsonThenBytes => leading_object(frame),
            Self::LengthBigEndian => prefixed(frame, u32::from_be_bytes),
            Self::LengthLittleEndian => prefixed(frame, u32::from_le_bytes),
            Self::Delimiter(byte) => {
                let (metadata, end) = leading_object(frame)?;
                match frame.get(end) {
                    Some(&found) if found == byte => Ok((metadata, end + 1)),
                    Some(found) => Err(misfit(end, format!("the byte 0x{found:02x} is where 0x{byte:02x} is due"))),
                    None => Err(misfit(end, format!("the frame ends where the byte 0x{byte:02x} is due"))),
                }
            }
        }
    }
}

/// The object that the bytes begin with, and where it ends. The parser knows: the file may contain anything.
fn leading_object(bytes: &[u8]) -> Result<(Metadata, usize), Unroutable> {
    match bytes.first() {
        Some(b'{') => {}
        Some(byte) => return Err(misfit(0, format!("the byte 0x{byte:02x} is where the metadata's {{ is due"))),
        None => return Err(misfit(0, "the frame is empty".to_owned())),
    }
    let mut values = Deserializer::from_slice(bytes).into_iter();
    match values.next() {
        Some(Ok(metadata)) => Ok((metadata, values.byte_offset())),
        Some(Err(error)) => {
            Err(misfit(offset_of(bytes, &error), format!("the metadata cannot be read: {}", mistake(&error))))
        }
        // There is a brace, so there is a value or an error.
        None => Err(misfit(0, "there is no metadata".to_owned())),
    }
}

fn prefixed(frame: &[u8], length: fn([u8; 4]) -> u32) -> Result<(Metadata, usize), Unroutable> {
    const PREFIX: usize = size_of::<u32>();
    let Some((prefix, rest)) = frame.split_first_chunk::<PREFIX>() else {
        let reason = format!("the frame has {} bytes, less than its length prefix takes", frame.len());
        return Err(misfit(0, reason));
    };
    let length = length(*prefix);
    let Some(json) = usize::try_from(length).ok().and_then(|length| rest.get(..length)) else {
        let reason = format!("the metadata should take {length} bytes, but only {} follow", rest.len());
        return Err(misfit(0, reason));
    };
    match serde_json::from_slice(json) {
        Ok(metadata) if json.first() == Some(&b'{') => Ok((metadata, PREFIX + json.len())),
        Ok(_) => Err(misfit(PREFIX, "the metadata does not begin with {".to_owned())),
        Err(error) => {
            let reason = format!("the metadata cannot be read: {}", mistake(&error));
            Err(misfit(PREFIX + offset_of(json, &error), reason))
        }
    }
}

/// The place of a JSON error as an offset; the parser tells lines and columns.
fn offset_of(bytes: &[u8], error: &serde_json::Error) -> usize {
    let lines = bytes.split_inclusive(|&byte| byte == b'\n');
    let before: usize = lines.take(error.line().saturating_sub(1)).map(<[u8]>::len).sum();
    before + error.column().saturating_sub(1)
}

fn misfit(at: usize, reason: String) -> Unroutable {
    Unroutable { path: format!("byte {at} of a binary frame"), reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [Layout; 5] = [
        Layout::JsonThenBytes,
        Layout::LengthBigEndian,
        Layout::LengthLittleEndian,
        Layout::Delimiter(0),
        Layout::Delimiter(b'}'),
    ];

    fn join(layout: Layout, json: &str, chunk: &[u8]) -> Vec<u8> {
        let length = u32::try_from(json.len()).unwrap();
        match layout {
            Layout::JsonThenBytes => [json.as_bytes(), chunk].concat(),
            Layout::LengthBigEndian => [&length.to_be_bytes(), json.as_bytes(), chunk].concat(),
            Layout::LengthLittleEndian => [&length.to_le_bytes(), json.as_bytes(), chunk].concat(),
            Layout::Delimiter(byte) => [json.as_bytes(), &[byte], chunk].concat(),
        }
    }

    #[test]
    fn bytes_behind_the_brace_are_the_files() {
        let chunk = [0x61, 0x62, 0x7d, 0x7b, 0x00, 0xff];
        let frame = [br#"{"id":40,"file_size":10}"#, &chunk[..]].concat();
        assert_eq!(frame.len(), 30);
        let (metadata, at) = Layout::default().split(&frame).unwrap();
        assert_eq!((metadata.id, metadata.file_size), (40, Some(10)));
        assert_eq!(frame[at..], chunk);
    }

    #[test]
    fn braces_in_texts_do_not_end_the_object() {
        let (metadata, at) = Layout::default().split(br#"{"note":"}{\"}","id":1} {"#).unwrap();
        assert_eq!((metadata.id, at), (1, 23));
    }

    #[test]
    fn misfits_say_what_and_where() {
        let text = |layout: Layout, frame: &[u8]| {
            let Unroutable { path, reason } = layout.split(frame).unwrap_err();
            format!("{path}: {reason}")
        };
        let json = Layout::JsonThenBytes;
        assert_eq!(text(json, b""), "byte 0 of a binary frame: the frame is empty");
        assert_eq!(
            text(json, b" {\"id\":1}"),
            "byte 0 of a binary frame: the byte 0x20 is where the metadata's { is due"
        );
        assert!(text(json, b"{\"id\":1").starts_with("byte 6 of a binary frame: the metadata cannot be read: EOF"));
        assert!(text(json, b"{}").contains("missing field `id`"));
        assert!(text(json, b"{\"id\":-1}").contains("expected u64"));
        assert_eq!(
            text(Layout::Delimiter(0), b"{\"id\":1}x"),
            "byte 8 of a binary frame: the byte 0x78 is where 0x00 is due"
        );
        assert_eq!(
            text(Layout::Delimiter(0), b"{\"id\":1}"),
            "byte 8 of a binary frame: the frame ends where the byte 0x00 is due"
        );
        let long = Layout::LengthBigEndian;
        assert_eq!(
            text(long, b"\0\0"),
            "byte 0 of a binary frame: the frame has 2 bytes, less than its length prefix takes"
        );
        assert_eq!(
            text(long, b"\0\0\0\x09{}"),
            "byte 0 of a binary frame: the metadata should take 9 bytes, but only 2 follow"
        );
        assert!(text(long, b"\0\0\0\x03[1]xyz").contains("expected"));
        assert!(text(Layout::LengthLittleEndian, b"\xff\xff\xff\xff{}").contains("4294967295"));
    }

    proptest! {
        #[test]
        fn chunks_come_out_as_they_went_in(
            id: u64,
            status in proptest::option::of(0_u16..400),
            note in any::<String>(),
            chunk in proptest::collection::vec(any::<u8>(), 0..200),
            which in 0..ALL.len(),
        ) {
            let json = serde_json::json!({ "note": note, "id": id, "status": status, "chunk_size": chunk.len() });
            let frame = join(ALL[which], &json.to_string(), &chunk);
            let (metadata, at) = ALL[which].split(&frame).unwrap();
            prop_assert_eq!(metadata.id, id);
            prop_assert_eq!(metadata.status, status);
            prop_assert_eq!(metadata.chunk_size, Some(chunk.len() as u64));
            prop_assert_eq!(&frame[at..], &chunk[..]);
        }

        #[test]
        fn no_frame_is_too_strange(frame in proptest::collection::vec(any::<u8>(), 0..60), which in 0..ALL.len()) {
            if let Ok((_, at)) = ALL[which].split(&frame) {
                prop_assert!(at <= frame.len());
            }
        }

        #[test]
        fn a_frame_that_is_cut_off_is_an_error_or_shorter(cut in 0_usize..60, which in 0..ALL.len()) {
            let frame = join(ALL[which], r#"{"id":7,"status":0,"chunk_size":9}"#, b"{\"id\":8} ");
            let cut = cut.min(frame.len());
            if let Ok((metadata, at)) = ALL[which].split(&frame[..cut]) {
                prop_assert_eq!(metadata.id, 7);
                prop_assert!(frame[..cut][at..].len() <= 9);
            }
        }
    }
}
