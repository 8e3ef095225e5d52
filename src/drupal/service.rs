//! What the HTTP engine must know about Drupal.

use super::credentials::{Credentials, Kind};
use super::error;
use super::session::{Session, is_session_cookie, login};
use crate::codes::drupal::ErrorCode;
use crate::error::{Error, Redaction};
use crate::http::{Outgoing, Request, Response, Sender, Service};
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use std::sync::{Mutex, PoisonError};

/// The service's name, as in its code table.
pub(super) const SERVICE: &str = "drupal";

const CSRF_TOKEN: HeaderName = HeaderName::from_static("x-csrf-token");

/// A site: who the client is to it, and the session.
pub(super) struct Site {
    credentials: Credentials,
    /// The token of [`Credentials::bearer`] in use.
    bearer: Mutex<Option<SecretString>>,
    pub(super) session: Session,
    /// The path of JSON:API, without slashes around it.
    pub(super) jsonapi: String,
    /// How many pages are followed at most.
    pub(super) pages: usize,
}

impl Site {
    pub(super) fn new(credentials: Credentials, session: Session, jsonapi: String, pages: usize) -> Self {
        Self { credentials, bearer: Mutex::default(), session, jsonapi, pages }
    }
}

impl Service for Site {
    fn service(&self) -> &'static str {
        SERVICE
    }

    async fn compose(&self, request: &mut Outgoing, sender: &Sender<'_>) -> Result<(), Error> {
        // What a call brings of its own stays.
        if !request.headers().contains_key(AUTHORIZATION)
            && let Some(value) = self.authorization().await?
        {
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        if is_about_sessions(request.path()) {
            return Ok(());
        }
        self.open_session(sender).await?;
        if !request.method().is_safe()
            && !request.headers().contains_key(CSRF_TOKEN)
            && let Some(token) = self.csrf_token(sender).await?
        {
            request.headers_mut().insert(CSRF_TOKEN, header_value(&token)?);
        }
        Ok(())
    }

    /// A session that the site does not know makes the caller anonymous: what it answers then is not what was asked for.
    /// A client that cannot log in again takes it: `is_logged_in` tells what happened.
    fn check(&self, response: &Response) -> Result<(), Error> {
        if error::asks_to_confirm_logout(response) {
            return Err(self.judge(response, response.failure(), false));
        }
        let is_page = response.status().is_success() && response.media_type() == "text/html";
        if is_page && !response.request().method().is_safe() {
            let reason =
                "a page of HTML answers the request, so that it was not carried out; add `_format=json` to its path";
            return Err(response.decode_failure("$", reason));
        }
        if !clears_session(response) {
            return Ok(());
        }
        self.session.lost();
        match self.login_credentials() {
            Some(_) if !is_about_sessions(response.request().path()) => Err(error::session_lost(response)),
            _ => Ok(()),
        }
    }

    fn refused(&self, response: &Response, error: Error) -> Error {
        let clears = clears_session(response);
        if clears {
            self.session.lost();
        }
        self.judge(response, error, clears)
    }

    fn failed(&self, error: Error) -> Error {
        error::without_answer(error)
    }

    async fn renew(&self, response: &Response, error: &Error, sender: &Sender<'_>) -> Result<bool, Error> {
        if is_about_sessions(response.request().path()) {
            return Ok(false);
        }
        if response.status() == StatusCode::UNAUTHORIZED && matches!(self.credentials.0, Kind::Bearer(_)) {
            return self.renew_bearer(response.request().headers().get(AUTHORIZATION)).await;
        }
        if clears_session(response) {
            // What the site has carried out for an anonymous caller is not sent again.
            let is_done = !is_error(response.status()) && !response.request().method().is_safe();
            return if is_done { Ok(false) } else { self.renew_session(sender).await };
        }
        if refuses_csrf_token(response, error) && self.session.is_open() {
            return self.renew_csrf_token(response.request().headers(), sender).await;
        }
        Ok(false)
    }

    fn redaction(&self) -> Redaction {
        let state = self.session.state();
        let password = self.login_credentials().map(|(_, password)| password);
        let secrets = [state.csrf_token.as_ref(), state.logout_token.as_ref(), password];
        secrets.into_iter().flatten().fold(Redaction::default(), |redaction, secret| redaction.hide(secret.clone()))
    }
}

/// Who the client is.
impl Site {
    fn judge(&self, response: &Response, error: Error, session_cleared: bool) -> Error {
        error::of_answer(response, error, session_cleared, &self.jsonapi, &self.redaction())
    }

    /// Returns the header that names the account, for credentials that are sent with each request.
    async fn authorization(&self) -> Result<Option<HeaderValue>, Error> {
        match &self.credentials.0 {
            Kind::Anonymous | Kind::Session { .. } => Ok(None),
            Kind::Basic(value) => value.clone().map(Some),
            Kind::Bearer(provider) => {
                if let Some(token) = self.bearer() {
                    return bearer_value(&token).map(Some);
                }
                let _renewal = self.session.renewal.lock().await;
                let token = match self.bearer() {
                    Some(token) => token,
                    None => self.set_bearer(provider(None).await?),
                };
                bearer_value(&token).map(Some)
            }
        }
    }

