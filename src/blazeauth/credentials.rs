//! Logins by licence and by account.

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

/// A licence, or an account's login and password. `Debug` shows neither licence nor password.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Credentials {
    /// A licence key, of 6 to 64 characters.
    License(SecretString),
    /// An account.
    #[non_exhaustive]
    Account {
        /// The login.
        login: String,
        /// The password.
        password: SecretString,
        /// What the login is.
        credentials_type: CredentialsType,
        /// A licence to activate along with the login.
        license: Option<SecretString>,
    },
}

impl Credentials {
    /// A licence key.
    pub fn license(key: impl Into<SecretString>) -> Self {
        Self::License(key.into())
    }

    /// An account with a login name.
    pub fn account(login: impl Into<String>, password: impl Into<SecretString>) -> Self {
        Self::of(login.into(), password.into(), CredentialsType::Login)
    }

    /// An account with an e-mail address.
    pub fn email(address: impl Into<String>, password: impl Into<SecretString>) -> Self {
        Self::of(address.into(), password.into(), CredentialsType::Email)
    }

    fn of(login: String, password: SecretString, credentials_type: CredentialsType) -> Self {
        Self::Account { login, password, credentials_type, license: None }
    }

    /// Activates this licence along with the login by account; without meaning for a login by licence.
    #[must_use]
    pub fn activating(mut self, key: impl Into<SecretString>) -> Self {
        if let Self::Account { license, .. } = &mut self {
            *license = Some(key.into());
        }
        self
    }

    /// Returns what must not be shown.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &SecretString> {
        match self {
            Self::License(key) => [Some(key), None],
            Self::Account { password, license, .. } => [Some(password), license.as_ref()],
        }
        .into_iter()
        .flatten()
    }
}
