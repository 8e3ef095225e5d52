//! What an operator does to licences, and what the sessions that use them hear of it.
use super::application::Application;
use super::session::Sessions;

/// Bans a licence. Does nothing if the application has none of this key, like all of these.
pub(super) fn blacklist(app: &mut Application, sessions: &mut Sessions, key: &str) {
    let Some(license) = app.licenses.get_mut(key) else { return };
    license.blacklisted = true;
    tell(sessions, &app.key, key, 201);
}

pub(super) fn unblacklist(app: &mut Application, sessions: &mut Sessions, key: &str) {
    let Some(license) = app.licenses.get_mut(key) else { return };
    license.blacklisted = false;
    tell(sessions, &app.key, key, 202);
}

pub(super) fn reset_client(app: &mut Application, sessions: &mut Sessions, key: &str) {
    let Some(license) = app.licenses.get_mut(key) else { return };
    license.client_id = None;
    tell(sessions, &app.key, key, 200);
}

/// Makes it unused again.
pub(super) fn reinitialize(app: &mut Application, sessions: &mut Sessions, key: &str) {
    let Some(license) = app.licenses.get_mut(key) else { return };
    license.reset();
    tell(sessions, &app.key, key, 203);
}

pub(super) fn delete(app: &mut Application, sessions: &mut Sessions, key: &str) {
    if app.licenses.shift_remove(key).is_some() {
        tell(sessions, &app.key, key, 204);
    }
}

pub(super) fn pause(app: &mut Application, sessions: &mut Sessions, key: &str, paused: bool) {
    let Some(license) = app.licenses.get_mut(key) else { return };
    license.paused = paused;
    tell(sessions, &app.key, key, if paused { 205 } else { 206 });
}

/// An event for the sessions of the licence. None of these events ends a session.
fn tell(sessions: &mut Sessions, app: &str, key: &str, event_type: u64) {
    for session in sessions.values_mut().filter(|session| session.is_of(app) && session.hears_of_license(key)) {
        session.event(event_type, None);
    }
}
