//! One connection: reads messages, has them carried out, writes the replies.
use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::fault::{Call, Moment, Plan, Reaction};
use super::frames::{self, Inbox, Incoming};
use super::link::{Link, Push, Streams};
use super::outbox::Outbox;
use super::record::{Event, Message, Record};
use super::server::{Idle, Shared, SlowClient, Violations};
use super::service::{CarriedOut, Service};

/// Read from the socket at a time.
const READ_CHUNK: usize = 64 * 1024;
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
    pub(super) peer: SocketAddr,
    pub(super) inbox: Inbox,
    pub(super) outbox: Outbox,
    pub(super) stopping: watch::Receiver<bool>,
    /// Replies that a fault keeps back.
    pub(super) gathered: Option<Gathered>,
    /// A fault made the server stop reading.
    pub(super) deaf: bool,
    /// The service's way to here.
    pub(super) link: Link,
    pushes: mpsc::UnboundedReceiver<Push>,
    streams: Streams,
    /// When the service wants to be called.
    pub(super) deadline: Option<Instant>,
    /// The server sent a close frame.
    closed: bool,
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
    (stream, peer): (TcpStream, SocketAddr),
    stopping: watch::Receiver<bool>,
) {
    let _closed = Closed { record: shared.record.clone(), number };
    let inbox = Inbox::new(shared.options.max_payload, shared.options.violations);
    let outbox = Outbox::new(shared.options.max_backpressure);
    let (link, pushes) = Link::new();
    let mut connection = Connection {
        shared,
        number,
        stream,
        peer,
        inbox,
        outbox,
        stopping,
        gathered: None,
        deaf: false,
        link,
        pushes,
        streams: Streams::default(),
        deadline: None,
        closed: false,
    };
    let end = match connection.open().await {
        Ok(()) => connection.run().await,
        Err(end) => end,
    };
    let closed = connection.closed || matches!(end, End::Stopping);
    connection.shared.worker.lock().await.ended(number, closed);
    connection.finish(end).await;
}

impl<S: Service> Connection<S> {
    async fn run(&mut self) -> End {
        match self.serve().await {
            Ok(never) => match never {},
            Err(end) => end,
        }
    }

    async fn serve(&mut self) -> Result<Infallible, End> {
        let watched = self.shared.options.idle;
        let after = |time: fn(Idle) -> Duration| watched.map(|idle| Instant::now() + time(idle));
        let mut silent = after(|idle| idle.ping_after);
        let mut pinged = false;
        loop {
            self.messages().await?;
            self.pushed()?;
            self.outbox.write(&self.stream)?;
            let hears = self.hears();
            tokio::select! {
                biased;
                () = stopped(&mut self.stopping) => return Err(End::Stopping),
                read = read(&self.stream, &mut self.inbox), if hears => {
                    read?;
                    silent = after(|idle| idle.ping_after);
                    pinged = false;
                }
                // The sender is a field of this.
                Some(push) = self.pushes.recv() => self.push(push)?,
                writable = self.stream.writable(), if !self.outbox.is_empty() => writable?,
                () = passed(self.deadline) => self.time_out().await,
                () = passed(silent), if !self.deaf => {
                    if pinged {
                        return Err(End::Cut);
                    }
                    self.outbox.push(&frames::ping());
                    silent = after(|idle| idle.close_after);
                    pinged = true;
                }
                // Last, and only when the socket took what was before: replies and events come between the frames.
                frame = self.streams.next(), if self.outbox.is_empty() => {
                    self.outbox.push(&frame.frame());
                    self.outbox.write(&self.stream)?;
                    yield_now().await;
                }
            }
        }
    }

    /// Whether the client is read from.
    fn hears(&self) -> bool {
        let waits = self.shared.options.slow_client == SlowClient::Waits && self.outbox.is_full();
        !self.deaf && !waits
    }

    /// Everything that is complete in the inbox.
    async fn messages(&mut self) -> Result<(), End> {
        while self.hears() {
            match self.inbox.next() {
                Ok(None) => break,
                Ok(Some(Incoming::Text(text))) => self.message(Message::Text(text.into())).await?,
                Ok(Some(Incoming::Binary(bytes))) => self.message(Message::Binary(bytes.into())).await?,
                Ok(Some(Incoming::Ping(payload))) => {
                    self.send(&frames::pong(&payload))?;
                    let shared = self.shared.clone();
                    let mut service = shared.worker.lock().await;
                    service.pinged(self.number);
                    self.deadline = service.deadline(self.number);
                }
                Ok(Some(Incoming::Pong)) => {}
                Ok(Some(Incoming::Close(payload))) => {
                    self.outbox.push(&frames::close_payload(&payload));
                    return Err(End::Finished);
                }
                Err(violation) => match self.shared.options.violations {
                    Violations::Cut => return Err(End::Cut),
                    Violations::Told => self.close(violation.close_code(), "")?,
                },
            }
            // A close must come before the next message.
            self.pushed()?;
        }
        Ok(())
    }

    /// What the service has pushed so far.
    fn pushed(&mut self) -> Result<(), End> {
        while let Ok(push) = self.pushes.try_recv() {
            self.push(push)?;
        }
        Ok(())
    }

    fn push(&mut self, push: Push) -> Result<(), End> {
        match push {
            Push::Message(message) => self.outbox.push(&message.frame()),
            Push::Frames(frames) => self.streams.add(frames),
            Push::Close { code, reason } => return self.close(code, &reason),
            Push::Cut => return Err(End::Cut),
        }
        Ok(())
    }

    /// Sends a close frame, the last thing that is said.
    pub(super) fn close(&mut self, code: u16, reason: &str) -> Result<(), End> {
        self.outbox.push(&frames::close(code, reason));
        self.closed = true;
        Err(End::Finished)
    }

    async fn time_out(&mut self) {
        let shared = self.shared.clone();
        let mut service = shared.worker.lock().await;
        service.time_out(self.number);
        self.deadline = service.deadline(self.number);
    }

    async fn message(&mut self, message: Message) -> Result<(), End> {
        let request = S::read(&message);
        let (command, id) = (S::command(&request), S::id(&request));
        let call = Call { connection: self.number, command, id, message: Some(&message) };
        let plan = self.shared.faults.plan(Moment::Message, &call);
        let command = command.map(str::to_owned);
        self.shared.record.add_with_id(self.number, Event::Received { command, message }, id);
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
        let (command, id) = (S::command(&request).map(str::to_owned), S::id(&request));
        let CarriedOut { executed, crashed, replies } = service.carry_out(self.number, request);
        self.deadline = service.deadline(self.number);
        if crashed {
            // While its turn lasts: nobody is carried out any more.
            let command = command.unwrap_or_default();
            self.shared.record.add(self.number, Event::Crashed { command });
            self.shared.crashed.send_replace(true);
            return Err(End::Cut);
        }
        if let (true, Some(command)) = (executed, command) {
            self.shared.record.add_with_id(self.number, Event::Executed { command }, id);
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
        use Reaction::{Change, Flood, Gather, HalfReply, Rename, Reply, Split, StopReading, Twice};
        plan.carry_out
            || matches!(
                plan.reaction,
                Reply
                    | HalfReply { .. }
                    | Rename(_)
                    | Change(_)
                    | Twice
                    | Flood { .. }
                    | Gather { .. }
                    | Split { .. }
                    | StopReading
            )
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

/// Completes at this time, if there is one.
async fn passed(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}

/// Completes when the server is being stopped.
pub(super) async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // The sender outlives the connections.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}
