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

/// Bytes per read while a prefix is hashed.
const READ: usize = 256 << 10;
/// Maximum slices per write.
const SLICES: usize = 64;
/// The maximum size of a sidecar.
const STATE_LIMIT: u64 = 1024;

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
}

/// The usable beginning of a file that an earlier transfer left.
#[derive(Debug)]
pub(super) struct Prefix {
    pub(super) length: u64,
    /// The size of the whole file, as the server told it then.
    pub(super) file_size: u64,
    pub(super) hash: Sha256,
}

/// The sidecar: the length and the sum of the verified beginning of the partial file.
#[derive(Serialize, Deserialize)]
struct State {
    file_size: u64,
    length: u64,
    sha256: String,
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
        let mut partial = Self { target, part, state, state_draft, file, length: 0 };
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
        let Ok(State { file_size, length, sha256 }) = serde_json::from_slice(&text) else { return Ok(None) };
        if length == 0 || length > file_size || length > self.file.metadata()?.len() {
            return Ok(None);
        }
        let hash = self.hash(length)?;
        if Sum::parse(&sha256) != Some(Sum::finish(hash.clone())) {
            return Ok(None);
        }
        self.file.set_len(length)?;
        self.file.seek(SeekFrom::Start(length))?;
        self.length = length;
        Ok(Some(Prefix { length, file_size, hash }))
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
        forget(&self.state, &self.state_draft)?;
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
    pub(super) fn note(&self, file_size: u64, sum: Sum) -> Result<(), Error> {
        let state = State { file_size, length: self.length, sha256: sum.to_string() };
        let written = (|| {
            place::remove(&self.state_draft)?;
            // A new file, so that nothing is written through a link. The rename replaces the old one atomically.
            let mut draft = File::options().write(true).create_new(true).open(&self.state_draft)?;
            draft.write_all(&serde_json::to_vec(&state)?)?;
            drop(draft);
            fs::rename(&self.state_draft, &self.state)
        })();
        written.map_err(|error| failed("writing", &self.state, error))
    }

    /// Renames the complete file to the target. Returns the target.
    pub(super) fn complete(self) -> Result<PathBuf, Error> {
        let Self { target, part, state, state_draft, file, .. } = self;
        file.sync_all().map_err(|error| failed("writing", &part, error))?;
        // Windows cannot rename an open file; other systems keep the lock until the end.
        #[cfg(windows)]
        drop(file);
        fs::rename(&part, &target)
            .map_err(|error| failed("putting the complete file in its place,", &target, error))?;
        forget(&state, &state_draft)?;
        Ok(target)
    }

    /// Removes the file and its sidecar.
    pub(super) fn discard(self) -> Result<(), Error> {
        let Self { part, state, state_draft, file, .. } = self;
        forget(&state, &state_draft)?;
        #[cfg(windows)]
        drop(file);
        let removed = place::remove(&part).map_err(|error| failed("removing", &part, error));
        #[cfg(not(windows))]
        drop(file);
        removed
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }
}

fn forget(state: &Path, state_draft: &Path) -> Result<(), Error> {
    [state, state_draft]
        .into_iter()
        .try_for_each(|path| place::remove(path).map_err(|error| failed("removing", path, error)))
}

fn failed(doing: &str, path: &Path, error: io::Error) -> Error {
    // The caller sets whether a request was sent.
    Error::io(format!("{doing} {}", path.display()), error, Delivery::NotSent)
}

#[cfg(test)]
mod tests;
