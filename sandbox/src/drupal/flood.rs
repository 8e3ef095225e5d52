//! The counters of failed logins.
use std::time::Duration;

/// Events by name and identifier, each with its Unix time.
#[derive(Debug, Default)]
pub(super) struct Flood {
    events: Vec<(&'static str, String, i64)>,
}

impl Flood {
    pub(super) fn register(&mut self, event: &'static str, identifier: &str, now: i64) {
        self.events.push((event, identifier.to_owned(), now));
    }

    /// Whether fewer than `limit` events happened within the time before now.
    pub(super) fn allows(&self, event: &str, identifier: &str, limit: usize, window: Duration, now: i64) -> bool {
        let since = now.saturating_sub(window.as_secs().try_into().unwrap_or(i64::MAX));
        let counts = |(name, id, at): &&(&str, String, i64)| *name == event && id == identifier && *at > since;
        self.events.iter().filter(counts).count() < limit
    }

    pub(super) fn clear(&mut self, event: &str, identifier: &str) {
        self.events.retain(|(name, id, _)| *name != event || id != identifier);
    }

    pub(super) fn clear_all(&mut self) {
        self.events.clear();
    }
}
