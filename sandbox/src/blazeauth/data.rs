//! Variables, the session's store, file metadata, the blacklist, the subscription.
use std::time::Duration;

use super::closing::Closing;
use super::license_events;
use super::packet::Body;
use super::reply::Reply;
use super::session::{Authorization, online};
use super::transfers::MIN_NAME;
use super::turn::{Answered, Turn};
use statuswire::codes::blazeauth::ErrorCode as Status;

/// Characters of the shortest variable name.
const MIN_VARIABLE: usize = 3;

/// Packet 6. The licence or account, and the client id; not the address, which all clients of a test share.
pub(super) fn blacklist(turn: &mut Turn<'_>, body: &Body) -> Result<Answered, Closing> {
    body.optional_text("comment")?;
    if turn.app.blacklist_entries >= turn.app.quotas.blacklist {
        return Ok(Status::AppBlacklistsQuotaExceeded.into());
    }
    turn.app.blacklist_entries += 1;
    if let Some(client) = &turn.session.client {
        turn.app.blacklisted_clients.insert(client.id.clone());
    }
    match turn.session.authorization.clone() {
        Authorization::None => {}
        Authorization::License(key) => license_events::blacklist(turn.app, turn.others, &key),
        Authorization::Account(login) => {
            if let Some(account) = turn.app.accounts.get_mut(&login) {
                account.blacklisted = true;
            }
        }
    }
    Ok(Answered::Last(Reply::ok(), Closing::Blacklisted))
}

/// Packet 9.
pub(super) fn file_metadata(turn: &mut Turn<'_>, body: &Body) -> Result<Reply, Closing> {
    let name = body.text("filename")?;
    if name.chars().count() < MIN_NAME {
        return Ok(Status::FileInvalidName.into());
    }
    let Some(file) = turn.app.files.get(name) else { return Ok(Status::FileNotFound.into()) };
    let transfers = file.transfers.get();
    Ok(Reply::ok()
        .with("checksum", file.content.checksum())
        .with("size", file.content.bytes().len() as u64)
        .with("transfer_count", transfers.count)
        .with_some("last_transferred_at", transfers.last.map(|time| turn.clock.unix(time))))
}

/// Packet 10: logged-in sessions that are connected.
pub(super) fn online_users(turn: &mut Turn<'_>) -> Reply {
    let this = usize::from(turn.session.is_online(&turn.app.key));
    Reply::ok().with("online_users_count", online(turn.others, &turn.app.key) + this)
}

/// Packet 11.
pub(super) fn variable(turn: &mut Turn<'_>, body: &Body) -> Result<Reply, Closing> {
    let name = body.text("name")?;
    if name.chars().count() < MIN_VARIABLE {
        return Ok(Status::VariableInvalidName.into());
    }
    let Some(variable) = turn.app.variables.get(name) else { return Ok(Status::VariableNotFound.into()) };
    if variable.protected && turn.session.authorization == Authorization::None {
        return Ok(Status::NotAuthorized.into());
    }
    Ok(Reply::ok().with("content", variable.content.as_str()))
}

/// Packet 12.
pub(super) fn set_value(turn: &mut Turn<'_>, body: &Body) -> Result<Reply, Closing> {
    let (key, value, ttl) = (body.text("key")?, body.text("value")?, body.integer_or_null("ttl")?);
    let seconds = ttl.filter(|&ttl| ttl > 0).map(|ttl| u64::try_from(ttl).unwrap_or(u64::MAX));
    Ok(turn.session.store.set(key, value, seconds.map(Duration::from_secs), turn.now).into())
}

/// Packet 13.
pub(super) fn get_value(turn: &mut Turn<'_>, body: &Body) -> Result<Reply, Closing> {
    let value = turn.session.store.get(body.text("key")?, turn.now);
    Ok(value.map_or(Status::StoreValueNotFound.into(), |value| Reply::ok().with("value", value)))
}

/// Packet 14.
pub(super) fn delete_value(turn: &mut Turn<'_>, body: &Body) -> Result<Reply, Closing> {
    Ok(turn.session.store.delete(body.text("key")?, turn.now).into())
}

/// Packet 17.
pub(super) fn subscribe(turn: &mut Turn<'_>, body: &Body) -> Result<Reply, Closing> {
    turn.session.subscribed = body.flag("subscribed")?;
    Ok(Reply::ok())
}
