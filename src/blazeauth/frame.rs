//! The frames of a transfer: metadata and bytes of the file.

use super::decode;
use super::lenient::Lenient;
use crate::download::Sum;
use crate::json::for_each_member;
use crate::rpc::Unroutable;
use bytes::Bytes;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};

/// A binary frame: a JSON object that begins at the first byte, and the file's bytes directly after its closing brace.
/// Nothing separates them: white space there belongs to the file.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) metadata: Metadata,
    /// The file's bytes.
    pub(super) chunk: Bytes,
}

/// The JSON part of a frame that belongs to a transfer: of a chunk, of the end of a stream, of an answer with a link.
/// Unknown members are ignored, and `null` is the same as a missing member. The members and their types are gathered
/// from the samples and notes of the documentation: its own list is not known.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Metadata {
    /// The id of the request.
    pub(super) id: u64,
    /// Missing or zero while the stream goes on.
    pub(super) status: Option<u16>,
    /// Bytes of the whole file, also when only a part of it is sent.
    pub(super) file_size: Option<u64>,
    /// Sum of the whole file.
    pub(super) file_checksum: Option<Sum>,
    /// Sum of what this stream sent.
    pub(super) range_checksum: Option<Sum>,
    /// Where the file can be fetched without further credentials.
    #[serde(default, deserialize_with = "decode::secret")]
    pub(super) presigned_url: Option<SecretString>,
    /// Bytes of the file in this frame; older servers tell. In an odd form it tells nothing.
    #[serde(default, deserialize_with = "count")]
    pub(super) chunk_size: Option<u64>,
}

fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(Lenient::deserialize(deserializer)?.ok())
}

impl Metadata {
    /// Returns whether nothing follows under this id. A status other than 0 ends a stream, and so does a link, which
    /// replaces one.
    pub(super) fn is_last(&self) -> bool {
        self.status.unwrap_or(0) != 0 || self.presigned_url.is_some()
    }
}

impl Frame {
    /// Takes a frame apart. The error says what is wrong, and at which byte of the frame.
    pub(super) fn parse(frame: &Bytes) -> Result<Self, Unroutable> {
        match frame.first() {
            Some(b'{') => {}
            Some(byte) => return Err(wrong(0, format!("the byte 0x{byte:02x} is where the metadata's {{ is due"))),
            None => return Err(wrong(0, "the frame is empty".to_owned())),
        }
        // The parser finds the end of the object: the file may contain anything.
        let mut values = serde_json::Deserializer::from_slice(frame).into_iter();
        let metadata = match values.next() {
            Some(Ok(metadata)) => metadata,
            Some(Err(error)) => {
                let reason = format!("the metadata cannot be read: {}", decode::reason(&error));
                return Err(wrong(decode::offset(frame, &error).saturating_sub(1), reason));
            }
            // There is a brace, so there is a value or an error.
            None => return Err(wrong(0, "there is no metadata".to_owned())),
        };
        let end = values.byte_offset();
        let chunk = &frame[end..];
        // As a slice it keeps the metadata alive, which may be much longer.
        let chunk = if end > chunk.len() { Bytes::copy_from_slice(chunk) } else { frame.slice(end..) };
        Ok(Self { metadata, chunk })
    }

    /// Returns the id in a frame that cannot be taken apart. There must be one before what is wrong, and no second one.
    pub(super) fn id(frame: &[u8]) -> Option<u64> {
        let (mut id, mut ids) = (None, 0_usize);
        let text = frame.utf8_chunks().next()?.valid();
        // It ends with an error, at what is wrong or at the bytes of the file.
        let _ = for_each_member(text, |name, value| {
            if name == "id" {
                let value = value.get();
                // Where the text ends, a number may be cut.
                let is_whole = value.as_bytes().as_ptr_range().end < text.as_bytes().as_ptr_range().end;
                id = value.parse().ok().filter(|_| is_whole);
                ids += 1;
            }
        });
        id.filter(|_| ids == 1)
    }
}

