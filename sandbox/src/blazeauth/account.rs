//! Accounts.
use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use super::packet::within;
use statuswire::codes::blazeauth::ErrorCode as Status;

/// Characters of a login.
const MIN_LOGIN: usize = 4;
const MAX_LOGIN: usize = 320;
/// Characters of a password; the documentation does not show its limits.
const MIN_PASSWORD: usize = 4;
const MAX_PASSWORD: usize = 64;

/// An account of an [`Application`](super::Application), without levels, comment or need of a licence at first.
///
/// ```
/// use statuswire_sandbox::blazeauth::Account;
///
/// let plain = Account::new("harbour-master", "correct horse");
/// let mail = Account::new("ada@example.org", "battery staple").email().requires_license();
/// ```
#[derive(Clone)]
#[must_use = "an account does nothing until it is given to an application"]
pub struct Account {
    pub(super) login: String,
    password: SecretString,
    credentials: Credentials,
    pub(super) levels: Vec<String>,
    pub(super) comment: Option<String>,
    pub(super) requires_license: bool,
    pub(super) blacklisted: bool,
}

/// What a login is: `credentials_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Credentials {
    Login,
    Email,
}

impl Account {
    /// Returns an account with login and password (`credentials_type` 0).
    pub fn new(login: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            login: login.into(),
            password: password.into().into(),
            credentials: Credentials::Login,
            levels: Vec::new(),
            comment: None,
            requires_license: false,
            blacklisted: false,
        }
    }

    /// Makes its login an e-mail address (`credentials_type` 1).
    pub fn email(self) -> Self {
        self.of(Credentials::Email)
    }

    pub(super) fn of(mut self, credentials: Credentials) -> Self {
        self.credentials = credentials;
        self
    }

    /// Lets it log in only while a licence that is linked to it has time left.
    pub fn requires_license(mut self) -> Self {
        self.requires_license = true;
        self
    }

    /// Bans it.
    pub fn blacklisted(mut self) -> Self {
        self.blacklisted = true;
        self
    }

    /// Sets its levels.
    pub fn levels(mut self, levels: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.levels = levels.into_iter().map(Into::into).collect();
        self
    }

    /// Sets its comment.
    pub fn comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Some(comment.into());
        self
    }

    /// Whether these are its credentials.
    pub(super) fn admits(&self, password: &str, credentials: Credentials) -> bool {
        self.credentials == credentials && self.password.expose_secret() == password
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("login", &self.login).field("levels", &self.levels).finish_non_exhaustive()
    }
}

/// Checks the form of login and password.
pub(super) fn check(login: &str, password: &str, credentials_type: i128) -> Result<Credentials, Status> {
    let credentials = match credentials_type {
        0 => Credentials::Login,
        1 => Credentials::Email,
        _ => return Err(Status::AppUserCredentialsTypeInvalid),
    };
    within(login, (MIN_LOGIN, Status::AppUserLoginTooShort), (MAX_LOGIN, Status::AppUserLoginTooLong))?;
    within(password, (MIN_PASSWORD, Status::AppUserPasswordTooShort), (MAX_PASSWORD, Status::AppUserPasswordTooLong))?;
    if credentials == Credentials::Email && !looks_like_email(login) {
        return Err(Status::AppUserEmailInvalid);
    }
    Ok(credentials)
}

/// One `@` with a user before it and at least two names with dots between them behind it, no white space.
fn looks_like_email(login: &str) -> bool {
    let Some((user, host)) = login.split_once('@') else { return false };
    let dotted = host.contains('.') && host.split('.').all(|name| !name.is_empty());
    !user.is_empty() && dotted && !host.contains('@') && !login.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::looks_like_email;

    #[test]
    fn what_looks_like_an_address() {
        for good in ["a@b.c", "ada.l+x@mail.example.org", "ä@ö.ü"] {
            assert!(looks_like_email(good), "{good}");
        }
        for bad in ["", "abcd", "@b.c", "a@b", "a@.c", "a@b.", "a@b..c", "a@b@c.d", "a b@c.d", "a@b.c "] {
            assert!(!looks_like_email(bad), "{bad}");
        }
    }
}
