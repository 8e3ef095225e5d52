//! How much of a file the server has confirmed, kept next to the file until all of it is.

use crate::failure::Failure;
use crate::note::note;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use statuswire::Error;
use statuswire::nemesis::{Client, List};
use std::collections::hash_map::RandomState;
use std::fs::Metadata;
use std::hash::BuildHasher;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

#[derive(Serialize, Deserialize)]
pub(crate) struct Progress {
    /// Lines that are stored, without blank ones.
    pub(crate) confirmed: u64,
    /// The number of the last of them.
    pub(crate) line: u64,
    file: Version,
    /// The name of an empty list on the server. Lists are in memory only, not even saves hold them: as long as the list is
    /// there, the server was not restarted.
    marker: String,
}

/// Size and time of a file, to notice changes.
#[derive(PartialEq, Serialize, Deserialize)]
struct Version {
    bytes: u64,
    modified: Option<SystemTime>,
}

impl Progress {
    /// Continues where an earlier run stopped, if the server still has what it confirmed.
    pub(crate) async fn resume(db: &Client, place: &Place, file: &Metadata) -> Result<Self, Failure> {
        let file = Version { bytes: file.len(), modified: file.modified().ok() };
        let why = match place.read() {
            Ok(None) => return Self::begin(db, file).await,
            Err(error) => error.to_string(),
            Ok(Some(earlier)) if earlier.file != file => {
                earlier.forget(db).await?;
                "the file has changed".to_owned()
            }
            Ok(Some(earlier)) if earlier.survives(db).await? => {
                if earlier.confirmed > 0 {
                    note(format_args!("note: {} lines are confirmed already", earlier.confirmed));
                }
                return Ok(earlier);
            }
            Ok(Some(_)) => "the server does not have them any more".to_owned(),
        };
        note(format_args!("note: starting with the first line, since {why} ({})", place.0.display()));
        Self::begin(db, file).await
    }

    async fn begin(db: &Client, file: Version) -> Result<Self, Failure> {
        let random = RandomState::new().hash_one(SystemTime::now());
        let new = Self { confirmed: 0, line: 0, file, marker: format!("statuswire-load-{random:016x}") };
        new.marker(db).create().await?;
        Ok(new)
    }

    /// Returns whether the server still has what it confirmed: a restart loses it.
    pub(crate) async fn survives(&self, db: &Client) -> Result<bool, Error> {
        self.marker(db).exists().await
    }

    /// Removes all traces of the load.
    pub(crate) async fn end(&self, db: &Client, place: &Place) -> Result<(), Failure> {
        self.forget(db).await?;
        place.remove()
    }

    /// Removes the marker.
    pub(crate) async fn forget(&self, db: &Client) -> Result<(), Error> {
        self.marker(db).delete().await.map(drop)
    }

    pub(crate) fn marker_name(&self) -> &str {
        &self.marker
    }

    fn marker(&self, db: &Client) -> List<Value> {
        db.list(&self.marker)
    }
}

/// The file next to the loaded one.
pub(crate) struct Place(PathBuf);

impl Place {
    pub(crate) fn beside(file: &Path) -> Self {
        let mut name = file.as_os_str().to_owned();
        name.push(".progress");
        Self(name.into())
    }

    fn read(&self) -> io::Result<Option<Progress>> {
        match std::fs::read(&self.0) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            text => Ok(Some(serde_json::from_slice(&text?)?)),
        }
    }

    /// Writes a new file and renames it, so that the file is never half written.
    pub(crate) fn write(&self, progress: &Progress) -> Result<(), Failure> {
        let text = serde_json::to_vec(progress).map_err(Failure::output)?;
        let beside = self.0.with_extension("progress-new");
        let written = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, &self.0));
        written.map_err(|error| self.failed(&error))
    }

    pub(crate) fn remove(&self) -> Result<(), Failure> {
        match std::fs::remove_file(&self.0) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(self.failed(&error)),
            _ => Ok(()),
        }
    }

    fn failed(&self, error: &io::Error) -> Failure {
        Failure::Other(format!("{}: {error}", self.0.display()), 7)
    }
}
