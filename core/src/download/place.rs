//! Opens the files next to a target: never through a link, never twice at the same time.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

/// Maximum retries when another process changes the path meanwhile.
const TRIES: usize = 16;

/// Opens or creates the file at `path` for reading and writing, and locks out all other transfers, also of other
/// processes, until it is closed. Replaces a symbolic link, a hard link or a pipe.
///
/// Fails with [`io::ErrorKind::ResourceBusy`] if another transfer has locked it. A failure leaves no new file behind. On
/// a file system without locks it logs a warning and locks nothing.
pub(super) fn open_exclusively(path: &Path) -> io::Result<File> {
    for _ in 0..TRIES {
        // If another process was faster, try again.
        let (file, created) = match fs::symlink_metadata(path) {
            Ok(found) if found.is_file() && !has_other_names(&found) => match options().open(path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                opened => (opened.map_err(busy_if_shared)?, false),
            },
            Ok(found) if found.is_dir() => return Err(io::Error::from(io::ErrorKind::IsADirectory)),
            Ok(_) => {
                remove(path)?;
                continue;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => match options().create_new(true).open(path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                created => (created?, true),
            },
            Err(error) => return Err(error),
        };
        match locked(&file, path) {
            Ok(true) => return Ok(file),
            Ok(false) => {}
            Err(error) => {
                // If it is busy, it belongs to the other transfer by now.
                if created && error.kind() != io::ErrorKind::ResourceBusy {
                    let _ = remove(path);
                }
                return Err(error);
            }
        }
    }
    Err(io::Error::from(io::ErrorKind::ResourceBusy))
}

/// Locks the file. Returns `false` if another file is at the path by now.
fn locked(file: &File, path: &Path) -> io::Result<bool> {
    unless_unsupported(lock(file), "locking", path)?;
    // The previous owner of the lock may have renamed the file to its target, or someone may have linked it.
    Ok(is_at(file, path)? && !has_other_names(&file.metadata()?))
}

/// Logs a warning and goes on if the file system cannot do it. An operation that it can do and that failed is an error.
pub(super) fn unless_unsupported(done: io::Result<()>, doing: &str, path: &Path) -> io::Result<()> {
    match done {
        Err(error) if is_unsupported(&error) => {
            let path = path.display();
            tracing::warn!(%path, %error, "{doing} is not supported by this file system: it is left out");
            Ok(())
        }
        done => done,
    }
}

#[cfg(unix)]
fn is_unsupported(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let unsupported = [Errno::NOSYS, Errno::OPNOTSUPP, Errno::NOTSUP, Errno::INVAL, Errno::NOLCK];
    Errno::from_io_error(error).is_some_and(|error| unsupported.contains(&error))
}

#[cfg(not(unix))]
fn is_unsupported(error: &io::Error) -> bool {
    // `ERROR_INVALID_FUNCTION` and `ERROR_NOT_SUPPORTED`.
    error.kind() == io::ErrorKind::Unsupported || (cfg!(windows) && matches!(error.raw_os_error(), Some(1 | 50)))
}

/// Returns whether the file has more than one name: what is written to it would change another file.
#[cfg(unix)]
fn has_other_names(file: &fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(file) > 1
}

#[cfg(not(unix))]
fn has_other_names(_: &fs::Metadata) -> bool {
    false
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
        // No other process may read or write the file meanwhile: this is also the lock. It may be renamed and removed
        // while it is open (`FILE_SHARE_DELETE`).
        options.share_mode(4);
    }
    options
}

#[cfg(unix)]
fn lock(file: &File) -> io::Result<()> {
    use rustix::fs::{FlockOperation, flock};
    loop {
        match flock(file, FlockOperation::NonBlockingLockExclusive) {
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Err(io::Error::from(io::ErrorKind::ResourceBusy)),
            other => return Ok(other?),
        }
    }
}

#[cfg(not(unix))]
fn lock(_: &File) -> io::Result<()> {
    Ok(())
}

/// Returns whether the open file is the one at the path.
#[cfg(unix)]
pub(super) fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let ours = file.metadata()?;
    Ok(match fs::symlink_metadata(path) {
        Ok(there) => (there.dev(), there.ino()) == (ours.dev(), ours.ino()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => return Err(error),
    })
}

#[cfg(not(unix))]
pub(super) fn is_at(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

/// Translates `ERROR_SHARING_VIOLATION`, which Windows returns if another process has the file open.
fn busy_if_shared(error: io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(32) if cfg!(windows) => io::Error::from(io::ErrorKind::ResourceBusy),
        _ => error,
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use rustix::io::Errno;

    #[test]
    fn a_file_system_without_an_operation_is_no_failure_and_a_full_disk_is_one() {
        let done = |error: Errno| unless_unsupported(Err(error.into()), "locking", Path::new("/mnt/.file.part"));
        for error in [Errno::NOSYS, Errno::OPNOTSUPP, Errno::INVAL, Errno::NOLCK] {
            assert!(done(error).is_ok(), "{error}");
        }
        for error in [Errno::IO, Errno::NOSPC, Errno::DQUOT, Errno::ACCESS] {
            assert!(done(error).is_err(), "{error}");
        }
    }
}
