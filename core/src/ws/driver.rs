//! The background task of a client: connects, runs the connection, reconnects.

use super::connect::{Socket, Target};
use super::connection::{Connection, End};
use super::upgrade::Upgrade;
use crate::error::{Cause, Delivery, Error};
use crate::policy::Attempts;
use crate::rpc::{Close, Engine, Loss, Reconnect, State, contained, saturating_deadline};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

pub(super) struct Driver<P: Upgrade> {
    /// Dropped before `first`, so that the state tells why there is no result.
    guard: Guard<P>,
    target: Target,
    attempts: Attempts,
    /// Receives the result of the first attempt. If that attempt fails, the client ends.
    first: Option<oneshot::Sender<Result<(), Error>>>,
}

/// Ends all calls if the task ends unexpectedly: the protocol panicked, or the runtime was shut down, perhaps before the
/// task first ran.
struct Guard<P: Upgrade> {
    engine: Arc<Engine<P>>,
    /// The task ended normally.
    done: bool,
}

impl<P: Upgrade> Drop for Guard<P> {
    fn drop(&mut self) {
        if !self.done {
            let reason = "the connection's task ended: its runtime was shut down, or the protocol panicked";
            let error = Error::new(Cause::transport(std::io::Error::other(reason)), Delivery::MaybeSent);
            let cause = Some(Arc::new(error.clone()));
            contained(|| self.engine.end(None, error));
            self.engine.set_state(State::Closed { cause });
        }
    }
}

impl<P: Upgrade> Driver<P> {
    pub(super) fn new(
        engine: Arc<Engine<P>>,
        target: Target,
        attempts: Attempts,
        first: Option<oneshot::Sender<Result<(), Error>>>,
    ) -> Self {
        Self { guard: Guard { engine, done: false }, target, attempts, first }
    }

    pub(super) async fn run(mut self) {
        let cause = self.connections().await;
        self.guard.done = true;
        self.guard.engine.set_state(State::Closed { cause: cause.map(Arc::new) });
    }

    /// Runs one connection after the other until the client ends. Returns why it ended, or `None` if the user shut it
    /// down. All calls have ended by then.
    async fn connections(&mut self) -> Option<Error> {
        let engine = Arc::clone(&self.guard.engine);
        loop {
            engine.set_state(State::Connecting { attempt: self.attempts.failures().saturating_add(1) });
            let deadline = saturating_deadline(Instant::now(), engine.settings.timeouts.connect);
            let loss = match engine.meanwhile(self.target.connect(&engine.protocol, deadline)).await {
                None => return self.stop(),
                Some(Err(error)) => {
                    let loss = engine.decide(&Close::Attempt(&error));
                    engine.lose(0, &loss);
                    loss
                }
                Some(Ok(socket)) => match self.run_connection(&engine, socket, deadline).await {
                    None => return None,
                    Some(loss) => loss,
                },
            };
            let delay = self.delay(&loss);
            let mut error = loss.error;
            let endpoint = std::mem::take(&mut error.context_mut().endpoint);
            *error.context_mut() = engine.context();
            if !endpoint.is_empty() {
                error.context_mut().endpoint = endpoint;
            }
            if let Some(first) = self.first.take() {
                // No command of the caller was sent. If the server refused the handshake, its answer is the result.
                let delivery = match error.delivery() {
                    Delivery::Answered => Delivery::Answered,
                    Delivery::NotSent | Delivery::MaybeSent => Delivery::NotSent,
                };
                // The receiver may be gone. The client ends anyway.
                let _ = first.send(Err(error.clone_with_delivery(delivery)));
                engine.end(Some(0), error.clone());
                return Some(error);
            }
            let Some(delay) = delay else {
                engine.end(Some(0), error.clone());
                return Some(error);
            };
            let attempt = self.attempts.failures().saturating_add(1);
            engine.set_state(State::Waiting { attempt, delay, cause: Arc::new(error) });
            if engine.meanwhile(sleep(delay)).await.is_none() {
                return self.stop();
            }
        }
    }

    /// Returns how long to wait before the next attempt, or `None` for no further attempt. The protocol's decision
    /// takes precedence over the server's hint. Both are limited, and neither shortens the backoff.
    fn delay(&mut self, loss: &Loss) -> Option<Duration> {
        self.attempts.on_lost(Instant::now().into_std());
        let first = self.attempts.failures() == 0;
        let random = rand::random();
        if let Reconnect::After(wait) = loss.reconnect {
            return Some(self.attempts.on_failure_after(wait, random));
        }
        let delay = self.attempts.on_failure(loss.error.retry_after(), random);
        match loss.reconnect {
            Reconnect::Never => None,
            Reconnect::Now if first => Some(Duration::ZERO),
            _ => Some(delay),
        }
    }

    /// Runs one connection. Returns its loss, or `None` if the user shut the client down.
    async fn run_connection(&mut self, engine: &Engine<P>, socket: Socket, deadline: Instant) -> Option<Loss> {
        engine.opening();
        let mut connection = Connection::new(engine, socket);
        let (attempts, first) = (&mut self.attempts, &mut self.first);
        let session = async {
            let opened = engine.open(deadline).await.map_err(|error| engine.decide(&Close::Handshake(&error)))?;
            attempts.on_connected(Instant::now().into_std());
            engine.opened(opened);
            if let Some(first) = first.take() {
                let _ = first.send(Ok(()));
            }
            match engine.heartbeats().await {
                Some(error) => Err(engine.decide(&Close::Lost(&error))),
                None => Ok(()),
            }
        };
        match connection.run(session).await {
            End::Lost(loss) => {
                engine.lose(connection.taken, &loss);
                Some(loss)
            }
            End::Stop => {
                engine.end(Some(connection.taken), Error::new(Cause::Shutdown, Delivery::NotSent));
                connection.close().await;
                None
            }
        }
    }

    /// Ends the client, which has no connection.
    fn stop(&self) -> Option<Error> {
        self.guard.engine.end(Some(0), Error::new(Cause::Shutdown, Delivery::NotSent));
        None
    }
}
