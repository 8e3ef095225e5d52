//! Who the caller is to the site: from options, from the environment, or by asking.

use crate::arguments::Command;
use crate::failure::Failure;
use crate::secrets;
use crate::session_file::SessionFile;
use clap::Args;
use statuswire::drupal::{Builder, Client, Credentials};
use statuswire::reexport::secrecy::SecretString;
use std::path::PathBuf;

const USER: &str = "DRUPAL_USER";
const PASSWORD: &str = "DRUPAL_PASSWORD";
const TOKEN: &str = "DRUPAL_TOKEN";
/// An account of the sandbox.
const PILOT: (&str, &str) = ("mara", "mara-pass-1");

/// Who the caller is, as options.
#[derive(Args)]
pub(crate) struct Given {
    /// The account [default: DRUPAL_USER, else anonymous].
    #[arg(long, global = true, value_name = "NAME")]
    user: Option<String>,

    /// Reads the password from a file [default: DRUPAL_PASSWORD].
    #[arg(long, global = true, value_name = "FILE")]
    password_file: Option<PathBuf>,

    /// Sends name and password with each request, and opens no session. The site needs the module `basic_auth`.
    #[arg(long, global = true, conflicts_with_all = ["session_file", "token_file"])]
    basic: bool,

    /// Reads a token from a file, and sends it with each request, as OAuth modules take it [default: DRUPAL_TOKEN].
    #[arg(long, global = true, value_name = "FILE", conflicts_with_all = ["user", "password_file", "session_file"])]
    token_file: Option<PathBuf>,

    /// Keeps the session in this file. With a password too, a lost session is opened again.
    #[arg(long, global = true, value_name = "FILE")]
    session_file: Option<PathBuf>,
}

/// Who the caller is.
pub(crate) struct Access {
    identity: Identity,
    pub(crate) session_file: Option<SessionFile>,
}

enum Identity {
    Anonymous,
    Session(Account),
    Basic(Account),
    Bearer(SecretString),
}

/// A name and a password.
#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) password: SecretString,
}

impl Access {
    /// Reads the options and the environment; asks for a password that is needed.
    pub(crate) async fn given(given: &Given, command: &Command) -> Result<Self, Failure> {
        let session_file = given.session_file.clone().map(SessionFile::new);
        if let Some(token) = given.token()? {
            if matches!(command, Command::Login | Command::Logout) {
                return Err(Failure::usage("a token needs no session: leave out --token-file and DRUPAL_TOKEN"));
            }
            return Ok(Self { identity: Identity::Bearer(token), session_file });
        }
        if given.basic && matches!(command, Command::Login | Command::Logout) {
            return Err(Failure::usage("--basic opens no session: leave it out"));
        }
        let has_session = session_file.as_ref().is_some_and(SessionFile::exists);
        let may_ask = !has_session || matches!(command, Command::Login);
        let identity = match given.account(may_ask).await? {
            Some(account) if given.basic => Identity::Basic(account),
            Some(account) => Identity::Session(account),
            None if given.basic => return Err(Failure::usage(&format!("--basic needs --user or {USER}"))),
            None => Identity::Anonymous,
        };
        Ok(Self { identity, session_file })
    }

    /// Uses an account of the sandbox, unless one is given.
    pub(crate) fn or_sandbox(mut self, command: &Command) -> Self {
        if matches!(self.identity, Identity::Anonymous) && !matches!(command, Command::Raw(_)) {
            let (name, password) = PILOT;
            self.identity = Identity::Session(Account { name: name.to_owned(), password: password.into() });
        }
        self
    }

    /// Returns a builder for a client of this caller.
    pub(crate) fn builder(&self, base: &str) -> Builder {
        let builder = match &self.identity {
            Identity::Anonymous => Client::builder(base),
            Identity::Session(Account { name, password }) => {
                Client::builder(base).credentials(Credentials::session(name, password.clone()))
            }
            Identity::Basic(Account { name, password }) => {
                Client::builder(base).credentials(Credentials::basic(name, password.clone()))
            }
            Identity::Bearer(token) => {
                let token = token.clone();
                // There is no other one if the site refuses it.
                Client::builder(base).credentials(Credentials::bearer(move |_| {
                    let token = token.clone();
                    async { Ok(token) }
                }))
            }
        };
        match &self.session_file {
            Some(file) => builder.session_store(file.clone()),
            None => builder,
        }
    }

    /// Returns the account to log in as.
    pub(crate) fn account(&self) -> Result<&Account, Failure> {
        match &self.identity {
            Identity::Session(account) => Ok(account),
            _ => Err(Failure::usage(&format!("say who logs in: by --user or {USER}"))),
        }
    }

    /// Returns whether a session is opened for the command alone.
    pub(crate) fn ends_with_command(&self) -> bool {
        matches!(self.identity, Identity::Session(_)) && self.session_file.is_none()
    }
}

impl Given {
    fn token(&self) -> Result<Option<SecretString>, Failure> {
        if let Some(file) = &self.token_file {
            return secrets::line_of_file(file).map(Some);
        }
        // Options go before the environment.
        let other = self.user.is_some() || self.password_file.is_some() || self.session_file.is_some() || self.basic;
        match secrets::of_environment(TOKEN)?.filter(|_| !other) {
            Some(_) if secrets::of_environment(USER)?.is_some() => Err(Failure::usage(&format!(
                "both {TOKEN} and {USER} are set: unset one, or give --token-file or --user"
            ))),
            token => Ok(token.map(SecretString::from)),
        }
    }

    /// Returns the account; `None` if none is named, or if there is no password and it must not be asked for.
    async fn account(&self, may_ask: bool) -> Result<Option<Account>, Failure> {
        let name = self.user.clone().map_or_else(|| secrets::of_environment(USER), |user| Ok(Some(user)))?;
        let Some(name) = name else {
            return match self.password_file {
                Some(_) => Err(Failure::usage(&format!("--password-file needs --user or {USER}"))),
                None => Ok(None),
            };
        };
        let password = match &self.password_file {
            Some(file) => Some(secrets::line_of_file(file)?),
            None => secrets::of_environment(PASSWORD)?.map(SecretString::from),
        };
        let password = match password {
            None if may_ask => secrets::asked("Password").await?,
            password => password,
        };
        match password {
            Some(password) => Ok(Some(Account { name, password })),
            None if may_ask => {
                Err(Failure::usage(&format!("the password is missing: set {PASSWORD}, or give --password-file")))
            }
            None => Ok(None),
        }
    }
}
