//! Who the client is to the site.

use crate::error::Error;
use crate::http::basic;
use crate::reexport::http::HeaderValue;
use secrecy::SecretString;
use std::fmt;
use std::future::Future;
use std::pin::Pin;

/// Who the client is to the site: an account, or an anonymous caller.
#[derive(Default)]
pub struct Credentials(pub(super) Kind);

#[derive(Default)]
pub(super) enum Kind {
    #[default]
    Anonymous,
    Session {
        name: String,
        password: SecretString,
    },
    /// The value of the header.
    Basic(Result<HeaderValue, Error>),
    Bearer(Provider),
}

/// Gives a token; gets the one that the site refused.
type Provider = Box<
    dyn Fn(Option<SecretString>) -> Pin<Box<dyn Future<Output = Result<SecretString, Error>> + Send>> + Send + Sync,
>;

impl Credentials {
    /// Sends no credentials, unless a session is opened with [`Client::login`](super::Client::login).
    pub fn anonymous() -> Self {
        Self::default()
    }

    /// Opens a session with the first request, and again when the site ends it.
    ///
    /// A login that the site refuses is not tried again: a few failed ones block the account for hours.
    pub fn session(name: impl Into<String>, password: impl Into<SecretString>) -> Self {
        Self(Kind::Session { name: name.into(), password: password.into() })
    }

    /// Sends name and password with each request. The site needs the module `basic_auth`.
    ///
    /// If they are wrong, a site treats the caller as anonymous: public resources are readable all the same.
    pub fn basic(name: &str, password: impl Into<SecretString>) -> Self {
        Self(Kind::Basic(basic(name, &password.into())))
    }

    /// Sends a token with each request, such as one of the module `simple_oauth`.
    ///
    /// `token` is called before the first request. The token is used until the site answers 401. Then `token` is called
    /// with the refused token, and the request is sent once more with what it returns.
    ///
    /// ```
    /// use statuswire::drupal::Credentials;
    /// use statuswire::reexport::secrecy::SecretString;
    ///
    /// let fixed = Credentials::bearer(|_| async { Ok(SecretString::from("a-token")) });
    /// # let _ = fixed;
    /// ```
    pub fn bearer<F, A>(token: F) -> Self
    where
        F: Fn(Option<SecretString>) -> A + Send + Sync + 'static,
        A: Future<Output = Result<SecretString, Error>> + Send + 'static,
    {
        Self(Kind::Bearer(Box::new(move |refused| Box::pin(token(refused)))))
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Anonymous => "Anonymous",
            Kind::Session { .. } => "Session",
            Kind::Basic(_) => "Basic",
            Kind::Bearer(_) => "Bearer",
        })
    }
}
