//! The commands of the command line.

use crate::arguments::{Command, Kv, Limits};
use crate::attended::attended;
use crate::failure::Failure;
use crate::output::{Output, json_line, plain};
use crate::{arrays, dump, lists, load, shell};
use serde_json::json;
use serde_json::value::RawValue;
use statuswire::nemesis::{self, Client};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// Runs a command while somebody waits for it: ctrl-c ends it.
pub(crate) async fn attend(db: &Client, command: &Command, limits: &Limits, output: &Output) -> Result<(), Failure> {
    match command {
        Command::Shell => Box::pin(prompt(db, limits, output)).await,
        // It says how far it came.
        Command::Load { what } if is_file(what) => run(db, command, limits, output).await,
        _ => attended(run(db, command, limits, output)).await,
    }
}

async fn run(db: &Client, command: &Command, limits: &Limits, output: &Output) -> Result<(), Failure> {
    match command {
        Command::Kv(command) => kv(&db.kv(), command, output).await,
        Command::Save { name } => {
            let saved = db.kv().save(name).await?;
            let milliseconds = saved.duration.as_millis();
            output.result(
                format!("saved as {} in {milliseconds} ms", plain(&saved.name)),
                &json!({ "name": saved.name, "milliseconds": milliseconds }),
            )
        }
        Command::Array { kind, action } => arrays::run(db, *kind, action, output).await,
        Command::List(action) => lists::run(db, action, output).await,
        Command::Load { what } => {
            if is_file(what) {
                return load::load(db, Path::new(what), output).await;
            }
            let loaded = db.kv().load(what).await?;
            let milliseconds = loaded.duration.as_millis();
            output.result(
                format!("loaded {} keys of {} in {milliseconds} ms", loaded.keys, plain(&loaded.name)),
                &json!({ "name": loaded.name, "keys": loaded.keys, "milliseconds": milliseconds }),
            )
        }
        Command::Dump { all } => dump::dump(db, *all, limits, output).await,
        Command::Shell => Err(shell::is_running()),
        Command::Info => {
            let info = db.server_info().await?;
            let can_save = if info.persistence { "can save" } else { "cannot save" };
            output.result(
                format!("NemesisDB {}, {can_save}", plain(&info.version)),
                &json!({ "version": info.version, "persistence": info.persistence }),
            )
        }
        Command::Raw { text } => {
            let reply = db.raw(text).await?;
            let (name, status) = (reply.name(), reply.status());
            let body = json_line(reply.body()).map_err(Failure::output)?;
            output.result(
                format!("{} {} {} {body}", plain(name), status.value(), status.name()),
                &json!({ "reply": name, "status": status.value(), "body": reply.body() }),
            )
        }
    }
}

/// Returns whether `load` takes it for a file of key-values, not for the name of a save.
fn is_file(what: &str) -> bool {
    Path::new(what).extension().is_some_and(|extension| extension == "jsonl")
}

/// A prompt for the same commands, and for raw JSON.
async fn prompt(db: &Client, limits: &Limits, output: &Output) -> Result<(), Failure> {
    let history = std::env::home_dir().map(|home| home.join(".nemesis_history"));
    let carry_out = async |line: &str| {
        let command = match line.trim_start().starts_with('{') {
            true => Some(Command::Raw { text: line.to_owned() }),
            false => shell::parse(line)?,
        };
        match command {
            Some(Command::Shell) => Err(shell::is_running()),
            Some(command) => attend(db, &command, limits, output).await,
            None => Ok(()),
        }
    };
    shell::run::<Command>("nemesis", history, output, carry_out).await
}

async fn kv(kv: &nemesis::Kv, command: &Kv, output: &Output) -> Result<(), Failure> {
    match command {
        Kv::Set { key, value } => {
            kv.set_raw(key, value).await?;
            output.result("ok", &json!({ "ok": true }))
        }
        Kv::Add { key, value } => {
            kv.add(key, value).await?;
            output.result("ok (a value that was there stays)", &json!({ "ok": true }))
        }
        Kv::Get { keys } => get(kv, keys, output).await,
        Kv::Rm { keys } => {
            kv.remove_many(keys).await?;
            output.result("ok", &json!({ "ok": true }))
        }
        Kv::Contains { keys } => {
            let found = kv.contains_many(keys).await?;
            show_contained(keys, |key| found.contains(key), output)
        }
        Kv::Keys => show_keys(&kv.keys().await?, output),
        Kv::Count => show_count(kv.count().await?, output),
        Kv::Clear => show_cleared(kv.clear().await?, output),
    }
}

pub(crate) fn show_count(count: u64, output: &Output) -> Result<(), Failure> {
    output.result(count, &json!({ "count": count }))
}

pub(crate) fn show_cleared(removed: u64, output: &Output) -> Result<(), Failure> {
    output.result(format!("removed {removed} keys"), &json!({ "removed": removed }))
}

/// Prints what became of a key that was set, where the server tells.
pub(crate) fn show_stored(was_new: bool, output: &Output) -> Result<(), Failure> {
    let what = if was_new { "ok (the key is new)" } else { "ok (a value was replaced)" };
    output.result(what, &json!({ "ok": true, "new": was_new }))
}

/// Prints whether a value was added, where the server tells.
pub(crate) fn show_added(added: bool, output: &Output) -> Result<(), Failure> {
    let what = if added { "ok (the key is new)" } else { "the value that was there stays" };
    output.result(what, &json!({ "added": added }))
}

/// Prints the keys that exist.
pub(crate) fn show_contained(
    keys: &[String],
    exists: impl Fn(&String) -> bool,
    output: &Output,
) -> Result<(), Failure> {
    if output.json {
        let all: BTreeMap<_, _> = keys.iter().map(|key| (key, exists(key))).collect();
        output.result("", &all)?;
    } else {
        for key in keys.iter().filter(|key| exists(key)) {
            output.line(plain(key))?;
        }
    }
    all_found(keys, exists)
}

/// Prints a list of keys.
pub(crate) fn show_keys(keys: &[String], output: &Output) -> Result<(), Failure> {
    if output.json {
        return output.result("", &keys);
    }
    keys.iter().try_for_each(|key| output.line(plain(key)))
}

async fn get(kv: &nemesis::Kv, keys: &[String], output: &Output) -> Result<(), Failure> {
    show_values(keys, &kv.get_many(keys).await?, output)
}

/// Prints the values of keys: one as it is, several as an object.
pub(crate) fn show_values(
    keys: &[String],
    found: &HashMap<String, Box<RawValue>>,
    output: &Output,
) -> Result<(), Failure> {
    match keys {
        [key] => {
            if let Some(value) = found.get(key) {
                output.line(json_line(value).map_err(Failure::output)?)?;
            }
        }
        _ => {
            let sorted: BTreeMap<_, _> = found.iter().collect();
            output.line(json_line(&sorted).map_err(Failure::output)?)?;
        }
    }
    all_found(keys, |key| found.contains_key(key))
}

fn all_found(keys: &[String], is_found: impl Fn(&String) -> bool) -> Result<(), Failure> {
    let missing: Vec<_> = keys.iter().filter(|key| !is_found(key)).cloned().collect();
    if missing.is_empty() { Ok(()) } else { Err(Failure::Missing(missing)) }
}
