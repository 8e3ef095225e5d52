//! The key-value store of a session.
use std::collections::HashMap;
use std::time::Duration;

use statuswire::codes::blazeauth::ErrorCode as Status;

/// Keys of one session.
const MAX_ENTRIES: usize = 64;
/// Bytes of all values of one session; keys are not counted.
const MAX_BYTES: usize = 16_384;
/// Life time of a value whose packet names none.
const DEFAULT_TTL: Duration = Duration::from_secs(72 * 3600);

#[derive(Default)]
pub(super) struct Store(HashMap<String, Entry>);

struct Entry {
    value: String,
    ends: Duration,
}

impl Store {
    /// Sets or replaces a value; its life time starts again.
    pub(super) fn set(&mut self, key: &str, value: &str, ttl: Option<Duration>, now: Duration) -> Status {
        self.forget_expired(now);
        let others: usize = self.0.iter().filter(|(name, _)| *name != key).map(|(_, entry)| entry.value.len()).sum();
        if others + value.len() > MAX_BYTES {
            return Status::StoreOutOfMemory;
        }
        if self.0.len() == MAX_ENTRIES && !self.0.contains_key(key) {
            return Status::StoreOutOfEntries;
        }
        let ends = now.saturating_add(ttl.unwrap_or(DEFAULT_TTL));
        self.0.insert(key.to_owned(), Entry { value: value.to_owned(), ends });
        Status::Ok
    }

    pub(super) fn get(&mut self, key: &str, now: Duration) -> Option<&str> {
        self.forget_expired(now);
        self.0.get(key).map(|entry| entry.value.as_str())
    }

    pub(super) fn delete(&mut self, key: &str, now: Duration) -> Status {
        self.forget_expired(now);
        self.0.remove(key).map_or(Status::StoreValueNotFound, |_| Status::Ok)
    }

    fn forget_expired(&mut self, now: Duration) {
        self.0.retain(|_, entry| entry.ends > now);
    }
}
