//! The begin of a connection: its acceptance and its upgrade.
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::connection::{Connection, End, read, stopped};
use super::fault::{Call, Moment, Reaction};
use super::record::Event;
use super::service::{Admission, Arrival, Service};
use super::upgrade::{self, Asked, Upgrade};

/// An upgrade request must be there after this time.
const UPGRADE_WITHIN: Duration = Duration::from_secs(10);

impl<S: Service> Connection<S> {
    pub(super) async fn open(&mut self) -> Result<(), End> {
        // As the real servers do; also makes split replies arrive split.
        self.stream.set_nodelay(true)?;
        self.admit(Moment::Accept).await?;
        let deadline = Instant::now() + UPGRADE_WITHIN;
        let upgrade = loop {
            match upgrade::read(&mut self.inbox.buffer) {
                Asked::Upgrade(upgrade) => break upgrade,
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
        let headers = self.arrive(&upgrade).await?;
        self.outbox.push(&upgrade.granted(&headers));
        self.shared.record.add(self.number, Event::Upgraded);
        Ok(())
    }

    /// Asks the service; further headers of the answer.
    async fn arrive(&mut self, upgrade: &Upgrade) -> Result<Vec<(&'static str, String)>, End> {
        let shared = self.shared.clone();
        let mut service = tokio::select! {
            service = shared.worker.lock() => service,
            () = stopped(&mut self.stopping) => return Err(End::Stopping),
        };
        let arrival = Arrival { connection: self.number, peer: self.peer.ip(), headers: &upgrade.headers };
        match service.arrive(&arrival, self.link.clone()) {
            Admission::Granted(headers) => {
                self.deadline = service.deadline(self.number);
                Ok(headers)
            }
            Admission::Refused { status, headers } => {
                self.outbox.push(&upgrade::refusal(status, &headers, ""));
                Err(End::Finished)
            }
        }
    }

    /// Applies a fault to the connection itself.
    async fn admit(&mut self, moment: Moment) -> Result<(), End> {
        let call = Call { connection: self.number, command: None, id: None, message: None };
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
}
