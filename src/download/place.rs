//! Opening the files next to a target: never through a symbolic link, never twice at once.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

/// How often a place is looked at again that another process changes meanwhile.
const TRIES: usize = 16;

/// Opens the file at `path` for reading and writing, or creates it, and keeps all other transfers out, of other
/// processes too, until it is closed. What is there and is no file (a symbolic link, a pipe) is replaced.
///
/// [`io::ErrorKind::ResourceBusy`] if another transfer has it.
pub(super) fn open_exclusively(path: &Path) -> io::Result<File> {
    for _ in 0..TRIES {
        // If another process was faster, look again.
        let file = match fs::symlink_metadata(path) {
            Ok(found) if found.is_file() => match options().open(path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                opened => opened.map_err(busy_if_shared)?,
            },
            Ok(found) if found.is_dir() => return Err(io::Error::from(io::ErrorKind::IsADirectory)),
            Ok(_) => {
                fs::remove_file(path)?;
                continue;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => match options().create_new(true).open(path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                created => created?,
            },
            Err(error) => return Err(error),
        };
        lock(&file)?;
        // Whoever had the lock may have moved the file to its target meanwhile: then it is not ours.
        if is_at(&file, path)? {
            return Ok(file);
        }
    }
    Err(io::Error::from(io::ErrorKind::ResourceBusy))
}

/// Reads a small file, unless it is not one.
pub(super) fn read_small(path: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() && found.len() <= limit => fs::read(path).map(Some),
        Ok(_) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Removes a file, if it is there.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // The flags are those of open(2), in the system's own type.
        options.custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    }
    #[cfg(windows)]
    {
        use std::os::windows::fs::OpenOptionsExt;
        // No other process may open it meanwhile: this is the lock, too.
        options.share_mode(0);
    }
    options
}

#[cfg(unix)]
fn lock(file: &File) -> io::Result<()> {
    use rustix::fs::{FlockOperation, flock};
    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Err(rustix::io::Errno::WOULDBLOCK) => Err(io::Error::from(io::ErrorKind::ResourceBusy)),
        other => Ok(other?),
    }
}

#[cfg(not(unix))]
fn lock(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let ours = file.metadata()?;
    Ok(match fs::symlink_metadata(path) {
        Ok(there) => (there.dev(), there.ino()) == (ours.dev(), ours.ino()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => return Err(error),
    })
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

/// Translates what Windows says of a file that another process has opened exclusively (`ERROR_SHARING_VIOLATION`).
fn busy_if_shared(error: io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(32) if cfg!(windows) => io::Error::from(io::ErrorKind::ResourceBusy),
        _ => error,
    }
}
