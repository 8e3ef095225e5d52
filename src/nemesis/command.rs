//! Commands: the text that is sent and what answers it.

use super::members::Members;
use super::options::Options;
use super::payload::Payload;
use super::protocol::Key;
use super::verb::{KV_LOAD, KV_SAVE, Verb};
use crate::dialogue::Repeat;
use crate::error::Error;
use serde::Serialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::time::Duration;

/// The levels of a key-value command around its keys: `{"KV_SET":{"keys":`.
const KEYS_DEPTH: usize = 2;

/// A command, written and checked, ready to be sent as often as necessary.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) name: &'static str,
    pub(super) text: Vec<u8>,
    pub(super) key: Key,
    pub(super) repeat: Repeat,
    /// Upper bound of the reply's size.
    pub(super) reply_bytes: usize,
    /// The server does nothing else until it is done, however long that takes.
    pub(super) blocks: bool,
}

impl Command {
    fn of(verb: Verb, text: Vec<u8>) -> Self {
        let key = Key::Named(verb.reply);
        Self { name: verb.name, text, key, repeat: Repeat::Unsafe, reply_bytes: 0, blocks: false }
    }

    /// A command without parameters.
    pub(super) fn bare(verb: Verb) -> Self {
        Self::of(verb, format!(r#"{{"{}":{{}}}}"#, verb.name).into_bytes())
    }

    /// A command with an array of keys; and how many there are.
    pub(super) fn keys<K: AsRef<str>>(
        verb: Verb,
        options: &Options,
        keys: impl IntoIterator<Item = K>,
    ) -> Result<(Self, usize), Error> {
        let mut payload = begin(verb, options, "keys\":[");
        let mut count = 0;
        for key in keys {
            if count > 0 {
                payload.push(",");
            }
            payload.push_str(key.as_ref())?;
            count += 1;
        }
        payload.push("]}}");
        Ok((Self::of(verb, payload.finish(KEYS_DEPTH)?), count))
    }

    /// A command with an object of keys and values.
    pub(super) fn entries<K: AsRef<str>, V: Serialize>(
        verb: Verb,
        options: &Options,
        entries: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, Error> {
        let mut payload = begin(verb, options, "keys\":{");
        let mut separator = "";
        for (key, value) in entries {
            let key = key.as_ref();
            if !options.unsavable_keys {
                can_be_saved(key)?;
            }
            payload.push(separator);
            separator = ",";
            payload.push_str(key)?;
            payload.push(":");
            payload.push_value(&value, KEYS_DEPTH)?;
        }
        payload.push("}}}");
        Ok(Self::of(verb, payload.finish(KEYS_DEPTH)?))
    }

    /// A command with the name of a save.
    pub(super) fn save_name(verb: Verb, options: &Options, name: &str) -> Result<Self, Error> {
        if !options.any_save_name {
            is_plain_file_name(name)?;
        }
        let mut payload = begin(verb, options, "name\":");
        payload.push_str(name)?;
        payload.push("}}");
        Ok(Self { blocks: true, ..Self::of(verb, payload.finish(0)?) })
    }

    /// Whatever the caller wrote: one JSON object with one member.
    pub(super) fn raw(options: &Options, text: &str) -> Result<Self, Error> {
        let no_json = |error: serde_json::Error| Error::refused(format!("the command is no valid JSON: {error}"));
        let text: &RawValue = serde_json::from_str(text).map_err(no_json)?;
        let name = match serde_json::from_str(text.get()) {
            Ok(Members(members)) => only_name(members)?,
            Err(_) => {
                let what = "the command is no JSON object; write {\"COMMAND\":{\"parameter\":\"value\"}}";
                return Err(Error::refused(what));
            }
        };
        let mut payload = Payload::new(options.payload_limit);
        payload.push(text.get());
        Ok(Self {
            name: "raw",
            text: payload.finish(0)?,
            blocks: [KV_SAVE.name, KV_LOAD.name].contains(&name.as_str()),
            key: Key::Raw(name + "_RSP"),
            repeat: Repeat::Unsafe,
            reply_bytes: usize::MAX,
        })
    }

    /// May be carried out twice without harm.
    pub(super) fn repeatable(mut self) -> Self {
        self.repeat = Repeat::Safe;
        self
    }

    /// The reply has at most so many bytes.
    pub(super) fn reply_bytes(mut self, bytes: usize) -> Self {
        self.reply_bytes = bytes;
        self
    }

    /// How long the server may be silent while this command is the oldest on the wire, if not as usual.
    pub(super) fn silence(&self) -> Option<Duration> {
        self.blocks.then_some(Duration::MAX)
    }
}

fn begin(verb: Verb, options: &Options, parameter: &str) -> Payload {
    let mut payload = Payload::new(options.payload_limit);
    payload.push("{\"");
    payload.push(verb.name);
    payload.push("\":{\"");
    payload.push(parameter);
    payload
}

fn only_name(members: Vec<(Cow<'_, str>, &RawValue)>) -> Result<String, Error> {
    let count = members.len();
    match <[_; 1]>::try_from(members) {
        Ok([(name, _)]) => Ok(name.into_owned()),
        Err(_) => Err(Error::refused(format!(
            "the command has {count} members, and the server takes one command at a time: \
             write {{\"COMMAND\":{{\"parameter\":\"value\"}}}}"
        ))),
    }
}

/// Observed on a running server 0.9: a save with such a key is written and cannot be loaded.
fn can_be_saved(key: &str) -> Result<(), Error> {
    match key.chars().find(|c| matches!(c, '"' | '\\' | '\0'..='\x1f')) {
        None => Ok(()),
        Some(found) => Err(Error::refused(format!(
            "$[{}]: a key with {found:?} makes every save unreadable; use other keys, or allow such keys \
             (`Builder::allow_unsavable_keys`) if the store is never saved",
            serde_json::Value::from(key)
        ))),
    }
}

/// The server uses the name as a path, unchecked.
fn is_plain_file_name(name: &str) -> Result<(), Error> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if !name.is_empty() && name.chars().all(plain) && !matches!(name, "." | "..") {
        return Ok(());
    }
    Err(Error::refused(format!(
        "the save name {name:?} is not one of letters, digits, '.', '_' and '-': the server uses it as a path without a \
         look; use a plain name, or allow any (`Builder::allow_any_save_name`)"
    )))
}