fn wrong(at: usize, reason: String) -> Unroutable {
    Unroutable::new(reason).with_path(format!("byte {at} of a binary frame"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(frame: &[u8]) -> Result<Frame, Unroutable> {
        Frame::parse(&Bytes::copy_from_slice(frame))
    }

    #[test]
    fn null_is_missing_and_unknown_members_are_ignored() {
        let text = r#"{"binary_data":true,"id":18446744073709551614,"status":null,"file_size":null,
            "file_checksum":null,"range_checksum":null,"presigned_url":null,"chunk_size":null,"later":[{}]}"#;
        let metadata: Metadata = serde_json::from_str(text).unwrap();
        assert_eq!((metadata.id, metadata.status, metadata.file_size), (u64::MAX - 1, None, None));
        assert!(metadata.file_checksum.is_none() && metadata.range_checksum.is_none());
        assert!(metadata.presigned_url.is_none() && metadata.chunk_size.is_none());
        assert!(!metadata.is_last());
    }

    #[test]
    fn an_odd_size_of_a_chunk_does_not_spoil_the_frame() {
        let frame = parse(br#"{"id":1,"chunk_size":"3"}abc"#).unwrap();
        assert_eq!((frame.metadata.chunk_size, &frame.chunk[..]), (None, &b"abc"[..]));
    }

    #[test]
    fn a_link_is_not_shown() {
        let metadata: Metadata =
            serde_json::from_str(r#"{"id":1,"status":1,"presigned_url":"https://canary.example/x?sig=1"}"#).unwrap();
        assert!(metadata.is_last());
        assert!(!format!("{metadata:?}").contains("canary"));
    }

    #[test]
    fn bytes_after_the_brace_are_the_files() {
        let chunk = [0x61, 0x62, 0x7d, 0x7b, 0x00, 0xff];
        let frame = parse(&[br#"{"id":40,"file_size":10}"#, &chunk[..]].concat()).unwrap();
        assert_eq!((frame.metadata.id, frame.metadata.file_size), (40, Some(10)));
        assert_eq!(frame.chunk[..], chunk);
    }

    #[test]
    fn braces_in_texts_do_not_end_the_object() {
        let frame = parse(br#"{"note":"}{\"}","id":1} {"#).unwrap();
        assert_eq!((frame.metadata.id, &frame.chunk[..]), (1, &b" {"[..]));
    }

    #[test]
    fn errors_say_what_and_where() {
        let text = |frame: &[u8]| {
            let Unroutable { path, reason, .. } = parse(frame).unwrap_err();
            format!("{path}: {reason}")
        };
        assert_eq!(text(b""), "byte 0 of a binary frame: the frame is empty");
        assert_eq!(text(b" {\"id\":1}"), "byte 0 of a binary frame: the byte 0x20 is where the metadata's { is due");
        assert!(text(b"{\"id\":1").starts_with("byte 6 of a binary frame: the metadata cannot be read: EOF"));
        assert!(text(b"{}").contains("missing field `id`"));
        assert!(text(b"{\"id\":-1}").contains("expected u64"));
    }

    #[test]
    fn the_id_is_found_before_what_is_wrong() {
        for (frame, id) in [
            (&b"{\"id\":7,\"status\":\"x\"}\xff\xfe"[..], Some(7)),
            (b"{\"file_size\":-1,\"id\":18446744073709551614}{\"id\":8}", Some(u64::MAX - 1)),
            (b"{\"id\":7,\"status\":tru", Some(7)),
            (b"{\"id\":7,\"x\":\"\xff\"}", Some(7)),
            (b"{\"note\":\"{\\\"id\\\":3}\",\"i\\u0064\":7,\"status\":1,\"status\":1}", Some(7)),
            (b"{\"status\":tru,\"id\":7}", None),
            (b"{\"id\":7,\"id\":8}", None),
            (b"{\"id\":7,\"id\":7}", None),
            (b"{\"id\":-7,\"status\":1}", None),
            (b"{\"id\":7", None),
            (b"[7]", None),
            (b"\xff{\"id\":7}", None),
            (b"", None),
        ] {
            assert_eq!(Frame::id(frame), id, "{}", String::from_utf8_lossy(frame));
        }
    }

    #[test]
    fn reasons_are_cut() {
        let Unroutable { path, reason, .. } = wrong(7, "x".repeat(100_000));
        assert_eq!(path, "byte 7 of a binary frame");
        assert!(reason.len() < 10_000, "{}", reason.len());
    }

    proptest! {
        #[test]
        fn chunks_come_out_as_they_went_in(
            id: u64,
            status in proptest::option::of(0_u16..400),
            note in any::<String>(),
            chunk in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            let json = serde_json::json!({ "note": note, "id": id, "status": status, "chunk_size": chunk.len() });
            let frame = parse(&[json.to_string().as_bytes(), &chunk].concat()).unwrap();
            prop_assert_eq!(frame.metadata.id, id);
            prop_assert_eq!(frame.metadata.status, status);
            prop_assert_eq!(frame.metadata.chunk_size, Some(chunk.len() as u64));
            prop_assert_eq!(&frame.chunk[..], &chunk[..]);
        }

        #[test]
        fn any_frame_is_read_or_an_error(frame in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = parse(&frame);
        }

        #[test]
        fn a_frame_that_is_cut_off_is_an_error_or_shorter(cut in 0_usize..60) {
            let frame = br#"{"id":7,"status":0,"chunk_size":9}{"id":8} "#;
            if let Ok(frame) = parse(&frame[..cut.min(frame.len())]) {
                prop_assert_eq!(frame.metadata.id, 7);
                prop_assert!(frame.chunk.len() <= 9);
            }
        }
    }
}
