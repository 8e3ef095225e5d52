//! Sessions, and how they expire.
use std::collections::HashSet;
use std::time::Duration;

use indexmap::IndexMap;
use sha2::{Digest, Sha256};

use super::super::json::Value;

/// How often the server looks for expired sessions.
const CHECK: u64 = 5;

/// The keys of a session in the order of its map: insertion, until a removal puts the last key into the gap.
pub(super) type Keys = IndexMap<String, Value>;

/// One session.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) keys: Keys,
    pub(super) shared: bool,
    pub(super) expiry: Option<Expiry>,
    /// When a key command was last carried out, since the start of the server.
    pub(super) used: Duration,
}

/// When a session expires, and what happens then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expiry {
    /// Seconds without a key command.
    pub(super) duration: u64,
    /// Whether the session ends; otherwise only its keys are removed.
    pub(super) delete: bool,
}

/// All sessions by their tokens.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    by_token: IndexMap<u64, Session>,
    /// Shared sessions that expired: their timers remain, and delete a new session of the same name (observed).
    leftover: HashSet<u64>,
    /// Until when expiry was looked at, since the start of the server.
    pub(super) now: Duration,
}

impl Sessions {
    pub(super) fn starting_at(now: Duration) -> Self {
        Self { now, ..Self::default() }
    }

    pub(super) fn get(&self, token: u64) -> Option<&Session> {
        self.by_token.get(&token)
    }

    /// Returns the session for a key command, which restarts its time.
    pub(super) fn used(&mut self, token: u64) -> Option<&mut Session> {
        let session = self.by_token.get_mut(&token)?;
        session.used = self.now;
        Some(session)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, &Session)> {
        self.by_token.iter().map(|(token, session)| (*token, session))
    }

    pub(super) fn len(&self) -> usize {
        self.by_token.len()
    }

    /// Adds a session without keys; its token.
    pub(super) fn create(&mut self, shared: Option<&str>, expiry: Option<Expiry>) -> u64 {
        let token = match shared {
            Some(name) => token_of(name),
            None => loop {
                let token = rand::random();
                if !self.by_token.contains_key(&token) {
                    break token;
                }
            },
        };
        self.add(token, Session { keys: Keys::new(), shared: shared.is_some(), expiry, used: self.now });
        token
    }

    /// Adds a session whose time starts now.
    pub(super) fn add(&mut self, token: u64, session: Session) {
        self.by_token.insert(token, Session { used: self.now, ..session });
    }

    pub(super) fn remove(&mut self, token: u64) -> bool {
        self.by_token.shift_remove(&token).is_some()
    }

    /// Removes all; how many there were.
    pub(super) fn clear(&mut self) -> usize {
        std::mem::take(&mut self.by_token).len()
    }

    /// Does what the checks have done up to now, every five seconds since the start.
    pub(super) fn expire(&mut self, now: Duration) {
        let (before, last) = (self.now.as_secs() / CHECK, now.as_secs() / CHECK);
        self.now = now;
        if last == before {
            return;
        }
        let last = Duration::from_secs(last * CHECK);
        let leftover = &mut self.leftover;
        self.by_token.retain(|token, session| {
            if session.shared && session.used < last && leftover.contains(token) {
                return false;
            }
            let Some(expiry) = session.expiry else { return true };
            let Some(first) = check_after(session.used, expiry.duration).filter(|first| *first <= last) else {
                return true;
            };
            if expiry.delete {
                if session.shared {
                    leftover.insert(*token);
                }
                return false;
            }
            session.keys.clear();
            // The time restarts at each check that finds it over.
            let period = expiry.duration.div_ceil(CHECK).saturating_mul(CHECK);
            let times = (last - first).as_secs() / period;
            session.used = first + Duration::from_secs(times * period);
            true
        });
    }
}

/// Returns when a check first finds that these seconds have passed.
fn check_after(used: Duration, seconds: u64) -> Option<Duration> {
    let due = used.checked_add(Duration::from_secs(seconds))?;
    let whole = due.as_secs() + u64::from(due.subsec_nanos() > 0);
    whole.checked_next_multiple_of(CHECK).map(Duration::from_secs)
}

/// Returns the token of a shared session, which depends on nothing but the name.
pub(super) fn token_of(name: &str) -> u64 {
    let digest = Sha256::digest(name.as_bytes());
    digest.iter().take(8).fold(0, |token, byte| token << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn with_keys(sessions: &mut Sessions, token: u64) {
        sessions.used(token).unwrap().keys.insert("k".to_owned(), Value::Null);
    }

    #[test]
    fn a_session_expires_at_a_check() {
        let mut sessions = Sessions::default();
        let deleted = sessions.create(None, Some(Expiry { duration: 7, delete: true }));
        let emptied = sessions.create(None, Some(Expiry { duration: 7, delete: false }));
        with_keys(&mut sessions, emptied);
        sessions.expire(at(9));
        assert!(sessions.get(deleted).is_some());
        sessions.expire(at(10));
        assert!(sessions.get(deleted).is_none());
        let session = sessions.get(emptied).unwrap();
        assert_eq!((session.keys.len(), session.used), (0, at(10)));
        with_keys(&mut sessions, emptied);
        sessions.expire(at(1_000_000_004));
        assert_eq!(sessions.get(emptied).unwrap().used, at(1_000_000_000));
        assert!(sessions.get(emptied).unwrap().keys.is_empty());
    }

    #[test]
    fn use_restarts_the_time() {
        let mut sessions = Sessions::default();
        let token = sessions.create(None, Some(Expiry { duration: 7, delete: true }));
        for now in [6, 12, 18] {
            sessions.expire(at(now));
            assert!(sessions.used(token).is_some(), "{now}");
        }
        sessions.expire(at(u64::MAX / 2));
        assert!(sessions.used(token).is_none());
    }

    #[test]
    fn the_name_of_an_expired_shared_session_is_deleted_again() {
        let mut sessions = Sessions::default();
        let token = sessions.create(Some("a"), Some(Expiry { duration: 3, delete: true }));
        sessions.expire(at(6));
        assert!(sessions.get(token).is_none());
        assert_eq!(sessions.create(Some("a"), None), token);
        sessions.expire(at(9));
        assert!(sessions.get(token).is_some());
        sessions.expire(at(10));
        assert!(sessions.get(token).is_none());
    }
}
