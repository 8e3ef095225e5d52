//! The text of a command while it is written.

use super::check::{Fault, MAX_LEVELS, check};
use super::finite::Finite;
use super::path;
use crate::error::Error;
use serde::Serialize;
use serde_path_to_error::Track;
use std::io;

/// The levels that are left to a value: `{"KV_SET":{"keys":{` takes three.
const VALUE_LEVELS: usize = MAX_LEVELS - 3;

/// Text that is written piece by piece. What goes beyond the limit is counted, not kept.
#[derive(Debug)]
pub(super) struct Payload {
    text: Vec<u8>,
    length: usize,
    limit: usize,
}

impl Payload {
    /// Begins a text of at most `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self { text: Vec::with_capacity(limit.min(256)), length: 0, limit }
    }

    /// Writes JSON text as it is.
    pub(super) fn push(&mut self, text: &str) {
        self.push_bytes(text.as_bytes());
    }

    fn push_bytes(&mut self, bytes: &[u8]) {
        self.length = self.length.saturating_add(bytes.len());
        if self.length <= self.limit {
            self.text.extend_from_slice(bytes);
        }
    }

    /// Returns whether the last thing written is the `{` of an object.
    pub(super) fn is_in_empty_object(&self) -> bool {
        self.text.ends_with(b"{")
    }

    /// Returns how many bytes the server may take to repeat the strings of the text: it spells control characters, DEL
    /// among them, by their numbers.
    pub(super) fn repeated_bytes(&self) -> usize {
        let by_number = r"\u007F".len();
        let added = |byte: &u8| match byte {
            0x7f => by_number - 1,
            b'\\' => by_number - r"\n".len(),
            _ => 0,
        };
        self.length + self.text.iter().map(added).sum::<usize>()
    }

    /// Writes a string with quotes and escapes.
    pub(super) fn push_str(&mut self, text: &str) -> Result<(), Error> {
        serde_json::to_writer(self, text).map_err(|error| Error::invalid_request(error.to_string()))
    }

    /// Writes a value, which must be a JSON object if `is_object` says so. Refuses what JSON cannot hold and what the
    /// server would change, with the path to it; `at` is the path to the value.
    pub(super) fn push_value<T: Serialize + ?Sized>(
        &mut self,
        value: &T,
        is_object: bool,
        at: impl Fn() -> String,
    ) -> Result<(), Error> {
        let start = self.text.len();
        let written = value.serialize(Finite(&mut serde_json::Serializer::new(&mut *self)));
        if self.length > self.limit {
            return written.map_err(|_| self.too_long("at least "));
        }
        let text = str::from_utf8(&self.text[start..]).unwrap_or_default();
        let checked = match written {
            Err(error) => Err(Fault { path: path_of_failure(value), reason: error.to_string() }),
            Ok(()) if is_object && !text.starts_with('{') => Err(Fault {
                path: String::new(),
                reason: "not a JSON object, and the server takes nothing else for an item here".to_owned(),
            }),
            Ok(()) => check(text, VALUE_LEVELS),
        };
        checked.map_err(|Fault { path, reason }| Error::invalid_request(format!("${}{path}: {reason}", at())))
    }

    /// Returns the text. Refuses one that is too long.
    pub(super) fn text(&self) -> Result<&[u8], Error> {
        if self.length > self.limit { Err(self.too_long("")) } else { Ok(&self.text) }
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
        self.push_bytes(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns the path to what could not be serialized; without the names of tuple and struct variants of enums, which
/// `serde_path_to_error` does not track. The value is serialized again for it: tracking costs more than writing the text.
fn path_of_failure<T: Serialize + ?Sized>(value: &T) -> String {
    let mut track = Track::new();
    let mut discarded = serde_json::Serializer::new(io::sink());
    match value.serialize(Finite(serde_path_to_error::Serializer::new(&mut discarded, &mut track))) {
        Err(_) => path::steps(&track.path()),
        Ok(()) => String::new(),
    }
}
