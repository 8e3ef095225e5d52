//! The progress of a failed download.

use crate::error::{Cause, Error};
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// The progress of a download before it failed. It is in the chain of [sources](StdError::source) of the error.
///
/// ```
/// # fn doc(error: &statuswire::Error) {
/// use statuswire::download::Interrupted;
///
/// if let Some(interrupted) = Interrupted::of(error) {
///     println!("continue from byte {}", interrupted.at_hand);
/// }
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Interrupted {
    /// The name of the file.
    pub file: String,
    /// Bytes from the beginning of the file that the writer has, or that a later download to the path can use: the offset
    /// to continue from.
    pub at_hand: u64,
    /// Bytes that this download received.
    pub received: u64,
    /// The size of the whole file, if the server told it.
    pub size: Option<u64>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Interrupted {
    /// Returns the progress of the download that failed with this error; `None` if no byte was at hand or received.
    pub fn of(error: &Error) -> Option<&Self> {
        let mut next = error.source();
        while let Some(source) = next {
            if let Some(found) = source.downcast_ref() {
                return Some(found);
            }
            next = source.source();
        }
        None
    }

    /// Inserts the progress between an error and its source, if any byte was at hand or received.
    pub(super) fn explain(error: Error, file: &str, at_hand: u64, received: u64, size: Option<u64>) -> Error {
        if (at_hand, received) == (0, 0) {
            return error;
        }
        let interrupted = |source| Arc::new(Self { file: file.to_owned(), at_hand, received, size, source });
        match error.cause() {
            Cause::Transport(source) => {
                let source = Arc::clone(source);
                error.with_cause(Cause::Transport(interrupted(Some(source))))
            }
            _ => {
                let source = error.shared_source();
                error.with_source(interrupted(source))
            }
        }
    }
}

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the file {:?} was interrupted with {}", self.file, self.at_hand)?;
        if let Some(size) = self.size {
            write!(f, " of {size}")?;
        }
        write!(f, " bytes at hand, {} of them received in this download", self.received)
    }
}

impl StdError for Interrupted {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
