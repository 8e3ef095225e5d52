//! What a server received and did, against which a test checks what a client says about delivery.
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, MutexGuard};
use std::time::Duration;

use crate::log::{Kept, MAX_NAMES, Watched, count};
use crate::message::Message;

/// Ids that are counted.
const MAX_IDS: usize = 65_536;

/// The record of one server, over all its restarts. Cheap to clone; all clones show the same record.
///
/// Counts are exact for the first 4,096 different names and 65,536 ids. So that a flood cannot exhaust memory, entries
/// are kept up to 65,536 and 16 MiB of messages; then the oldest are dropped ([`forgotten`](Self::forgotten) counts
/// them).
///
/// `Debug` shows counts only: messages hold the secrets of clients.
#[derive(Clone)]
pub struct Record(Arc<Watched<State>>);

#[derive(Default)]
struct State {
    entries: Kept<Entry>,
    received: HashMap<String, u64>,
    executed: HashMap<String, u64>,
    received_ids: HashMap<u64, u64>,
    executed_ids: HashMap<u64, u64>,
    total_received: u64,
    opened: u64,
    upgraded: u64,
    closed: u64,
    dropped_replies: u64,
    crashes: u64,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// Position in the order of events, over all connections; starts with 1.
    pub order: u64,
    /// Time since the server was made (tokio's clock, so it can be virtual).
    pub at: Duration,
    /// The connection, numbered from 1 in the order of acceptance; restarts continue the numbers. 0: the server itself.
    pub connection: u64,
    /// What happened.
    pub event: Event,
}

/// What happened, in an [`Entry`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The server listens.
    Started,
    /// The server was stopped or killed.
    Stopped,
    /// A TCP connection was accepted.
    Opened,
    /// The upgrade to WebSocket was answered with success.
    Upgraded,
    /// A whole message was read.
    Received {
        /// Name of the command, if the message has one.
        command: Option<String>,
        /// The message.
        message: Message,
    },
    /// A command passed its checks and was carried out.
    Executed {
        /// Name of the command.
        command: String,
    },
    /// This command crashed the server, which ended as if it was killed.
    Crashed {
        /// Name of the command.
        command: String,
    },
    /// A reply was dropped because too much already waited for the client.
    ReplyDropped,
    /// The connection ended, on either side.
    Closed,
}

