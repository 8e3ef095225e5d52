//! Packet 0: which application a session is of, and which client it is.
use std::time::Duration;

use indexmap::IndexMap;

use super::application::Application;
use super::client::Client;
use super::closing::Closing;
use super::packet::{Body, within};
use super::reply::Reply;
use super::session::{Session, Sessions, online};
use super::traffic::{Guard, Who};
use statuswire::codes::blazeauth::ErrorCode as Status;

/// Characters of an API key.
const KEY: usize = 21;
/// Characters of a client id.
const MIN_CLIENT: usize = 4;
const MAX_CLIENT: usize = 64;
/// Failures in a row to find the application; one more ends the session.
const MAX_FAILURES: u32 = 3;

/// Packet 0 on a session that is not initialized. Checks come in the order: members, block, form of the key and of the
/// client id, application known, suspended, client banned, quota of sessions.
pub(super) fn initialize(
    session: &mut Session,
    body: &Body,
    now: Duration,
    guard: &Guard,
    apps: &IndexMap<String, Application>,
    others: &Sessions,
) -> Result<Reply, Closing> {
    let (key, client_id) = read(body)?;
    let client = Client { application: key.to_owned(), id: client_id.to_owned() };
    guard.check(&Who::Address(session.address), now)?;
    guard.check(&Who::Client(client.clone()), now)?;
    if key.chars().count() != KEY {
        return Ok(Status::InvalidAPIKey.into());
    }
    let bounds = ((MIN_CLIENT, Status::ClientIDTooShort), (MAX_CLIENT, Status::ClientIDTooLong));
    if let Err(status) = within(client_id, bounds.0, bounds.1) {
        return Ok(status.into());
    }
    let Some(app) = apps.get(key) else {
        if session.failures == MAX_FAILURES {
            return Err(Closing::NoApplication);
        }
        session.failures += 1;
        return Ok(Status::AppNotFound.into());
    };
    session.failures = 0;
    if app.paused {
        return Ok(Status::AppPaused.into());
    }
    if app.blacklisted_clients.contains(client_id) {
        return Err(Closing::ClientBanned);
    }
    if online(others, key) >= app.quotas.sessions {
        return Ok(Status::AppSessionsQuotaExceeded.into());
    }
    session.client = Some(client);
    Ok(Reply::ok().with("app_name", app.name.as_str()).with("app_version", app.version.as_str()))
}

/// The members of the packet: key and client id.
pub(super) fn read(body: &Body) -> Result<(&str, &str), Closing> {
    Ok((body.text("websocket_api_key")?, body.text("client_id")?))
}
