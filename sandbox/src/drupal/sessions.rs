//! Sessions, their cookie and their tokens.
use std::collections::BTreeMap;

use super::text::{percent_decode, random_uuid, sha256_base64, sha256_hex};

#[derive(Debug)]
struct Session {
    user: u64,
    seed: String,
}

/// What a token is for. A token of one purpose does not serve another.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    /// `csrf_token` of the answer to a login.
    Rest,
    /// The text of `/session/token`.
    Header,
    Logout,
}

/// All open sessions, by the value of their cookie.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    open: BTreeMap<String, Session>,
}

impl Sessions {
    /// Opens a session and returns its identifier.
    pub(super) fn open(&mut self, user: u64) -> String {
        let seed = random_uuid();
        // Real identifiers can have a comma, which the cookie encodes.
        let random = sha256_base64(&random_uuid());
        let id = format!("{},{}", &random[..20], &random[20..]);
        self.open.insert(id.clone(), Session { user, seed });
        id
    }

    pub(super) fn close(&mut self, id: &str) {
        self.open.remove(id);
    }

    /// Closes the sessions of a user, except one.
    pub(super) fn close_all_of(&mut self, user: u64, except: Option<&str>) {
        self.open.retain(|id, session| session.user != user || except == Some(id));
    }

    pub(super) fn close_all(&mut self) {
        self.open.clear();
    }

    pub(super) fn user(&self, id: &str) -> Option<u64> {
        self.open.get(id).map(|session| session.user)
    }

    /// The token of a session; of none, one that is never valid.
    pub(super) fn token(&self, id: Option<&str>, purpose: Purpose) -> String {
        let session = id.and_then(|id| self.open.get(id));
        let seed = session.map_or_else(random_uuid, |session| session.seed.clone());
        sha256_base64(&format!("{seed} {purpose:?}"))
    }

    /// Whether a token belongs to a session.
    pub(super) fn is_valid(&self, id: Option<&str>, purpose: Purpose, token: &str) -> bool {
        self.token(id, purpose) == token
    }
}

/// The name of the session cookie on a host.
pub(super) fn cookie_name(host: &str) -> String {
    format!("SESS{}", &sha256_hex(host)[..32])
}

/// The value of a cookie in the headers of a request.
pub(super) fn cookie_value(headers: &http::HeaderMap, name: &str) -> Option<String> {
    let cookies = headers.get_all(http::header::COOKIE).iter().filter_map(|header| header.to_str().ok());
    let mut pairs = cookies.flat_map(|header| header.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| percent_decode(value))
}

/// The attribute for the domain: none for addresses and hosts of one word.
pub(super) fn cookie_domain(host: &str) -> String {
    let named = host.contains('.') && host.parse::<std::net::IpAddr>().is_err();
    if named { format!(" domain=.{host};") } else { String::new() }
}