impl Record {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Watched::new()))
    }

    /// Returns how many messages with this command were read, whether or not they were carried out.
    pub fn received(&self, command: &str) -> u64 {
        self.state().received.get(command).copied().unwrap_or(0)
    }

    /// Returns how many messages were read in all, with or without a command.
    pub fn total_received(&self) -> u64 {
        self.state().total_received
    }

    /// Returns how often this command was carried out. A command that was refused (a missing parameter, an unknown name)
    /// does not count.
    pub fn executed(&self, command: &str) -> u64 {
        self.state().executed.get(command).copied().unwrap_or(0)
    }

    /// Returns how many messages with this id were read, on all connections, in services whose messages have one.
    pub fn received_id(&self, id: u64) -> u64 {
        self.state().received_ids.get(&id).copied().unwrap_or(0)
    }

    /// Returns how often a message with this id was carried out, on all connections: once, however often it was sent, if
    /// the service recognizes repetitions by the id.
    pub fn executed_id(&self, id: u64) -> u64 {
        self.state().executed_ids.get(&id).copied().unwrap_or(0)
    }

    /// Returns how many TCP connections were accepted.
    pub fn opened(&self) -> u64 {
        self.state().opened
    }

    /// Returns how many connections were upgraded to WebSocket.
    pub fn upgraded(&self) -> u64 {
        self.state().upgraded
    }

    /// Returns how many connections have ended.
    pub fn closed(&self) -> u64 {
        self.state().closed
    }

    /// Returns how many replies were dropped because a client read too slowly.
    pub fn dropped_replies(&self) -> u64 {
        self.state().dropped_replies
    }

    /// Returns how often the server crashed.
    pub fn crashes(&self) -> u64 {
        self.state().crashes
    }

    /// Returns how many entries are no longer kept.
    pub fn forgotten(&self) -> u64 {
        self.state().entries.forgotten()
    }

    /// Returns all entries that are kept, oldest first.
    pub fn entries(&self) -> Vec<Entry> {
        self.state().entries.iter().cloned().collect()
    }

    /// Returns the texts of the kept messages with this command, oldest first.
    pub fn messages(&self, command: &str) -> Vec<Arc<str>> {
        let of_command = |entry: &Entry| match &entry.event {
            Event::Received { command: Some(name), message: Message::Text(text) } if name == command => {
                Some(text.clone())
            }
            _ => None,
        };
        self.state().entries.iter().filter_map(of_command).collect()
    }

    /// Removes all entries and sets all counts to zero; `order` goes on.
    pub fn clear(&self) {
        let mut state = self.state();
        *state = State { entries: state.entries.cleared(), ..State::default() };
    }

    /// Waits until the condition holds. It is evaluated now and after every new entry; put a time limit around this if
    /// it may never hold. Cancelling has no effect on the server.
    pub async fn wait_for(&self, mut condition: impl FnMut(&Self) -> bool) {
        self.0.until(|| condition(self)).await;
    }

    pub(crate) fn add(&self, connection: u64, event: Event) {
        self.add_with_id(connection, event, None);
    }

    /// Adds an event about a message that may have an id.
    pub(crate) fn add_with_id(&self, connection: u64, event: Event, id: Option<u64>) {
        self.0.change(|state, at| {
            let mut bytes = 0;
            match (&event, id) {
                (Event::Received { .. }, Some(id)) => count(&mut state.received_ids, &id, MAX_IDS),
                (Event::Executed { .. }, Some(id)) => count(&mut state.executed_ids, &id, MAX_IDS),
                _ => {}
            }
            match &event {
                Event::Received { command, message } => {
                    state.total_received += 1;
                    bytes = message.len();
                    if let Some(command) = command {
                        count(&mut state.received, command.as_str(), MAX_NAMES);
                    }
                }
                Event::Executed { command } => count(&mut state.executed, command.as_str(), MAX_NAMES),
                Event::Opened => state.opened += 1,
                Event::Upgraded => state.upgraded += 1,
                Event::Closed => state.closed += 1,
                Event::ReplyDropped => state.dropped_replies += 1,
                Event::Crashed { .. } => state.crashes += 1,
                Event::Started | Event::Stopped => {}
            }
            state.entries.push(bytes, |order| Entry { order, at, connection, event });
        });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state()
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("Record")
            .field("opened", &state.opened)
            .field("closed", &state.closed)
            .field("received", &state.total_received)
            .field("entries", &state.entries.len())
            .field("forgotten", &state.entries.forgotten())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::MAX_ENTRIES;

    #[test]
    fn floods_are_counted_but_not_kept() {
        let record = Record::new();
        let big: Arc<str> = "x".repeat(1 << 20).into();
        for _ in 0..20 {
            let message = Message::Text(big.clone());
            record.add(1, Event::Received { command: Some("A".into()), message });
        }
        assert_eq!(record.received("A"), 20);
        assert_eq!(record.messages("A").len(), 16);
        assert_eq!(record.forgotten(), 4);
        for _ in 0..MAX_ENTRIES {
            record.add(1, Event::ReplyDropped);
        }
        assert_eq!(record.entries().len(), MAX_ENTRIES);
        assert_eq!(record.dropped_replies(), MAX_ENTRIES as u64);
        assert!(record.messages("A").is_empty());
        for name in 0..70_000 {
            record.add_with_id(1, Event::Executed { command: name.to_string() }, Some(name));
        }
        let kept = |state: &State| (state.executed.len(), state.executed_ids.len());
        assert_eq!(kept(&record.state()), (4096, 65_536));
        assert_eq!((record.executed("7"), record.executed_id(7), record.received_id(7)), (1, 1, 0));
    }

    #[test]
    fn debug_shows_no_message() {
        let record = Record::new();
        let message = Message::Text("a secret".into());
        record.add(1, Event::Received { command: Some("a secret".into()), message });
        let text = format!("{record:?}");
        assert!(text.contains("received: 1") && !text.contains("secret"), "{text}");
    }

    #[tokio::test]
    async fn waiting_ends_with_the_entry_that_fulfils_it() {
        let record = Record::new();
        let other = record.clone();
        let waiting = tokio::spawn(async move { other.wait_for(|record| record.opened() == 2).await });
        record.add(1, Event::Opened);
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        record.add(2, Event::Opened);
        waiting.await.unwrap();
        record.clear();
        assert_eq!(record.opened(), 0);
        record.add(3, Event::Opened);
        assert_eq!(record.entries()[0].order, 3);
    }
}
