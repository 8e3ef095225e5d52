//! `load`: stores the key-values of a file.

use crate::attended::stopped;
use crate::bar::bar;
use crate::failure::Failure;
use crate::note::note;
use crate::output::{Output, escaped};
use crate::progress::{Place, Progress};
use crate::rows::{Line, lines};
use crate::turns::Turns;
use futures_util::StreamExt;
use indicatif::ProgressBar;
use serde_json::json;
use statuswire::nemesis::Client;
use statuswire::{Cause, Error};
use std::fs::{File, Metadata};
use std::io::BufReader;
use std::path::Path;
use std::time::Duration;

/// How often progress is written to disk, in lines.
const CHECKPOINT: u64 = 10_000;
/// Lines that are stored one by one after a lost connection: as many as may have been in progress.
const ONE_BY_ONE: usize = 256;
/// How long a server may take to show that it is there.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

/// Why a load ends early.
enum Stop {
    /// At the line with this number.
    At(u64, Failure),
    /// The connection is lost whenever this line is sent, and only then. It is the longest so far, in bytes.
    TooLong(u64, usize, Failure),
    /// Between two lines.
    Between(Failure),
    /// The server was restarted, and lost what it had confirmed.
    Restarted,
}

/// A load in progress.
struct Load<'a> {
    db: &'a Client,
    file: &'a Path,
    place: Place,
    progress: Progress,
    bar: ProgressBar,
    /// Bytes of the longest command that this run sent with success.
    longest: usize,
}

/// Stores all lines of a file; continues where an earlier run stopped.
pub(crate) async fn load(db: &Client, file: &Path, output: &Output) -> Result<(), Failure> {
    let (_, metadata) = open(file)?;
    let place = Place::beside(file);
    let progress = Progress::resume(db, &place, &metadata).await?;
    let before = progress.confirmed;
    let bar = bar(metadata.len(), "{bar:30} {bytes}/{total_bytes} {msg}");
    // A run that is killed leaves the marker to the next one.
    if let Err(Failure::Other(why, _)) = place.write(&progress) {
        let marker = progress.marker_name();
        note(format_args!(
            "note: an interrupted load will start anew, since its progress cannot be stored ({why}); if it is killed, the \
             empty list {marker} stays on the server"
        ));
    }
    let mut load = Load { db, file, place, progress, bar, longest: 0 };
    let stored = tokio::select! {
        stored = load.run() => stored,
        Ok(()) = tokio::signal::ctrl_c() => Err(Stop::Between(stopped())),
    };
    load.bar.finish_and_clear();
    let confirmed = load.progress.confirmed;
    match stored {
        Ok(()) => {
            load.progress.end(db, &load.place).await?;
            output.result(
                format!("stored {confirmed} lines, {before} of them before"),
                &json!({ "confirmed": confirmed, "confirmed_before": before }),
            )
        }
        Err(stop) => Err(load.stopped(stop).await),
    }
}

fn open(file: &Path) -> Result<(BufReader<File>, Metadata), Failure> {
    let unreadable = |error| Failure::Other(format!("{}: {error}", file.display()), 2);
    let opened = File::open(file).map_err(unreadable)?;
    let metadata = opened.metadata().map_err(unreadable)?;
    Ok((BufReader::new(opened), metadata))
}

