//! An unfinished file: a hidden file next to the target, and the sum of its beginning.
//!
//! All functions block.

use super::digest::Sum;
use super::{name, place};
use crate::error::{Delivery, Error};
use bytes::{Buf, Bytes};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, IoSlice, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes per read while a prefix is hashed.
const READ: usize = 256 << 10;
/// Maximum slices per write.
const SLICES: usize = 64;
/// The maximum size of a sidecar.
const STATE_LIMIT: u64 = 1024;
/// The maximum length of a version in it. A longer one is not stored.
const VERSION_LIMIT: usize = 128;

/// An unfinished file. While it is open, no other transfer can open it.
#[derive(Debug)]
pub(super) struct Partial {
    target: PathBuf,
    part: PathBuf,
    state: PathBuf,
    state_draft: PathBuf,
    file: File,
    /// Bytes in the file.
    length: u64,
    /// Bytes that the sidecar covers: a later transfer continues from there.
    noted: u64,
    /// The version of the file at the server.
    version: Option<Arc<str>>,
}

/// The usable beginning of a file that an earlier transfer left.
#[derive(Debug)]
pub(super) struct Prefix {
    pub(super) length: u64,
    /// The size of the whole file, as the server told it then.
    pub(super) file_size: u64,
    pub(super) version: Option<Arc<str>>,
    pub(super) hash: Sha256,
}

/// The sidecar: the length and the sum of the verified beginning of the partial file.
#[derive(Serialize, Deserialize)]
struct State {
    file_size: u64,
    length: u64,
    sha256: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<String>,
}

impl Partial {
    /// Opens the partial file of the target `name` in `dir` and keeps the beginning that its sidecar covers. The rest
    /// is truncated. If the sidecar or the sum is wrong, the file is emptied.
    pub(super) fn open(dir: &Path, name: &str) -> Result<(Self, Option<Prefix>), Error> {
        name::check(name)?;
        let at = |suffix| dir.join(name::companion(name, suffix));
        let (target, part) = (dir.join(name), at(name::PART));
        if let Ok(found) = fs::symlink_metadata(&target) {
            // The finished file may replace a file or a link, but not a pipe or a device.
            let what = match found.file_type() {
                kind if kind.is_file() || kind.is_symlink() => None,
                kind if kind.is_dir() => Some("a directory"),
                _ => Some("not a file"),
            };
            if let Some(what) = what {
                let target = target.display();
                return Err(Error::invalid_request(format!("{target} is {what}; give another name with `save_as`")));
            }
        }
        let file = place::open_exclusively(&part).map_err(|error| match error.kind() {
            io::ErrorKind::ResourceBusy => Error::invalid_request(format!(
                "another transfer is writing to {}; wait for it, or save under another name",
                target.display()
            )),
            _ => failed("opening", &part, error),
        })?;
        let (state, state_draft) = (at(name::STATE), at(name::STATE_DRAFT));
        let mut partial = Self { target, part, state, state_draft, file, length: 0, noted: 0, version: None };
        match partial.usable() {
            Ok(Some(prefix)) => Ok((partial, Some(prefix))),
            Ok(None) => {
                partial.restart()?;
                Ok((partial, None))
            }
            Err(error) => Err(failed("reading", &partial.part, error)),
        }
    }

    fn usable(&mut self) -> io::Result<Option<Prefix>> {
        let Some(text) = place::read_small(&self.state, STATE_LIMIT)? else { return Ok(None) };
        let Ok(State { file_size, length, sha256, version }) = serde_json::from_slice(&text) else { return Ok(None) };
        if length == 0 || length > file_size || length > self.file.metadata()?.len() {
            return Ok(None);
        }
        let hash = self.hash(length)?;
        if Sum::parse(&sha256) != Some(Sum::finish(hash.clone())) {
            return Ok(None);
        }
        self.file.set_len(length)?;
        self.file.seek(SeekFrom::Start(length))?;
        (self.length, self.noted) = (length, length);
        Ok(Some(Prefix { length, file_size, version: version.map(Into::into), hash }))
    }

