//! The command line.

use crate::usage::{EXIT_STATUS, seconds};
use crate::{arrays, lists};
use clap::{Args, Parser, Subcommand, ValueEnum};
use serde_json::value::RawValue;
use statuswire::ConnectOptions;
use statuswire::nemesis::{Builder, Client};
use statuswire::policy::{Backoff, Reconnecting, Timeouts};
use std::time::Duration;

/// For the end of the help text.
const EXAMPLES: &str = "\
Examples, with `nemesis` for `cargo run --example nemesis --`:
  nemesis                                               a tour
  nemesis --url ws://localhost:1987 kv set user:1 '{\"name\":\"Ada\"}'
  nemesis --url ws://localhost:1987 kv get user:1
  nemesis --url ws://localhost:1987 kv keys --json
  nemesis --url ws://localhost:1987 save monday
  nemesis --url ws://localhost:1987 arr ints create temperatures 100
  nemesis --url ws://localhost:1987 load users.jsonl
  nemesis --url ws://localhost:1987 shell
  nemesis --url ws://localhost:1987 --generation sessions --session users kv set user:1 5
  nemesis --url ws://localhost:1987 --generation auto info
  nemesis --url ws://localhost:1987 raw '{\"KV_COUNT\":{}}'";

/// Talks to a NemesisDB server. Without arguments: a tour on a sandbox, with nothing to install.
#[derive(Parser)]
#[command(
    name = "nemesis",
    after_help = format!("{EXAMPLES}\n\n{EXIT_STATUS}\n  130  stopped by ctrl-c")
)]
pub(crate) struct Arguments {
    /// The server, ws://HOST:PORT or wss://HOST:PORT. Without it, commands use a fresh sandbox.
    #[arg(long, global = true)]
    pub(crate) url: Option<String>,

    /// The generation of the server.
    #[arg(long, global = true, value_enum, default_value_t = Speaks::Current)]
    pub(crate) generation: Speaks,

    /// The shared session whose keys are meant, of a server with sessions [default: default]. The first `kv set` or `kv add`
    /// creates it.
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) session: Option<String>,

    /// Prints results and errors as JSON, for machines.
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Gives up after this many seconds [default: 30; 600 for saves].
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) timeout: Option<Duration>,

    #[command(flatten)]
    pub(crate) limits: Limits,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What is stored.
#[derive(Args)]
pub(crate) struct Limits {
    /// The longest command that the server accepts, in bytes: the `maxPayload` of its configuration [default: 32768; 4096
    /// with sessions, 1024 with fusion].
    #[arg(long, global = true, value_name = "BYTES")]
    max_payload: Option<usize>,

    /// Stores keys with quotation marks, backslashes and control characters, too. The server cannot load a save with one.
    #[arg(long, global = true)]
    pub(crate) any_key: bool,
}

impl Limits {
    /// Returns the longest command of a server of the current generation.
    pub(crate) fn max_payload(&self) -> usize {
        self.max_payload.unwrap_or(32_768)
    }

    /// Returns the longest command of a server of an older generation, if it is given.
    pub(crate) fn given_max_payload(&self) -> Option<usize> {
        self.max_payload
    }
}

/// What the server speaks.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Speaks {
    /// NemesisDB 0.9.
    Current,
    /// NemesisDB 0.3.6, with sessions.
    Sessions,
    /// NemesisDB 0.2.3.
    Fusion,
    /// Asks the server.
    Auto,
}

impl Arguments {
    /// Returns the options of the connection.
    pub(crate) fn options(&self) -> ConnectOptions {
        let mut timeouts = Timeouts::default();
        if let Some(limit) = self.timeout {
            timeouts.connect = timeouts.connect.min(limit);
            // Of the questions which generation the server is.
            timeouts.call = limit;
        }
        // A person waits, or a load: a server that is back is noticed soon.
        let backoff = Backoff::default().with_cap(Duration::from_secs(1));
        let reconnecting = Reconnecting::default().with_backoff(backoff);
        ConnectOptions::default().with_timeouts(timeouts).with_reconnecting(reconnecting)
    }

    /// Returns a builder with the settings of the arguments.
    pub(crate) fn builder(&self, url: &str) -> Builder {
        Client::builder(url)
            .payload_limit(self.limits.max_payload())
            .allow_unsavable_keys(self.limits.any_key)
            .options(self.options())
    }
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Works with key-values.
    #[command(subcommand)]
    Kv(Kv),
    /// Saves all key-values on the server's disk.
    Save {
        /// Letters, digits, '.', '_' and '-'.
        name: String,
    },
    /// Works with arrays.
    #[command(name = "arr")]
    Array {
        /// The type of the items.
        kind: arrays::Kind,
        #[command(subcommand)]
        action: arrays::Action,
    },
    /// Works with lists of objects.
    #[command(subcommand)]
    List(lists::Action),
    /// Merges a save on the server into the store, or stores the key-values of a file.
    ///
    /// Thousands of lines are on the wire at a time; an interrupted load continues where it stopped.
    Load {
        /// The name of a save; or a file that ends in .jsonl, with lines of {"key":"user:1","value":{"name":"Ada"}}.
        what: String,
    },
    /// Prints all key-values as lines that `load` reads.
    ///
    /// Lines that `load` would refuse are left out and named, and the exit status is 7.
    Dump {
        /// Prints all lines.
        #[arg(long)]
        all: bool,
    },
    /// Asks for commands at a prompt; also takes raw JSON, and `exit`.
    Shell,
    /// Shows the server's version and whether it can save.
    Info,
    /// Sends a command as it is.
    Raw {
        /// One JSON object with one member, '{"KV_COUNT":{}}'.
        #[arg(value_name = "JSON")]
        text: String,
    },
}

#[derive(Subcommand)]
pub(crate) enum Kv {
    /// Stores a value, whether or not the key exists.
    Set {
        key: String,
        /// JSON: 5, '"text"', '{"name":"Ada"}'.
        #[arg(value_parser = json, allow_negative_numbers = true)]
        value: Box<RawValue>,
    },
    /// Stores a value if the key does not exist.
    Add {
        key: String,
        /// JSON: 5, '"text"', '{"name":"Ada"}'.
        #[arg(value_parser = json, allow_negative_numbers = true)]
        value: Box<RawValue>,
    },
    /// Prints the value of a key; of several, an object.
    Get {
        #[arg(required = true)]
        keys: Vec<String>,
    },
    /// Removes keys.
    Rm {
        #[arg(required = true)]
        keys: Vec<String>,
    },
    /// Tells which keys exist.
    Contains {
        #[arg(required = true)]
        keys: Vec<String>,
    },
    /// Prints all keys.
    Keys,
    /// Counts the keys.
    Count,
    /// Removes all keys.
    Clear,
}

fn json(text: &str) -> Result<Box<RawValue>, String> {
    serde_json::from_str(text).map_err(|error| {
        let text = serde_json::Value::from(text).to_string().replace('\'', "'\\''");
        format!("not JSON: {error}; a text needs quotes that the shell leaves alone: '{text}'")
    })
}
