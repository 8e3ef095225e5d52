//! One connection: its requests one after the other, and its end.
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::Request;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::fault::{Answer, Plan};
use super::record::{AnswerEnd, Open, Record};
use super::send::Asked;
use super::server::Shared;
use super::service::Service;
use crate::accepting::{Accepted, raised};
use crate::fault::Then;

/// How long the end of a connection waits for a client that does not read or does not close.
const LINGER: Duration = Duration::from_secs(2);

/// Why a connection ends.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    /// The last answer was sent.
    Finished,
    /// A fault demands the end.
    BrokenOff,
    /// A fault demands a reset.
    Reset,
    /// The client closed the connection.
    Gone,
    /// The server is being stopped.
    Stopping,
}

impl From<io::Error> for End {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

impl From<End> for AnswerEnd {
    fn from(end: End) -> Self {
        match end {
            End::Finished => Self::Sent,
            End::BrokenOff | End::Reset => Self::BrokenOff,
            End::Gone => Self::ClientGone,
            End::Stopping => Self::Stopped,
        }
    }
}

pub(super) struct Connection<S> {
    pub(super) shared: Arc<Shared<S>>,
    pub(super) number: u64,
    pub(super) stream: TcpStream,
    /// Bytes that were read and belong to no request yet.
    pub(super) inbox: BytesMut,
    /// Bytes that are not written yet.
    pub(super) outbox: Vec<u8>,
    pub(super) stopping: watch::Receiver<bool>,
}

/// Records the end, also of a connection that is killed.
struct Closed(Record);

impl Drop for Closed {
    fn drop(&mut self) {
        self.0.count_closed();
    }
}

/// Serves one connection from its acceptance to its end.
pub(super) async fn serve<S: Service>(shared: Arc<Shared<S>>, accepted: Accepted) {
    let _closed = Closed(shared.record.clone());
    let Accepted { number, stream, stopping, .. } = accepted;
    let mut connection = Connection { shared, number, stream, inbox: BytesMut::new(), outbox: Vec::new(), stopping };
    let end = connection.run().await;
    connection.finish(end).await;
}

impl<S: Service> Connection<S> {
    async fn run(&mut self) -> End {
        // Makes pieces arrive as pieces.
        if let Err(error) = self.stream.set_nodelay(true) {
            return error.into();
        }
        loop {
            if let Err(end) = self.exchange().await {
                return end;
            }
        }
    }

    /// Reads a request and answers it.
    async fn exchange(&mut self) -> Result<(), End> {
        let (asked, request, plan) = self.request().await?;
        let request = Arc::new(request);
        let mut open = self.shared.record.add(self.number, request.clone());
        let answered = self.answer(&asked, &request, plan, &open).await;
        open.end = answered.err().map_or(AnswerEnd::Sent, AnswerEnd::from);
        answered
    }

    async fn answer(&mut self, asked: &Asked, request: &Request<Bytes>, plan: Plan, open: &Open) -> Result<(), End> {
        self.pause(plan.hold).await?;
        let carry_out = || {
            let mut service = self.shared.service();
            let response = service.answer(request);
            // While no other request can be carried out, so that the record follows the order of the service.
            open.carried_out(response.status());
            response
        };
        let answer = match plan.answer {
            None => Answer::Given(carry_out()),
            Some(answer) => {
                if plan.carry_out {
                    carry_out();
                }
                answer
            }
        };
        self.pause(plan.delay).await?;
        match answer {
            Answer::Given(response) => self.send(asked, response, &plan.sending).await,
            Answer::Raw(bytes) => {
                self.outbox.extend_from_slice(&bytes);
                self.flush().await?;
                Err(End::BrokenOff)
            }
            Answer::Missing(then) => self.end(then).await,
        }
    }

    /// Ends an answer before its end.
    pub(super) async fn end(&mut self, then: Then) -> Result<(), End> {
        match then {
            Then::Eof => Err(End::BrokenOff),
            Then::Reset => Err(End::Reset),
            Then::Silence => loop {
                self.read().await?;
                self.inbox.clear();
            },
        }
    }

    pub(super) async fn pause(&mut self, time: Option<Duration>) -> Result<(), End> {
        let Some(time) = time else { return Ok(()) };
        tokio::select! {
            () = sleep(time) => Ok(()),
            () = raised(&mut self.stopping) => Err(End::Stopping),
        }
    }

    /// Waits until the socket took everything; during a stop not for ever.
    pub(super) async fn flush(&mut self) -> Result<(), End> {
        let too_late = async {
            raised(&mut self.stopping).await;
            sleep(LINGER).await;
        };
        tokio::select! {
            biased;
            written = self.stream.write_all(&self.outbox) => written?,
            () = too_late => return Err(End::Stopping),
        }
        // The buffer of a large answer is not kept.
        self.outbox = Vec::new();
        Ok(())
    }

    async fn finish(mut self, end: End) {
        match end {
            End::Gone => {}
            End::Reset => {
                // Fails only if the connection has ended already.
                let _ = self.stream.set_zero_linger();
            }
            End::Finished | End::BrokenOff | End::Stopping => {
                let _ = timeout(LINGER, self.wind_up()).await;
                // Unread bytes would turn the end into a reset. Not for ever: the client may write faster than this reads.
                let mut scrap = [0; 4096];
                let mut rounds = 0..256;
                while rounds.next().is_some() && self.stream.try_read(&mut scrap).is_ok_and(|read| read > 0) {}
            }
        }
    }

    /// Shuts the socket down and waits for the client to close, or for a stop.
    async fn wind_up(&mut self) -> Result<(), End> {
        self.stream.shutdown().await?;
        loop {
            self.read().await?;
            self.inbox.clear();
        }
    }
}
