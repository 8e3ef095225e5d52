//! One connection: its socket, what waits in both directions, and how requests are carried out and answered.
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::{MutexGuard, watch};
use tokio::time::{Instant, sleep};

use super::frames::{self, Inbox};
use super::outbox::Outbox;
use super::shared::Shared;
use crate::accepting::{Accepted, raised};
use crate::message::Message;
use crate::record::Event;
use crate::service::{Fate, Response, Service};

/// Read from the socket at a time.
const READ_CHUNK: usize = 64 * 1024;

/// Why a connection ends.
#[derive(Debug)]
pub(super) enum End {
    /// The client is gone, or the server drops it: nothing more is exchanged.
    Cut,
    /// The server sent its last frame: what waits is written, then the client may close.
    Finished,
    /// The server is being stopped.
    Stopping,
}

impl From<io::Error> for End {
    fn from(_: io::Error) -> Self {
        Self::Cut
    }
}

pub(super) struct Connection<S> {
    pub(super) shared: Arc<Shared<S>>,
    pub(super) number: u64,
    pub(super) stream: TcpStream,
    pub(super) peer: IpAddr,
    pub(super) inbox: Inbox,
    pub(super) outbox: Outbox,
    pub(super) stopping: watch::Receiver<bool>,
    /// Replies that others overtake until all messages that have arrived are handled.
    pub(super) late: Vec<Message>,
    /// Replies that a fault keeps back.
    pub(super) gathered: Option<Gathered>,
    /// A fault made the server stop reading.
    pub(super) stopped_reading: bool,
    /// When the service wants to be called.
    pub(super) deadline: Option<Instant>,
    /// The server sent a close frame.
    pub(super) closed: bool,
}

pub(super) struct Gathered {
    pub(super) frames: Vec<Vec<u8>>,
    pub(super) count: usize,
    pub(super) reversed: bool,
}

impl<S: Service> Connection<S> {
    pub(super) fn new(shared: Arc<Shared<S>>, Accepted { number, stream, peer, stopping }: Accepted) -> Self {
        let inbox = Inbox::new(shared.options.max_payload);
        let outbox = Outbox::new(shared.options.max_waiting);
        Self {
            shared,
            number,
            stream,
            peer: peer.ip(),
            inbox,
            outbox,
            stopping,
            late: Vec::new(),
            gathered: None,
            stopped_reading: false,
            deadline: None,
            closed: false,
        }
    }

    /// Calls the service, then asks it for its deadline.
    pub(super) fn call<T>(&mut self, call: impl FnOnce(&mut S, u64) -> T) -> T {
        let mut service = self.shared.service();
        let done = call(&mut service, self.number);
        self.deadline = service.deadline(self.number);
        done
    }

    /// Waits for its turn, then carries the request out; `block` makes all connections wait that long. Returns the replies,
    /// and those that are late.
    pub(super) async fn carry_out(
        &mut self,
        request: S::Request,
        block: Option<Duration>,
    ) -> Result<(Vec<Message>, Vec<Message>), End> {
        let shared = self.shared.clone();
        let _turn = turn(&shared, &mut self.stopping).await?;
        self.pause(block).await?;
        if *shared.crashed.borrow() {
            return Err(End::Cut);
        }
        let (command, id) = (S::command(&request).map(str::to_owned), S::id(&request));
        let Response { fate, replies, late } = self.call(|service, number| service.carry_out(number, request));
        match (fate, command) {
            (Fate::Crashed, command) => {
                // Before its turn ends, so that nothing else is carried out.
                let command = command.unwrap_or_default();
                shared.record.add(self.number, Event::Crashed { command });
                shared.crashed.send_replace(true);
                return Err(End::Cut);
            }
            (Fate::Frozen, _) => {
                // Nothing else has its turn meanwhile.
                raised(&mut self.stopping).await;
                return Err(End::Cut);
            }
            (Fate::Executed, Some(command)) => {
                shared.record.add_with_id(self.number, Event::Executed { command }, id);
            }
            (Fate::Executed, None) | (Fate::Refused, _) => {}
        }
        Ok((replies, late))
    }

    /// Sends the late replies.
    pub(super) fn reply_late(&mut self) -> Result<(), End> {
        let late = std::mem::take(&mut self.late);
        self.reply_all(&late)
    }

    pub(super) fn reply_all(&mut self, replies: &[Message]) -> Result<(), End> {
        replies.iter().try_for_each(|reply| self.reply(frames::message(reply)))
    }

    /// Sends a reply, unless a fault keeps it back.
    pub(super) fn reply(&mut self, frame: Vec<u8>) -> Result<(), End> {
        let Some(gathered) = &mut self.gathered else { return self.send(&frame) };
        gathered.frames.push(frame);
        if gathered.frames.len() < gathered.count {
            return Ok(());
        }
        let Some(Gathered { mut frames, reversed, .. }) = self.gathered.take() else { return Ok(()) };
        if reversed {
            frames.reverse();
        }
        self.outbox.push(&frames.concat());
        Ok(self.outbox.write(&self.stream)?)
    }

    /// Sends a frame, or drops it if too much waits already.
    pub(super) fn send(&mut self, frame: &[u8]) -> Result<(), End> {
        if !self.outbox.offer(frame, &self.stream)? {
            self.shared.record.add(self.number, Event::ReplyDropped);
        }
        Ok(())
    }

    /// Sends a close frame, the last frame of the connection.
    pub(super) fn close(&mut self, code: u16, reason: &str) -> Result<(), End> {
        self.outbox.push(&frames::close(code, reason));
        self.closed = true;
        Err(End::Finished)
    }

    /// Waits until the socket took everything.
    pub(super) async fn flush(&mut self) -> Result<(), End> {
        tokio::select! {
            drained = self.outbox.drain(&self.stream) => Ok(drained?),
            () = raised(&mut self.stopping) => Err(End::Stopping),
        }
    }

    pub(super) async fn pause(&mut self, time: Option<Duration>) -> Result<(), End> {
        let Some(time) = time else { return Ok(()) };
        tokio::select! {
            () = sleep(time) => Ok(()),
            () = raised(&mut self.stopping) => Err(End::Stopping),
        }
    }
}

/// Waits until no other connection has its turn.
pub(super) async fn turn<'a, S>(
    shared: &'a Shared<S>,
    stopping: &mut watch::Receiver<bool>,
) -> Result<MutexGuard<'a, ()>, End> {
    tokio::select! {
        turn = shared.turn.lock() => Ok(turn),
        () = raised(stopping) => Err(End::Stopping),
    }
}

/// Reads what is there, at least one byte.
pub(super) async fn read(stream: &TcpStream, inbox: &mut Inbox) -> Result<(), End> {
    loop {
        stream.readable().await?;
        inbox.buffer.reserve(READ_CHUNK);
        match stream.try_read_buf(&mut inbox.buffer) {
            Ok(0) => return Err(End::Cut),
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
    }
}
