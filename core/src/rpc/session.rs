//! The session on one connection: the handshake, then the protocol's heartbeat.

use super::close::Opened;
use super::deadlines::saturating_deadline;
use super::engine::Engine;
use super::expect::Replies;
use super::protocol::{Answered, Handshake, Opening, Protocol};
use crate::error::{Cause, Delivery, Error, Phase};
use std::future::poll_fn;
use tokio::time::{Instant, sleep, timeout_at};

/// A handshake on one connection, with its deadline.
struct EngineHandshake<'a, P: Protocol> {
    engine: &'a Engine<P>,
    deadline: Instant,
}

impl<P: Protocol> Handshake<P> for EngineHandshake<'_, P> {
    fn call<'a>(&'a self, command: &'a P::Command) -> Answered<'a, P> {
        Box::pin(async { self.engine.reply(|| self.engine.bound(command, Some(self.deadline)), Instant::now()).await })
    }

    fn receive(&self) -> Answered<'_, P> {
        Box::pin(async { Ok(poll_fn(|cx| self.engine.core().poll_greeting(cx)).await) })
    }
}

impl<P: Protocol> Engine<P> {
    /// Runs the protocol's handshake.
    pub(crate) async fn open(&self, deadline: Instant) -> Result<Opened, Error> {
        let handshake = EngineHandshake { engine: self, deadline };
        let late = || Error::new(Cause::Timeout(Phase::Handshake), Delivery::NotSent);
        let opened = timeout_at(deadline, self.protocol.open(Opening::new(&handshake))).await;
        opened.map_err(|_| late())?.map_err(|error| match error.cause() {
            Cause::Timeout(_) => late(),
            _ => error,
        })
    }

    /// Sends the protocol's heartbeats. Returns why the connection is lost, or `None` if the protocol has no further
    /// heartbeat.
    pub(crate) async fn heartbeats(&self) -> Option<Error> {
        let mut unattended = None;
        while let Some(heartbeat) = self.protocol.heartbeat() {
            sleep(heartbeat.every).await;
            let begun = Instant::now();
            // Heartbeats must not pile up for a socket that takes nothing.
            if unattended.is_some_and(|(slot, seq)| !self.core().has_left(slot, seq)) {
                continue;
            }
            let error = match self.beat(&heartbeat.command, begun).await {
                Ok(sent) => {
                    unattended = sent;
                    continue;
                }
                Err(error) => error,
            };
            match error.cause() {
                // The held reader did not read the reply: it is not the server's fault.
                Cause::Timeout(_) if self.core().held_reader_since(begun) => {}
                Cause::Timeout(_) => return Some(Error::new(Cause::Timeout(Phase::Idle), Delivery::MaybeSent)),
                Cause::InvalidRequest(_) => {
                    let service = self.protocol.service();
                    tracing::warn!(service, %error, "a heartbeat was skipped");
                }
                _ => return Some(error),
            }
        }
        None
    }

    /// Sends a heartbeat and waits for its reply. Returns its slot and number if it does not have exactly one reply.
    async fn beat(&self, command: &P::Command, now: Instant) -> Result<Option<(usize, u64)>, Error> {
        // A command that is known to block the server delays the heartbeat's answer.
        let deadline = self.excused(saturating_deadline(now, self.settings.timeouts.idle));
        let call = self.bound(command, Some(deadline))?;
        match call.expect.replies {
            Replies::One | Replies::Exactly(1) => self.reply(|| Ok(call), now).await.map(|_| None),
            _ => self.submit_unattended(call).map(Some),
        }
    }
}
