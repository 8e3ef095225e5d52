//! One open connection: moves bytes between the socket and the engine.

use super::connect::Socket;
use super::frame::{Fault, Incoming, Reader, close_frame, control_frame, frame_end};
use super::upgrade::Upgrade;
use crate::error::{Cause, CloseFrame, Delivery, Error, Phase, ProtocolViolation};
use crate::net::Stream;
use crate::rpc::{Close, Engine, Loss, Routes, Tick, Timer, contained, saturating_deadline};
use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::protocol::frame::coding::Control;

/// How a connection ended.
pub(super) enum End {
    Lost(Loss),
    /// The client is shut down.
    Stop,
}

/// Why reading ended.
enum Ended {
    Frame(CloseFrame),
    Broken(io::Error),
    /// The server violated the protocol; with the close code of RFC 6455.
    Fault(Error, u16),
}

/// The state of a connection between two polls.
pub(super) struct Connection<'a, P: Upgrade> {
    engine: &'a Engine<P>,
    stream: Box<dyn Stream>,
    reader: Reader,
    routes: Routes<P>,
    /// Bytes taken from the outbox; the socket has taken the first `written` of them.
    output: Vec<u8>,
    written: usize,
    /// All bytes that the socket has taken on this connection.
    pub(super) taken: u64,
    flushed: bool,
    received: Instant,
    /// Bytes that the server sent on this connection.
    read: u64,
    /// A write failed. The server may have said why before.
    failed: Option<Failed>,
    pinged: Option<Instant>,
    /// Reading pauses because the consumer of a stream is slow.
    held: bool,
    /// When the next ping may be sent, if the rate limit delays it.
    ping_from: Option<Instant>,
    /// On a multi-threaded runtime the task yields once before writing, so that other callers that were woken together
    /// can add their messages. On one thread it runs after all of them anyway.
    multi_threaded: bool,
    yielded: bool,
    timer: Timer,
}

/// A failed write, and until when and to which position the rest of what the server sent is read.
struct Failed {
    error: io::Error,
    until: Instant,
    position: u64,
}

/// How long the server's last words are waited for after a failed write. They are in the receive buffer already, but
/// the runtime may not know it yet.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Delivers the replies that arrived before the protocol panicked.
impl<P: Upgrade> Drop for Connection<'_, P> {
    fn drop(&mut self) {
        contained(|| drop(self.engine.hand_out(&mut self.routes)));
    }
}

/// Close codes that may be sent (RFC 6455, section 7.4).
macro_rules! sendable {
    () => {
        1000..=1003 | 1007..=1014 | 3000..=4999
    };
}

/// Maximum characters that an error keeps of a protocol's reason, which may quote a long message.
const REASON: usize = 500;

/// Maximum consecutive reads before other tasks run.
const READS: usize = 64;

/// Bytes after which messages are delivered. A stream that holds the reader may exceed its limit by this much.
const BATCH: usize = 512 << 10;

/// The output buffer is freed if it grew beyond this size.
const KEPT: usize = 256 << 10;

impl<'a, P: Upgrade> Connection<'a, P> {
    pub(super) fn new(engine: &'a Engine<P>, socket: Socket) -> Self {
        Self {
            engine,
            stream: socket.stream,
            reader: Reader::new(socket.rest, engine.settings.limits.message_in),
            routes: Routes::default(),
            output: Vec::new(),
            written: 0,
            taken: 0,
            flushed: true,
            received: Instant::now(),
            read: 0,
            failed: None,
            pinged: None,
            held: false,
            ping_from: None,
            multi_threaded: Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread,
            yielded: false,
            timer: Timer::default(),
        }
    }

