//! What an operator does to licences, and the events that the sessions with that licence get.
use super::application::Application;
use super::license::License;
use super::session::Sessions;

/// Bans a licence.
pub(super) fn blacklist(app: &mut Application, sessions: &mut Sessions, key: &str) {
    change(app, sessions, key, 201, |license| license.blacklisted = true);
}

/// Changes a licence and sends the event. Does nothing if the application has no licence with this key. None of these
/// events ends a session.
pub(super) fn change(
    app: &mut Application,
    sessions: &mut Sessions,
    key: &str,
    event_type: u64,
    change: impl FnOnce(&mut License),
) {
    let Some(license) = app.licenses.get_mut(key) else { return };
    change(license);
    for session in sessions.values_mut().filter(|session| session.is_of(&app.key) && session.gets_events_of(key)) {
        session.event(event_type, None);
    }
}
