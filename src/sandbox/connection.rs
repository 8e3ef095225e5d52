//! One connection: reads messages, has them carried out, writes the replies.
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::fault::{Call, Moment, Plan, Reaction};
use super::frames::{self, Inbox, Incoming};
use super::outbox::Outbox;
use super::record::{Event, Message, Record};
use super::server::Shared;
use super::service::{CarriedOut, Service};
use super::upgrade::{self, Asked};

/// Read from the socket at a time.
const READ_CHUNK: usize = 64 * 1024;
/// An upgrade request must be there after this time.
const UPGRADE_WITHIN: Duration = Duration::from_secs(10);
/// How long the end of a connection waits for a client that does not read or does not close.
const LINGER: Duration = Duration::from_secs(2);

/// Why a connection ends.
#[derive(Debug)]
pub(super) enum End {
    /// The client is gone, or the server wants it gone: nothing more is exchanged.
    Cut,
    /// The server said its last word; what is left is written, then the client may close.
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
    pub(super) inbox: Inbox,
    pub(super) outbox: Outbox,
    pub(super) stopping: watch::Receiver<bool>,
    /// Replies that a fault keeps back.
    pub(super) gathered: Option<Gathered>,
    /// A fault made the server stop reading.
    pub(super) deaf: bool,
}

pub(super) struct Gathered {
    pub(super) frames: Vec<Vec<u8>>,
    pub(super) count: usize,
    pub(super) reversed: bool,
}

/// Records the end, also of a connection that is killed.
struct Closed {
    record: Record,
    number: u64,
}

impl Drop for Closed {
    fn drop(&mut self) {
        self.record.add(self.number, Event::Closed);
    }
}

/// Serves one connection from its acceptance to its end.
pub(super) async fn serve<S: Service>(
    shared: Arc<Shared<S>>,
    number: u64,
    stream: TcpStream,
    stopping: watch::Receiver<bool>,
) {
    let _closed = Closed { record: shared.record.clone(), number };
    let inbox = Inbox::new(&[], shared.options.max_payload);
    let outbox = Outbox::new(shared.options.max_backpressure);
    let mut connection = Connection { shared, number, stream, inbox, outbox, stopping, gathered: None, deaf: false };
    let end = match connection.open().await {
        Ok(()) => connection.run().await,
        Err(end) => end,
    };
    connection.finish(end).await;
}

impl<S: Service> Connection<S> {
    async fn open(&mut self) -> Result<(), End> {
        // As the real servers do; also makes split replies arrive split.
        self.stream.set_nodelay(true)?;
        self.admit(Moment::Accept).await?;
        let deadline = Instant::now() + UPGRADE_WITHIN;
        let accepted = loop {
            match upgrade::read(&mut self.inbox.buffer) {
                Asked::Upgrade(head) => break head,
                Asked::Other(refusal) => {
                    self.outbox.push(&refusal);
                    return Err(End::Finished);
                }
                Asked::Incomplete => tokio::select! {
                    // With virtual time a deadline may pass while bytes are on their way: what is there comes first.
                    biased;
                    read = read(&self.stream, &mut self.inbox) => read?,
                    () = stopped(&mut self.stopping) => return Err(End::Stopping),
                    () = sleep_until(deadline) => return Err(End::Cut),
                },
            }
        };
        self.admit(Moment::Upgrade).await?;
        self.outbox.push(&accepted);
        self.shared.record.add(self.number, Event::Upgraded);
        Ok(())
    }

    /// Applies a fault to the connection itself.
    async fn admit(&mut self, moment: Moment) -> Result<(), End> {
        let call = Call { connection: self.number, command: None, message: None };
        let Some(plan) = self.shared.faults.plan(moment, &call) else { return Ok(()) };
        self.pause(plan.delay).await?;
        match plan.reaction {
            Reaction::Silence => loop {
                tokio::select! {
                    read = read(&self.stream, &mut self.inbox) => read?,
                    () = stopped(&mut self.stopping) => return Err(End::Cut),
                }
                self.inbox.buffer.clear();
            },
            Reaction::Drop => Err(End::Cut),
            Reaction::Raw(bytes) => {
                self.outbox.push(&bytes);
                Err(End::Finished)
            }
            Reaction::Refuse { status, headers, body } => {
                self.outbox.push(&upgrade::refusal(status, &headers, &body));
                Err(End::Finished)
            }
            // `ConnectFault` builds no others.
            _ => Ok(()),
        }
    }

    async fn run(&mut self) -> End {
        let (ping_after, close_after) = (self.shared.options.ping_after, self.shared.options.close_after);
        let mut idle = Instant::now() + ping_after;
        let mut pinged = false;
        loop {
            if !self.deaf
                && let Err(end) = self.messages().await
            {
                return end;
            }
            if self.outbox.write(&self.stream).is_err() {
                return End::Cut;
            }
            tokio::select! {
                biased;
                () = stopped(&mut self.stopping) => return End::Stopping,
                read = read(&self.stream, &mut self.inbox), if !self.deaf => match read {
                    Ok(()) => {
                        idle = Instant::now() + ping_after;
                        pinged = false;
                    }
                    Err(end) => return end,
                },
                writable = self.stream.writable(), if !self.outbox.is_empty() => {
                    if writable.is_err() {
                        return End::Cut;
                    }
                }
                () = sleep_until(idle), if !self.deaf => {
                    if pinged {
                        return End::Cut;
                    }
                    self.outbox.push(&frames::ping());
                    idle = Instant::now() + close_after;
                    pinged = true;
                }
            }
        }
    }