    /// Runs until the connection is lost or the client is shut down. `session` runs concurrently: the protocol's
    /// handshake, which callers wait for, and then its heartbeat.
    pub(super) async fn run(&mut self, session: impl Future<Output = Result<(), Loss>>) -> End {
        let mut session = pin!(session);
        let mut in_session = true;
        poll_fn(|cx| {
            if self.multi_threaded && !self.yielded && self.engine.output_len() > 0 {
                self.yielded = true;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            self.yielded = false;
            loop {
                let tick = self.engine.tick(self.taken, &mut self.output);
                if tick == Tick::Stop {
                    return Poll::Ready(End::Stop);
                }
                let held = tick == Tick::HoldReader;
                if in_session && let Poll::Ready(result) = session.as_mut().poll(cx) {
                    in_session = false;
                    if let Err(loss) = result {
                        let frame = close_frame(self.close_code(Some(&loss.error), 1001));
                        self.send_last(cx, &frame);
                        return Poll::Ready(End::Lost(loss));
                    }
                }
                if held || self.held {
                    // While nothing is read, the idle timeout pauses.
                    self.received = Instant::now();
                    self.pinged = None;
                }
                self.held = held;
                if self.failed.is_none()
                    && let Err(error) = self.write(cx)
                {
                    self.failed = Some(self.failure(error));
                }
                let read = match &self.failed {
                    Some(_) => self.last_words(cx),
                    None if held => Ok(()),
                    None => self.read(cx).and_then(|()| self.keep_alive()),
                };
                if let Err(loss) = read {
                    return Poll::Ready(End::Lost(loss));
                }
                // The reply may have been in the socket.
                if tick == Tick::ReplyOverdue && self.engine.is_reply_overdue() {
                    return Poll::Ready(End::Lost(self.idle_timeout()));
                }
                let until = match &self.failed {
                    Some(failed) => Some(failed.until),
                    None if held => None,
                    None => Some(self.next_ping()),
                };
                if self.engine.sleep(cx, &mut self.timer, until, self.taken, !self.output.is_empty()) {
                    return Poll::Pending;
                }
            }
        })
        .await
    }

    /// Writes until the socket has taken everything or takes no more.
    fn write(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        while self.written < self.output.len() {
            match Pin::new(&mut self.stream).poll_write(cx, &self.output[self.written..]) {
                Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(n)) => {
                    self.written += n;
                    self.taken += n as u64;
                    self.flushed = false;
                }
                Poll::Ready(Err(error)) => return Err(error),
                Poll::Pending => return Ok(()),
            }
        }
        if self.output.capacity() > KEPT {
            self.output = Vec::new();
        }
        self.output.clear();
        self.written = 0;
        if !self.flushed {
            match Pin::new(&mut self.stream).poll_flush(cx) {
                Poll::Ready(Ok(())) => self.flushed = true,
                Poll::Ready(Err(error)) => return Err(error),
                Poll::Pending => {}
            }
        }
        Ok(())
    }

    /// Limits what is read after a failed write.
    fn failure(&self, error: io::Error) -> Failed {
        let most = self.engine.settings.limits.message_in.saturating_add(BATCH);
        Failed { error, until: Instant::now() + LAST_WORDS, position: self.read.saturating_add(most as u64) }
    }

    /// Reads what the server sent before a write failed: replies, and a close frame that says more than the failure.
    fn last_words(&mut self, cx: &mut Context<'_>) -> Result<(), Loss> {
        self.read(cx)?;
        match self.failed.take_if(|failed| failed.until <= Instant::now() || failed.position < self.read) {
            Some(failed) => Err(self.broken(failed.error)),
            None => Ok(()),
        }
    }

    /// Reads until the socket has no more data, then delivers the messages.
    fn read(&mut self, cx: &mut Context<'_>) -> Result<(), Loss> {
        let mut ended = None;
        let mut more = false;
        let mut batch = 0;
        for turn in 0.. {
            // Before the first read: messages may have arrived together with the answer to the upgrade.
            if let Err(end) = self.messages(cx) {
                ended = Some(end);
                break;
            }
            // On one thread, deliver replies before reading the rest: callers write their next commands, and the server
            // works on them meanwhile. On several threads, larger batches are better because they need fewer wake-ups.
            if turn == READS || batch >= BATCH || (more && !self.multi_threaded && !self.routes.is_empty()) {
                cx.waker().wake_by_ref();
                break;
            }
            self.reader.reserve();
            match pin!(self.stream.read_buf(&mut self.reader.buffer)).poll(cx) {
                Poll::Ready(Ok(0)) => {
                    let reason = "the server closed the connection without a close frame";
                    ended = Some(Ended::Broken(io::Error::new(io::ErrorKind::UnexpectedEof, reason)));
                    break;
                }
                Poll::Ready(Ok(n)) => {
                    batch += n;
                    self.read += n as u64;
                    more = self.reader.is_full();
                }
                Poll::Ready(Err(error)) => {
                    ended = Some(Ended::Broken(error));
                    break;
                }
                Poll::Pending => break,
            }
            self.received = Instant::now();
            self.pinged = None;
        }
        match (self.engine.hand_out(&mut self.routes), ended) {
            // A reply that violates the protocol is more important than the end of the connection after it.
            (Err(error), _) => Err(self.give_up(cx, &error, 1002)),
            (Ok(()), Some(Ended::Frame(frame))) => Err(self.engine.decide(&Close::Frame(&frame))),
            (Ok(()), Some(Ended::Broken(error))) => Err(self.broken(error)),
            (Ok(()), Some(Ended::Fault(error, code))) => Err(self.give_up(cx, &error, code)),
            (Ok(()), None) => Ok(()),
        }
    }

