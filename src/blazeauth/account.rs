//! An account, existing or to be made.

use super::credentials::AccountFields;
use super::packet::{Command, Packet};
use super::reply::Body;
use super::{CredentialsType, Levels, TimeLeft};
use crate::error::Error;
use secrecy::{ExposeSecret, SecretString};

/// An account as the server describes it.
#[derive(Clone, Debug, Default, PartialEq)]
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
}

impl Account {
    pub(super) fn read(body: &Body<'_>) -> Result<Self, Error> {
        Ok(Self {
            login: body.optional("login")?,
            levels: body.optional("levels")?.unwrap_or_default(),
            comment: body.optional("comment")?,
            ip_address: body.optional("ip_address")?,
            time_left: body.optional("time_left")?,
            license_required: body.optional("license_required")?,
        })
    }
}

/// An account to be made. `Debug` shows neither its password nor its licence.
#[derive(Clone, Debug)]
#[must_use = "it is made by `Client::create_account`"]
pub struct NewAccount {
    login: String,
    password: SecretString,
    credentials_type: CredentialsType,
    comment: Option<String>,
    license: Option<SecretString>,
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

    pub(super) fn command(&self) -> Command {
        let fields = AccountFields {
            login: &self.login,
            password: self.password.expose_secret(),
            credentials_type: self.credentials_type as u8,
            comment: self.comment.as_deref(),
            license: self.license.as_ref().map(ExposeSecret::expose_secret),
        };
        Command::new(Packet::CreateAccount, &fields)
    }
}
