//! Logging in, and asking whether one is.
use serde_json::{Value, json};

use super::call::{Call, Family};
use super::failure::{Failure, Outcome};
use super::reply::{self, JSON, Response, UNEXPECTED, add};
use super::routes::{only_html, page, text};
use super::sessions::{Purpose, cookie_domain, cookie_name};
use super::site::Site;
use super::store::{Values, value};
use super::text::percent_encode;
use super::value::time::http_date;
use super::viewer::roles_of;

/// All requests come from one address.
const ADDRESS: &str = "127.0.0.1";
const COOKIE_AGE: i64 = 2_000_000;
const BY_ADDRESS: &str = "user.failed_login_ip";
const BY_USER: &str = "user.http_login";
const BASIC_BY_ADDRESS: &str = "basic_auth.failed_login_ip";
const BASIC_BY_USER: &str = "basic_auth.failed_login_user";

pub(super) fn session_token(site: &Site, call: &Call<'_>) -> Outcome<Response> {
    if !["GET", "POST"].contains(&call.method()) {
        return Err(Failure::method(call.method(), &call.url(), "GET, POST, HEAD"));
    }
    Ok(text(&site.sessions.token(call.viewer.session.as_deref(), Purpose::Header)))
}

pub(super) fn status(call: &Call<'_>) -> Outcome<Response> {
    match call.family() {
        Family::Unknown => Err(only_html()),
        _ if call.method() != "GET" => Err(Failure::method(call.method(), &call.url(), "GET, HEAD")),
        _ => Ok(text(if call.viewer.is_anonymous() { "0" } else { "1" })),
    }
}

pub(super) fn answer(site: &mut Site, call: &Call<'_>) -> Outcome<Response> {
    match (call.family(), call.method()) {
        (Family::Html, _) => return Ok(page("Log in")),
        (Family::Json, "POST") => {}
        _ => return Err(only_html()),
    }
    if !call.viewer.is_anonymous() {
        return Err(Failure::forbidden("This route can only be accessed by anonymous users."));
    }
    let (name, pass) = credentials(&decode(site, call)?)?;
    let id = log_in(site, &name, &pass)?;
    Ok(site.open_session(call, id))
}

/// Reads JSON as the endpoints for accounts do: what is not JSON is a failure of the server.
pub(super) fn decode(site: &Site, call: &Call<'_>) -> Outcome<Value> {
    serde_json::from_slice(call.body()).map_err(|_| {
        let trace = "<br><br><em class=\"placeholder\">Symfony\\Component\\Serializer\\Exception\\NotEncodableValueException</em>: Syntax error";
        let detail = if site.settings.verbose_errors { format!("{UNEXPECTED}{trace}") } else { UNEXPECTED.to_owned() };
        Failure::new(500, detail)
    })
}

