//! Commands: the text that is sent and what answers it.

use super::danger;
use super::options::Options;
use super::payload::Payload;
use super::protocol::Key;
use super::verb::{KV_LOAD, KV_SAVE, Verb};
use crate::error::Error;
use crate::json::Members;
use crate::rpc::Repeat;
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
    /// Not to be repeated, with a short reply.
    pub(super) fn of(verb: Verb, text: Vec<u8>) -> Self {
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

    /// Whatever the caller wrote: one JSON object with one member. Unless he insists, it must not be fatal.
    pub(super) fn raw(options: &Options, text: &str, insists: bool) -> Result<Self, Error> {
        let no_json =
            |error: serde_json::Error| Error::invalid_request(format!("the command is no valid JSON: {error}"));
        let text: &RawValue = serde_json::from_str(text).map_err(no_json)?;
        let (name, body) = match serde_json::from_str(text.get()) {
            Ok(Members(members)) => only_member(members)?,
            Err(_) => {
                let what = "the command is no JSON object; write {\"COMMAND\":{\"parameter\":\"value\"}}";
                return Err(Error::invalid_request(what));
            }
        };
        if !insists {
            danger::refuse_fatal(&name, body)?;
        }
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

fn only_member<'a>(members: Vec<(Cow<'a, str>, &'a RawValue)>) -> Result<(String, &'a RawValue), Error> {
    let count = members.len();
    match <[_; 1]>::try_from(members) {
        Ok([(name, body)]) => Ok((name.into_owned(), body)),
        Err(_) => Err(Error::invalid_request(format!(
            "the command has {count} members, and the server takes one command at a time: \
             write {{\"COMMAND\":{{\"parameter\":\"value\"}}}}"
        ))),
    }
}

/// Observed on a running server 0.9: a save with such a key is written and cannot be loaded.
fn can_be_saved(key: &str) -> Result<(), Error> {
    match key.chars().find(|c| matches!(c, '"' | '\\' | '\0'..='\x1f')) {
        None => Ok(()),
        Some(found) => Err(Error::invalid_request(format!(
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
    Err(Error::invalid_request(format!(
        "the save name {name:?} is not one of letters, digits, '.', '_' and '-': the server uses it as a path without a \
         look; use a plain name, or allow any (`Builder::allow_any_save_name`)"
    )))
}

#[cfg(test)]
mod tests {
    use super::super::verb::{KV_ADD, KV_CLEAR_SET, KV_CONTAINS, KV_COUNT, KV_GET, KV_RMV, KV_SET, SV_INFO};
    use super::*;
    use crate::error::Cause;
    use serde_json::json;
    use std::collections::BTreeMap;

    fn text(command: Command) -> String {
        String::from_utf8(command.text).unwrap()
    }

    #[track_caller]
    fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
        let error = result.unwrap_err();
        match error.cause() {
            Cause::InvalidRequest(refusal) => refusal.0.clone(),
            other => panic!("{other:?}"),
        }
    }

    fn set<V: Serialize>(key: &str, value: V) -> Result<Command, Error> {
        Command::entries(KV_SET, &Options::default(), [(key, value)])
    }

    fn keys(verb: Verb, keys: &[&str]) -> String {
        text(Command::keys(verb, &Options::default(), keys).unwrap().0)
    }

    /// The texts on the right were sent to a running server.
    #[test]
    fn the_text_of_commands() {
        let options = Options::default();
        assert_eq!(text(Command::bare(SV_INFO)), r#"{"SV_INFO":{}}"#);
        assert_eq!(text(Command::bare(KV_COUNT)), r#"{"KV_COUNT":{}}"#);
        assert_eq!(text(set("k1", "v1").unwrap()), r#"{"KV_SET":{"keys":{"k1":"v1"}}}"#);
        assert_eq!(keys(KV_GET, &["nope", "k1"]), r#"{"KV_GET":{"keys":["nope","k1"]}}"#);
        assert_eq!(keys(KV_CONTAINS, &[]), r#"{"KV_CONTAINS":{"keys":[]}}"#);
        assert_eq!(keys(KV_RMV, &["k1"]), r#"{"KV_RMV":{"keys":["k1"]}}"#);
        let entries = [("add1", 2), ("add2", 3)];
        let add = Command::entries(KV_ADD, &options, entries).unwrap();
        assert_eq!(text(add), r#"{"KV_ADD":{"keys":{"add1":2,"add2":3}}}"#);
        let clear_set = Command::entries(KV_CLEAR_SET, &options, BTreeMap::<String, ()>::new()).unwrap();
        assert_eq!(text(clear_set), r#"{"KV_CLEAR_SET":{"keys":{}}}"#);
        let save = Command::save_name(KV_SAVE, &options, "one").unwrap();
        assert_eq!(text(save), r#"{"KV_SAVE":{"name":"one"}}"#);
        let mixed = set("o", json!({"a": [1, "2", null, [3]], "b": true, "f": 1.5, "n": -5})).unwrap();
        assert_eq!(text(mixed), r#"{"KV_SET":{"keys":{"o":{"a":[1,"2",null,[3]],"b":true,"f":1.5,"n":-5}}}}"#);
    }

    #[test]
    fn a_refused_value_is_shown_by_its_path() {
        #[derive(Serialize)]
        struct Point {
            x: f64,
        }
        let points = |x| json!([1, 2, 3]).as_array().map(|_| vec![Point { x: 1.0 }, Point { x }]);
        assert!(refusal(set("a", points(f64::NAN))).starts_with(r#"$["a"][1].x: NaN"#));
        assert!(refusal(set("a b", f32::NEG_INFINITY)).starts_with(r#"$["a b"]: infinity"#));
        assert!(refusal(set("a", vec![Some(u128::MAX)])).starts_with(r#"$["a"][0]: the number "340"#));
        assert!(refusal(set("a", i128::from(i64::MIN) - 1)).starts_with(r#"$["a"]: the number "-922"#));
        let raw = RawValue::from_string(r#"{"b":[0,{"c":1,"c":2}]}"#.to_owned()).unwrap();
        assert!(refusal(set("a", raw)).starts_with(r#"$["a"].b[1]: "c" is there twice"#));
        let no_key = BTreeMap::from([((1, 2), 3)]);
        assert!(refusal(set("a", [no_key])).starts_with(r#"$["a"][0]: key must be a string"#));
    }

    #[test]
    fn limits_of_integers_pass() {
        set("a", (i64::MIN, u64::MAX, i128::from(i64::MIN), u128::from(u64::MAX), f64::MAX, -0.0)).unwrap();
    }

    #[test]
    fn a_key_twice() {
        let twice = Command::entries(KV_SET, &Options::default(), [("k", 1), ("l", 2), ("k", 3)]);
        assert!(refusal(twice).starts_with(r#"$: "k" is there twice"#));
    }

    #[test]
    fn nesting_as_deep_as_the_server_takes() {
        let nested = |levels: usize| {
            let text = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
            set("k", RawValue::from_string(text).unwrap())
        };
        nested(1021).unwrap();
        assert!(refusal(nested(1022)).contains("nested deeper than 1024 levels"));
    }

    #[test]
    fn the_payload_limit_counts_bytes_of_the_whole_command() {
        let frame = r#"{"KV_SET":{"keys":{"k":""}}}"#.len();
        let value = "é".repeat((Options::PAYLOAD_LIMIT - frame) / 2);
        assert_eq!(set("k", &value).unwrap().text.len(), Options::PAYLOAD_LIMIT);
        let long = refusal(set("k", format!("{value}x")));
        assert!(long.contains("the command has 32769 bytes, and the server accepts 32768"), "{long}");
        let longer = refusal(set("k", (value + "xxx", f64::NAN)));
        assert!(longer.contains("the command has at least 3277"), "{longer}");
    }

    #[test]
    fn keys_that_spoil_saves_are_let_through_on_request_only() {
        let allowing = Options { unsavable_keys: true, ..Options::default() };
        for key in ["a\"b", "a\\b", "a\nb", "\0"] {
            assert!(refusal(set(key, 1)).contains("makes every save unreadable"));
            Command::entries(KV_SET, &allowing, [(key, 1)]).unwrap();
            Command::keys(KV_GET, &Options::default(), [key]).unwrap();
        }
        for key in ["", "é", "a b", "\u{7f}", "{}", "/"] {
            set(key, 1).unwrap();
        }
    }

    #[test]
    fn save_names_are_plain_file_names() {
        let any = Options { any_save_name: true, ..Options::default() };
        for name in ["", ".", "..", "../x", "a/b", "a b", "é", "a\0"] {
            assert!(refusal(Command::save_name(KV_SAVE, &Options::default(), name)).contains("save name"), "{name}");
            Command::save_name(KV_LOAD, &any, name).unwrap();
        }
        for name in ["a", "2025-01-31_a.b", "...", "-"] {
            Command::save_name(KV_SAVE, &Options::default(), name).unwrap();
        }
    }

    #[test]
    fn raw_commands() {
        let raw = |text: &str| Command::raw(&Options::default(), text, false);
        let command = raw(" {\"OARR_LEN\" : {\"name\":\"a\"} }\n").unwrap();
        assert_eq!(command.key, Key::Raw("OARR_LEN_RSP".to_owned()));
        assert_eq!((command.repeat, command.reply_bytes, command.blocks), (Repeat::Unsafe, usize::MAX, false));
        assert_eq!(text(command), r#"{"OARR_LEN" : {"name":"a"} }"#);
        assert!(raw(r#"{"KV_SAVE":{"name":"x"}}"#).unwrap().blocks);

        assert!(refusal(raw("{\"A\":}")).contains("no valid JSON: expected value at line 1 column 6"));
        assert!(refusal(raw("")).contains("no valid JSON"));
        assert!(refusal(raw("[1]")).contains("no JSON object"));
        assert!(refusal(raw("{}")).contains("has 0 members"));
        assert!(refusal(raw(r#"{"A":{},"B":{}}"#)).contains("has 2 members"));
        assert!(refusal(raw(r#"{"A":{"x":[1e999]}}"#)).starts_with("$.A.x[0]: the number"));
        assert!(refusal(raw(&format!("{{\"A\":{}}}", " ".repeat(40_000) + "1"))).contains("the server accepts 32768"));
    }

    #[test]
    fn saves_and_loads_may_keep_the_server_silent() {
        let options = Options::default();
        assert_eq!(Command::save_name(KV_LOAD, &options, "a").unwrap().silence(), Some(Duration::MAX));
        assert_eq!(Command::bare(KV_COUNT).silence(), None);
    }
}
