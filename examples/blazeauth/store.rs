//! `store`: the key-value store of a session.

use crate::failure::Failure;
use crate::output::Output;
use crate::{foreign, secrets};
use clap::Subcommand;
use serde_json::json;
use statuswire::blazeauth::Client;
use statuswire::reexport::secrecy::ExposeSecret;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Subcommand)]
pub(crate) enum Action {
    /// Prints a value.
    Get { key: String },
    /// Stores a value.
    Set {
        key: String,
        /// Without it, the value comes from a file or from a prompt that does not show it.
        #[arg(allow_negative_numbers = true)]
        value: Option<String>,
        /// Reads the value from a file, without a line end at its end.
        #[arg(long, value_name = "FILE", conflicts_with = "value")]
        value_file: Option<PathBuf>,
        /// Keeps it for this many seconds [default: 72 hours].
        #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
        ttl: Option<u64>,
    },
    /// Removes a value.
    Del { key: String },
}

pub(crate) async fn run(client: &Client, action: &Action, output: &Output) -> Result<(), Failure> {
    let store = client.store();
    match action {
        Action::Get { key } => match store.get(key).await? {
            Some(value) if output.json => output.result("", &json!({ "key": key, "value": value })),
            Some(value) => foreign::print(&value),
            None => Err(missing(key)),
        },
        Action::Set { key, value, value_file, ttl } => {
            let value = match (value, value_file) {
                (Some(value), _) => value.clone(),
                (None, Some(file)) => secrets::of_file(file)?,
                (None, None) => match secrets::asked("Value").await? {
                    Some(value) => value.expose_secret().to_owned(),
                    None => return Err(Failure::usage("the value is missing: give it, or --value-file")),
                },
            };
            store.set(key, &value, ttl.map(Duration::from_secs)).await?;
            output.result("ok", &json!({ "ok": true }))
        }
        Action::Del { key } => {
            if !store.delete(key).await? {
                return Err(missing(key));
            }
            output.result("ok", &json!({ "ok": true }))
        }
    }
}

fn missing(key: &str) -> Failure {
    Failure::Missing(vec![key.to_owned()])
}
