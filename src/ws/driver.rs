//! The task behind a client: connects, runs the connection, connects again.

use super::connect::{Socket, connect};
use super::connection::{Connection, End};
use super::endpoint::Endpoint;
use crate::error::{Cause, Delivery, Error, Phase};
use crate::rpc::{Engine, Loss, Opening, Protocol, Reconnect, State, Supervisor, saturating_deadline};
use http::HeaderMap;
use std::sync::Arc;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_rustls::TlsConnector;

pub(super) struct Driver<P: Protocol> {
    pub(super) engine: Arc<Engine<P>>,
    pub(super) endpoint: Endpoint,
    pub(super) tls: Option<TlsConnector>,
    pub(super) headers: HeaderMap,
    pub(super) supervisor: Supervisor,
    /// Where the outcome of the first attempt goes; a failure of that one is final.
    pub(super) first: Option<oneshot::Sender<Result<(), Error>>>,
}

/// Ends all calls should the task end in a way that was not meant: a protocol that panics, a runtime that is shut down.
struct Guard<P: Protocol>(Arc<Engine<P>>);

impl<P: Protocol> Drop for Guard<P> {
    fn drop(&mut self) {
        if !self.0.state().borrow().is_closed() {
            let reason = "the connection's task was ended: its runtime was shut down, or the protocol panicked";
            let error = Error::new(Cause::transport(std::io::Error::other(reason)), Delivery::MaybeSent);
            let cause = Some(Arc::new(error.clone()));
            self.0.end(u64::MAX, error);
            self.0.set_state(State::Closed { cause });
        }
    }
}

impl<P: Protocol> Driver<P> {
    pub(super) async fn run(mut self) {
        let guard = Guard(Arc::clone(&self.engine));
        let cause = self.connections().await;
        guard.0.set_state(State::Closed { cause: cause.map(Arc::new) });
    }

    /// One connection after the other, until there is to be none. Returns why, unless that was the user's wish; all
    /// calls have ended by then.
    async fn connections(&mut self) -> Option<Error> {
        loop {
            let engine = Arc::clone(&self.engine);
            engine.set_state(State::Connecting { attempt: self.supervisor.attempt() });
            let deadline = saturating_deadline(Instant::now(), engine.settings.timeouts.connect);
            let mut headers = self.headers.clone();
            engine.protocol.request_headers(&mut headers);
            let attempt = async {
                // The protocol may have other headers each time.
                let hopeless = |error| Loss::with(error, Reconnect::Never);
                self.endpoint.permit(&headers, engine.protocol.sends_credentials()).map_err(hopeless)?;
                let redaction = engine.protocol.redaction();
                let connected = connect(&self.endpoint, self.tls.as_ref(), &headers, deadline, &redaction).await;
                connected.map_err(|loss| self.in_service_terms(loss))
            };
            let loss = match engine.meanwhile(attempt).await {
                None => return self.stop(0),
                Some(Err(loss)) => {
                    engine.lose(0, &loss.error);
                    loss
                }
                Some(Ok(socket)) => match self.converse(&engine, socket, deadline).await {
                    None => return None,
                    Some(loss) => loss,
                },
            };
            let delay = self.supervisor.lost(&loss, Instant::now().into_std(), rand::random());
            let mut error = loss.error;
            *error.context_mut() = engine.context();
            if let Some(first) = self.first.take() {
                let refused = error.clone_with_delivery(Delivery::NotSent);
                // Whoever waited for it may be gone; the end is the same.
                let _ = first.send(Err(refused));
                engine.end(0, error.clone());
                return Some(error);
            }
            let Some(delay) = delay else {
                engine.end(0, error.clone());
                return Some(error);
            };
            let attempt = self.supervisor.attempt();
            engine.set_state(State::Waiting { attempt, delay, cause: Arc::new(error) });
            if engine.meanwhile(sleep(delay)).await.is_none() {
                return self.stop(0);
            }
        }
    }

    /// Runs one connection; `None` if the user ended it.
    async fn converse(&mut self, engine: &Engine<P>, socket: Socket, deadline: Instant) -> Option<Loss> {
        engine.protocol.accepted(&socket.headers);
        engine.opening();
        let mut connection = Connection::new(engine, socket);
        let (supervisor, first) = (&mut self.supervisor, &mut self.first);
        let open = async {
            let opened = timeout_at(deadline, engine.protocol.open(Opening::new(engine, deadline))).await;
            let late = || Error::new(Cause::Timeout(Phase::Handshake), Delivery::NotSent);
            let opened = opened.map_err(|_| late())?.map_err(|error| match error.cause() {
                Cause::Timeout(_) => late(),
                _ => error,
            })?;
            supervisor.connected(Instant::now().into_std());
            if let Some(first) = first.take() {
                let _ = first.send(Ok(()));
            }
            Ok(opened)
        };
        match connection.run(open).await {
            End::Lost(loss) => {
                engine.lose(if loss.disowned { 0 } else { connection.taken }, &loss.error);
                Some(loss)
            }
            End::Stop => {
                engine.end(connection.taken, Error::new(Cause::Shutdown, Delivery::NotSent));
                connection.goodbye().await;
                None
            }
        }
    }

    /// Gives a refused upgrade the code that the protocol knows for it.
    fn in_service_terms(&self, mut loss: Loss) -> Loss {
        if let Cause::Http(failure) = loss.error.cause()
            && let Some(code) = self.engine.protocol.refused_upgrade(failure.status)
        {
            loss.error = loss.error.with_any_code(code);
        }
        loss
    }

    fn stop(&self, taken: u64) -> Option<Error> {
        self.engine.end(taken, Error::new(Cause::Shutdown, Delivery::NotSent));
        None
    }
}
