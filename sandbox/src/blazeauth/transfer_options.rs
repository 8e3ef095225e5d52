//! How packet 7 is answered: the form, and for the stream the make of its frames.
use std::time::Duration;

use serde_json::{Map, Value};

use super::links::LinkFault;

/// Size of a chunk unless another one is asked for.
const CHUNK: usize = 16 * 1024;

/// What packet 7 gives to somebody who may have the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransferForm {
    /// The bytes themselves, in binary frames of the connection.
    #[default]
    Stream,
    /// A link to get them from by HTTP.
    Link,
}

/// How the metadata and the bytes of a chunk share a binary frame. The documentation does not show what separates
/// them; the default is the reading without anything in between.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum FrameLayout {
    /// The JSON object, the bytes right behind its closing brace.
    #[default]
    Adjacent,
    /// The length of the JSON object as four bytes, the most significant one first; the object; the bytes.
    LengthBigEndian,
    /// The length of the JSON object as four bytes, the least significant one first; the object; the bytes.
    LengthLittleEndian,
    /// The JSON object, this one byte, the bytes.
    Delimiter(u8),
}

/// Which frame carries status 1 and the checksums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LastFrame {
    /// The one with the last bytes; a text frame if there are none.
    #[default]
    Natural,
    /// A text frame behind the last bytes.
    Text,
    /// A binary frame, also if there are no bytes.
    Binary,
}

/// The member `chunk_size` of binary frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChunkSize {
    /// Left out.
    #[default]
    Missing,
    /// The number of bytes in the frame.
    Right,
    /// So much more or less than the number of bytes in the frame.
    OffBy(i64),
}

/// A checksum that is announced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Checksum {
    /// The SHA-256 of the bytes.
    #[default]
    Right,
    /// The SHA-256 of the bytes with its first digit changed.
    Wrong,
    /// Left out.
    Missing,
    /// This text.
    Text(String),
}

impl Checksum {
    /// The text to announce in place of the right one.
    pub(super) fn of(&self, right: &str) -> Option<String> {
        match self {
            Self::Right => Some(right.to_owned()),
            Self::Wrong => {
                let (first, rest) = right.split_at(1);
                Some(format!("{}{rest}", if first == "0" { '1' } else { '0' }))
            }
            Self::Missing => None,
            Self::Text(text) => Some(text.clone()),
        }
    }
}

/// How a stream is interrupted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Interruption {
    /// A text frame with this status ends the stream, as 304, 306 and 6 do.
    Status(u32),
    /// The TCP connection ends without a close frame.
    Drop,
    /// The server closes the connection.
    Close {
        /// Close code, any number.
        code: u16,
        /// Its reason.
        reason: String,
    },
    /// Nothing more is sent for this stream until packet 8 stops it.
    Silence,
    /// A text frame with this content, then nothing more for this stream.
    Text(String),
    /// A binary frame with this content, then nothing more for this stream.
    Binary(Vec<u8>),
}

/// How packet 7 is answered. Every setter's doc names the default.
///
/// ```
/// use statuswire_sandbox::blazeauth::{Checksum, Interruption, TransferOptions};
///
/// // One byte a frame, and the connection is lost behind the first six.
/// let interrupted = TransferOptions::new().chunk(1).interrupt(6, Interruption::Drop);
/// // Chunks of 100, 0 and 7 bytes, then 16 KiB each; the checksum of the whole file is wrong.
/// let spoiled = TransferOptions::new().chunks([100, 0, 7]).file_checksum(Checksum::Wrong);
/// ```
#[derive(Clone, Debug)]
#[must_use = "options do nothing until they are handed to a sandbox"]
pub struct TransferOptions {
    pub(super) form: TransferForm,
    pub(super) chunk: usize,
    pub(super) chunks: Vec<usize>,
    pub(super) layout: FrameLayout,
    pub(super) last_frame: LastFrame,
    pub(super) status_in_every_frame: bool,
    pub(super) chunk_size: ChunkSize,
    pub(super) file_size: Option<u64>,
    pub(super) file_checksum: Checksum,
    pub(super) range_checksum: Checksum,
    pub(super) members: Map<String, Value>,
    pub(super) interruption: Option<(usize, Interruption)>,
    pub(super) link_life: Duration,
    pub(super) link_fault: Option<LinkFault>,
}

