//! An account, existing or to be made.

use super::credentials::CredentialsType;
use super::lenient::Told;
use super::levels::Levels;
use super::time_left::TimeLeft;
use secrecy::SecretString;
use serde::Deserialize;

/// An account as the server describes it. All members are optional: one that cannot be read is left out and named in
/// [`unread`](Self::unread).
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(from = "Told")]
#[non_exhaustive]
pub struct Account {
    /// Its login.
    pub login: Option<String>,
    /// What it allows.
    pub levels: Levels,
    /// The operator's note.
    pub comment: Option<String>,
    /// The address that it was used from.
    pub ip_address: Option<String>,
    /// How long its licence lasts; `None` if there is no active licence.
    pub time_left: Option<TimeLeft>,
    /// Whether it needs a licence; `None` if the server does not say.
    pub license_required: Option<bool>,
    /// The names of the members that the server sent in a form that cannot be read.
    pub unread: Vec<&'static str>,
}

/// An account to be made. `Debug` shows neither its password nor its licence.
#[derive(Clone, Debug)]
#[must_use = "it is made by `Client::create_account`"]
pub struct NewAccount {
    pub(super) login: String,
    pub(super) password: SecretString,
    pub(super) credentials_type: CredentialsType,
    pub(super) comment: Option<String>,
    pub(super) license: Option<SecretString>,
}

impl NewAccount {
    /// With a login name, of 4 to 320 characters.
    pub fn new(login: impl Into<String>, password: impl Into<SecretString>) -> Self {
        let (login, password) = (login.into(), password.into());
        Self { login, password, credentials_type: CredentialsType::Login, comment: None, license: None }
    }

    /// With an e-mail address for its login.
    pub fn with_email(address: impl Into<String>, password: impl Into<SecretString>) -> Self {
        Self { credentials_type: CredentialsType::Email, ..Self::new(address, password) }
    }

    /// Adds a note for the operator.
    pub fn comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Some(comment.into());
        self
    }

    /// Links and activates a licence, of 6 to 64 characters. Some applications insist on one.
    pub fn license(mut self, key: impl Into<SecretString>) -> Self {
        self.license = Some(key.into());
        self
    }

    pub(super) fn secrets(&self) -> impl Iterator<Item = &SecretString> {
        [Some(&self.password), self.license.as_ref()].into_iter().flatten()
    }
}
