//! Packet 0: which application a session is of, and which client it is.
use super::closing::Closing;
use super::packet::{Body, within};
use super::reply::Reply;
use super::session::{Client, Session, online};
use super::settings::BannedClient;
use super::state::State;
use super::traffic::Who;
use statuswire::codes::blazeauth::ErrorCode as Status;

/// Characters of an API key.
const KEY: usize = 21;
/// Characters of a client id.
const MIN_CLIENT: usize = 4;
const MAX_CLIENT: usize = 64;
/// Failures in a row to find the application; one more ends the session.
const MAX_FAILURES: u32 = 3;
impl State {
    /// Packet 0 on a session that is not initialized. Checks come in the order: members, block, form of the key and of
    /// the client id, application known, suspended, client banned, quota of sessions.
    pub(super) fn initialize(&mut self, session: &mut Session, body: &Body) -> Result<Reply, Closing> {
        let (key, client_id) = read(body)?;
        let now = self.clock.now();
        let client = Client { application: key.to_owned(), id: client_id.to_owned() };
        self.guard.check(&Who::Address(session.address), now)?;
        self.guard.check(&Who::Client(client.clone()), now)?;
        if key.chars().count() != KEY {
            return Ok(Status::InvalidAPIKey.into());
        }
        let bounds = ((MIN_CLIENT, Status::ClientIDTooShort), (MAX_CLIENT, Status::ClientIDTooLong));
        if let Err(status) = within(client_id, bounds.0, bounds.1) {
            return Ok(status.into());
        }
        let app = match self.apps.get(key) {
            _ if self.settings.failing => Err(Status::InternalServerError),
            None => Err(Status::AppNotFound),
            Some(app) => Ok(app),
        };
        let app = match app {
            Ok(app) => app,
            Err(_) if session.failures == MAX_FAILURES => return Err(Closing::NoApplication),
            Err(status) => {
                session.failures += 1;
                return Ok(status.into());
            }
        };
        session.failures = 0;
        if app.paused {
            return Ok(Status::AppPaused.into());
        }
        if app.blacklisted_clients.contains(client_id) {
            return match self.settings.banned_client {
                BannedClient::Close => Err(Closing::ClientBanned),
                BannedClient::Status => Ok(Status::ClientIDBlacklisted.into()),
            };
        }
        if online(&self.sessions, key) >= app.quotas.sessions {
            return Ok(Status::AppSessionsQuotaExceeded.into());
        }
        session.client = Some(client);
        Ok(Reply::ok().with("app_name", app.name.as_str()).with("app_version", app.version.as_str()))
    }
}

/// The members of the packet: key and client id.
pub(super) fn read(body: &Body) -> Result<(&str, &str), Closing> {
    Ok((body.text("websocket_api_key")?, body.text("client_id")?))
}
