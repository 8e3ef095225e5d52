//! `load` and `dump`: key-values from and to files of lines `{"key":...,"value":...}`.

use crate::bar::bar;
use crate::failure::Failure;
use crate::output::Output;
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;
use statuswire::Error;
use statuswire::nemesis::Client;
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// How often progress is written to disk, in lines.
const CHECKPOINT: u64 = 10_000;

#[derive(Serialize, Deserialize)]
struct Row<V> {
    key: String,
    value: V,
}

/// How much of a file the server has confirmed; kept next to the file until all of it is.
#[derive(Default, Serialize, Deserialize)]
struct Progress {
    /// Lines, from the first on.
    confirmed: u64,
    file: Version,
    /// The key in the first line.
    first_key: Option<String>,
    /// The key in the last confirmed line.
    last_key: Option<String>,
}

/// Size and time of a file, to notice changes.
#[derive(Default, PartialEq, Serialize, Deserialize)]
struct Version {
    bytes: u64,
    modified: Option<SystemTime>,
}

impl Progress {
    /// Returns whether the server still has what it confirmed: a restart loses it.
    async fn survives(&self, db: &Client) -> Result<bool, Error> {
        let keys = [&self.first_key, &self.last_key].map(Option::as_ref);
        let found = db.kv().contains_many(keys.into_iter().flatten()).await?;
        Ok(keys.iter().all(|key| key.is_some_and(|key| found.contains(key))))
    }
}

/// Stores all lines of a file; continues where an earlier run stopped.
pub(crate) async fn load(db: &Client, file: &Path, output: &Output) -> Result<(), Failure> {
    let unreadable = |error: std::io::Error| Failure::Other(format!("{}: {error}", file.display()), 2);
    let reader = BufReader::new(File::open(file).map_err(unreadable)?);
    let metadata = reader.get_ref().metadata().map_err(unreadable)?;
    let version = Version { bytes: metadata.len(), modified: metadata.modified().ok() };
    let place = progress_place(file);
    let mut progress = resume(db, &place, version).await?;
    let before = progress.confirmed;

    let kv = db.kv();
    let bar = bar(metadata.len(), "{bar:30} {bytes}/{total_bytes} {msg}");
    let lines = (1_u64..).zip(reader.lines());
    let calls = lines.skip(usize::try_from(before).unwrap_or(usize::MAX)).map(|(number, line)| {
        let kv = kv.clone();
        async move {
            let (row, bytes) = row(number, line)?;
            kv.set_raw(&row.key, &row.value).await?;
            Ok((row.key, bytes))
        }
    });
    let mut results = db.batch(calls);
    let mut failure: Option<Failure> = None;
    while let Some(result) = results.next().await {
        match result {
            Ok((key, bytes)) => {
                progress.confirmed += 1;
                progress.first_key.get_or_insert_with(|| key.clone());
                progress.last_key = Some(key);
                bar.inc(bytes as u64 + 1);
                if progress.confirmed % CHECKPOINT == 0 {
                    if let Err(error) = write(&place, &progress) {
                        failure = Some(error);
                        break;
                    }
                    bar.set_message(format!("{} lines", progress.confirmed));
                }
            }
            // Results come in the order of the lines: all before this one are confirmed.
            Err(error) => {
                failure = Some(error.into());
                break;
            }
        }
    }
    drop(results);
    bar.finish_and_clear();
    let confirmed = progress.confirmed;
    let Some(error) = failure else {
        // The client also reconnects to a server that was restarted in the meantime, and lost its data.
        let is_lost = confirmed > 0 && !progress.survives(db).await?;
        remove(&place)?;
        if is_lost {
            let what = "the server does not have all lines that it confirmed: it was restarted, or keys were \
                        removed; run the same command again to store all of them";
            return Err(Failure::Other(what.to_owned(), 5));
        }
        return output.result(
            format!("stored {confirmed} lines, {before} of them before"),
            &json!({ "confirmed": confirmed, "confirmed_before": before }),
        );
    };
    let first = confirmed + 1;
    anstream::eprintln!(
        "{confirmed} lines are confirmed; the first unconfirmed one is line {first}, and later ones may be stored or \
         not: run the same command again to continue there"
    );
    if let Err(Failure::Other(why, _)) = write(&place, &progress) {
        anstream::eprintln!("note: this could not be stored for the next run: {why}");
    }
    Err(error)
}

fn row(number: u64, line: std::io::Result<String>) -> Result<(Row<Box<RawValue>>, usize), Error> {
    let line = line.map_err(|error| Error::invalid_request(format!("line {number} cannot be read: {error}")))?;
    let row = serde_json::from_str(&line).map_err(|error| {
        Error::invalid_request(format!("line {number} is not {{\"key\":\"...\",\"value\":...}}: {error}"))
    })?;
    Ok((row, line.len()))
}

/// Returns what an earlier run confirmed, if the server still has it.
async fn resume(db: &Client, place: &Path, file: Version) -> Result<Progress, Failure> {
    let anew = Progress { file, ..Progress::default() };
    let earlier = match std::fs::read(place) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(anew),
        text => text
            .map_err(|error| error.to_string())
            .and_then(|text| serde_json::from_slice::<Progress>(&text).map_err(|error| error.to_string())),
    };
    let why = match earlier {
        Err(error) => error,
        Ok(earlier) if earlier.file != anew.file => "the file has changed".to_owned(),
        Ok(earlier) if earlier.survives(db).await? => {
            anstream::eprintln!("note: {} lines are confirmed already", earlier.confirmed);
            return Ok(earlier);
        }
        Ok(_) => "the server does not have them any more".to_owned(),
    };
    anstream::eprintln!("note: starting with the first line, since {why} ({})", place.display());
    Ok(anew)
}

fn progress_place(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".progress");
    name.into()
}

/// Writes a new file and renames it, so that the file is never half written.
fn write(place: &Path, progress: &Progress) -> Result<(), Failure> {
    let text = serde_json::to_vec(progress).map_err(Failure::output)?;
    let beside = place.with_extension("progress-new");
    let written = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, place));
    written.map_err(|error| Failure::Other(format!("{}: {error}", place.display()), 7))
}

fn remove(place: &Path) -> Result<(), Failure> {
    match std::fs::remove_file(place) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(Failure::Other(format!("{}: {error}", place.display()), 7))
        }
        _ => Ok(()),
    }
}

/// Prints all key-values, one per line, as `load` reads them. Keys added or removed meanwhile may be missing.
pub(crate) async fn dump(db: &Client, output: &Output) -> Result<(), Failure> {
    let kv = db.kv();
    let keys = kv.keys().await?;
    let bar = bar(keys.len() as u64, "{bar:30} {pos}/{len}");
    let mut values = db.batch(keys.iter().map(|key| kv.get_raw(key)));
    for key in &keys {
        if let Some(value) = values.next().await.transpose()?.flatten() {
            let row = Row { key: key.clone(), value };
            output.line(serde_json::to_string(&row).map_err(Failure::output)?)?;
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(())
}
