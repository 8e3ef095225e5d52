//! Who the client is to the site.

use crate::error::Error;
use http::HeaderValue;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
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

/// Returns the header of basic authentication.
fn basic(name: &str, password: &SecretString) -> Result<HeaderValue, Error> {
    let both = Zeroizing::new(format!("{name}:{}", password.expose_secret()));
    if name.contains(':') || both.contains(char::is_control) {
        return Err(Error::invalid_request(
            "the credentials cannot be sent: a user name has no colon, and neither it nor the password has control characters",
        ));
    }
    let value = Zeroizing::new(format!("Basic {}", *base64(both.as_bytes())));
    let mut value = HeaderValue::from_str(&value)
        .map_err(|_| Error::invalid_request("the credentials cannot be sent as a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

fn base64(bytes: &[u8]) -> Zeroizing<String> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = Zeroizing::new(String::with_capacity(bytes.len().div_ceil(3) * 4));
    for three in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, index| bits << 8 | usize::from(*three.get(index).unwrap_or(&0)));
        for index in 0..4 {
            text.push(if index <= three.len() { char::from(DIGITS[bits >> (18 - 6 * index) & 63]) } else { '=' });
        }
    }
    text
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
