//! Logging in and out, and the current login.
use super::account::{self, Account};
use super::closing::Closing;
use super::license::{License, Time};
use super::packet::Body;
use super::reply::Reply;
use super::session::{Authorization, online};
use super::turn::Turn;
use statuswire::codes::blazeauth::ErrorCode as Status;

/// Packet 2. Checks come in the order: already logged in, length, known, banned, suspended, bound to another client,
/// expired, quota of sessions.
pub(super) fn by_license(turn: &mut Turn<'_>, body: &Body) -> Result<Reply, Closing> {
    let key = body.text("license")?;
    let echo = |status: Status| Reply::from(status).with("license", key);
    if turn.session.authorization != Authorization::None {
        return Ok(echo(Status::AlreadyAuthorized));
    }
    if let Err(status) = License::check(key) {
        return Ok(echo(status));
    }
    let full = quota_is_used_up(turn);
    let client = turn.session.client.as_ref().map(|client| client.id.clone());
    let Some(license) = turn.app.licenses.get_mut(key) else { return Ok(echo(Status::LicenseNotFound)) };
    let unused = !license.is_active();
    let status = if license.blacklisted {
        Status::LicenseBlacklisted
    } else if license.paused {
        Status::LicensePaused
    } else if license.client_id.is_some() && license.client_id != client {
        Status::ClientIDMismatch
    } else if !unused && !matches!(license.time(turn.now), Time::Left(_)) {
        Status::LicenseExpired
    } else if full {
        Status::AppSessionsQuotaExceeded
    } else {
        if unused {
            license.activate(turn.now);
        }
        license.client_id = client;
        turn.session.authorization = Authorization::License(key.to_owned());
        Status::Ok
    };
    let license = license.clone();
    // The call that starts its time gives the end, later ones what is left.
    let time_left = match (unused, status) {
        (true, Status::Ok) => license.ends_at(turn.clock),
        _ => license.seconds_left(turn.now),
    };
    Ok(describe_license(turn, &license, time_left, status))
}

/// Packet 15.
pub(super) fn current_license(turn: &mut Turn<'_>) -> Reply {
    let Authorization::License(key) = &turn.session.authorization else { return Status::NotAuthorized.into() };
    let Some(license) = turn.app.licenses.get(key).cloned() else { return Status::NotAuthorized.into() };
    let status = if license.time(turn.now) == Time::Over { Status::LicenseExpired } else { Status::Ok };
    describe_license(turn, &license, license.seconds_left(turn.now), status)
}

fn describe_license(turn: &Turn<'_>, license: &License, time_left: Option<u64>, status: Status) -> Reply {
    Reply::from(status)
        .with("license", license.key.as_str())
        .with("levels", &license.levels[..])
        .with_some("comment", license.comment.as_deref())
        .with("ip_address", turn.session.address.to_string())
        .with_some("time_left", time_left)
}

/// Packet 3. Checks come in the order: already logged in, form of the credentials and of the licence, account known,
/// banned, licence fit for activation, quota of sessions, time left.
pub(super) fn by_credentials(turn: &mut Turn<'_>, body: &Body) -> Result<Reply, Closing> {
    let (login, password) = (body.text("login")?, body.text("password")?);
    let (kind, license) = (body.integer("credentials_type")?, body.optional_text("license")?);
    let echo = |status: Status| Reply::from(status).with("login", login);
    if turn.session.authorization != Authorization::None {
        return Ok(echo(Status::AlreadyAuthorized));
    }
    let credentials = match account::check(login, password, kind) {
        Ok(credentials) => credentials,
        Err(status) => return Ok(echo(status)),
    };
    if let Some(Err(status)) = license.map(License::check) {
        return Ok(echo(status));
    }
    let account = turn.app.accounts.get(login).filter(|account| account.admits(password, credentials));
    let Some(account) = account.cloned() else { return Ok(echo(Status::AppUserNotFound)) };
    let status = admit(turn, &account, license).err().unwrap_or(Status::Ok);
    Ok(describe_account(turn, &account, status))
}

/// Logs an account in whose credentials were right.
fn admit(turn: &mut Turn<'_>, account: &Account, license: Option<&str>) -> Result<(), Status> {
    if account.blacklisted {
        return Err(Status::AppUserBlacklisted);
    }
    let given = license.map(|key| turn.app.licenses.get(key).ok_or(Status::LicenseNotFound)).transpose()?;
    if given.is_some_and(|license| !license.is_unused() || license.account.is_some()) {
        return Err(Status::LicenseAlreadyActivated);
    }
    if quota_is_used_up(turn) {
        return Err(Status::AppSessionsQuotaExceeded);
    }
    if let Some(license) = license.and_then(|key| turn.app.licenses.get_mut(key)) {
        license.account = Some(account.login.clone());
        license.activate(turn.now);
    }
    if account.requires_license && account_time(turn, &account.login) == Time::Over {
        return Err(Status::AppUserHasNoValidLicenses);
    }
    turn.session.authorization = Authorization::Account(account.login.clone());
    Ok(())
}

/// Packet 16: 203 if the account needs a licence, or had one, and none has time left.
pub(super) fn current_account(turn: &mut Turn<'_>) -> Reply {
    let Authorization::Account(login) = &turn.session.authorization else { return Status::NotAuthorized.into() };
    let Some(account) = turn.app.accounts.get(login).cloned() else { return Status::NotAuthorized.into() };
    let had_one =
        turn.app.licenses.values().any(|license| license.account.as_ref() == Some(login) && license.is_active());
    let over = account_time(turn, login) == Time::Over;
    let without = over && (had_one || account.requires_license);
    describe_account(turn, &account, if without { Status::AppUserHasNoValidLicenses } else { Status::Ok })
}

fn describe_account(turn: &Turn<'_>, account: &Account, status: Status) -> Reply {
    Reply::from(status)
        .with("login", account.login.as_str())
        .with("levels", &account.levels[..])
        .with_some("comment", account.comment.as_deref())
        .with("ip_address", turn.session.address.to_string())
        .with_some("time_left", account_time(turn, &account.login).seconds())
        .with("license_required", account.requires_license)
}

/// The longest time of the licences that are linked to an account and neither suspended nor banned.
fn account_time(turn: &Turn<'_>, login: &str) -> Time {
    let counts =
        |license: &&License| license.account.as_deref() == Some(login) && !license.paused && !license.blacklisted;
    turn.app.licenses.values().filter(counts).map(|license| license.time(turn.now)).max().unwrap_or(Time::Over)
}

/// Packet 5.
pub(super) fn logout(turn: &mut Turn<'_>) -> Reply {
    match turn.session.log_out() {
        Authorization::None => Status::NotAuthorized.into(),
        _ => Reply::ok(),
    }
}

fn quota_is_used_up(turn: &Turn<'_>) -> bool {
    online(turn.others, &turn.app.key) >= turn.app.quotas.sessions
}
