//! The command line.

use crate::store;
use crate::usage::{EXIT_STATUS, seconds};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::time::Duration;

/// For the end of the help text.
const NOTES: &str = "\
Secrets come from the environment (BLAZEAUTH_API_KEY, BLAZEAUTH_LICENSE, BLAZEAUTH_PASSWORD), from files, or from a
prompt that does not show them. Options take precedence over the environment.

A login lasts as long as the connection, so each command that needs one logs in first, as `login` does. This activates
a licence that was never used. `var` and `events` log in if a licence or account is given; `store`, `online` and
`files info` do not.

The service knows an installation by its client id, and binds licences to it. Without --client-id and
BLAZEAUTH_CLIENT_ID, an id is generated once and stored in statuswire/blazeauth-client-id in the state directory:
$XDG_STATE_HOME or ~/.local/state, on Windows %LOCALAPPDATA%.

Examples, with `blazeauth` for `cargo run --example blazeauth --`:
  blazeauth                                             a tour
  blazeauth var motd_text                               in a sandbox
  export BLAZEAUTH_API_KEY                              from here on: with the real service
  blazeauth login --license-file license.txt
  blazeauth whoami --login ada --password-file password.txt --json
  blazeauth files get patch-0007 -o downloads/
  blazeauth files get patch-0007 -o - | tar x
  blazeauth events --json
  blazeauth shell";

/// Talks to BlazeAuth. Without arguments: a tour on a sandbox, with nothing to install.
#[derive(Parser)]
#[command(name = "blazeauth", after_help = format!("{NOTES}\n\n{EXIT_STATUS}\n  130  stopped by ctrl-c"))]
pub(crate) struct Arguments {
    /// The service, wss://HOST or ws://HOST:PORT [default: wss://eu1.blazeauth.net if there is an API key, else a fresh
    /// sandbox].
    #[arg(long, global = true)]
    pub(crate) url: Option<String>,

    /// Reads the API key of the application from a file [default: BLAZEAUTH_API_KEY].
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) api_key_file: Option<PathBuf>,

    /// The id of this installation, 4 to 64 characters [default: BLAZEAUTH_CLIENT_ID, or a stored one, see below].
    #[arg(long, global = true, value_name = "ID")]
    pub(crate) client_id: Option<String>,

    /// Allows ws:// to another host: the API key and everything else cross the network without encryption.
    #[arg(long, global = true)]
    pub(crate) allow_plaintext: bool,

    #[command(flatten)]
    pub(crate) login: Given,

    /// Prints results and errors as JSON, for machines.
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Gives up after this many seconds without an answer [default: 30].
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) timeout: Option<Duration>,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// How to log in.
#[derive(Args)]
pub(crate) struct Given {
    /// Logs in by the licence in this file [default: BLAZEAUTH_LICENSE].
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) license_file: Option<PathBuf>,

    /// Logs in by this account [default: BLAZEAUTH_LOGIN].
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) login: Option<String>,

    /// The account's login is an e-mail address.
    #[arg(long, global = true)]
    pub(crate) email: bool,

    /// Reads the account's password from a file [default: BLAZEAUTH_PASSWORD].
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Logs in and prints what the service tells about the licence or account.
    Login,
    /// Prints who is logged in; for a licence, also the exact time left.
    Whoami,
    /// Prints the content of a variable.
    Var { name: String },
    /// Works with the session's store, which is empty at first and ends with the command: most useful in `shell`.
    #[command(subcommand)]
    Store(store::Action),
    /// Works with files.
    #[command(subcommand)]
    Files(Files),
    /// Prints the events of the application's panel, until ctrl-c.
    Events,
    /// Counts the users that are online.
    Online,
    /// Asks for commands at a prompt, all in one session; `exit` ends it.
    Shell,
}

#[derive(Subcommand)]
pub(crate) enum Files {
    /// Downloads a file and checks its sum. Resumes an interrupted download to the same place.
    Get {
        name: String,
        /// A file, a directory, or `-` for standard output.
        #[arg(short, long, default_value = ".", value_name = "PATH")]
        output: PathBuf,
    },
    /// Prints size, sum and number of transfers of a file.
    Info { name: String },
}

/// Whether a command logs in.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Need {
    Must,
    /// Asks for missing credentials, if there is a terminal.
    IfPossible,
    IfGiven,
    Not,
}

impl Command {
    pub(crate) fn login(&self) -> Need {
        match self {
            Self::Login | Self::Whoami => Need::Must,
            Self::Files(Files::Get { .. }) => Need::IfPossible,
            Self::Var { .. } | Self::Events => Need::IfGiven,
            Self::Store(_) | Self::Files(Files::Info { .. }) | Self::Online | Self::Shell => Need::Not,
        }
    }
}
