//! The site: its state, and its answer to a request.
use std::collections::BTreeMap;

use bytes::Bytes;

use super::call::Call;
use super::clock::Clock;
use super::flood::Flood;
use super::reply::{Response, add, set};
use super::sessions::{Sessions, cookie_domain, cookie_name};
use super::settings::Settings;
use super::store::{DEFAULT_LANGUAGE, Store};
use super::view_export::Export;
use super::viewer::Role;
use super::{cache, cors, routes};

/// A Drupal site without a server: it answers requests as values.
pub struct Site {
    pub(super) settings: Settings,
    pub(super) clock: Clock,
    pub(super) store: Store,
    pub(super) roles: Vec<Role>,
    /// Exports of views, by their path.
    pub(super) exports: BTreeMap<&'static str, Export>,
    pub(super) sessions: Sessions,
    pub(super) flood: Flood,
    pub(super) cache: cache::PageCache,
    /// Mails with a link to set a password, and those about registrations, by address.
    pub(super) mails: Vec<String>,
}

/// Shows nothing: the site holds passwords and tokens.
impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Site").finish_non_exhaustive()
    }
}

impl Site {
    pub(super) fn new(store: Store, roles: Vec<Role>, exports: BTreeMap<&'static str, Export>) -> Self {
        Self {
            settings: Settings::default(),
            clock: Clock::start(),
            store,
            roles,
            exports,
            sessions: Sessions::default(),
            flood: Flood::default(),
            cache: cache::PageCache::default(),
            mails: Vec::new(),
        }
    }

    /// Answers a request.
    pub fn answer(&mut self, request: &http::Request<Bytes>) -> Response {
        let languages = self.settings.languages.clone();
        let mut call = Call::new(request, languages.iter());
        if let Some(preflight) = cors::preflight(&self.settings, &call) {
            return preflight;
        }
        call.viewer = self.authenticate(&call);
        let mut response = routes::route(self, &call);
        if !response.headers().contains_key("cache-control") {
            set(&mut response, "cache-control", "must-revalidate, no-cache, private");
        }
        set(&mut response, "content-language", call.language.as_deref().unwrap_or(DEFAULT_LANGUAGE));
        if call.viewer.lost && !response.headers().contains_key("set-cookie") {
            clear_cookie(&call, &mut response);
        }
        cors::allow(&self.settings, &mut response);
        if call.is_head() {
            let length = response.body().len().to_string();
            set(&mut response, "content-length", &length);
            *response.body_mut() = Bytes::new();
        }
        response
    }

    pub(super) fn now(&self) -> i64 {
        self.clock.now()
    }

    /// Deletes an entity, a file with its content, an account with its sessions.
    pub(super) fn delete(&mut self, entity_type: &str, uuid: &str) {
        let view = self.store.by_uuid(entity_type, uuid).and_then(|entity| self.store.view(entity, None));
        let Some(view) = view else { return };
        let (id, uri) = (view.id(), view.text("uri").to_owned());
        match entity_type {
            "file" => _ = self.store.files.remove(&uri),
            "user" => self.sessions.close_all_of(id, None),
            _ => {}
        }
        self.store.remove(entity_type, uuid);
    }
}

/// Tells the client that its session is over.
pub(super) fn clear_cookie(call: &Call<'_>, response: &mut Response) {
    let host = call.host_name();
    let name = cookie_name(host);
    let domain = cookie_domain(host);
    let cookie = format!("{name}=deleted; expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; path=/;{domain} HttpOnly");
    add(response, "set-cookie", &cookie);
}
