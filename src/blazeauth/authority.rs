//! Who is logged in, as answers tell that may arrive in another order than the requests.

use super::state::Authorization;

/// Who is logged in. Each answer says who was logged in when the server carried out its request, so answers are ordered
/// by the ids of their requests, which count up: the answer to a later request wins, whenever it arrives.
#[derive(Debug, Default)]
pub(super) struct Authority {
    authorization: Option<Authorization>,
    /// The newest login that succeeded.
    login: u64,
    /// The newest request for which a user was logged in.
    found: u64,
    /// The newest requests for which no user was logged in: by licence, and by account.
    missed: [u64; 2],
}

impl Authority {
    pub(super) fn authorization(&self) -> Option<Authorization> {
        self.authorization
    }

    /// Notes that the login `id` succeeded. Returns whether it is in effect.
    pub(super) fn logged_in(&mut self, id: u64, way: Authorization) -> bool {
        let counts = id >= self.login && id >= self.missed_at(way);
        if counts {
            self.login = id;
            self.found = self.found.max(id);
            self.authorization = Some(way);
        }
        counts
    }

    /// Notes that the request `id` found a login, in this way or in an unknown one.
    pub(super) fn found(&mut self, id: u64, way: Authorization) {
        if id >= self.missed_at(way) && id >= self.login {
            self.found = self.found.max(id);
            match way {
                Authorization::Unknown => drop(self.authorization.get_or_insert(way)),
                way => self.authorization = Some(way),
            }
        }
    }

    /// Notes that for the request `id` no user was logged in, or none in this way. Returns whether a login ended.
    pub(super) fn missed(&mut self, id: u64, way: Option<Authorization>) -> bool {
        let [license, account] = &mut self.missed;
        if way != Some(Authorization::Account) {
            *license = id.max(*license);
        }
        if way != Some(Authorization::License) {
            *account = id.max(*account);
        }
        // A login in another way may go on.
        let concerns = way.is_none() || self.authorization == way;
        let ended = id >= self.found && concerns && self.authorization.is_some();
        if ended {
            self.authorization = None;
        }
        ended
    }

    /// Notes that the server ended the login that is known.
    pub(super) fn ended(&mut self) {
        self.missed(self.found, None);
    }

    /// Returns the newest request for which no user was logged in in this way.
    fn missed_at(&self, way: Authorization) -> u64 {
        let [license, account] = self.missed;
        match way {
            Authorization::License => license,
            Authorization::Account => account,
            Authorization::Unknown => license.min(account),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Authorization::{Account, License, Unknown};

    /// What the answer to a request tells.
    #[derive(Clone, Copy, Debug)]
    enum Answer {
        LoggedIn(Authorization),
        LoggedOut,
        Found(Authorization),
        Missed(Authorization),
    }
    use Answer::{Found, LoggedIn, LoggedOut, Missed};

    fn learn(authority: &mut Authority, id: u64, answer: Answer) {
        match answer {
            LoggedIn(way) => drop(authority.logged_in(id, way)),
            LoggedOut => drop(authority.missed(id, None)),
            Found(way) => authority.found(id, way),
            Missed(way) => drop(authority.missed(id, Some(way))),
        }
    }

    /// All orders of a few items.
    fn orders(count: usize) -> Vec<Vec<usize>> {
        let Some(last) = count.checked_sub(1) else { return vec![Vec::new()] };
        let insert = |order: &Vec<usize>, at: usize| [&order[..at], &[last], &order[at..]].concat();
        orders(last).iter().flat_map(|order| (0..=last).map(|at| insert(order, at))).collect()
    }

    #[test]
    fn the_latest_request_wins_in_whatever_order_answers_arrive() {
        for (answers, end) in [
            (&[LoggedIn(License), LoggedOut][..], None),
            (&[LoggedIn(License), LoggedOut, LoggedIn(Account)], Some(Account)),
            (&[LoggedOut, LoggedIn(License)], Some(License)),
            // Asked before the login, and answered after it.
            (&[Missed(License), LoggedIn(License)], Some(License)),
            (&[LoggedOut, Missed(Account), LoggedIn(Account), Found(Account)], Some(Account)),
            // Another login was refused because of the first.
            (&[LoggedIn(License), Found(Unknown)], Some(License)),
            (&[LoggedIn(License), Found(License)], Some(License)),
            // The login is gone without a reason.
            (&[LoggedIn(License), Missed(License)], None),
            (&[LoggedIn(License), Found(License), LoggedOut], None),
            // The other way does not concern it.
            (&[LoggedIn(License), Missed(Account)], Some(License)),
            (&[LoggedIn(License), LoggedOut, LoggedIn(License), Missed(Account)], Some(License)),
        ] {
            for order in orders(answers.len()) {
                let mut authority = Authority::default();
                for &at in &order {
                    learn(&mut authority, at as u64 + 1, answers[at]);
                }
                assert_eq!(authority.authorization(), end, "{answers:?} in the order {order:?}");
            }
        }
    }

    #[test]
    fn the_server_ends_what_is_known_and_not_what_comes_later() {
        let mut authority = Authority::default();
        authority.logged_in(3, License);
        authority.ended();
        assert_eq!(authority.authorization(), None);
        authority.found(2, License);
        assert_eq!(authority.authorization(), None);
        assert!(authority.logged_in(4, License));
    }
}
