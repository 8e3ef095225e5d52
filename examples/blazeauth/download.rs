//! `files get`.

use crate::attended::STOPPED;
use crate::bar::bar;
use crate::failure::Failure;
use crate::output::{Output, plain};
use crate::signal::told_to_stop;
use serde_json::json;
use statuswire::blazeauth::{Client, Download, Interrupted, Transferred, Verified};
use statuswire::{Cause, Error};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::pin::pin;

/// Where a download goes.
enum Place {
    Output,
    Directory(PathBuf),
    File(PathBuf, String),
}

pub(crate) async fn get(client: &Client, name: &str, place: &Path, output: &Output) -> Result<(), Failure> {
    let place = Place::of(place)?;
    let (download, bar) = shown(client.download(name));
    let stopper = download.stopper();
    let mut transfer = pin!(place.fill(download));
    let mut is_stopped = false;
    let result = tokio::select! {
        result = &mut transfer => result,
        Ok(()) = told_to_stop() => {
            is_stopped = true;
            stopper.stop();
            tokio::select! {
                result = &mut transfer => result,
                // A second ctrl-c does not wait for a service that does not answer.
                Ok(()) = told_to_stop() => std::process::exit(STOPPED.into()),
            }
        }
    };
    bar.finish_and_clear();
    match result {
        Ok(_) if matches!(place, Place::Output) => Ok(()),
        Ok(done) => tell(name, &done, output),
        Err(error) if is_stopped => Err(Failure::Other(stopped(&error), STOPPED)),
        // The reader closed the pipe: it has seen enough.
        Err(error) if matches!(error.cause(), Cause::Io(local) if local.kind == ErrorKind::BrokenPipe) => {
            Err(Failure::Said(0))
        }
        Err(error) => Err(error.into()),
    }
}

impl Place {
    fn of(path: &Path) -> Result<Self, Failure> {
        if path == Path::new("-") {
            return Ok(Self::Output);
        }
        if path.is_dir() {
            return Ok(Self::Directory(path.to_owned()));
        }
        let wrong = |what| Failure::usage(&format!("{}: {what}", path.display()));
        if path.as_os_str().as_encoded_bytes().last().is_some_and(|last| std::path::is_separator(char::from(*last))) {
            return Err(wrong("there is no such directory"));
        }
        let name = path.file_name().ok_or_else(|| wrong("no file can have this name"))?;
        let name = name.to_str().ok_or_else(|| wrong("a file's name must be UTF-8 text"))?;
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Ok(Self::File(directory.to_owned(), name.to_owned()))
    }

    async fn fill(&self, download: Download) -> Result<Transferred, Error> {
        match self {
            Self::Output => download.write_to(&mut tokio::io::stdout()).await,
            Self::Directory(directory) => download.save_in(directory).await,
            Self::File(directory, name) => download.save_as(directory, name).await,
        }
    }
}

/// Adds a progress bar to a download. It is on standard error, and shown only on a terminal.
pub(crate) fn shown(download: Download) -> (Download, indicatif::ProgressBar) {
    let bar = bar(0, "{bar:30} {bytes}/{total_bytes} {binary_bytes_per_sec}");
    let moved = bar.clone();
    let download = download.progress(move |progress| {
        moved.set_length(progress.size);
        moved.set_position(progress.at_hand());
    });
    (download, bar)
}

fn tell(name: &str, done: &Transferred, output: &Output) -> Result<(), Failure> {
    let verified = match done.verified {
        Verified::File => "its SHA-256 sum is the service's",
        _ => "its sum could not be compared",
    };
    let before = match done.resumed_from {
        0 => String::new(),
        bytes => format!(", {bytes} of them were there before"),
    };
    let path = done.path.as_deref().map(|path| path.display().to_string()).unwrap_or_default();
    output.result(
        format!("{}: {} bytes{before}; {verified}", plain(&path), done.size),
        &json!({
            "name": name,
            "path": path,
            "size": done.size,
            "received": done.received,
            "resumed_from": done.resumed_from,
            "attempts": done.attempts,
            "verified": done.verified == Verified::File,
        }),
    )
}

fn stopped(error: &Error) -> String {
    match Interrupted::of(error) {
        Some(Interrupted { at_hand, size: Some(size), .. }) => {
            format!("stopped with {at_hand} of {size} bytes; a file is gone on with by the same command")
        }
        _ => "stopped before anything came".to_owned(),
    }
}
