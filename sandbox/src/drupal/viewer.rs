//! Who sends a request, and what this account may do.
use std::collections::BTreeSet;

use super::call::Call;
use super::sessions::{cookie_name, cookie_value};
use super::site::Site;
use super::store::View;
use super::text::base64_decode;

/// A role and its permissions.
#[derive(Clone, Debug)]
pub(super) struct Role {
    pub(super) id: &'static str,
    /// Has all permissions.
    pub(super) admin: bool,
    pub(super) permissions: &'static [&'static str],
}

/// The account of a request.
#[derive(Clone, Debug, Default)]
pub(super) struct Viewer {
    /// 0: anonymous.
    pub(super) id: u64,
    admin: bool,
    permissions: BTreeSet<&'static str>,
    /// The open session of the cookie.
    pub(super) session: Option<String>,
    /// Whether a session cookie was sent.
    pub(super) has_cookie: bool,
    /// Whether the request has credentials of any sort, valid or not.
    pub(super) tried: bool,
    /// Whether basic authentication was used.
    pub(super) basic: bool,
    /// Whether the cookie names a session that the site does not know.
    pub(super) lost: bool,
}

impl Viewer {
    pub(super) fn may(&self, permission: &str) -> bool {
        self.admin || self.permissions.contains(permission)
    }

    pub(super) fn is_anonymous(&self) -> bool {
        self.id == 0
    }
}

/// The roles of a user, with the one that all users have.
pub(super) fn roles_of(user: &View<'_>) -> Vec<String> {
    let given = user.items("roles").iter().filter_map(|item| item.get("target_id")?.as_str());
    std::iter::once("authenticated").chain(given).map(str::to_owned).collect()
}

impl Site {
    /// Finds out who sends a request. Basic authentication comes before the cookie.
    pub(super) fn authenticate(&mut self, call: &Call<'_>) -> Viewer {
        let cookie = cookie_value(call.headers(), &cookie_name(call.host_name()));
        let session = cookie.as_ref().filter(|id| self.sessions.user(id).is_some()).cloned();
        let credentials = if self.settings.basic_auth { basic_credentials(call) } else { None };
        let user = match (&credentials, &session) {
            (Some((name, pass)), _) => self.basic_login(name, pass),
            (None, Some(id)) => self.sessions.user(id).filter(|user| self.is_active(*user)),
            (None, None) => None,
        };
        let mut viewer = self.viewer(user.unwrap_or(0));
        viewer.has_cookie = cookie.is_some();
        viewer.tried = cookie.is_some() || credentials.is_some();
        viewer.basic = credentials.is_some();
        viewer.lost = cookie.is_some() && session.is_none() && credentials.is_none();
        viewer.session = session;
        viewer
    }

    fn is_active(&self, id: u64) -> bool {
        let user = self.store.by_id("user", &id.into()).and_then(|user| self.store.view(user, None));
        user.is_some_and(|user| user.flag("status"))
    }

    /// The account with this number and its permissions.
    pub(super) fn viewer(&self, id: u64) -> Viewer {
        let user = self.store.by_id("user", &id.into()).filter(|_| id > 0);
        let roles = match user.and_then(|user| self.store.view(user, None)) {
            Some(user) => roles_of(&user),
            None => vec!["anonymous".to_owned()],
        };
        let own: Vec<_> = self.roles.iter().filter(|role| roles.iter().any(|id| id == role.id)).collect();
        let mut permissions: BTreeSet<_> = own.iter().flat_map(|role| role.permissions.iter().copied()).collect();
        if id == 0 {
            let off = [
                (self.settings.anonymous_may_read, "access content"),
                (self.settings.anonymous_may_register, "restful post user_registration"),
            ];
            off.iter().filter(|(allowed, _)| !allowed).for_each(|(_, name)| _ = permissions.remove(name));
        }
        let admin = id == 1 || own.iter().any(|role| role.admin);
        Viewer { id, admin, permissions, ..Viewer::default() }
    }
}

/// Name and password of basic authentication.
fn basic_credentials(call: &Call<'_>) -> Option<(String, String)> {
    let (scheme, value) = call.header("authorization")?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(base64_decode(value.trim())?).ok()?;
    decoded.split_once(':').map(|(name, pass)| (name.to_owned(), pass.to_owned()))
}
