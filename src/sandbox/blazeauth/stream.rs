//! A file on its way to a client over the WebSocket.
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use bytes::Bytes;

use super::files::{File, checksum};
use crate::codes::blazeauth::ErrorCode as Status;
use crate::sandbox::link::{Frames, Outgoing};

/// How streams look.
#[derive(Clone, Debug)]
pub(super) struct StreamOptions {
    /// Bytes of one chunk.
    pub(super) chunk: usize,
}

impl Default for StreamOptions {
    fn default() -> Self {
        Self { chunk: 16 * 1024 }
    }
}

/// The frames of one transfer.
#[derive(Debug)]
pub(super) struct FileStream {
    id: u64,
    file_checksum: String,
    file_size: usize,
    /// What was not sent yet.
    rest: Bytes,
    range_checksum: String,
    options: StreamOptions,
    first: bool,
    ended: bool,
    stopped: Arc<AtomicBool>,
}

/// A stream as the session knows it: whether it still runs, and the way to stop it.
#[derive(Clone, Debug)]
pub(super) struct Running(Weak<AtomicBool>);

impl Running {
    pub(super) fn is_running(&self) -> bool {
        self.0.strong_count() > 0
    }

    /// Ends it before its next frame; `false` if it has ended already.
    pub(super) fn stop(&self) -> bool {
        self.0.upgrade().is_some_and(|stopped| !stopped.swap(true, Ordering::Relaxed))
    }
}

impl FileStream {
    /// The stream of a file from an offset, which must not lie behind its end.
    pub(super) fn new(id: u64, file: &File, resume_at: usize, options: StreamOptions) -> Self {
        let rest = file.content.slice(resume_at.min(file.content.len())..);
        Self {
            id,
            file_checksum: file.checksum.clone(),
            file_size: file.content.len(),
            range_checksum: checksum(&rest),
            rest,
            options,
            first: true,
            ended: false,
            stopped: Arc::default(),
        }
    }

    pub(super) fn running(&self) -> Running {
        Running(Arc::downgrade(&self.stopped))
    }

    /// The next frame; `None` behind the last.
    pub(super) fn next(&mut self) -> Option<Outgoing> {
        if self.ended {
            return None;
        }
        let mut head = format!("{{\"id\":{}", self.id);
        if std::mem::take(&mut self.first) {
            head.push_str(&format!(",\"file_size\":{}", self.file_size));
        }
        if self.stopped.load(Ordering::Relaxed) {
            self.ended = true;
            head.push_str(&format!(",\"status\":{}}}", Status::FileTransferStopped.value()));
            return Some(Outgoing::Text(head));
        }
        let chunk = self.rest.split_to(self.rest.len().min(self.options.chunk.max(1)));
        if self.rest.is_empty() {
            self.ended = true;
            head.push_str(&format!(
                ",\"status\":{},\"file_checksum\":\"{}\",\"range_checksum\":\"{}\"",
                Status::Ok.value(),
                self.file_checksum,
                self.range_checksum
            ));
        }
        head.push('}');
        if chunk.is_empty() {
            return Some(Outgoing::Text(head));
        }
        let mut frame = head.into_bytes();
        frame.extend_from_slice(&chunk);
        Some(Outgoing::Binary(frame))
    }
}

impl Frames for FileStream {
    fn poll_frame(&mut self, _: &mut Context<'_>) -> Poll<Option<Outgoing>> {
        Poll::Ready(self.next())
    }
}
