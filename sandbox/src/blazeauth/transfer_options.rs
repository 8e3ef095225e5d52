//! How packet 7 is answered.
use super::content::Content;
use super::links::LinkFault;

/// Size of a chunk unless another one is asked for.
const CHUNK: usize = 16 * 1024;

/// The form in which packet 7 gives a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransferForm {
    /// The bytes themselves, in binary frames of the connection.
    #[default]
    Stream,
    /// A link to get them from by HTTP.
    Link,
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
}

/// How packet 7 is answered. Every setter's doc names the default.
///
/// ```
/// use statuswire_sandbox::blazeauth::{Interruption, TransferOptions};
///
/// // One byte a frame, and the connection is lost behind the first six.
/// let interrupted = TransferOptions::new().chunk(1).interrupt(6, Interruption::Drop);
/// let spoiled = TransferOptions::new().wrong_checksum();
/// ```
#[derive(Clone, Debug)]
#[must_use = "options do nothing until they are handed to a server"]
pub struct TransferOptions {
    pub(super) form: TransferForm,
    pub(super) chunk: usize,
    wrong_checksum: bool,
    pub(super) interruption: Option<(usize, Interruption)>,
    pub(super) link_fault: Option<LinkFault>,
}

impl Default for TransferOptions {
    fn default() -> Self {
        Self {
            form: TransferForm::default(),
            chunk: CHUNK,
            wrong_checksum: false,
            interruption: None,
            link_fault: None,
        }
    }
}

impl TransferOptions {
    /// Returns the defaults: an ordinary stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the form of the answer. Default: [`TransferForm::Stream`].
    pub fn form(mut self, form: TransferForm) -> Self {
        self.form = form;
        self
    }

    /// Sets how many bytes of the file one frame of a stream holds, at least 1 (0 counts as 1). Default: 16,384.
    pub fn chunk(mut self, bytes: usize) -> Self {
        self.chunk = bytes.max(1);
        self
    }

    /// Announces another checksum of the whole file than the right one, in both forms. Default: the right one.
    pub fn wrong_checksum(mut self) -> Self {
        self.wrong_checksum = true;
        self
    }

    /// Interrupts a stream when it reaches this byte of the file; the chunk before ends there. A stream that starts at
    /// this byte or behind it is not interrupted, so that a client that resumes gets the rest. Default: no interruption.
    pub fn interrupt(mut self, at: usize, how: Interruption) -> Self {
        self.interruption = Some((at, how));
        self
    }

    /// Makes the use of the link go wrong. Default: it works.
    pub fn link_fault(mut self, fault: LinkFault) -> Self {
        self.link_fault = Some(fault);
        self
    }

    /// Returns the checksum to announce for a file.
    pub(super) fn file_checksum(&self, content: &Content) -> String {
        let right = content.checksum();
        if !self.wrong_checksum {
            return right.to_owned();
        }
        let (first, rest) = right.split_at(1);
        format!("{}{rest}", if first == "0" { '1' } else { '0' })
    }
}
