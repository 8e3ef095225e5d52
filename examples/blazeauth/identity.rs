//! Who is logged in, for people and for machines.

use crate::access::Login;
use crate::output::plain;
use serde_json::{Value, json};
use statuswire::Error;
use statuswire::blazeauth::{Account, Application, Authorization, Client, Levels, License, Reading, TimeLeft};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(crate) enum Identity {
    License(License),
    Account(Account),
}

impl Identity {
    pub(crate) async fn log_in(client: &Client, login: &Login) -> Result<Self, Error> {
        match login {
            Login::License(key) => client.login_by_license(key.clone()).await.map(Self::License),
            Login::Account(credentials) => client.login_by_account(credentials).await.map(Self::Account),
        }
    }

    /// Asks the service who is logged in.
    pub(crate) async fn current(client: &Client) -> Result<Self, Error> {
        let is_account = client.state().borrow().authorization() == Some(Authorization::Account);
        if is_account { client.account().await.map(Self::Account) } else { client.license().await.map(Self::License) }
    }

    pub(crate) fn to_text(&self, application: &Application) -> String {
        let named = format!("{} {}", plain(&application.name), plain(&application.version));
        let mut rows = vec![("application", named)];
        match self {
            Self::License(license) => {
                rows.push(("logged in", "by licence".to_owned()));
                rows.extend(of_license(license));
                rows.extend(unread(&license.unread));
                rows.push(("time left", time_left(license.time_left.as_ref(), "no end is known")));
            }
            Self::Account(account) => {
                let login = account.login.as_deref().map_or_else(String::new, |login| format!(" as {}", plain(login)));
                rows.push(("logged in", format!("by account{login}")));
                rows.extend(shared(&account.levels, account.comment.as_deref(), account.ip_address.as_deref()));
                rows.extend(unread(&account.unread));
                if let Some(required) = account.license_required {
                    rows.push(("licence", if required { "required" } else { "not required" }.to_owned()));
                }
                rows.push(("time left", time_left(account.time_left.as_ref(), "no active licence")));
            }
        }
        lines(&rows)
    }

    pub(crate) fn to_json(&self, application: &Application) -> Value {
        let (way, login, license_required, levels, comment, ip_address, left, unread) = match self {
            Self::License(it) => {
                ("license", None, None, &it.levels, &it.comment, &it.ip_address, &it.time_left, &it.unread)
            }
            Self::Account(it) => {
                let login = it.login.as_ref();
                let required = it.license_required;
                ("account", login, required, &it.levels, &it.comment, &it.ip_address, &it.time_left, &it.unread)
            }
        };
        json!({
            "application": { "name": application.name, "version": application.version },
            "way": way,
            "login": login,
            "license_required": license_required,
            "levels": levels.raw,
            "comment": comment,
            "ip_address": ip_address,
            "not_read": unread,
            "time_left": left.as_ref().map(|left| json!({
                "raw": left.raw(),
                "reading": match left.reading() {
                    Reading::Remaining(_) => "remaining",
                    _ => "expires_at",
                },
                "seconds": left.remaining().as_secs(),
                "certain": left.is_certain(),
            })),
        })
    }
}

/// Returns what a refused login tells about the licence.
pub(crate) fn of_license(license: &License) -> Vec<(&'static str, String)> {
    shared(&license.levels, license.comment.as_deref(), license.ip_address.as_deref())
}

fn shared(levels: &Levels, comment: Option<&str>, ip_address: Option<&str>) -> Vec<(&'static str, String)> {
    let level = |name: &String| match levels.get(name) {
        Some(value) => format!("{}={}", plain(name), plain(&value.to_string())),
        None => plain(name),
    };
    let mut rows = Vec::new();
    if !levels.names.is_empty() {
        rows.push(("levels", levels.names.iter().map(level).collect::<Vec<_>>().join(", ")));
    }
    rows.extend(comment.map(|comment| ("comment", plain(comment))));
    rows.extend(ip_address.map(|address| ("used from", plain(address))));
    rows
}

/// Returns which members the service sent in a form that cannot be read.
fn unread(members: &[&str]) -> Option<(&'static str, String)> {
    (!members.is_empty()).then(|| ("not read", members.join(", ")))
}

/// Formats the time left, and how certain it is.
pub(crate) fn time_left(left: Option<&TimeLeft>, none: &str) -> String {
    let Some(left) = left else { return none.to_owned() };
    let raw = left.raw();
    let (text, taken_for) = match left.reading() {
        Reading::ExpiresAt(end) => (format!("until {}", date(end)), "the Unix time of the end"),
        _ => (seconds(left.remaining()), "the seconds that remain"),
    };
    if left.is_certain() {
        text
    } else {
        format!("{text}, if {raw}, which the service does not explain, is {taken_for}")
    }
}

fn seconds(time: Duration) -> String {
    indicatif::FormattedDuration(time).to_string()
}

/// Formats a point in time; after the year 9999 as a number.
pub(crate) fn date(time: SystemTime) -> String {
    const YEAR_10000: Duration = Duration::from_secs(253_402_300_800);
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) if since < YEAR_10000 => httpdate::fmt_http_date(time),
        Ok(since) => format!("Unix time {}", since.as_secs()),
        Err(_) => "a time before 1970".to_owned(),
    }
}

/// Formats names and values, one pair per line.
pub(crate) fn lines(rows: &[(&str, String)]) -> String {
    let lines: Vec<_> = rows.iter().map(|(name, value)| format!("{name:<12}{value}")).collect();
    lines.join("\n")
}
