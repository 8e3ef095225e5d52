//! Received bytes that are not written yet.

use bytes::{Buf, Bytes, BytesMut};
use std::collections::VecDeque;

/// Smaller chunks are copied together, because each would keep its read buffer alive.
const SMALL: usize = 4 << 10;

/// A queue of chunks.
#[derive(Default)]
pub(super) struct Backlog {
    chunks: VecDeque<Bytes>,
    /// Small chunks that follow `chunks`.
    tail: BytesMut,
    length: usize,
}

impl Backlog {
    pub(super) fn push(&mut self, chunk: Bytes) {
        self.length += chunk.len();
        if chunk.len() < SMALL {
            self.tail.extend_from_slice(&chunk);
            if self.tail.len() < SMALL {
                return;
            }
            self.close_tail();
        } else {
            self.close_tail();
            self.chunks.push_back(chunk);
        }
    }

    fn close_tail(&mut self) {
        if !self.tail.is_empty() {
            self.chunks.push_back(self.tail.split().freeze());
        }
    }

    /// Returns the number of bytes.
    pub(super) fn len(&self) -> usize {
        self.length
    }

    pub(super) fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Returns the next bytes.
    pub(super) fn front(&mut self) -> Option<&[u8]> {
        if self.chunks.is_empty() {
            self.close_tail();
        }
        self.chunks.front().map(|chunk| &**chunk)
    }

    /// Removes bytes from the front.
    pub(super) fn advance(&mut self, bytes: usize) {
        if let Some(front) = self.chunks.front_mut() {
            let bytes = bytes.min(front.len());
            front.advance(bytes);
            self.length -= bytes;
            if front.is_empty() {
                self.chunks.pop_front();
            }
        }
    }

    /// Removes and returns all bytes, in order.
    pub(super) fn take(&mut self) -> VecDeque<Bytes> {
        self.close_tail();
        self.length = 0;
        std::mem::take(&mut self.chunks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Debug)]
    enum Step {
        Push(usize),
        Advance(usize),
        Take,
    }

    proptest! {
        #[test]
        fn bytes_come_out_in_order(steps in proptest::collection::vec(
            prop_oneof![
                4 => (0_usize..3 * SMALL / 2).prop_map(Step::Push),
                3 => (0_usize..2 * SMALL).prop_map(Step::Advance),
                1 => Just(Step::Take),
            ],
            0..60,
        )) {
            let (mut backlog, mut pushed, mut got) = (Backlog::default(), Vec::new(), Vec::new());
            for step in steps {
                match step {
                    Step::Push(length) => {
                        let from = pushed.len();
                        pushed.extend((from..from + length).map(|n| (n % 251) as u8));
                        backlog.push(Bytes::copy_from_slice(&pushed[from..]));
                    }
                    Step::Advance(bytes) => {
                        let front = backlog.front().unwrap_or_default().to_vec();
                        prop_assert_eq!(front.is_empty(), backlog.is_empty());
                        let bytes = bytes.min(front.len());
                        got.extend_from_slice(&front[..bytes]);
                        backlog.advance(bytes);
                    }
                    Step::Take => got.extend(backlog.take().into_iter().flatten()),
                }
                prop_assert_eq!(backlog.len(), pushed.len() - got.len());
            }
            got.extend(backlog.take().into_iter().flatten());
            prop_assert_eq!(got, pushed);
        }
    }
}
