//! A connection from its acceptance to its end.
use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until, timeout};

use super::connection::{Connection, End, read, turn};
use super::frames::{self, Incoming};
use super::shared::Shared;
use crate::accepting::{Accepted, raised};
use crate::fault::{Call, Moment};
use crate::link::{Link, Push, Streams};
use crate::message::Message;
use crate::options::{Idle, SlowClient};
use crate::record::{Event, Record};
use crate::service::Service;

/// How long the end of a connection waits for a client that does not read or does not close.
const LINGER: Duration = Duration::from_secs(2);

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
pub(super) async fn serve<S: Service>(shared: Arc<Shared<S>>, accepted: Accepted) {
    let _closed = Closed { record: shared.record.clone(), number: accepted.number };
    let (link, pushes) = Link::new();
    let connection = Connection::new(shared, accepted);
    let mut serving = Serving { connection, pushes, streams: Streams::default() };
    let end = match serving.connection.open(link).await {
        Ok(()) => serving.run().await,
        Err(end) => end,
    };
    serving.finish(end).await;
}

/// An upgraded connection, and what its service sends on its own.
struct Serving<S> {
    connection: Connection<S>,
    pushes: mpsc::UnboundedReceiver<Push>,
    streams: Streams,
}

impl<S: Service> Serving<S> {
    async fn run(&mut self) -> End {
        match self.serve().await {
            Ok(never) => match never {},
            Err(end) => end,
        }
    }

    async fn serve(&mut self) -> Result<Infallible, End> {
        let watched = self.connection.shared.options.idle;
        let after = |time: fn(Idle) -> Duration| watched.map(|idle| Instant::now() + time(idle));
        let mut idle = after(|idle| idle.ping_after);
        let mut pinged = false;
        loop {
            self.messages().await?;
            self.pushed()?;
            let reads = self.reads();
            let connection = &mut self.connection;
            connection.outbox.write(&connection.stream)?;
            tokio::select! {
                biased;
                () = raised(&mut connection.stopping) => return Err(End::Stopping),
                read = read(&connection.stream, &mut connection.inbox), if reads => {
                    read?;
                    idle = after(|idle| idle.ping_after);
                    pinged = false;
                }
                // `None` once the service holds no link.
                Some(push) = self.pushes.recv() => self.push(push)?,
                writable = connection.stream.writable(), if !connection.outbox.is_empty() => writable?,
                () = passed(connection.deadline) => self.timed_out().await?,
                () = passed(idle), if !connection.stopped_reading => {
                    if pinged {
                        return Err(End::Cut);
                    }
                    connection.outbox.push(&frames::ping());
                    idle = after(|idle| idle.cut_after);
                    pinged = true;
                }
                // Last, and only when the socket took what was before: replies and events come between the messages.
                message = self.streams.next(), if connection.outbox.is_empty() => {
                    connection.outbox.push(&frames::message(&message));
                    connection.outbox.write(&connection.stream)?;
                    yield_now().await;
                }
            }
        }
    }

    /// Whether the client is read from.
    fn reads(&self) -> bool {
        let Connection { shared, outbox, stopped_reading, .. } = &self.connection;
        let waits = shared.options.slow_client == SlowClient::Waits && outbox.is_full();
        !stopped_reading && !waits
    }

    /// Handles everything that is complete in the inbox.
    async fn messages(&mut self) -> Result<(), End> {
        let before = self.connection.outbox.end();
        while self.reads() {
            let connection = &mut self.connection;
            match connection.inbox.next() {
                Ok(None) => break,
                Ok(Some(Incoming::Message(message))) => self.message(message).await?,
                Ok(Some(Incoming::Ping(payload))) => {
                    connection.send(&frames::pong(&payload))?;
                    let shared = connection.shared.clone();
                    let _turn = turn(&shared, &mut connection.stopping).await?;
                    connection.call(S::pinged);
                }
                Ok(Some(Incoming::Pong)) => {}
                Ok(Some(Incoming::Close(payload))) => {
                    connection.reply_late()?;
                    connection.outbox.push(&frames::close_payload(&payload));
                    return Err(End::Finished);
                }
                Err(violation) => match S::violation(violation) {
                    // The replies to what came in the same read are lost with the connection.
                    None => {
                        connection.outbox.discard_from(before);
                        return Err(End::Cut);
                    }
                    Some(code) => connection.close(code, "")?,
                },
            }
            // A close must come before the next message.
            self.pushed()?;
        }
        self.connection.reply_late()
    }

    async fn message(&mut self, message: Message) -> Result<(), End> {
        let connection = &mut self.connection;
        let request = S::read(&message);
        let (command, id) = (S::command(&request), S::id(&request));
        let call = Call { connection: connection.number, command, id, message: Some(&message) };
        let plan = connection.shared.faults.plan(Moment::Message, &call);
        let command = command.map(str::to_owned);
        connection.shared.record.add_with_id(connection.number, Event::Received { command, message }, id);
        match plan {
            None => {
                let (replies, late) = connection.carry_out(request, None).await?;
                connection.late.extend(late);
                connection.reply_all(&replies)
            }
            Some(plan) => {
                connection.reply_late()?;
                connection.react(request, plan).await
            }
        }
    }

    /// Sends what the service has pushed so far.
    fn pushed(&mut self) -> Result<(), End> {
        while let Ok(push) = self.pushes.try_recv() {
            self.push(push)?;
        }
        Ok(())
    }

    fn push(&mut self, push: Push) -> Result<(), End> {
        match push {
            Push::Message(message) => self.connection.outbox.push(&frames::message(&message)),
            Push::Stream(stream) => self.streams.add(stream),
            Push::Close { code, reason } => return self.connection.close(code, &reason),
            Push::Cut => return Err(End::Cut),
        }
        Ok(())
    }

    async fn timed_out(&mut self) -> Result<(), End> {
        let shared = self.connection.shared.clone();
        let _turn = turn(&shared, &mut self.connection.stopping).await?;
        self.connection.call(S::timed_out);
        Ok(())
    }

    async fn finish(mut self, end: End) {
        let closed = self.connection.closed || matches!(end, End::Stopping);
        let Connection { shared, number, stream, outbox, .. } = &mut self.connection;
        {
            let _turn = shared.turn.lock().await;
            shared.service().disconnected(*number, closed);
        }
        match end {
            // Earlier replies still leave, and what has come is taken: unread bytes would turn the end into a reset.
            End::Cut => {
                let _ = outbox.write(stream);
                let mut scrap = [0; 4096];
                // Not for ever: the client may write faster than this reads.
                let mut rounds = 0..256;
                while rounds.next().is_some() && stream.try_read(&mut scrap).is_ok_and(|read| read > 0) {}
                return;
            }
            End::Stopping => outbox.push(&frames::close(1000, "")),
            End::Finished => {}
        }
        let _ = timeout(LINGER, self.wind_up()).await;
    }

    /// Writes what waits, shuts the socket down, and waits for the client to close.
    async fn wind_up(&mut self) -> io::Result<()> {
        let Connection { stream, outbox, inbox, .. } = &mut self.connection;
        outbox.drain(stream).await?;
        tokio::io::AsyncWriteExt::shutdown(stream).await?;
        while read(stream, inbox).await.is_ok() {
            inbox.buffer.clear();
        }
        Ok(())
    }
}

/// Completes at this time, if there is one.
async fn passed(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}
