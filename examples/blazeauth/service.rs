//! Which service to connect to, and as which application and installation.

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::{client_id, secrets};
use statuswire::ConnectOptions;
use statuswire::blazeauth::{Builder, Client};
use statuswire::policy::Timeouts;
use statuswire::reexport::secrecy::SecretString;
use statuswire_sandbox::blazeauth::demo;

const DEFAULT_URL: &str = "wss://eu1.blazeauth.net";
const API_KEY: &str = "BLAZEAUTH_API_KEY";
/// The client id for the sandbox.
const SANDBOX_CLIENT: &str = "blazeauth-example";

pub(crate) struct Service {
    url: String,
    api_key: SecretString,
    client_id: SecretString,
}

impl Service {
    /// Returns the service that the arguments name; `None` if they name none.
    pub(crate) async fn chosen(arguments: &Arguments) -> Result<Option<Self>, Failure> {
        let api_key = match &arguments.api_key_file {
            Some(file) => Some(secrets::line_of_file(file)?),
            None => secrets::of_environment(API_KEY)?.map(SecretString::from),
        };
        let (url, api_key) = match (&arguments.url, api_key) {
            (None, None) => return Ok(None),
            (None, Some(api_key)) => (DEFAULT_URL, api_key),
            (Some(url), Some(api_key)) => (&**url, api_key),
            (Some(url), None) => match secrets::asked("API key").await? {
                Some(api_key) => (&**url, api_key),
                None => {
                    let what = format!("the API key is missing: set {API_KEY}, or give --api-key-file");
                    return Err(Failure::usage(&what));
                }
            },
        };
        let client_id = client_id::stable(arguments.client_id.as_deref())?;
        Ok(Some(Self { url: url.to_owned(), api_key, client_id }))
    }

    /// Returns the demonstration application of a sandbox.
    pub(crate) fn sandbox(url: &str) -> Self {
        Self { url: url.to_owned(), api_key: demo::API_KEY.into(), client_id: SANDBOX_CLIENT.into() }
    }

    /// Returns a builder with the settings of the arguments.
    pub(crate) fn builder(&self, arguments: &Arguments) -> Builder {
        let mut timeouts = Timeouts::default();
        if let Some(limit) = arguments.timeout {
            timeouts.connect = timeouts.connect.min(limit);
        }
        let options =
            ConnectOptions::default().with_timeouts(timeouts).with_plaintext_credentials(arguments.allow_plaintext);
        Client::builder(&self.url, self.api_key.clone(), self.client_id.clone()).options(options)
    }
}
