//! Events that the server pushes.

use serde::Deserialize;
use std::fmt;
use std::sync::Arc;

/// An event of the application's panel.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// What happened.
    pub event_type: EventType,
    /// What goes with it, as JSON text; most events have nothing. It stays text because as values it can take a hundred
    /// times its length in memory: decode it with `serde_json::from_str`.
    pub content: Option<Arc<str>>,
}

impl Event {
    /// The application's new version, of [`EventType::AppVersionChanged`].
    pub fn version(&self) -> Option<String> {
        #[derive(Deserialize)]
        struct Content {
            version: String,
        }
        serde_json::from_str::<Content>(self.content.as_ref()?).ok().map(|content| content.version)
    }
}

/// What happened. The documentation lists the numbers up to 206; those above, 2xx for licences and 3xx for accounts,
/// are kept as numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventType {
    /// 1: an operator ended this session, or the account that owns the application is gone. A close (4100) follows.
    Disconnect,
    /// 2: the paid time of this session ran out. It stays open.
    SubscriptionExpired,
    /// 100: the application was deleted. A close (4102) follows.
    AppDeleted,
    /// 101: the application was suspended. A close (4101) follows.
    AppPaused,
    /// 102: the application has another version ([`Event::version`]).
    AppVersionChanged,
    /// 200: the licence is bound to no client id any more.
    LicenseClientIdReset,
    /// 201: the licence was banned. This session's authorization is gone.
    LicenseBlacklisted,
    /// 202: the licence is banned no longer.
    LicenseUnblacklisted,
    /// 203: the licence is as if it had never been used. This session's authorization is gone.
    LicenseReinitialized,
    /// 204: the licence was deleted.
    LicenseDeleted,
    /// 205: the licence was suspended.
    LicensePaused,
    /// 206: the licence is suspended no longer.
    LicenseUnpaused,
    /// Any other number; `None` if the event came without one.
    Unknown(Option<i64>),
}

/// The numbers of the events that have a name.
const NUMBERS: [(i64, EventType); 12] = [
    (1, EventType::Disconnect),
    (2, EventType::SubscriptionExpired),
    (100, EventType::AppDeleted),
    (101, EventType::AppPaused),
    (102, EventType::AppVersionChanged),
    (200, EventType::LicenseClientIdReset),
    (201, EventType::LicenseBlacklisted),
    (202, EventType::LicenseUnblacklisted),
    (203, EventType::LicenseReinitialized),
    (204, EventType::LicenseDeleted),
    (205, EventType::LicensePaused),
    (206, EventType::LicenseUnpaused),
];

impl EventType {
    /// Returns the event with this number.
    pub fn from_value(value: i64) -> Self {
        let known = NUMBERS.iter().find(|(number, _)| *number == value);
        known.map_or(Self::Unknown(Some(value)), |(_, event_type)| *event_type)
    }

    /// Returns its number, if it has one.
    pub fn value(self) -> Option<i64> {
        match self {
            Self::Unknown(value) => value,
            known => NUMBERS.iter().find(|(_, event_type)| *event_type == known).map(|(number, _)| *number),
        }
    }

    /// Returns whether the session loses its authorization with it.
    pub(super) fn ends_authorization(self) -> bool {
        matches!(self, Self::LicenseBlacklisted | Self::LicenseReinitialized)
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(Some(value)) => write!(f, "event {value}"),
            Self::Unknown(None) => f.write_str("an event without a number"),
            known => write!(f, "{known:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_both_ways_and_none_is_lost() {
        for value in [i64::MIN, -1, 0, 1, 2, 3, 99, 100, 101, 102, 103, 199, 200, 206, 207, 300, i64::MAX] {
            assert_eq!(EventType::from_value(value).value(), Some(value));
        }
        assert_eq!(EventType::from_value(206), EventType::LicenseUnpaused);
        assert_eq!(EventType::from_value(207).to_string(), "event 207");
    }
}