/// A member as text. JSON's null counts as absent.
pub(super) fn member(body: &Value, name: &str) -> Option<String> {
    match body.get(name)? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn credentials(body: &Value) -> Outcome<(String, String)> {
    match (member(body, "name"), member(body, "pass")) {
        (Some(name), Some(pass)) => Ok((name, pass)),
        (None, None) => Err(Failure::bad_request("Missing credentials.")),
        (None, _) => Err(Failure::bad_request("Missing credentials.name.")),
        (_, None) => Err(Failure::bad_request("Missing credentials.pass.")),
    }
}

/// Checks name and password, counts failures, and returns the user.
fn log_in(site: &mut Site, name: &str, pass: &str) -> Outcome<u64> {
    let (now, limits) = (site.now(), site.settings.flood.clone());
    if !site.flood.allows(BY_ADDRESS, ADDRESS, limits.ip_limit, limits.ip_window, now) {
        return Err(Failure::forbidden("Access is blocked because of IP based flood prevention."));
    }
    let user = site.store.user_named(name).map(|user| (user.id(), user.flag("status"), user.text("pass") == pass));
    let identifier = user.filter(|(_, active, _)| *active).map(|(id, ..)| site.flood_identifier(id));
    if let Some(identifier) = &identifier
        && !site.flood.allows(BY_USER, identifier, limits.user_limit, limits.user_window, now)
    {
        return Err(Failure::forbidden(if limits.uid_only {
            format!(
                "There have been more than {} failed login attempts for this account. It is temporarily blocked. Try \
                 again later or request a new password.",
                limits.user_limit
            )
        } else {
            "Too many failed login attempts from your IP address. This IP address is temporarily blocked.".to_owned()
        }));
    }
    match user {
        Some((_, false, _)) => Err(Failure::bad_request("The user has not been activated or is blocked.")),
        Some((id, true, true)) => {
            site.flood.clear(BY_USER, &site.flood_identifier(id));
            Ok(id)
        }
        _ => {
            if let Some(identifier) = identifier {
                site.flood.register(BY_USER, &identifier, now);
            }
            site.flood.register(BY_ADDRESS, ADDRESS, now);
            Err(Failure::bad_request("Sorry, unrecognized username or password."))
        }
    }
}

impl Site {
    fn flood_identifier(&self, user: u64) -> String {
        if self.settings.flood.uid_only { user.to_string() } else { format!("{user}-{ADDRESS}") }
    }

    /// The user of basic authentication; failures have counters of their own.
    pub(super) fn basic_login(&mut self, name: &str, pass: &str) -> Option<u64> {
        let (now, limits) = (self.now(), self.settings.flood.clone());
        if !self.flood.allows(BASIC_BY_ADDRESS, ADDRESS, limits.ip_limit, limits.ip_window, now) {
            return None;
        }
        let user = self.store.user_named(name).filter(|user| user.flag("status"));
        let user = user.map(|user| (user.id(), user.text("pass") == pass));
        let identifier = user.map(|(id, _)| self.flood_identifier(id));
        let allowed = identifier.as_ref().is_none_or(|identifier| {
            self.flood.allows(BASIC_BY_USER, identifier, limits.user_limit, limits.user_window, now)
        });
        if let Some((id, true)) = user.filter(|_| allowed) {
            self.flood.clear(BASIC_BY_USER, &identifier.unwrap_or_default());
            return Some(id);
        }
        if let Some(identifier) = identifier.filter(|_| allowed) {
            self.flood.register(BASIC_BY_USER, &identifier, now);
        }
        self.flood.register(BASIC_BY_ADDRESS, ADDRESS, now);
        None
    }

    /// Opens a session and tells the client about it.
    fn open_session(&mut self, call: &Call<'_>, id: u64) -> Response {
        let now = self.now();
        let session = self.sessions.open(id);
        let found = self.store.by_id("user", &id.into()).and_then(|user| self.store.view(user, None));
        let Some(user) = found else { return reply::plain(500, UNEXPECTED) };
        let mut current = json!({"uid": id.to_string(), "name": user.text("name")});
        // An account sees its own roles if it may administer users.
        if self.viewer(id).may("administer users") {
            current["roles"] = roles_of(&user).into();
        }
        let uuid = user.entity.uuid.clone();
        let mut values: Values = user.values().clone();
        values.insert("login".to_owned(), value(now));
        values.insert("access".to_owned(), value(now));
        self.store.update("user", &uuid, None, values);
        let body = json!({
            "current_user": current,
            "csrf_token": self.sessions.token(Some(&session), Purpose::Rest),
            "logout_token": self.sessions.token(Some(&session), Purpose::Logout),
        });
        let mut response = reply::json(200, JSON, &body);
        let host = call.host_name();
        let cookie = format!(
            "{}={}; expires={}; Max-Age={COOKIE_AGE}; path=/;{} HttpOnly; SameSite=Lax",
            cookie_name(host),
            percent_encode(&session),
            http_date(now.saturating_add(COOKIE_AGE)),
            cookie_domain(host)
        );
        add(&mut response, "set-cookie", &cookie);
        response
    }
}
