//! What a session consists of, and how it is saved.

use crate::codes::drupal::ErrorCode;
use crate::error::{Error, Redaction};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The account that a session belongs to, as far as the site tells: an account may not see all fields of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CurrentUser {
    /// The number of the account, `"42"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The roles. Ordinary accounts do not see their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
}

/// A session: the cookie is in the jar of the HTTP client, everything else is here.
#[derive(Clone, Default)]
pub(in crate::drupal) struct State {
    /// Proves to the site that a request is the session's own.
    pub(in crate::drupal) csrf_token: Option<SecretString>,
    /// Ends the session.
    pub(in crate::drupal) logout_token: Option<SecretString>,
    pub(in crate::drupal) user: Option<CurrentUser>,
    /// The program logged out: the client does not log in again by itself.
    pub(in crate::drupal) is_closed: bool,
    /// How the site refused the credentials. They are not sent again: failed logins are counted.
    pub(in crate::drupal) refused: Option<Error>,
}

/// A session as it is saved, in the layout of the JavaScript SDK. That has no cookies: the browser keeps them.
#[derive(Serialize, Deserialize)]
struct Saved {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    csrf_token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    logout_token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    current_user: Option<CurrentUser>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cookies: Option<String>,
    /// The address of the site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    site: Option<String>,
}

impl State {
    /// Returns the session with its cookies as text to save. `site` is the address of the site.
    pub(super) fn save(&self, cookies: &SecretString, site: &str) -> Result<SecretString, Error> {
        let text = |secret: &Option<SecretString>| secret.as_ref().map(|it| it.expose_secret().to_owned());
        let saved = Saved {
            csrf_token: text(&self.csrf_token),
            logout_token: text(&self.logout_token),
            current_user: self.user.clone(),
            cookies: Some(cookies.expose_secret().to_owned()),
            site: Some(site.to_owned()),
        };
        let saved = serde_json::to_string(&saved);
        saved
            .map(SecretString::from)
            .map_err(|error| Error::invalid_request(format!("the session cannot be saved: {error}")))
    }

    /// Reads a saved session: ours, or one of the JavaScript SDK, which has no cookies. The session of another site is refused:
    /// its cookies would go to this one.
    pub(super) fn load(saved: &SecretString, site: &str) -> Result<(Self, Option<SecretString>), Error> {
        let saved: Saved = serde_json::from_str(saved.expose_secret()).map_err(|error| {
            // The text of the error may quote a token.
            let why = Redaction::default().hide(saved.clone()).excerpt(&format!("{:?}", error.classify()), 20);
            let what =
                format!("the saved session is not JSON of the expected shape ({why}); remove it and log in again");
            Error::invalid_request(what).with_code(ErrorCode::StorageInWebFail)
        })?;
        if let Some(other) = saved.site.filter(|other| other != site) {
            let what = format!("the saved session is one of {other}, not of {site}; give each site a store of its own");
            return Err(Error::invalid_request(what).with_code(ErrorCode::StorageInWebFail));
        }
        let state = Self {
            csrf_token: saved.csrf_token.map(Into::into),
            logout_token: saved.logout_token.map(Into::into),
            user: saved.current_user,
            ..Self::default()
        };
        Ok((state, saved.cookies.map(Into::into)))
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("csrf_token", &self.csrf_token.is_some())
            .field("logout_token", &self.logout_token.is_some())
            .field("user", &self.user)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_saved_and_loaded() {
        let state = State {
            csrf_token: Some("csrf-17".into()),
            logout_token: Some("logout-17".into()),
            user: Some(CurrentUser { uid: Some("2".into()), name: Some("mara".into()), roles: None }),
            ..State::default()
        };
        let saved = state.save(&"the jar".into(), "https://x.org").unwrap();
        let error = State::load(&saved, "https://y.org").unwrap_err();
        assert_eq!(error.code_as(), Some(ErrorCode::StorageInWebFail));
        let (loaded, cookies) = State::load(&saved, "https://x.org").unwrap();
        assert_eq!(loaded.csrf_token.unwrap().expose_secret(), "csrf-17");
        assert_eq!(loaded.logout_token.unwrap().expose_secret(), "logout-17");
        assert_eq!((loaded.user, cookies.unwrap().expose_secret()), (state.user.clone(), "the jar"));
        assert!(!format!("{state:?}").contains("17"));
    }

    #[test]
    fn the_layout_of_the_javascript_sdk_is_read() {
        let saved = r#"{"current_user":{"uid":"1","roles":["authenticated"],"name":"admin","more":1},
            "csrf_token":"a","logout_token":"b"}"#;
        let (state, cookies) = State::load(&saved.into(), "https://x.org").unwrap();
        assert_eq!(state.user.unwrap().roles.unwrap(), ["authenticated"]);
        assert!(cookies.is_none());
        assert!(State::load(&"{}".into(), "https://x.org").is_ok());
    }

    #[test]
    fn what_is_no_session_is_told_without_its_text() {
        for saved in ["", "s3cret", r#"{"csrf_token":{"s3cret":1}}"#, r#"[{"s3cret":1}]"#] {
            let error = State::load(&saved.into(), "https://x.org").unwrap_err();
            assert_eq!(error.code_as(), Some(ErrorCode::StorageInWebFail));
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
        }
    }
}
