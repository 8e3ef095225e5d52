//! The client: a method for each command of the printer.

use crate::codes::printer::ErrorCode;
use crate::protocol::{Command, Labels, Line};
use futures_util::TryStreamExt;
use std::time::Duration;
use sw::codes::Outcome;
use sw::error::{Cause, DecodeFailure, Delivery, Error, ServerStatus};
use sw::rpc::{self, CallOptions, StreamOptions};
use sw::{ws, ConnectOptions};

/// A client of a label printer. Clones share one connection.
#[derive(Clone)]
pub struct Printer(rpc::Client<Labels>);

impl Printer {
    /// Connects to a `ws://` or `wss://` address.
    ///
    /// # Errors
    ///
    /// If there is no connection within the time limit of the options.
    pub async fn connect(url: &str, options: ConnectOptions) -> Result<Self, Error> {
        ws::Builder::new(url, Labels).options(options).connect().await.map(Self)
    }

    /// Prints a label, and waits until it is printed.
    ///
    /// # Errors
    ///
    /// With an [`ErrorCode`] if the printer refuses the label or cannot print it. If [`Error::delivery`] is `MaybeSent`,
    /// the label may have been printed: the client does not send it again.
    pub async fn print(&self, label: &str) -> Result<(), Error> {
        let command = Command::Print(label.to_owned());
        let mut lines = self.0.call_many(&command, &StreamOptions::default()).await?;
        while let Some(line) = lines.try_next().await? {
            checked(line)?;
        }
        Ok(())
    }

    /// Returns how many labels were printed.
    ///
    /// # Errors
    ///
    /// If the printer does not answer with a number.
    pub async fn jobs(&self) -> Result<u64, Error> {
        let number = |line| {
            let text = checked(line)?;
            text.parse().map_err(|_| {
                let failure = DecodeFailure::new("", "a number was expected behind the status", text);
                Error::new(Cause::Decode(Box::new(failure)), Delivery::Answered)
            })
        };
        self.0.call_with(Command::Jobs, &CallOptions::default(), number).await
    }

    /// Finishes what is under way within `limit`, and closes the connection.
    pub async fn shutdown(&self, limit: Duration) {
        self.0.shutdown(limit).await;
    }
}

/// Returns what follows the status of a line, or the error that the line is. Progress and warnings are no errors.
fn checked(line: Line) -> Result<String, Error> {
    if line.status.outcome() != Outcome::Error {
        return Ok(line.rest);
    }
    let status = ServerStatus::new().with_message(line.rest);
    Err(Error::new(Cause::Status(Box::new(status)), Delivery::Answered).with_code::<ErrorCode>(line.status))
}
