//! An application: what its owner has set up, and its state.
use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use indexmap::IndexMap;

use super::account::Account;
use super::files::File;
use super::license::License;

/// A variable of an [`Application`].
#[derive(Clone, Debug)]
#[must_use = "a variable does nothing until it is given to an application"]
pub struct Variable {
    pub(super) name: String,
    pub(super) content: String,
    pub(super) protected: bool,
}

impl Variable {
    /// Returns a variable that every session can read.
    pub fn new(name: impl Into<String>, content: impl Into<String>) -> Self {
        Self { name: name.into(), content: content.into(), protected: false }
    }

    /// Lets only sessions with a login read it.
    pub fn protected(mut self) -> Self {
        self.protected = true;
        self
    }
}

/// An application that clients initialize with: its licences, accounts, variables, files and quotas. What is added
/// replaces what it has of the same name.
///
/// ```
/// use statuswire_sandbox::blazeauth::{Account, Application, File, License, Variable};
///
/// let kiosk = Application::new("BAquietharbour000041x", "Harbour Kiosk")
///     .version("2.4.1")
///     .license(License::new("HBR-9911-KIOSK").levels(["staff"]))
///     .account(Account::new("harbour-master", "correct horse"))
///     .variable(Variable::new("motd_text", "Mind the gap"))
///     .file(File::new("patch-0007", *b"ab}{\0\xff cde"));
/// ```
#[derive(Clone)]
#[must_use = "an application does nothing until it is given to a server"]
pub struct Application {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) paused: bool,
    pub(super) licenses: IndexMap<String, License>,
    pub(super) accounts: IndexMap<String, Account>,
    pub(super) variables: IndexMap<String, Variable>,
    pub(super) files: IndexMap<String, File>,
    pub(super) blacklisted_clients: HashSet<String>,
    pub(super) blacklist_entries: usize,
    pub(super) quotas: Quotas,
    /// When accounts were created without a licence, by address.
    pub(super) creations: HashMap<IpAddr, VecDeque<Duration>>,
}

/// What the owner's plan allows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quotas {
    pub(super) sessions: usize,
    pub(super) accounts: usize,
    pub(super) blacklist: usize,
    /// Bytes that streams may still carry.
    pub(super) transfer_bytes: u64,
}

impl Application {
    /// Returns an application of version 1.0.0, empty and without quotas. Sessions can only be initialized
    /// with keys of exactly 21 characters.
    pub fn new(key: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            name: name.into(),
            version: "1.0.0".to_owned(),
            paused: false,
            licenses: IndexMap::new(),
            accounts: IndexMap::new(),
            variables: IndexMap::new(),
            files: IndexMap::new(),
            blacklisted_clients: HashSet::new(),
            blacklist_entries: 0,
            quotas: Quotas {
                sessions: usize::MAX,
                accounts: usize::MAX,
                blacklist: usize::MAX,
                transfer_bytes: u64::MAX,
            },
            creations: HashMap::new(),
        }
    }

    /// Sets its version. Default: `1.0.0`.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = version.into();
        self
    }

    /// Adds a licence.
    pub fn license(mut self, license: License) -> Self {
        self.licenses.insert(license.key.clone(), license);
        self
    }

    /// Adds an account. It counts for the quota of accounts.
    pub fn account(mut self, account: Account) -> Self {
        self.accounts.insert(account.login.clone(), account);
        self
    }

    /// Adds a variable.
    pub fn variable(mut self, variable: Variable) -> Self {
        self.variables.insert(variable.name.clone(), variable);
        self
    }

    /// Adds a file.
    pub fn file(mut self, file: File) -> Self {
        self.files.insert(file.name.clone(), file);
        self
    }
}

impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Its key and those of its licences are secrets.
        f.debug_struct("Application")
            .field("name", &self.name)
            .field("version", &self.version)
            .field("paused", &self.paused)
            .finish_non_exhaustive()
    }
}