    fn hash(&mut self, length: u64) -> io::Result<Sha256> {
        self.file.seek(SeekFrom::Start(0))?;
        let mut rest = (&self.file).take(length);
        let mut hash = Sha256::new();
        let mut buffer = vec![0; READ];
        loop {
            match rest.read(&mut buffer) {
                Ok(0) => return Ok(hash),
                Ok(n) => hash.update(&buffer[..n]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Empties the file.
    pub(super) fn restart(&mut self) -> Result<(), Error> {
        self.forget()?;
        let emptied = self.file.set_len(0).and_then(|()| self.file.seek(SeekFrom::Start(0)));
        emptied.map_err(|error| failed("emptying", &self.part, error))?;
        self.length = 0;
        Ok(())
    }

    /// Appends chunks, several per write.
    pub(super) fn append(&mut self, mut chunks: VecDeque<Bytes>) -> Result<(), Error> {
        while !chunks.is_empty() {
            let slices: Vec<_> = chunks.iter().take(SLICES).map(|chunk| IoSlice::new(chunk)).collect();
            let mut written = match self.file.write_vectored(&slices) {
                Ok(0) => Err(io::Error::from(io::ErrorKind::WriteZero)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other,
            }
            .map_err(|error| failed("writing", &self.part, error))?;
            self.length += written as u64;
            while let Some(first) = chunks.front_mut() {
                let step = written.min(first.len());
                first.advance(step);
                written -= step;
                if !first.is_empty() {
                    break;
                }
                chunks.pop_front();
            }
        }
        Ok(())
    }

    /// Updates the sidecar with the sum of the bytes at hand, so that a later transfer can continue from here.
    pub(super) fn note(&mut self, file_size: u64, sum: Sum) -> Result<(), Error> {
        let version = self.version.as_deref().filter(|version| version.len() <= VERSION_LIMIT).map(str::to_owned);
        let state = State { file_size, length: self.length, sha256: sum.to_string(), version };
        let written = (|| {
            place::remove(&self.state_draft)?;
            // A new file, so that nothing is written through a link. The rename replaces the old one atomically.
            let mut draft = File::options().write(true).create_new(true).open(&self.state_draft)?;
            draft.write_all(&serde_json::to_vec(&state)?)?;
            drop(draft);
            fs::rename(&self.state_draft, &self.state)
        })();
        if written.is_err() {
            let _ = place::remove(&self.state_draft);
        }
        written.map_err(|error| failed("writing", &self.state, error))?;
        self.noted = self.length;
        Ok(())
    }

    /// Updates the sidecar after a failure, from what is really in the file.
    pub(super) fn note_what_is_there(&mut self, file_size: u64) -> Result<(), Error> {
        let hash = self.hash(self.length).map_err(|error| failed("reading", &self.part, error))?;
        self.note(file_size, Sum::finish(hash))
    }

    /// Renames the complete file to the target. Returns the target. After a failure, the partial file is still there.
    pub(super) fn complete(&mut self) -> Result<PathBuf, Error> {
        place::unless_unsupported(self.file.sync_all(), "writing a file through to the disk", &self.part)
            .map_err(|error| failed("writing", &self.part, error))?;
        fs::rename(&self.part, &self.target)
            .map_err(|error| failed("putting the complete file in its place,", &self.target, error))?;
        // The file is complete. A sidecar without a partial file is ignored.
        if let Err(error) = self.forget() {
            tracing::warn!(%error, "the state of a complete download stays");
        }
        Ok(self.target.clone())
    }

    /// Removes the file and its sidecar.
    pub(super) fn discard(&mut self) -> Result<(), Error> {
        let forgotten = self.forget();
        place::remove(&self.part).map_err(|error| failed("removing", &self.part, error)).and(forgotten)
    }

    fn forget(&mut self) -> Result<(), Error> {
        self.noted = 0;
        [&self.state, &self.state_draft]
            .into_iter()
            .try_for_each(|path| place::remove(path).map_err(|error| failed("removing", path, error)))
    }

    /// Sets the version of the file at the server, for the next update of the sidecar.
    pub(super) fn set_version(&mut self, version: Option<Arc<str>>) {
        self.version = version;
    }

    /// Makes each further write fail, as on a full disk.
    #[cfg(test)]
    pub(super) fn fail_writes(&mut self) {
        self.file = File::open(&self.part).unwrap_or_else(|error| panic!("{error}"));
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    pub(super) fn noted(&self) -> u64 {
        self.noted
    }
}

/// Leaves no empty file behind, whatever ended the transfer.
impl Drop for Partial {
    fn drop(&mut self) {
        let empty = self.file.metadata().is_ok_and(|file| file.len() == 0);
        if empty && place::is_at(&self.file, &self.part).unwrap_or(false) {
            let _ = self.discard();
        }
    }
}

fn failed(doing: &str, path: &Path, error: io::Error) -> Error {
    // The caller sets whether a request was sent.
    Error::io(format!("{doing} {}", path.display()), error, Delivery::NotSent)
}

#[cfg(test)]
mod tests;
