//! The session that all clones of a client share.

use super::any_store::AnyStore;
use super::state::{CurrentUser, State};
use super::store::SESSION_KEY;
use crate::codes::drupal::ErrorCode;
use crate::error::Error;
use crate::http::{Jar, Response};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The session that all clones of a client share.
pub(in crate::drupal) struct Session {
    pub(in crate::drupal) jar: Jar,
    state: Mutex<State>,
    /// Held while the session, its token or a bearer token is renewed: who waits for it finds it renewed.
    pub(in crate::drupal) renewal: tokio::sync::Mutex<()>,
    store: Option<Box<dyn AnyStore>>,
    /// The address of the site.
    site: String,
}

/// Whether a cookie is that of a session: `SESS` or `SSESS`, and 32 hexadecimal digits.
pub(in crate::drupal) fn is_session_cookie(name: &str) -> bool {
    let digits = name.strip_prefix("SESS").or_else(|| name.strip_prefix("SSESS"));
    digits.is_some_and(|digits| digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

impl Session {
    pub(in crate::drupal) fn new(jar: Jar, store: Option<Box<dyn AnyStore>>, site: String) -> Self {
        Self { jar, state: Mutex::default(), renewal: tokio::sync::Mutex::default(), store, site }
    }

    pub(in crate::drupal) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether there is a session, as far as the client knows.
    pub(in crate::drupal) fn is_open(&self) -> bool {
        self.jar.names().iter().any(|name| is_session_cookie(name))
    }

    /// Takes over the session that an answer to a login opens. Tokens of an earlier session are dropped.
    pub(in crate::drupal) fn opened(&self, response: &Response) -> Result<CurrentUser, Error> {
        let opened: Opened = response.json()?;
        let user = opened.current_user.unwrap_or_default();
        *self.state() = State {
            csrf_token: opened.csrf_token.map(Into::into),
            logout_token: opened.logout_token.map(Into::into),
            user: Some(user.clone()),
            ..State::default()
        };
        Ok(user)
    }

    /// Writes the session into the store, if there is one.
    pub(in crate::drupal) async fn save(&self) -> Result<(), Error> {
        let Some(store) = &self.store else { return Ok(()) };
        let saved = self.state().save(&self.jar.save(), &self.site)?;
        store.set(SESSION_KEY, &saved).await
    }

    /// Writes the session into the store. A failure is logged: the call that needed a new token does not depend on it.
    pub(in crate::drupal) async fn save_quietly(&self) {
        if let Err(error) = self.save().await {
            tracing::warn!(%error, "the session cannot be saved");
        }
    }

    /// Reads the session from the store. Returns whether there was one.
    pub(in crate::drupal) async fn load(&self) -> Result<bool, Error> {
        let Some(store) = &self.store else { return Ok(false) };
        let Some(saved) = store.get(SESSION_KEY).await? else { return Ok(false) };
        let (state, cookies) = State::load(&saved, &self.site)?;
        if let Some(cookies) = cookies {
            self.jar.restore(&cookies).map_err(|error| error.with_code(ErrorCode::StorageInWebFail))?;
        }
        *self.state() = state;
        Ok(true)
    }

    /// Forgets the session's cookie, its tokens and its user.
    pub(in crate::drupal) async fn forget(&self) -> Result<(), Error> {
        // A call that renews a token meanwhile would save the session again.
        let _renewal = self.renewal.lock().await;
        self.jar.clear();
        *self.state() = State { is_closed: true, ..State::default() };
        match &self.store {
            Some(store) => store.remove(SESSION_KEY).await,
            None => Ok(()),
        }
    }

    /// Lets no call log in any more by itself. Returns when a login that is under way has ended.
    pub(in crate::drupal) async fn close(&self) {
        let _renewal = self.renewal.lock().await;
        self.state().is_closed = true;
    }

    /// Forgets what belonged to a session that the site has ended. If another call has opened a session since, its cookie is
    /// still in the jar, and nothing is forgotten. Refused credentials stay refused: further calls of the same session end
    /// later, and each would send them again.
    pub(in crate::drupal) fn lost(&self) {
        if !self.is_open() {
            let mut state = self.state();
            let refused = state.refused.take();
            *state = State { is_closed: state.is_closed, refused, ..State::default() };
        }
    }
}

/// The answer to a login. Each member may be absent.
#[derive(serde::Deserialize)]
struct Opened {
    #[serde(default)]
    current_user: Option<CurrentUser>,
    #[serde(default)]
    csrf_token: Option<String>,
    #[serde(default)]
    logout_token: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_of_sessions() {
        let digits = "7b466b292d25df6ac84bde2d85152a02";
        for (name, expected) in [
            (format!("SESS{digits}"), true),
            (format!("SSESS{digits}"), true),
            (format!("SSSESS{digits}"), false),
            (format!("ESS{digits}"), false),
            (format!("SESS{digits}0"), false),
            ("SESSION".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(is_session_cookie(&name), expected, "{name}");
        }
    }
}
