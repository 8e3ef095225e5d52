//! Sessions, and how they expire.
use std::collections::HashSet;
use std::time::Duration;

use indexmap::IndexMap;

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
        self.by_token.swap_remove(&token).is_some()
    }

    /// Removes all, and all timers; how many there were.
    pub(super) fn clear(&mut self) -> usize {
        self.leftover.clear();
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

/// Returns the seconds until a session expires, cut to whole ones; below zero if a check is late.
pub(super) fn remaining(duration: u64, passed: Duration) -> Value {
    let duration = Duration::from_secs(duration);
    match duration.checked_sub(passed) {
        Some(remaining) => remaining.as_secs().into(),
        None => Value::Int(-i64::try_from((passed - duration).as_secs()).unwrap_or(i64::MAX)),
    }
}

/// Returns the token of a shared session, which depends on nothing but the name: the hash of `std::hash` in the GNU C++
/// library (64-bit MurmurHash2), with the bits of a constant set. The recorded tokens are made so.
pub(super) fn token_of(name: &str) -> u64 {
    const SEED: u64 = 0xc70f_6907;
    const FACTOR: u64 = 0xc6a4_a793_5bd1_e995;
    const SET: u64 = 99_194_853_094_755_497;
    let shifted = |hash: u64| hash ^ (hash >> 47);
    let chunks = name.as_bytes().chunks(8);
    let mut hash = SEED ^ (name.len() as u64).wrapping_mul(FACTOR);
    for chunk in chunks {
        let mut bytes = [0; 8];
        bytes[..chunk.len()].copy_from_slice(chunk);
        let mut data = u64::from_le_bytes(bytes);
        if chunk.len() == 8 {
            data = shifted(data.wrapping_mul(FACTOR)).wrapping_mul(FACTOR);
        }
        hash = (hash ^ data).wrapping_mul(FACTOR);
    }
    shifted(shifted(hash).wrapping_mul(FACTOR)) | SET
}

#[cfg(test)]
mod tests {
    use super::super::super::json::to_unsorted_text;
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn with_keys(sessions: &mut Sessions, token: u64) {
        sessions.used(token).unwrap().keys.insert("k".to_owned(), Value::Null);
    }

    #[test]
    fn what_remains_is_cut_to_whole_seconds() {
        for (milliseconds, remains) in [(0, "7"), (1, "6"), (6_001, "0"), (7_900, "0"), (8_100, "-1")] {
            let text = to_unsorted_text(&remaining(7, Duration::from_millis(milliseconds)));
            assert_eq!(text, remains, "{milliseconds}");
        }
    }

    #[test]
    fn tokens_of_shared_sessions() {
        for (name, token) in [
            ("sh1", 13_942_574_338_796_395_769),
            ("pp", 6_880_228_868_737_711_277),
            ("12345678", 10_195_016_730_796_285_101),
            ("eight-bytes and more", 1_542_763_763_215_871_145),
        ] {
            assert_eq!(token_of(name), token, "{name}");
        }
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
        sessions.clear();
        sessions.create(Some("a"), None);
        sessions.expire(at(100));
        assert!(sessions.get(token).is_some());
    }
}
