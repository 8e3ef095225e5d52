//! The commands of the command line on a fusion server.

use crate::arguments::{Arguments, Command, Kv};
use crate::commands::{show_added, show_cleared, show_count, show_stored, show_values};
use crate::failure::Failure;
use crate::output::{Output, plain};
use serde_json::json;
use statuswire::nemesis::fusion::{Client, Stored};
use std::time::Duration;

pub(crate) async fn run(url: &str, command: &Command, arguments: &Arguments, output: &Output) -> Result<(), Failure> {
    let mut builder = Client::builder(url).options(arguments.options());
    if let Some(bytes) = arguments.limits.given_max_payload() {
        builder = builder.payload_limit(bytes);
    }
    let db = builder.connect().await?;
    let limited = arguments.timeout.map_or_else(|| db.clone(), |limit| db.with_timeout(limit));
    let result = carry_out(&limited, command, output).await;
    db.shutdown(Duration::from_millis(500)).await;
    result
}

async fn carry_out(db: &Client, command: &Command, output: &Output) -> Result<(), Failure> {
    match command {
        Command::Kv(Kv::Set { key, value }) => show_stored(db.set_raw(key, value).await? == Stored::New, output),
        Command::Kv(Kv::Add { key, value }) => show_added(db.add(key, value).await?, output),
        Command::Kv(Kv::Get { keys }) => show_values(keys, &db.get_many(keys).await?, output),
        Command::Kv(Kv::Rm { keys }) => {
            db.remove_many(keys).await?;
            output.result("ok", &json!({ "ok": true }))
        }
        Command::Kv(Kv::Count) => show_count(db.count().await?, output),
        Command::Kv(Kv::Clear) => show_cleared(db.clear().await?, output),
        Command::Info => {
            let info = db.server_info().await?;
            output.result(
                format!("NemesisDB {}, {} messages received", plain(&info.version), info.messages),
                &json!({ "version": info.version, "messages": info.messages }),
            )
        }
        _ => Err(Failure::usage(
            "that is not possible here; on a fusion server: `info`, `kv set`, `kv add`, `kv get`, `kv rm`, `kv count`, `kv clear`",
        )),
    }
}
