//! `dump`: prints all key-values as `load` reads them.

use crate::arguments::Limits;
use crate::bar::bar;
use crate::failure::Failure;
use crate::note::note;
use crate::output::{Output, json_line};
use crate::rows::Row;
use futures_util::StreamExt;
use statuswire::nemesis::Client;
use std::io::{IsTerminal, stdout};

/// Prints all key-values, one per line. Keys added or removed meanwhile may be missing. Without `all`, lines that `load`
/// would refuse are left out and named.
pub(crate) async fn dump(db: &Client, all: bool, limits: &Limits, output: &Output) -> Result<(), Failure> {
    let kv = db.kv();
    let keys = kv.keys().await?;
    let bar = bar(keys.len() as u64, "{bar:30} {pos}/{len}");
    let mut values = db.batch(keys.iter().map(|key| kv.get_raw(key)));
    let (mut left_out, on_terminal) = (0, stdout().is_terminal());
    for key in &keys {
        if let Some(value) = values.next().await.transpose()?.flatten() {
            let row = Row { key: key.clone(), value };
            match refusal(&row, limits).filter(|_| !all) {
                Some(why) => {
                    left_out += 1;
                    bar.suspend(|| note(format_args!("not written: the key {key:?}, {why}")));
                }
                None if on_terminal => output.line(json_line(&row).map_err(Failure::output)?)?,
                None => output.line(serde_json::to_string(&row).map_err(Failure::output)?)?,
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    if left_out == 0 {
        return Ok(());
    }
    let what = format!("{left_out} of {} keys were not written, since `load` would refuse them", keys.len());
    Err(Failure::Other(format!("{what}; `dump --all` writes them, too"), 7))
}

/// Says why `load` would refuse a line.
fn refusal(row: &Row, limits: &Limits) -> Option<String> {
    let bytes = row.command_bytes();
    if !limits.any_key && row.key.contains(|c: char| matches!(c, '"' | '\\' | '\0'..='\x1f')) {
        return Some("which makes saves unreadable; `load` takes it with --any-key".to_owned());
    }
    // The server may spell a value longer than the client that stored it.
    let most = limits.max_payload();
    (bytes > most).then(|| format!("whose command would have {bytes} bytes, and the server takes {most}"))
}
