//! The beginning of a connection: its acceptance and its upgrade.
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::connection::{Connection, End, read, turn};
use super::upgrade::{self, Asked};
use crate::accepting::raised;
use crate::fault::{Call, Moment, Reaction};
use crate::link::Link;
use crate::record::Event;
use crate::service::{Admission, Service, UpgradeRequest};

/// An upgrade request must be there after this time.
const UPGRADE_WITHIN: Duration = Duration::from_secs(10);

impl<S: Service> Connection<S> {
    pub(super) async fn open(&mut self, link: Link) -> Result<(), End> {
        // Makes split replies arrive split.
        self.stream.set_nodelay(true)?;
        self.apply_connect_fault(Moment::Accept).await?;
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
                    () = raised(&mut self.stopping) => return Err(End::Stopping),
                    () = sleep_until(deadline) => return Err(End::Cut),
                },
            }
        };
        self.apply_connect_fault(Moment::Upgrade).await?;
        let admission = {
            let shared = self.shared.clone();
            let _turn = turn(&shared, &mut self.stopping).await?;
            let peer = self.peer;
            self.call(|service, connection| {
                service.connect(&UpgradeRequest { connection, peer, headers: &upgrade.headers }, link)
            })
        };
        match admission {
            Admission::Accepted { headers } => {
                self.outbox.push(&upgrade.granted(&headers));
                self.shared.record.add(self.number, Event::Upgraded);
                Ok(())
            }
            Admission::Refused { status, headers } => {
                self.outbox.push(&upgrade::refusal(status, &headers, ""));
                Err(End::Finished)
            }
        }
    }

    async fn apply_connect_fault(&mut self, moment: Moment) -> Result<(), End> {
        let call = Call { connection: self.number, command: None, id: None, message: None };
        let Some(plan) = self.shared.faults.plan(moment, &call) else { return Ok(()) };
        self.pause(plan.delay).await?;
        match plan.reaction {
            Reaction::Silence => loop {
                tokio::select! {
                    read = read(&self.stream, &mut self.inbox) => read?,
                    () = raised(&mut self.stopping) => return Err(End::Cut),
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