    /// Asks for another token, unless another call has done so since `sent` was sent.
    async fn renew_bearer(&self, sent: Option<&HeaderValue>) -> Result<bool, Error> {
        let Kind::Bearer(provider) = &self.credentials.0 else { return Ok(false) };
        let _renewal = self.session.renewal.lock().await;
        let refused = self.bearer();
        let is_current = match &refused {
            Some(token) => sent.is_some_and(|sent| bearer_value(token).is_ok_and(|now| now == *sent)),
            None => true,
        };
        if is_current {
            self.set_bearer(provider(refused).await?);
        }
        Ok(true)
    }

    fn bearer(&self) -> Option<SecretString> {
        self.bearer.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_bearer(&self, token: SecretString) -> SecretString {
        *self.bearer.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
        token
    }

    fn login_credentials(&self) -> Option<(&str, &SecretString)> {
        match &self.credentials.0 {
            Kind::Session { name, password } => Some((name, password)),
            _ => None,
        }
    }
}

/// The session.
impl Site {
    /// Logs in if there are credentials for it and no session.
    async fn open_session(&self, sender: &Sender<'_>) -> Result<(), Error> {
        let Some((name, password)) = self.login_credentials() else { return Ok(()) };
        if self.session.is_open() || self.session.state().is_closed {
            return Ok(());
        }
        let _renewal = self.session.renewal.lock().await;
        if self.session.is_open() || self.session.state().is_closed {
            return Ok(());
        }
        if let Some(refused) = &self.session.state().refused {
            return Err(refused.clone());
        }
        self.session.state().csrf_token = None;
        match sender.send(login::request(name, password)).await {
            Ok(response) => {
                self.session.opened(&response)?;
                if !self.session.is_open() {
                    // Every further request would be that of an anonymous caller.
                    let reason = "the answer to the login sets no session cookie for this host";
                    return Err(response.decode_failure("$", reason));
                }
                self.session.save_quietly().await;
                Ok(())
            }
            Err(error) => {
                if error.http_failure().is_some_and(|failure| refuses_login(failure.status)) {
                    self.session.state().refused = Some(error.clone());
                }
                Err(error)
            }
        }
    }

    /// Logs in again after a session was lost. Returns whether there is one now.
    async fn renew_session(&self, sender: &Sender<'_>) -> Result<bool, Error> {
        self.open_session(sender).await?;
        Ok(self.session.is_open())
    }

    /// Returns the token that an unsafe request of a session needs, from the site if it is not known.
    async fn csrf_token(&self, sender: &Sender<'_>) -> Result<Option<SecretString>, Error> {
        if !self.session.is_open() {
            return Ok(None);
        }
        if let Some(token) = self.session.state().csrf_token.clone() {
            return Ok(Some(token));
        }
        let _renewal = self.session.renewal.lock().await;
        if let Some(token) = self.session.state().csrf_token.clone() {
            return Ok(Some(token));
        }
        self.fetch_csrf_token(sender).await
    }

    /// Replaces the token, unless another call has done so since the refused request was sent.
    async fn renew_csrf_token(&self, sent: &HeaderMap, sender: &Sender<'_>) -> Result<bool, Error> {
        let renewal = self.session.renewal.lock().await;
        let present = self.session.state().csrf_token.clone();
        let is_renewed = match (&present, sent.get(CSRF_TOKEN)) {
            (Some(present), Some(sent)) => sent.as_bytes() != present.expose_secret().as_bytes(),
            (Some(_), None) => true,
            (None, _) => false,
        };
        if is_renewed || self.fetch_csrf_token(sender).await?.is_some() {
            return Ok(true);
        }
        // The session is lost: the site removed its cookie.
        drop(renewal);
        self.renew_session(sender).await
    }

    /// Asks for the token of the session. `None` if the site does not know the session any more.
    async fn fetch_csrf_token(&self, sender: &Sender<'_>) -> Result<Option<SecretString>, Error> {
        self.session.state().csrf_token = None;
        let response = sender.send(Request::get("session/token").expect("text/plain")).await?;
        if !self.session.is_open() {
            return Ok(None);
        }
        let token = SecretString::from(response.text().trim());
        self.session.state().csrf_token = Some(token.clone());
        self.session.save_quietly().await;
        Ok(Some(token))
    }
}

/// Whether a path is one of those that open, end or look at sessions. They need no token, and a lost session is what they
/// tell.
fn is_about_sessions(path: &str) -> bool {
    let ends =
        ["/user/login", "/user/login_status", "/user/logout", "/user/password", "/user/register", "/session/token"];
    ends.iter().any(|end| path.trim_end_matches('/').ends_with(end))
}

/// Whether an answer removes the cookie of the session: the sign that the site does not know it any more.
fn clears_session(response: &Response) -> bool {
    response.set_cookies().any(|cookie| cookie.is_removal() && is_session_cookie(cookie.name()))
}

fn is_error(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

/// Whether an answer to a login is a verdict about the credentials. Others, such as 429 of a proxy, pass.
fn refuses_login(status: StatusCode) -> bool {
    matches!(status, StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
}

fn refuses_csrf_token(response: &Response, error: &Error) -> bool {
    let code = error.code_as();
    matches!(code, Some(ErrorCode::SessionMissing | ErrorCode::InvalidSessionToken))
        && response.details().iter().any(|detail| detail.text.starts_with("X-CSRF-Token"))
}

fn bearer_value(token: &SecretString) -> Result<HeaderValue, Error> {
    header_value(&SecretString::from(format!("Bearer {}", token.expose_secret())))
}

fn header_value(secret: &SecretString) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_str(secret.expose_secret())
        .map_err(|_| Error::invalid_request("a token has characters that a header cannot hold; give another one"))?;
    value.set_sensitive(true);
    Ok(value)
}
