//! Opens the files next to a target: never through a symbolic link, never twice at the same time.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

/// Maximum retries when another process changes the path meanwhile.
const TRIES: usize = 16;

/// Opens or creates the file at `path` for reading and writing, and locks out all other transfers, also of other
/// processes, until it is closed. Replaces a symbolic link or a pipe.
///
/// Fails with [`io::ErrorKind::ResourceBusy`] if another transfer has locked it.
pub(super) fn open_exclusively(path: &Path) -> io::Result<File> {
    for _ in 0..TRIES {
        // If another process was faster, try again.
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
        // The previous owner of the lock may have renamed the file to its target: then open a new one.
        if is_at(&file, path)? {
            return Ok(file);
        }
    }
    Err(io::Error::from(io::ErrorKind::ResourceBusy))
}

/// Reads a file of at most `limit` bytes; `None` if there is no such file.
pub(super) fn read_small(path: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() && found.len() <= limit => fs::read(path).map(Some),
        Ok(_) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Removes a file if it exists.
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
        // The flags of open(2), converted to the system's type.
        options.custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    }
    #[cfg(windows)]
    {
        use std::os::windows::fs::OpenOptionsExt;
        // No other process may open the file meanwhile: this is also the lock.
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

/// Translates `ERROR_SHARING_VIOLATION`, which Windows returns if another process has the file open.
fn busy_if_shared(error: io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(32) if cfg!(windows) => io::Error::from(io::ErrorKind::ResourceBusy),
        _ => error,
    }
}
