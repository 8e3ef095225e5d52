//! Logins by licence and by account.

use super::state::Authorization;
use secrecy::SecretString;

/// What an account's login is; the numbers are from an older edition of the documentation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CredentialsType {
    /// Any name, of 4 to 320 characters.
    #[default]
    Login = 0,
    /// An e-mail address.
    Email = 1,
}

/// An account's login and password. `Debug` shows neither the password nor the licence.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub(super) login: String,
    pub(super) password: SecretString,
    pub(super) credentials_type: CredentialsType,
    /// A licence to activate along with the login.
    pub(super) license: Option<SecretString>,
}

impl Credentials {
    /// An account with a login name.
    pub fn account(login: impl Into<String>, password: impl Into<SecretString>) -> Self {
        Self::of(login.into(), password.into(), CredentialsType::Login)
    }

    /// An account with an e-mail address.
    pub fn email(address: impl Into<String>, password: impl Into<SecretString>) -> Self {
        Self::of(address.into(), password.into(), CredentialsType::Email)
    }

    fn of(login: String, password: SecretString, credentials_type: CredentialsType) -> Self {
        Self { login, password, credentials_type, license: None }
    }

    /// Activates this licence along with the login: once, and not again when a fresh session is logged in.
    #[must_use]
    pub fn activating(mut self, key: impl Into<SecretString>) -> Self {
        self.license = Some(key.into());
        self
    }
}

/// A login of either kind.
#[derive(Clone, Debug)]
pub(super) enum Login {
    License(SecretString),
    Account(Credentials),
}

impl Login {
    pub(super) fn authorization(&self) -> Authorization {
        match self {
            Self::License(_) => Authorization::License,
            Self::Account(_) => Authorization::Account,
        }
    }

    /// Returns the same login without the licence that it activated: a licence can be activated only once.
    pub(super) fn again(&self) -> Self {
        match self {
            Self::License(key) => Self::License(key.clone()),
            Self::Account(credentials) => Self::Account(Credentials { license: None, ..credentials.clone() }),
        }
    }

    /// Returns what must not be shown.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &SecretString> {
        match self {
            Self::License(key) => [Some(key), None],
            Self::Account(credentials) => [Some(&credentials.password), credentials.license.as_ref()],
        }
        .into_iter()
        .flatten()
    }
}