    /// Routes the complete messages in the buffer.
    fn messages(&mut self, cx: &mut Context<'_>) -> Result<(), Ended> {
        loop {
            match self.reader.next() {
                Ok(None) => return Ok(()),
                Ok(Some(Incoming::Pong)) => {}
                Ok(Some(Incoming::Ping(payload))) => {
                    // Skip the pong if the write buffer is full: a peer that only pings must not exhaust memory.
                    if self.engine.output_len() < self.engine.settings.limits.write_buffer.max(1) {
                        self.engine.push_framed(&control_frame(Control::Pong, &payload));
                    }
                }
                Ok(Some(Incoming::Close(close))) => return Err(Ended::Frame(self.closed(cx, close))),
                Ok(Some(Incoming::Message(message))) => {
                    if let Err(mut what) = self.engine.protocol.route(message, &mut self.routes) {
                        // Deliver the earlier replies first.
                        self.engine.hand_out(&mut self.routes).map_err(|error| Ended::Fault(error, 1002))?;
                        let limit = self.engine.settings.limits.excerpt;
                        let redaction = self.engine.protocol.redaction();
                        what.path = redaction.excerpt(&what.path, REASON);
                        what.reason = redaction.excerpt(&what.reason, REASON);
                        let excerpt = redaction.excerpt_bytes(self.reader.returned(), limit);
                        let error = self.engine.undecodable(what, excerpt);
                        return Err(Ended::Fault(error, 1002));
                    }
                }
                Err(Fault { reason, code }) => {
                    let error = Error::new(Cause::Protocol(ProtocolViolation::new(reason)), Delivery::MaybeSent);
                    return Err(Ended::Fault(error, code));
                }
            }
        }
    }

    /// Answers the server's close frame.
    fn closed(&mut self, cx: &mut Context<'_>, close: Option<(u16, String)>) -> CloseFrame {
        let echo = match close {
            None => control_frame(Control::Close, &[]),
            Some((code @ sendable!(), _)) => close_frame(code),
            Some(_) => close_frame(1002),
        };
        self.send_last(cx, &echo);
        // 1005: the frame had no code (RFC 6455, section 7.1.5).
        let (code, reason) = close.unwrap_or((1005, String::new()));
        CloseFrame::new(code, reason)
    }

    /// Closes the connection after an error that leaves it unusable.
    fn give_up(&mut self, cx: &mut Context<'_>, error: &Error, code: u16) -> Loss {
        let frame = close_frame(self.close_code(Some(error), code));
        self.send_last(cx, &frame);
        self.engine.decide(&Close::Lost(error))
    }

    fn broken(&self, error: io::Error) -> Loss {
        self.engine.decide(&Close::Lost(&Error::new(Cause::transport(error), Delivery::MaybeSent)))
    }

    fn idle_timeout(&self) -> Loss {
        self.engine.decide(&Close::Lost(&Error::new(Cause::Timeout(Phase::Idle), Delivery::MaybeSent)))
    }

    /// Returns the close code to send: the protocol's choice, if it is allowed.
    fn close_code(&self, because: Option<&Error>, usual: u16) -> u16 {
        match self.engine.protocol.close_code(because, usual) {
            code @ sendable!() => code,
            _ => usual,
        }
    }

    /// Sends a last frame if the socket takes it now; does not wait for it.
    fn send_last(&mut self, cx: &mut Context<'_>, frame: &[u8]) {
        if self.output.is_empty() {
            let _ = Pin::new(&mut self.stream).poll_write(cx, frame);
            let _ = Pin::new(&mut self.stream).poll_flush(cx);
        }
    }

    fn next_ping(&self) -> Instant {
        let timeouts = &self.engine.settings.timeouts;
        match self.pinged {
            None => {
                let due = saturating_deadline(self.received, timeouts.ping);
                self.ping_from.map_or(due, |from| from.max(due))
            }
            Some(at) => self.engine.excused(saturating_deadline(at, timeouts.idle)),
        }
    }

    /// Pings an idle server as soon as the rate limit allows, and fails if nothing arrives after that.
    fn keep_alive(&mut self) -> Result<(), Loss> {
        let now = Instant::now();
        if now < self.next_ping() {
            return Ok(());
        }
        if self.pinged.is_some() {
            return Err(self.idle_timeout());
        }
        let from = *self.ping_from.get_or_insert_with(|| self.engine.reserve(now));
        if from > now {
            return Ok(());
        }
        self.ping_from = None;
        self.pinged = Some(now);
        self.engine.push_framed(&control_frame(Control::Ping, &[]));
        Ok(())
    }

    /// Performs the closing handshake within its time limit. Finishes a partly written frame first, and ignores what
    /// the server still sends.
    pub(super) async fn close(mut self) {
        let limit = self.engine.settings.timeouts.close;
        let mut output = std::mem::take(&mut self.output);
        // Later frames were never given to the socket, and their callers already have their errors.
        output.truncate(frame_end(&output, self.written));
        let mut output = output.split_off(self.written);
        output.extend(close_frame(self.close_code(None, 1000)));
        let _ = timeout(limit, async {
            self.stream.write_all(&output).await?;
            self.stream.flush().await?;
            loop {
                match self.reader.next() {
                    Ok(Some(Incoming::Close(_))) | Err(_) => return Ok(()),
                    Ok(Some(_)) => {}
                    Ok(None) => {
                        self.reader.reserve();
                        if self.stream.read_buf(&mut self.reader.buffer).await? == 0 {
                            return io::Result::Ok(());
                        }
                    }
                }
            }
        })
        .await;
    }
}
