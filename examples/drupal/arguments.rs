//! The command line.

use crate::access::Given;
use crate::fields;
use crate::query::{Fields, Find};
use crate::raw;
use crate::usage::{EXIT_STATUS, seconds};
use clap::{Args, Parser, Subcommand};
use statuswire::ConnectOptions;
use statuswire::drupal::ResourceType;
use statuswire::policy::Timeouts;
use statuswire::reexport::uuid::Uuid;
use std::path::PathBuf;
use std::time::Duration;

/// For the end of the help text.
const NOTES: &str = "\
The password comes from DRUPAL_PASSWORD, from a file, or from a prompt that does not show it. With a user, each command
opens a session and ends it. To keep one from command to command, give --session-file: it holds the session's cookie and
tokens, for its owner only.

Resources are printed as a table on a terminal, and as JSON, one per line, into a pipe or with --json. With --include
each has a member `included`: the resources that it leads to.

Examples, with `drupal` for `cargo run --example drupal --`:
  drupal                                                a tour
  drupal list node--vessel --include field_port         in a sandbox
  drupal --base https://harbor.example types
  drupal --base https://harbor.example --user mara --session-file mara.json login
  drupal --base https://harbor.example --session-file mara.json create node--vessel title=Gannet field_berths:=4 \\
      --to-one field_port=taxonomy_term--port/00000000-0000-4000-8000-000000000101
  drupal --base https://harbor.example --session-file mara.json logout
  drupal --base https://harbor.example raw GET '/jsonapi/node/article?page[limit]=1'";

/// Talks to a Drupal site. Without arguments: a tour on a sandbox, with nothing to install.
#[derive(Parser)]
#[command(name = "drupal", after_help = format!("{NOTES}\n\n{EXIT_STATUS}\n  130  stopped by ctrl-c"))]
pub(crate) struct Arguments {
    /// The address of the site, which may contain a folder: https://HOST/site. Without it, commands use a fresh sandbox.
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) base: Option<String>,

    #[command(flatten)]
    pub(crate) access: Given,

    /// Allows http:// to another host: passwords and sessions cross the network without encryption.
    #[arg(long, global = true)]
    pub(crate) allow_plaintext: bool,

    /// Prints results and errors as JSON, for machines.
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Gives up on a request after this many seconds [default: 30; uploads take as long as bytes flow].
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) timeout: Option<Duration>,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

impl Arguments {
    pub(crate) fn options(&self, command: &Command) -> ConnectOptions {
        let mut timeouts = Timeouts::default();
        if matches!(command, Command::Upload(_)) {
            timeouts.call = Duration::MAX;
        }
        if let Some(limit) = self.timeout {
            timeouts.call = limit;
            timeouts.connect = timeouts.connect.min(limit);
        }
        ConnectOptions::default().with_timeouts(timeouts).with_plaintext_credentials(self.allow_plaintext)
    }
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Opens a session; keep it with --session-file.
    Login,
    /// Ends the session of --session-file.
    Logout,
    /// Prints the account that the site takes the caller for.
    Whoami,
    /// Tells whether the session is open; if not, the exit status is 1.
    Status,
    /// Prints the types of resources that the site has.
    Types,
    /// Prints a resource.
    Get {
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        fields: Fields,
    },
    /// Prints the resources of a type, page by page.
    List {
        /// Entity type and bundle, node--article.
        #[arg(value_name = "TYPE")]
        of: ResourceType,
        #[command(flatten)]
        find: Find,
        #[command(flatten)]
        fields: Fields,
    },
    /// Creates a resource, and prints it.
    Create {
        /// Entity type and bundle, node--article.
        #[arg(value_name = "TYPE")]
        of: ResourceType,
        #[command(flatten)]
        fields: fields::Given,
        /// The id [default: one at random].
        #[arg(long, value_name = "UUID")]
        id: Option<Uuid>,
    },
    /// Changes fields of a resource, and prints it.
    Patch {
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        fields: fields::Given,
    },
    /// Deletes a resource.
    Delete {
        #[command(flatten)]
        of: Of,
    },
    /// Uploads a file for a field, and prints what the site made of it.
    Upload(Upload),
    /// Prints a menu as a tree.
    Menu {
        /// The machine name: main, account.
        name: String,
    },
    /// Sends a request as it is, and prints the answer; with --json its status, headers and body, or the error.
    Raw(raw::Given),
}

/// A resource.
#[derive(Args)]
pub(crate) struct Of {
    /// Entity type and bundle, node--article.
    #[arg(value_name = "TYPE")]
    pub(crate) of: ResourceType,
    #[arg(value_name = "UUID")]
    pub(crate) id: Uuid,
}

#[derive(Args)]
pub(crate) struct Upload {
    /// Entity type and bundle of the resource, node--article.
    #[arg(value_name = "TYPE")]
    pub(crate) of: ResourceType,
    /// A field for files.
    pub(crate) field: String,
    pub(crate) file: PathBuf,
    /// Puts the file into the field of this resource. Without it, the site deletes the file after some hours unless a
    /// resource refers to it.
    #[arg(long, value_name = "UUID")]
    pub(crate) to: Option<Uuid>,
    /// Another name for the file.
    #[arg(long)]
    pub(crate) name: Option<String>,
}

impl Command {
    /// Returns whether the command changes something on the site.
    pub(crate) fn writes(&self) -> bool {
        match self {
            Self::Create { .. } | Self::Patch { .. } | Self::Delete { .. } | Self::Upload(_) => true,
            Self::Raw(request) => request.writes(),
            _ => false,
        }
    }
}
