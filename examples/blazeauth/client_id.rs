//! The id of this installation, which stays the same.

use crate::failure::Failure;
use crate::note::note;
use crate::secrets;
use statuswire::reexport::secrecy::SecretString;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Returns the given id, or the stored one. The first time, it generates and stores one.
pub(crate) fn stable(given: Option<&str>) -> Result<SecretString, Failure> {
    if let Some(id) = given {
        return Ok(id.into());
    }
    if let Some(id) = secrets::of_environment("BLAZEAUTH_CLIENT_ID")? {
        return Ok(id.into());
    }
    let Some(directory) = state_directory() else {
        return Err(Failure::usage("there is no home directory to store a client id in: give --client-id"));
    };
    let path = directory.join("statuswire").join("blazeauth-client-id");
    let unkept = |error: std::io::Error| {
        Failure::usage(&format!("{}: {error}; the client id cannot be stored: give --client-id", path.display()))
    };
    if !path.try_exists().map_err(unkept)? {
        match make(&path) {
            Ok(()) => {
                note(format_args!("note: this installation now has a client id, stored in {}", path.display()));
            }
            // Another process was faster.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(unkept(error)),
        }
    }
    secrets::line_of_file(&path)
}

/// Generates an id and stores it. Other processes see the whole file or none.
fn make(path: &Path) -> std::io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(directory)?;
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    writeln!(file, "{:032x}", rand::random::<u128>())?;
    file.persist_noclobber(path)?;
    Ok(())
}

fn state_directory() -> Option<PathBuf> {
    let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    match absolute(if cfg!(windows) { "LOCALAPPDATA" } else { "XDG_STATE_HOME" }) {
        Some(directory) => Some(directory),
        None => Some(std::env::home_dir()?.join(".local").join("state")),
    }
}
