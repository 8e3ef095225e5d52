//! Changing the state while clients are connected.
use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

use super::application::{Application, Quotas};
use super::files::File;
use super::license::License;
use super::license_events;
use super::session_handle::SessionHandle;
use super::world::World;

/// An application of a running server, as its owner's panel shows it: a change sends the sessions that it
/// concerns an event, as the service does. Cheap to clone.
///
/// Events reach the sessions that are connected and have subscribed; what follows an event (a close, a lost login)
/// reaches all. Licence events go to the sessions that are logged in with the licence, and to those that
/// were until an event took their login away.
#[derive(Clone)]
pub struct ApplicationHandle {
    pub(super) world: World,
    pub(super) key: String,
}

impl fmt::Debug for ApplicationHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The key is a secret.
        f.write_str("ApplicationHandle")
    }
}

impl ApplicationHandle {
    /// Suspends it: event 101, then every session is closed with 4101; Initialize is answered with 601.
    pub fn pause(&self) {
        self.change(|app| app.paused = true);
        self.push_event(101, None);
    }

    /// Edits its version: event 102 with `{"version": ...}`.
    pub fn set_version(&self, version: impl Into<String>) {
        let version = version.into();
        self.change(|app| app.version.clone_from(&version));
        self.push_event(102, Some(json!({ "version": version })));
    }

    /// Sends an event to its sessions, and does what follows it: a close after 1, 100 and 101, the loss of the login after
    /// 201 and 203. Any number may be sent.
    pub fn push_event(&self, event_type: u64, content: Option<Value>) {
        self.world.lock().event(|_, session| session.is_of(&self.key), event_type, content.as_ref());
    }

    /// Adds a licence, or replaces the one with its key.
    pub fn put_license(&self, license: License) {
        self.change(|app| drop(app.licenses.insert(license.key.clone(), license)));
    }

    /// Bans an account, or allows it again. The service documents no event for it, and sessions stay as they are.
    pub fn blacklist_account(&self, login: &str, blacklisted: bool) {
        self.change(|app| {
            if let Some(account) = app.accounts.get_mut(login) {
                account.blacklisted = blacklisted;
            }
        });
    }

    /// Adds a file, or replaces the one with its name.
    pub fn put_file(&self, file: File) {
        self.change(|app| drop(app.files.insert(file.name.clone(), file)));
    }

    /// Bans a client id. Sessions stay as they are.
    pub fn blacklist_client(&self, client_id: &str) {
        self.change(|app| app.blacklist_entries += usize::from(app.blacklisted_clients.insert(client_id.to_owned())));
    }

    /// Allows a client id again.
    pub fn unblacklist_client(&self, client_id: &str) {
        self.change(|app| {
            let was = app.blacklisted_clients.remove(client_id);
            app.blacklist_entries = app.blacklist_entries.saturating_sub(usize::from(was));
        });
    }

    /// Sets how many logged-in sessions may be connected at once; more are refused with 602. Sessions stay as they are.
    /// No limit at first.
    pub fn set_max_sessions(&self, sessions: usize) {
        self.change_quotas(|quotas| quotas.sessions = sessions);
    }

    /// Sets how many accounts there may be; more are refused with 603. No limit at first.
    pub fn set_max_accounts(&self, accounts: usize) {
        self.change_quotas(|quotas| quotas.accounts = accounts);
    }

    /// Sets how many entries the blacklist may have; more are refused with 604. No limit at first.
    pub fn set_max_blacklist_entries(&self, entries: usize) {
        self.change_quotas(|quotas| quotas.blacklist = entries);
    }

    /// Sets how many bytes of files streams may carry from now on; each takes what it needs when it begins. More are
    /// refused with 304, also in mid-stream. No limit at first.
    pub fn set_max_transfer_bytes(&self, bytes: u64) {
        self.change_quotas(|quotas| quotas.transfer_bytes = bytes);
    }

    /// Bans a licence: event 201, and its sessions are no longer logged in.
    pub fn blacklist_license(&self, key: &str) {
        self.change_license(key, 201, |license| license.blacklisted = true);
    }

    /// Makes a licence unused again, without client and account: event 203, and its sessions are no longer logged in.
    pub fn reinitialize_license(&self, key: &str) {
        self.change_license(key, 203, License::reset);
    }

    /// Suspends a licence: event 205.
    pub fn pause_license(&self, key: &str) {
        self.change_license(key, 205, |license| license.paused = true);
    }

    /// Sets how much time a licence has left, zero for an expired one, `None` for one without an expiry date; an unused
    /// one is activated by it. The service documents no event for it.
    pub fn set_license_time(&self, key: &str, left: Option<Duration>) {
        let mut state = self.world.lock();
        let ends = left.map(|left| state.clock.now().saturating_add(left));
        if let Some(license) = state.apps.get_mut(&self.key).and_then(|app| app.licenses.get_mut(key)) {
            license.set_expiry(ends);
        }
    }

    /// Returns its sessions, oldest first, also those that wait for their resumption.
    pub fn sessions(&self) -> Vec<SessionHandle> {
        SessionHandle::all(&self.world, |session| session.is_of(&self.key))
    }

    fn change(&self, change: impl FnOnce(&mut Application)) {
        self.world.lock().apps.get_mut(&self.key).map(change);
    }

    fn change_quotas(&self, change: impl FnOnce(&mut Quotas)) {
        self.change(|app| change(&mut app.quotas));
    }

    fn change_license(&self, key: &str, event_type: u64, change: impl FnOnce(&mut License)) {
        let state = &mut *self.world.lock();
        if let Some(app) = state.apps.get_mut(&self.key) {
            license_events::change(app, &mut state.sessions, key, event_type, change);
        }
    }
}
