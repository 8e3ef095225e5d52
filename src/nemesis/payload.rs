//! The text of a command, written and checked.

use super::checked::Checked;
use super::text::{self, Fault, Step};
use crate::error::Error;
use serde::Serialize;
use std::io;

/// Text that is written piece by piece. What goes beyond the limit is counted, not kept.
pub(super) struct Payload {
    text: Vec<u8>,
    length: usize,
    limit: usize,
}

impl Payload {
    /// An empty text that may have `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self { text: Vec::with_capacity(limit.min(256)), length: 0, limit }
    }

    /// Writes JSON text as it is.
    pub(super) fn push(&mut self, text: &str) {
        self.length = self.length.saturating_add(text.len());
        if self.length <= self.limit {
            self.text.extend_from_slice(text.as_bytes());
        }
    }

    /// Writes a string with quotes and escapes.
    pub(super) fn push_str(&mut self, text: &str) -> Result<(), Error> {
        serde_json::to_writer(&mut *self, text).map_err(|error| Error::invalid_request(error.to_string()))
    }

    /// Writes any value. Refuses what is no JSON, with the path to the place within the command's `depth`-th level.
    pub(super) fn push_value<T: Serialize + ?Sized>(&mut self, value: &T, depth: usize) -> Result<(), Error> {
        let mut serializer = serde_json::Serializer::new(&mut *self);
        match value.serialize(Checked(&mut serializer)) {
            Ok(()) => Ok(()),
            // Where a text that was not kept breaks off cannot be told.
            Err(_) if self.length > self.limit => Err(self.too_long("at least ")),
            Err(error) => Err(refused_at(&self.text, depth, &error.to_string())),
        }
    }

    /// The same for a value that must be an object.
    pub(super) fn push_object<T: Serialize + ?Sized>(&mut self, value: &T, depth: usize) -> Result<(), Error> {
        let start = self.text.len();
        self.push_value(value, depth)?;
        match self.text.get(start) {
            // What was cut off is too long anyway.
            Some(b'{') | None => Ok(()),
            Some(_) => {
                let reason = "not a JSON object, and the server takes nothing else for an item here";
                Err(refused_at(&self.text[..start], depth, reason))
            }
        }
    }

    /// The finished text. Refuses one that is too long, or says what the server would change, with the path to the
    /// place within the command's `depth`-th level.
    pub(super) fn finish(self, depth: usize) -> Result<Vec<u8>, Error> {
        if self.length > self.limit {
            return Err(self.too_long(""));
        }
        // Only text goes in; should it not be UTF-8, it is refused like any other bad JSON.
        let text = str::from_utf8(&self.text).map_err(|error| Error::invalid_request(error.to_string()))?;
        match text::check(text) {
            Ok(()) => Ok(self.text),
            Err(Fault { at, reason }) => Err(refused_at(&self.text[..at], depth, &reason)),
        }
    }

    fn too_long(&self, bound: &str) -> Error {
        Error::invalid_request(format!(
            "the command has {bound}{} bytes, and the server accepts {} (the payload limit): send less at once, \
             or smaller values; the server would close the connection and lose what is in flight",
            self.length, self.limit
        ))
    }
}

impl io::Write for Payload {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.length = self.length.saturating_add(bytes.len());
        if self.length <= self.limit {
            self.text.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A refusal of what follows `before`. The first `depth` levels are the command's own and left out of the path; the
/// level after them holds the keys, which are always quoted.
fn refused_at(before: &[u8], depth: usize, reason: &str) -> Error {
    let steps = text::steps(&String::from_utf8_lossy(before));
    let path = match steps.get(depth..) {
        Some([Step::Member(key), inner @ ..]) if depth > 0 => {
            let inner = text::path(inner);
            format!("$[{}]{}", serde_json::Value::from(key.as_str()), &inner[1..])
        }
        Some(steps) => text::path(steps),
        None => text::path(&steps),
    };
    Error::invalid_request(format!("{path}: {reason}"))
}
