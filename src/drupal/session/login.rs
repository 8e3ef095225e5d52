//! Logging in and out.

use super::state::CurrentUser;
use crate::codes::drupal::ErrorCode;
use crate::drupal::Client;
use crate::error::{Delivery, Error};
use crate::http::Request;
use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

/// The request that opens a session.
pub(in crate::drupal) fn request(name: &str, password: &SecretString) -> Request {
    #[derive(Serialize)]
    struct Login<'a> {
        name: &'a str,
        pass: &'a str,
    }

    let login = Login { name, pass: password.expose_secret() };
    Request::post("user/login").query("_format", "json").json(&login).secret().expect("application/json")
}

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoggedOut {
    /// The site has no session of this client any more.
    Ended,
    /// The client forgot the session, but could not end it on the site: the token for that was lost, and the site does not
    /// serve the menu `account`, which has another. The session ends there by itself, after 23 days as a rule.
    OnlyHere,
}

impl Client {
    /// Opens a session. Requests of all clones of this client belong to it from now on.
    ///
    /// The credentials are not kept: use [`Credentials::session`](crate::drupal::Credentials::session) to have lost sessions
    /// opened again.
    ///
    /// # Errors
    ///
    /// | code | meaning |
    /// |---|---|
    /// | [`ObjectNotFound`](ErrorCode::ObjectNotFound) | there is no such account, or the password is wrong |
    /// | [`OperationForbidden`](ErrorCode::OperationForbidden) | the account is blocked, or a session is open already |
    /// | [`RequestLimitExceeded`](ErrorCode::RequestLimitExceeded) | too many logins failed; the right password is refused too, for hours |
    /// | [`UsernameMissing`](ErrorCode::UsernameMissing), [`PasswordMissing`](ErrorCode::PasswordMissing) | one of them is missing |
    /// | [`StorageInWebFail`](ErrorCode::StorageInWebFail) | the session is open, but cannot be saved in the store |
    ///
    /// # Cancellation
    ///
    /// Dropping the future may leave a session open on the site that the client does not know.
    pub async fn login(&self, name: &str, password: impl Into<SecretString>) -> Result<CurrentUser, Error> {
        let request = request(name, &password.into());
        let response = self.call(request).await?;
        let user = self.session().opened(&response)?;
        self.session().save().await?;
        Ok(user)
    }

    /// Returns the account of the session, as the login told it; `None` without a session.
    pub fn current_user(&self) -> Option<CurrentUser> {
        self.session().state().user.clone()
    }

    /// Asks the site whether the session is open.
    pub async fn is_logged_in(&self) -> Result<bool, Error> {
        let request = Request::get("user/login_status").query("_format", "json").expect("text/plain");
        let response = self.call(request).await?;
        match response.text().trim() {
            "1" => Ok(true),
            "0" => Ok(false),
            _ => Err(response.decode_failure("$", "the status of a login is neither 0 nor 1")),
        }
    }

    /// Ends the session, and forgets it here and in the store. Credentials of the client are not used again before the next
    /// [`login`](Self::login).
    ///
    /// If the token that ends a session was lost, as after a restart, it is read from the site's menu `account`. If that
    /// fails, the client forgets the session all the same: see [`LoggedOut`].
    ///
    /// # Errors
    ///
    /// If the site cannot be reached; the session is not forgotten then, and is used until the site ends it. If the store fails; the session is forgotten here,
    /// but not in the store.
    pub async fn logout(&self) -> Result<LoggedOut, Error> {
        // A login that another call has begun is waited for, so that its session is ended too.
        self.session().close().await;
        let outcome = self.end_session().await?;
        self.session().forget().await?;
        Ok(outcome)
    }

    async fn end_session(&self) -> Result<LoggedOut, Error> {
        let known = self.session().state().logout_token.clone();
        if let Some(token) = known
            && self.end_with(&token).await?
        {
            return Ok(LoggedOut::Ended);
        }
        // Without a token, or with that of another session.
        if !self.session().is_open() || !self.is_logged_in().await? {
            return Ok(LoggedOut::Ended);
        }
        match self.recovered_logout_token().await? {
            Some(token) if self.end_with(&token).await? => Ok(LoggedOut::Ended),
            _ => Ok(LoggedOut::OnlyHere),
        }
    }

    /// Ends the session with a token. Returns whether the site took it.
    async fn end_with(&self, token: &SecretString) -> Result<bool, Error> {
        let request = Request::post("user/logout").query("_format", "json").query("token", token.expose_secret());
        match self.call(request.secret()).await {
            Ok(response) if response.status() == StatusCode::NO_CONTENT => Ok(true),
            Ok(response) => Err(response.decode_failure("$", "the answer to a logout is not empty")),
            Err(error) if error.code_as() == Some(ErrorCode::InvalidSessionToken) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Reads the token from the link "Log out" of the menu `account`.
    async fn recovered_logout_token(&self) -> Result<Option<SecretString>, Error> {
        let menu = match self.menu("account").await {
            Ok(menu) => menu,
            // The site does not serve menus, or serves something else there.
            Err(error) if error.delivery() == Delivery::Answered => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(menu.iter().find_map(|link| logout_token(&link.href)))
    }
}

fn logout_token(href: &str) -> Option<SecretString> {
    let (path, query) = href.split_once('?')?;
    let token = query.split('&').find_map(|pair| pair.strip_prefix("token="))?;
    (path.ends_with("/user/logout") && !token.is_empty()).then(|| SecretString::from(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_stands_in_the_link() {
        let token = |href| logout_token(href).map(|token| token.expose_secret().to_owned());
        assert_eq!(token("/user/logout?token=a-b_c").as_deref(), Some("a-b_c"));
        assert_eq!(token("/es/user/logout?x=1&token=a").as_deref(), Some("a"));
        for href in ["/user/logout", "/user/logout?token=", "/user/login?token=a", "", "/user?token=a"] {
            assert_eq!(token(href), None, "{href}");
        }
    }
}
