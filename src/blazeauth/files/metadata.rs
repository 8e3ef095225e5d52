//! What the frames of a transfer say beside the file's bytes.

use super::digest::Sum;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};

/// The JSON part of a frame that belongs to a transfer: of a chunk, of the end of a stream, of an answer with a link.
/// Unknown members are ignored, and `null` is the same as nothing. Which members there are, and their types, is gathered
/// from the samples and notes of the documentation: its own list is not known.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::blazeauth) struct Metadata {
    /// The id of the request.
    pub(in crate::blazeauth) id: u64,
    /// Nothing or zero while the stream goes on.
    pub(in crate::blazeauth) status: Option<u16>,
    /// Bytes of the whole file, also when only a part of it is sent.
    pub(in crate::blazeauth) file_size: Option<u64>,
    /// Sum of the whole file.
    pub(in crate::blazeauth) file_checksum: Option<Sum>,
    /// Sum of what this stream sent.
    pub(in crate::blazeauth) range_checksum: Option<Sum>,
    /// Where the file can be fetched by whoever has the link.
    #[serde(default, deserialize_with = "secret")]
    pub(in crate::blazeauth) presigned_url: Option<SecretString>,
    /// Bytes of the file in this frame; older servers tell.
    pub(in crate::blazeauth) chunk_size: Option<u64>,
}

impl Metadata {
    /// Whether nothing follows under this id. A status other than 0 ends a stream, and so does a link, which stands
    /// for one.
    pub(in crate::blazeauth) fn is_last(&self) -> bool {
        self.status.unwrap_or(0) != 0 || self.presigned_url.is_some()
    }
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(SecretString::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_nothing_and_unknown_members_are_ignored() {
        let text = r#"{"binary_data":true,"id":18446744073709551614,"status":null,"file_size":null,
            "file_checksum":null,"range_checksum":null,"presigned_url":null,"chunk_size":null,"later":[{}]}"#;
        let metadata: Metadata = serde_json::from_str(text).unwrap();
        assert_eq!((metadata.id, metadata.status, metadata.file_size), (u64::MAX - 1, None, None));
        assert!(metadata.file_checksum.is_none() && metadata.range_checksum.is_none());
        assert!(metadata.presigned_url.is_none() && metadata.chunk_size.is_none());
        assert!(!metadata.is_last());
    }

    #[test]
    fn a_link_is_not_shown() {
        let metadata: Metadata =
            serde_json::from_str(r#"{"id":1,"status":1,"presigned_url":"https://canary.example/x?sig=1"}"#).unwrap();
        assert!(metadata.is_last());
        assert!(!format!("{metadata:?}").contains("canary"));
    }
}
