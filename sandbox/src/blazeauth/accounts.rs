//! Creating accounts and giving them licences.
use std::time::Duration;

use super::account::{self, Account};
use super::application::Application;
use super::closing::Closing;
use super::license::License;
use super::packet::Body;
use super::reply::Reply;
use super::session::Authorization;
use super::turn::Turn;
use crate::clock::seconds_to_wait;
use statuswire::codes::blazeauth::ErrorCode as Status;

/// Accounts that an address may create without a licence in one period.
const MAX_CREATIONS: usize = 3;
/// The period of that limit.
const PERIOD: Duration = Duration::from_secs(24 * 3600);

/// Packet 1. Checks come in the order: form of the credentials and of the licence, limit of the
/// address, login free, licence fit, quota of accounts.
pub(super) fn create(turn: &mut Turn<'_>, body: &Body) -> Result<Reply, Closing> {
    let (login, password) = (body.text("login")?, body.text("password")?);
    let (kind, comment) = (body.integer("credentials_type")?, body.optional_text("comment")?);
    let license = body.optional_text("license")?;
    let credentials = match account::check(login, password, kind) {
        Ok(credentials) => credentials,
        Err(status) => return Ok(status.into()),
    };
    if let Some(Err(status)) = license.map(License::check) {
        return Ok(status.into());
    }
    if license.is_none()
        && let Some(wait) = limit_of_address(turn)
    {
        return Ok(Reply::from(Status::TooManyRequests).with("retry_after", seconds_to_wait(wait)));
    }
    if turn.app.accounts.contains_key(login) {
        return Ok(Status::AppUserAlreadyExists.into());
    }
    let fit = license.map_or(Ok(()), |key| fit(turn.app, key));
    if let Err(status) = fit {
        return Ok(status.into());
    }
    if turn.app.accounts.len() >= turn.app.quotas.accounts {
        return Ok(Status::AppAccountsQuotaExceeded.into());
    }
    let mut account = Account::new(login, password).of(credentials);
    account.comment = comment.map(str::to_owned);
    turn.app.accounts.insert(login.to_owned(), account);
    match license {
        Some(key) => link(turn, key, login),
        None => turn.app.creations.entry(turn.session.address).or_default().push_back(turn.now),
    }
    Ok(Reply::ok())
}

/// How long until the address may create another account, if it must wait.
fn limit_of_address(turn: &mut Turn<'_>) -> Option<Duration> {
    let times = turn.app.creations.entry(turn.session.address).or_default();
    while times.front().is_some_and(|time| time.saturating_add(PERIOD) <= turn.now) {
        times.pop_front();
    }
    let oldest = times.front().filter(|_| times.len() >= MAX_CREATIONS)?;
    Some(oldest.saturating_add(PERIOD).saturating_sub(turn.now))
}

/// Packet 4.
pub(super) fn link_license(turn: &mut Turn<'_>, body: &Body) -> Result<Reply, Closing> {
    let key = body.text("license")?;
    let Authorization::Account(login) = turn.session.authorization.clone() else {
        return Ok(Status::NotAuthorized.into());
    };
    if !turn.app.accounts.contains_key(&login) {
        return Ok(Status::NotAuthorized.into());
    }
    if let Err(status) = License::check(key).and_then(|()| fit(turn.app, key)) {
        return Ok(status.into());
    }
    link(turn, key, &login);
    Ok(Reply::ok())
}

/// Whether a licence can be linked and activated.
fn fit(app: &Application, key: &str) -> Result<(), Status> {
    match app.licenses.get(key) {
        None => Err(Status::LicenseNotFound),
        Some(license) if license.account.is_some() => Err(Status::LicenseAlreadyLinked),
        Some(license) if !license.is_unused() => Err(Status::LicenseAlreadyActivated),
        Some(_) => Ok(()),
    }
}

fn link(turn: &mut Turn<'_>, key: &str, login: &str) {
    if let Some(license) = turn.app.licenses.get_mut(key) {
        license.account = Some(login.to_owned());
        license.activate(turn.now);
    }
}