    /// Everything that is complete in the inbox.
    async fn messages(&mut self) -> Result<(), End> {
        while !self.deaf {
            match self.inbox.next() {
                Ok(None) => break,
                Ok(Some(Incoming::Text(text))) => self.message(Message::Text(text.into())).await?,
                Ok(Some(Incoming::Binary(bytes))) => self.message(Message::Binary(bytes.into())).await?,
                Ok(Some(Incoming::Ping(payload))) => self.send(&frames::pong(&payload))?,
                Ok(Some(Incoming::Pong)) => {}
                Ok(Some(Incoming::Close(payload))) => {
                    self.outbox.push(&frames::close_payload(&payload));
                    return Err(End::Finished);
                }
                Err(frames::Violation) => return Err(End::Cut),
            }
        }
        Ok(())
    }

    async fn message(&mut self, message: Message) -> Result<(), End> {
        let request = S::read(&message);
        let command = S::command(&request);
        let call = Call { connection: self.number, command, message: Some(&message) };
        let plan = self.shared.faults.plan(Moment::Message, &call);
        let command = command.map(str::to_owned);
        self.shared.record.add(self.number, Event::Received { command, message });
        match plan {
            None => {
                for reply in self.carry_out(request, None).await? {
                    self.reply(frames::text(&reply))?;
                }
                Ok(())
            }
            Some(plan) => self.react(request, plan).await,
        }
    }

    /// Waits for its turn, then carries the request out; meanwhile all others wait.
    pub(super) async fn carry_out(&mut self, request: S::Request, block: Option<Duration>) -> Result<Vec<String>, End> {
        let shared = self.shared.clone();
        let mut service = tokio::select! {
            service = shared.worker.lock() => service,
            () = stopped(&mut self.stopping) => return Err(End::Stopping),
        };
        self.pause(block).await?;
        if *shared.crashed.borrow() {
            return Err(End::Cut);
        }
        let command = S::command(&request).map(str::to_owned);
        let CarriedOut { executed, crashed, replies } = service.carry_out(request);
        if crashed {
            // While its turn lasts: nobody is carried out any more.
            let command = command.unwrap_or_default();
            self.shared.record.add(self.number, Event::Crashed { command });
            self.shared.crashed.send_replace(true);
            return Err(End::Cut);
        }
        if let (true, Some(command)) = (executed, command) {
            self.shared.record.add(self.number, Event::Executed { command });
        }
        Ok(replies)
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

    /// Sends a frame, or loses it if too much waits already.
    pub(super) fn send(&mut self, frame: &[u8]) -> Result<(), End> {
        if !self.outbox.offer(frame, &self.stream)? {
            self.shared.record.add(self.number, Event::ReplyDropped);
        }
        Ok(())
    }

    /// Waits until the socket took everything.
    pub(super) async fn flush(&mut self) -> Result<(), End> {
        tokio::select! {
            drained = self.outbox.drain(&self.stream) => Ok(drained?),
            () = stopped(&mut self.stopping) => Err(End::Stopping),
        }
    }

    pub(super) async fn pause(&mut self, time: Option<Duration>) -> Result<(), End> {
        let Some(time) = time else { return Ok(()) };
        tokio::select! {
            () = sleep(time) => Ok(()),
            () = stopped(&mut self.stopping) => Err(End::Stopping),
        }
    }

    async fn finish(&mut self, end: End) {
        match end {
            // Earlier replies still leave, and what has come is taken: unread bytes would turn the end into a reset.
            End::Cut => {
                let _ = self.outbox.write(&self.stream);
                let mut scrap = [0; 4096];
                // Not for ever: the client may write faster than this reads.
                let mut rounds = 0..256;
                while rounds.next().is_some() && self.stream.try_read(&mut scrap).is_ok_and(|read| read > 0) {}
            }
            End::Stopping => {
                self.outbox.push(&frames::close(1000, ""));
                let _ = timeout(LINGER, self.wind_up()).await;
            }
            End::Finished => {
                let _ = timeout(LINGER, self.wind_up()).await;
            }
        }
    }

    /// Writes what is left, says so, and waits for the client to close.
    async fn wind_up(&mut self) -> io::Result<()> {
        self.outbox.drain(&self.stream).await?;
        tokio::io::AsyncWriteExt::shutdown(&mut self.stream).await?;
        while read(&self.stream, &mut self.inbox).await.is_ok() {
            self.inbox.buffer.clear();
        }
        Ok(())
    }

    pub(super) fn plan_needs_reply(plan: &Plan) -> bool {
        use Reaction::{Flood, Gather, HalfReply, Rename, Reply, Split, StopReading, Twice};
        plan.carry_out
            || matches!(
                plan.reaction,
                Reply
                    | HalfReply { .. }
                    | Rename(_)
                    | Twice
                    | Flood { .. }
                    | Gather { .. }
                    | Split { .. }
                    | StopReading
            )
    }
}

/// Reads what is there, at least one byte.
async fn read(stream: &TcpStream, inbox: &mut Inbox) -> Result<(), End> {
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

/// Completes when the server is being stopped.
pub(super) async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // The sender outlives the connections.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}
