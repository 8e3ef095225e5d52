//! Where sessions are kept from one run of a program to the next.

use crate::codes::drupal::ErrorCode;
use crate::error::{Delivery, Error};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;
use std::future::Future;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A store of secrets by name. A client keeps its session there, under [`SESSION_KEY`].
///
/// [`MemoryStore`] and [`FileStore`] are such stores. Implement it for a database or a keychain of your own; give its
/// failures the code [`StorageInWebFail`](ErrorCode::StorageInWebFail).
pub trait SessionStore: Send + Sync + 'static {
    /// Returns a value; `None` if the key has no value.
    fn get(&self, key: &str) -> impl Future<Output = Result<Option<SecretString>, Error>> + Send;

    /// Sets a value, in place of one that is there.
    fn set(&self, key: &str, value: &SecretString) -> impl Future<Output = Result<(), Error>> + Send;

    /// Removes a value. A key without a value is no error.
    fn remove(&self, key: &str) -> impl Future<Output = Result<(), Error>> + Send;
}

/// A store that several clients share.
impl<S: SessionStore> SessionStore for Arc<S> {
    async fn get(&self, key: &str) -> Result<Option<SecretString>, Error> {
        S::get(self, key).await
    }

    async fn set(&self, key: &str, value: &SecretString) -> Result<(), Error> {
        S::set(self, key, value).await
    }

    async fn remove(&self, key: &str) -> Result<(), Error> {
        S::remove(self, key).await
    }
}

/// The key of the session, the same as the JavaScript SDK's.
pub const SESSION_KEY: &str = "DRUPAL_AUTH.SESSION";

/// A store that lasts as long as the program. Give it to several clients in an `Arc` to let them share a
/// session.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<BTreeMap<String, SecretString>>);

impl MemoryStore {
    /// Makes an empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn values(&self) -> MutexGuard<'_, BTreeMap<String, SecretString>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SessionStore for MemoryStore {
    async fn get(&self, key: &str) -> Result<Option<SecretString>, Error> {
        Ok(self.values().get(key).cloned())
    }

    async fn set(&self, key: &str, value: &SecretString) -> Result<(), Error> {
        self.values().insert(key.to_owned(), value.clone());
        Ok(())
    }

    async fn remove(&self, key: &str) -> Result<(), Error> {
        self.values().remove(key);
        Ok(())
    }
}

/// A store in a directory: one file for each key, which only the owner may read (mode 0600 on Unix). A value is written to
/// a temporary file, which is renamed then: a crash leaves the old value or the new one.
///
/// The directory is made when something is stored, for the owner only. The values are not encrypted.
#[derive(Clone, Debug)]
pub struct FileStore {
    directory: PathBuf,
}

impl FileStore {
    /// Makes a store in a directory.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into() }
    }

    /// Returns the file of a key. Keys are names of files already; others are spelled in hexadecimal digits.
    fn path(&self, key: &str) -> PathBuf {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let is_plain = !key.is_empty() && !key.starts_with(['.', '-']) && key.len() <= 100 && key.chars().all(plain);
        let name = match is_plain {
            true => format!("{key}.json"),
            false => key.bytes().map(|byte| format!("{byte:02x}")).collect::<String>() + ".hex.json",
        };
        self.directory.join(name)
    }
}

impl SessionStore for FileStore {
    async fn get(&self, key: &str) -> Result<Option<SecretString>, Error> {
        let path = self.path(key);
        in_background(move || match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text.into())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed("reading", &path, error)),
        })
        .await
    }

    async fn set(&self, key: &str, value: &SecretString) -> Result<(), Error> {
        let (path, directory, value) = (self.path(key), self.directory.clone(), value.clone());
        in_background(move || {
            make_directory(&directory).map_err(|error| failed("making", &directory, error))?;
            replace(&path, value.expose_secret()).map_err(|error| failed("writing", &path, error))
        })
        .await
    }

    async fn remove(&self, key: &str) -> Result<(), Error> {
        let path = self.path(key);
        in_background(move || match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("removing", &path, error)),
            _ => Ok(()),
        })
        .await
    }
}

async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => {
            let error = Error::io("using the session store", io::Error::other(error), Delivery::NotSent);
            Err(error.with_code(ErrorCode::StorageInWebFail))
        }
    }
}

fn failed(doing: &str, path: &Path, error: io::Error) -> Error {
    let what = format!("{doing} {}", path.display());
    Error::io(what, error, Delivery::NotSent).with_code(ErrorCode::StorageInWebFail)
}

fn make_directory(directory: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// Writes a temporary file and renames it.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let temporary = path.with_extension(format!("{:016x}.tmp", rand::random::<u64>()));
    let written = write(&temporary, text).and_then(|()| std::fs::rename(&temporary, path));
    if written.is_err() {
        // The first failure says what is wrong.
        let _ = std::fs::remove_file(&temporary);
    }
    written
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn keeps(store: impl SessionStore) {
        let text = |secret: Option<SecretString>| secret.map(|it| it.expose_secret().to_owned());
        assert!(store.get(SESSION_KEY).await.unwrap().is_none());
        store.remove(SESSION_KEY).await.unwrap();
        for value in ["one", "two"] {
            store.set(SESSION_KEY, &value.into()).await.unwrap();
            assert_eq!(text(store.get(SESSION_KEY).await.unwrap()).as_deref(), Some(value));
        }
        store.set("../x y", &"other".into()).await.unwrap();
        store.remove(SESSION_KEY).await.unwrap();
        assert!(store.get(SESSION_KEY).await.unwrap().is_none());
        assert_eq!(text(store.get("../x y").await.unwrap()).as_deref(), Some("other"));
    }

    #[tokio::test]
    async fn stores_keep_values() {
        keeps(MemoryStore::new()).await;
        let directory = tempfile::tempdir().unwrap();
        keeps(FileStore::new(directory.path().join("made/here"))).await;
        // Nothing outside the directory, and no temporary files.
        let names =
            |path: &Path| std::fs::read_dir(path).unwrap().map(|it| it.unwrap().file_name()).collect::<Vec<_>>();
        assert_eq!(names(directory.path()), ["made"]);
        assert_eq!(names(&directory.path().join("made/here")), ["2e2e2f782079.hex.json"]);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn files_are_for_the_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let store = FileStore::new(directory.path().join("sessions"));
        store.set(SESSION_KEY, &"s3cret".into()).await.unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&store.path(SESSION_KEY)), 0o600);
        assert_eq!(mode(&directory.path().join("sessions")), 0o700);
    }

    #[tokio::test]
    async fn a_store_that_fails_says_where() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        std::fs::write(&file, "").unwrap();
        let store = FileStore::new(&file);
        for error in
            [store.set(SESSION_KEY, &"s3cret".into()).await.unwrap_err(), store.get(SESSION_KEY).await.unwrap_err()]
        {
            assert_eq!(error.code_as(), Some(ErrorCode::StorageInWebFail));
            assert!(error.to_string().contains("file") && !format!("{error:?}").contains("s3cret"), "{error}");
        }
    }
}