impl Default for TransferOptions {
    fn default() -> Self {
        Self {
            form: TransferForm::default(),
            chunk: CHUNK,
            chunks: Vec::new(),
            layout: FrameLayout::default(),
            last_frame: LastFrame::default(),
            status_in_every_frame: false,
            chunk_size: ChunkSize::default(),
            file_size: None,
            file_checksum: Checksum::default(),
            range_checksum: Checksum::default(),
            members: Map::new(),
            interruption: None,
            link_life: Duration::from_secs(60),
            link_fault: None,
        }
    }
}

impl TransferOptions {
    /// All defaults: an ordinary stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// The form of the answer. Default: [`TransferForm::Stream`].
    pub fn form(mut self, form: TransferForm) -> Self {
        self.form = form;
        self
    }

    /// Bytes of the file in one frame, at least 1 (0 counts as 1). Default: 16,384.
    pub fn chunk(mut self, bytes: usize) -> Self {
        self.chunk = bytes.max(1);
        self
    }

    /// Bytes of the file in the first frames, one by one; a 0 makes a frame without bytes. Behind them,
    /// [`chunk`](Self::chunk) counts. Default: none.
    pub fn chunks(mut self, sizes: impl IntoIterator<Item = usize>) -> Self {
        self.chunks = sizes.into_iter().collect();
        self
    }

    /// How metadata and bytes share a frame. Default: [`FrameLayout::Adjacent`].
    pub fn layout(mut self, layout: FrameLayout) -> Self {
        self.layout = layout;
        self
    }

    /// Which frame ends a stream that succeeds. Default: [`LastFrame::Natural`].
    pub fn last_frame(mut self, last_frame: LastFrame) -> Self {
        self.last_frame = last_frame;
        self
    }

    /// Whether the frames before the last one say `"status":0`. Default: false, they have no status.
    pub fn status_in_every_frame(mut self, yes: bool) -> Self {
        self.status_in_every_frame = yes;
        self
    }

    /// The member `chunk_size` of binary frames. Default: [`ChunkSize::Missing`].
    pub fn chunk_size(mut self, chunk_size: ChunkSize) -> Self {
        self.chunk_size = chunk_size;
        self
    }

    /// Another `file_size` than the file's, in both forms. Default: the right one.
    pub fn file_size(mut self, bytes: u64) -> Self {
        self.file_size = Some(bytes);
        self
    }

    /// The checksum of the whole file, in both forms. Default: [`Checksum::Right`].
    pub fn file_checksum(mut self, checksum: Checksum) -> Self {
        self.file_checksum = checksum;
        self
    }

    /// The checksum of the bytes in the stream. Default: [`Checksum::Right`].
    pub fn range_checksum(mut self, checksum: Checksum) -> Self {
        self.range_checksum = checksum;
        self
    }

    /// A further member in the metadata of every frame, or in the answer with the link. Default: none.
    pub fn member(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.members.insert(name.into(), value.into());
        self
    }

    /// Interrupts a stream when it reaches this byte of the file; the chunk before ends there. A stream that starts at
    /// this byte or behind it is not interrupted, so a client that resumes comes through. Default: no interruption.
    pub fn interrupt(mut self, at: usize, how: Interruption) -> Self {
        self.interruption = Some((at, how));
        self
    }

    /// How long a link serves, by the sandbox's clock. Default: 60 s.
    pub fn link_life(mut self, life: Duration) -> Self {
        self.link_life = life;
        self
    }

    /// What goes wrong when the link is used. Default: nothing.
    pub fn link_fault(mut self, fault: LinkFault) -> Self {
        self.link_fault = Some(fault);
        self
    }
}
