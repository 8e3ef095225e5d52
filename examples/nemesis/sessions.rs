//! The commands of the command line on a server with sessions.

use crate::arguments::{Arguments, Command, Kv};
use crate::commands::{show_added, show_cleared, show_contained, show_count, show_keys, show_stored, show_values};
use crate::failure::Failure;
use crate::note::note;
use crate::output::{Output, plain};
use serde_json::json;
use statuswire::nemesis::sessions::{Client, ErrorCode, NewSession, Session, Stored};
use std::time::Duration;

pub(crate) async fn run(url: &str, command: &Command, arguments: &Arguments, output: &Output) -> Result<(), Failure> {
    let mut builder = Client::builder(url).options(arguments.options());
    if let Some(bytes) = arguments.limits.given_max_payload() {
        builder = builder.payload_limit(bytes);
    }
    let db = builder.connect().await?;
    let limited = arguments.timeout.map_or_else(|| db.clone(), |limit| db.with_timeout(limit));
    let session = arguments.session.as_deref().unwrap_or("default");
    let result = carry_out(&limited, command, session, output).await;
    db.shutdown(Duration::from_millis(500)).await;
    result
}

async fn carry_out(db: &Client, command: &Command, session: &str, output: &Output) -> Result<(), Failure> {
    match command {
        Command::Kv(command @ (Kv::Set { .. } | Kv::Add { .. })) => {
            let created = db.create(NewSession::new(session).shared()).await?;
            keys(&created.session, command, output).await
        }
        Command::Kv(command) => keys(&open(db, session).await?, command, output).await,
        Command::Save { name } => {
            let saved = db.save(name).run().await?;
            let milliseconds = saved.duration.as_millis();
            output.result(
                format!("saved as {} in {milliseconds} ms", plain(&saved.name)),
                &json!({ "name": saved.name, "milliseconds": milliseconds }),
            )
        }
        Command::Load { what } if !what.ends_with(".jsonl") => {
            let loaded = db.load(what).await?;
            let kept = if loaded.found_existing { "; sessions that existed stay as they are" } else { "" };
            output.result(
                format!("loaded {} keys in {} sessions of {}{kept}", loaded.keys, loaded.sessions, plain(&loaded.name)),
                &json!({ "name": loaded.name, "keys": loaded.keys, "sessions": loaded.sessions }),
            )
        }
        Command::Info => {
            let totals = db.totals().await?;
            output.result(
                format!("NemesisDB with sessions: {} sessions, {} keys", totals.sessions, totals.keys),
                &json!({ "sessions": totals.sessions, "keys": totals.keys }),
            )
        }
        _ => Err(Failure::usage(
            "that is not possible here; on a server with sessions: `kv`, `save NAME`, `load NAME`, `info`",
        )),
    }
}

/// Finds the session, or says how there will be one.
async fn open(db: &Client, session: &str) -> Result<Session, Failure> {
    let opened = db.open(session).await;
    if matches!(&opened, Err(error) if error.code_as() == Some(ErrorCode::SessionOpenFail)) {
        note(format_args!(
            "note: no session is named {session:?} yet: `kv set` and `kv add` create it, --session names another one"
        ));
    }
    Ok(opened?)
}

async fn keys(session: &Session, command: &Kv, output: &Output) -> Result<(), Failure> {
    match command {
        Kv::Set { key, value } => show_stored(session.set_raw(key, value).await? == Stored::New, output),
        Kv::Add { key, value } => show_added(session.add(key, value).await?, output),
        Kv::Get { keys } => show_values(keys, &session.get_many(keys).await?, output),
        Kv::Rm { keys } => {
            session.remove_many(keys).await?;
            output.result("ok", &json!({ "ok": true }))
        }
        Kv::Contains { keys } => {
            let found = session.contains_many(keys).await?;
            show_contained(keys, |key| found.get(key).is_some_and(|exists| *exists), output)
        }
        Kv::Keys => show_keys(&session.keys().await?, output),
        Kv::Count => show_count(session.count().await?, output),
        Kv::Clear => show_cleared(session.clear().await?, output),
    }
}
