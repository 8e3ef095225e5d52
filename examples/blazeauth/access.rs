//! How to log in: from options, from the environment, or by asking.

use crate::arguments::{Given, Need};
use crate::failure::Failure;
use crate::secrets;
use statuswire::blazeauth::Credentials;
use statuswire::reexport::secrecy::SecretString;
use statuswire_sandbox::blazeauth::demo;

const LICENSE: &str = "BLAZEAUTH_LICENSE";
const LOGIN: &str = "BLAZEAUTH_LOGIN";
const PASSWORD: &str = "BLAZEAUTH_PASSWORD";

/// A licence key, or an account.
pub(crate) enum Login {
    License(SecretString),
    Account(Credentials),
}

pub(crate) struct Access<'a> {
    given: &'a Given,
    /// Whether to use the sandbox's own licence if none is given.
    is_sandbox: bool,
}

impl<'a> Access<'a> {
    pub(crate) fn new(given: &'a Given) -> Self {
        Self { given, is_sandbox: false }
    }

    pub(crate) fn of_sandbox(given: &'a Given) -> Self {
        Self { given, is_sandbox: true }
    }

    /// Returns the login; `None` if the command needs none.
    pub(crate) async fn login(&self, need: Need) -> Result<Option<Login>, Failure> {
        if need == Need::Not {
            return Ok(None);
        }
        if let Some(given) = self.given().await? {
            return Ok(Some(given));
        }
        match need {
            Need::Must | Need::IfPossible if self.is_sandbox => Ok(Some(Login::License(demo::LICENSE.into()))),
            Need::Must | Need::IfPossible => match secrets::asked("Licence").await? {
                Some(license) => Ok(Some(Login::License(license))),
                // The service decides.
                None if need == Need::IfPossible => Ok(None),
                None => Err(Failure::usage(&format!(
                    "say how to log in: by {LICENSE} or --license-file, or by {LOGIN} or --login (see --help)"
                ))),
            },
            Need::IfGiven | Need::Not => Ok(None),
        }
    }

    async fn given(&self) -> Result<Option<Login>, Failure> {
        let options = self.given;
        let account = options.login.is_some() || options.email || options.password_file.is_some();
        match &options.license_file {
            Some(_) if account => {
                return Err(Failure::usage(
                    "log in either by licence or by account: --license-file does not go along \
                                           with --login, --email and --password-file",
                ));
            }
            Some(file) => return Ok(Some(Login::License(secrets::line_of_file(file)?))),
            None => {}
        }
        let license = secrets::of_environment(LICENSE)?.filter(|_| !account);
        let login = options.login.clone().map_or_else(|| secrets::of_environment(LOGIN), |login| Ok(Some(login)))?;
        match (license, login) {
            (Some(_), Some(_)) => Err(Failure::usage(&format!(
                "both {LICENSE} and {LOGIN} are set: unset one, or give --license-file or --login"
            ))),
            (Some(license), None) => Ok(Some(Login::License(license.into()))),
            (None, Some(login)) => self.account(login).await.map(Login::Account).map(Some),
            (None, None) if account => {
                Err(Failure::usage(&format!("--email and --password-file need an account: give --login or {LOGIN}")))
            }
            (None, None) => Ok(None),
        }
    }

    async fn account(&self, login: String) -> Result<Credentials, Failure> {
        let password = match &self.given.password_file {
            Some(file) => Some(secrets::line_of_file(file)?),
            None => match secrets::of_environment(PASSWORD)? {
                Some(password) => Some(password.into()),
                None => secrets::asked("Password").await?,
            },
        };
        let password = password.ok_or_else(|| {
            Failure::usage(&format!("the password is missing: set {PASSWORD}, or give --password-file"))
        })?;
        Ok(match self.given.email {
            true => Credentials::email(login, password),
            false => Credentials::account(login, password),
        })
    }
}
