//! A session in a file.

use statuswire::Error;
use statuswire::drupal::{ErrorCode, SessionStore};
use statuswire::error::Delivery;
use statuswire::reexport::secrecy::{ExposeSecret, SecretString};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// A file that holds one session, for its owner only. Its folder must exist.
#[derive(Clone)]
pub(crate) struct SessionFile(PathBuf);

impl SessionFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub(crate) fn exists(&self) -> bool {
        self.0.exists()
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    fn failed(&self, doing: &str, error: io::Error) -> Error {
        let what = format!("{doing} the session file {}", self.0.display());
        Error::io(what, error, Delivery::NotSent).with_code(ErrorCode::StorageInWebFail)
    }

    /// Writes another file, only the owner may read it, and puts it in place of this one.
    fn replace(&self, text: &str) -> io::Result<()> {
        let folder = self.0.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = NamedTempFile::new_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(&self.0)?;
        Ok(())
    }
}

/// A client has one session, so all keys are the same. The file is small, and nothing else waits for it.
impl SessionStore for SessionFile {
    async fn get(&self, _key: &str) -> Result<Option<SecretString>, Error> {
        match std::fs::read_to_string(&self.0) {
            Ok(text) => Ok(Some(text.into())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed("reading", error)),
        }
    }

    async fn set(&self, _key: &str, value: &SecretString) -> Result<(), Error> {
        self.replace(value.expose_secret()).map_err(|error| self.failed("writing", error))
    }

    async fn remove(&self, _key: &str) -> Result<(), Error> {
        match std::fs::remove_file(&self.0) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(self.failed("removing", error)),
            _ => Ok(()),
        }
    }
}