impl Load<'_> {
    async fn run(&mut self) -> Result<(), Stop> {
        loop {
            match self.many_at_a_time().await {
                Ok(()) => return self.check().await,
                Err(Stop::At(_, Failure::Call(error))) if error.is_connection() && self.server_answers().await => {
                    // Either that is over, or it shows which line is the reason.
                    self.one_by_one().await?;
                }
                Err(stop) => return Err(stop),
            }
        }
    }

    async fn many_at_a_time(&mut self) -> Result<(), Stop> {
        let (reader, _) = open(self.file).map_err(Stop::Between)?;
        let (kv, turns) = (self.db.kv(), Turns::default());
        let calls = lines(reader, self.progress.line).map(|Line { number, bytes, row }| {
            let row = row.map(|row| (turns.take(&row.key, number), row));
            let kv = kv.clone();
            async move {
                let stored = match row {
                    Ok((mut turn, row)) => {
                        turn.comes().await;
                        kv.set_raw(&row.key, &row.value).await.map(|()| row.command_bytes())
                    }
                    Err(error) => Err(error),
                };
                Ok::<_, Error>((number, bytes, stored))
            }
        });
        let mut results = self.db.batch(calls);
        // Results come in the order of the lines: all before a failed one are confirmed.
        while let Some(result) = results.next().await {
            let (number, bytes, stored) = result.map_err(|error| Stop::Between(error.into()))?;
            let command = stored.map_err(|error| Stop::At(number, error.into()))?;
            self.confirm(number, bytes, command);
            if self.progress.confirmed.is_multiple_of(CHECKPOINT) {
                self.check().await?;
                self.place.write(&self.progress).map_err(Stop::Between)?;
                self.bar.set_message(format!("{} lines", self.progress.confirmed));
            }
        }
        Ok(())
    }

    async fn one_by_one(&mut self) -> Result<(), Stop> {
        let (reader, _) = open(self.file).map_err(Stop::Between)?;
        for Line { number, bytes, row } in lines(reader, self.progress.line).take(ONE_BY_ONE) {
            let row = row.map_err(|error| Stop::At(number, error.into()))?;
            let command = row.command_bytes();
            if let Err(error) = self.db.kv().set_raw(&row.key, &row.value).await {
                let is_reason = error.is_connection() && command > self.longest && self.server_answers().await;
                return Err(match is_reason {
                    true => Stop::TooLong(number, command, error.into()),
                    false => Stop::At(number, error.into()),
                });
            }
            self.confirm(number, bytes, command);
        }
        Ok(())
    }

    fn confirm(&mut self, number: u64, bytes: usize, command: usize) {
        self.progress.confirmed += 1;
        self.progress.line = number;
        self.longest = self.longest.max(command);
        self.bar.inc(bytes as u64 + 1);
    }

    /// Checks that the server is still the one that confirmed the lines: the client also reconnects to one that was
    /// restarted in the meantime.
    async fn check(&self) -> Result<(), Stop> {
        match self.progress.survives(self.db).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Stop::Restarted),
            Err(error) => Err(Stop::Between(error.into())),
        }
    }

    /// Removes the marker from the server: no run will look for it.
    async fn remove_marker(&self) {
        if let Err(error) = self.progress.forget(&self.db.with_timeout(SIGN_OF_LIFE)).await {
            let marker = self.progress.marker_name();
            let why = escaped(&error.to_string());
            note(format_args!("note: the empty list {marker} may still be on the server: {why}"));
        }
    }

    async fn server_answers(&self) -> bool {
        self.db.with_timeout(SIGN_OF_LIFE).kv().count().await.is_ok()
    }

    /// Says how far the load came, and what to do.
    async fn stopped(&self, stop: Stop) -> Failure {
        let confirmed = self.progress.confirmed;
        let (line, failure) = match stop {
            Stop::Restarted => {
                let what = "the server does not have all lines that it confirmed: it was restarted meanwhile; run the \
                            same command again to store all of them";
                return self.place.remove().err().unwrap_or(Failure::Other(what.to_owned(), 5));
            }
            Stop::TooLong(line, bytes, failure) => {
                note(format_args!(
                    "the connection is lost whenever line {line} is sent; its command has {bytes} bytes, more than any \
                     before: the server's `maxPayload` is probably smaller. Give it with --max-payload, and shorten the \
                     value"
                ));
                (Some(line), failure)
            }
            Stop::At(line, failure) => (Some(line), failure),
            Stop::Between(failure) => (None, failure),
        };
        let kept = self.place.write(&self.progress);
        let unconfirmed = line.map_or_else(String::new, |line| {
            format!(" the first unconfirmed one is line {line}, and later ones may be stored or not;")
        });
        let next = match &kept {
            Err(Failure::Other(why, _)) => {
                self.remove_marker().await;
                format!("this could not be stored for the next run, which starts anew: {why}")
            }
            _ if may_pass(&failure) => "run the same command again to continue there".to_owned(),
            _ => "as long as the file is unchanged, the next run continues there".to_owned(),
        };
        note(format_args!("{confirmed} lines are confirmed;{unconfirmed} {next}"));
        failure
    }
}

/// Returns whether the same command may succeed later.
fn may_pass(failure: &Failure) -> bool {
    match failure {
        Failure::Call(error) => {
            error.is_retryable() || error.is_connection() || matches!(error.cause(), Cause::Timeout(_))
        }
        _ => false,
    }
}
