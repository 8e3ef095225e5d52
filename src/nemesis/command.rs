//! Commands: the text that is sent, and what is known of the reply.

use super::check;
use super::path;
use super::payload::Payload;
use super::verb::Verb;
use crate::error::Error;
use crate::rpc::Repeat;
use bytestring::ByteString;
use serde::Serialize;
use std::borrow::Borrow;

/// A command: written piece by piece, then sent as often as necessary.
///
/// What cannot be sent is remembered, and the command is refused when it is [encoded](Self::encoded).
#[derive(Debug)]
pub(super) struct Command {
    pub(super) name: &'static str,
    /// The name of the reply.
    pub(super) reply: ByteString,
    payload: Payload,
    /// The end of the text, after the last parameter.
    end: &'static str,
    /// The first reason not to send it.
    refusal: Option<Error>,
    /// Keys, entries or items in it.
    pub(super) count: u64,
    pub(super) repeat: Repeat,
    pub(super) reply_bytes: ReplyBytes,
    /// The server does nothing else until the command is done, however long that takes.
    pub(super) blocks: bool,
    /// This position of a list must be known to be within the server's maximum when the command is written.
    pub(super) within: Option<u64>,
}

/// The size of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReplyBytes {
    AtMost(usize),
    /// Usually less; what arrives shows how much.
    About(usize),
}

impl ReplyBytes {
    /// Nothing else may be on the wire.
    pub(super) const UNKNOWN: Self = Self::AtMost(usize::MAX);
}

impl Command {
    /// Begins a command of at most `limit` bytes. It has no parameters and a short reply, and is not repeated.
    pub(super) fn new(verb: Verb, limit: usize) -> Self {
        let mut payload = Payload::new(limit);
        payload.push("{\"");
        payload.push(verb.name);
        payload.push("\":{");
        Self { end: "}}", ..Self::whole(verb.name, ByteString::from_static(verb.reply), payload) }
    }

    /// A command whose text is complete.
    pub(super) fn whole(name: &'static str, reply: ByteString, payload: Payload) -> Self {
        let (repeat, reply_bytes) = (Repeat::Unsafe, ReplyBytes::AtMost(0));
        let (end, refusal, count, blocks, within) = ("", None, 0, false, None);
        Self { name, reply, payload, end, refusal, count, repeat, reply_bytes, blocks, within }
    }

    /// May be carried out twice without harm.
    pub(super) fn repeatable(mut self) -> Self {
        self.repeat = Repeat::Safe;
        self
    }

    /// The reply has this size.
    pub(super) fn reply_bytes(mut self, bytes: ReplyBytes) -> Self {
        self.reply_bytes = bytes;
        self
    }

    /// The server does nothing else meanwhile.
    pub(super) fn blocking(mut self) -> Self {
        self.blocks = true;
        self
    }

    /// Is only sent on a connection that has shown this position of a list to be within the server's maximum.
    pub(super) fn within(mut self, position: u64) -> Self {
        self.within = Some(position);
        self
    }

    /// Refuses the command, unless it is refused already.
    pub(super) fn refuse(mut self, reason: Error) -> Self {
        self.require(Err(reason));
        self
    }

    pub(super) fn is_refused(&self) -> bool {
        self.refusal.is_some()
    }

    fn require(&mut self, result: Result<(), Error>) {
        if let Err(reason) = result {
            self.refusal.get_or_insert(reason);
        }
    }

    /// Begins a parameter.
    fn parameter(&mut self, name: &str) {
        self.payload.push(if self.payload.is_in_empty_object() { "\"" } else { ",\"" });
        self.payload.push(name);
        self.payload.push("\":");
    }

    fn push_str(&mut self, text: &str) {
        let pushed = self.payload.push_str(text);
        self.require(pushed);
    }

    fn push_value<T: Serialize + ?Sized>(&mut self, value: &T, is_object: bool, at: impl Fn() -> String) {
        let pushed = self.payload.push_value(value, is_object, at);
        self.require(pushed);
    }

    /// Begins an element of an array or a member of an object; counts it.
    fn next(&mut self) {
        if self.count > 0 {
            self.payload.push(",");
        }
        self.count += 1;
    }

    /// Adds a string.
    pub(super) fn text(mut self, name: &str, text: &str) -> Self {
        self.parameter(name);
        self.push_str(text);
        self
    }

    /// Adds a number.
    pub(super) fn number(mut self, name: &str, number: u64) -> Self {
        self.parameter(name);
        self.payload.push(&number.to_string());
        self
    }

    /// Adds a `true`.
    pub(super) fn flag(mut self, name: &str) -> Self {
        self.parameter(name);
        self.payload.push("true");
        self
    }

    /// Adds a range of positions: a start, and an end if there is one.
    pub(super) fn range(mut self, name: &str, start: u64, stop: Option<u64>) -> Self {
        self.parameter(name);
        self.payload.push(&match stop {
            Some(stop) => format!("[{start},{stop}]"),
            None => format!("[{start}]"),
        });
        self
    }

    /// Adds an array of keys.
    pub(super) fn keys(self, keys: impl IntoIterator<Item: AsRef<str>>) -> Self {
        self.strings("keys", keys)
    }

    /// Adds an array of strings.
    pub(super) fn strings(mut self, name: &str, keys: impl IntoIterator<Item: AsRef<str>>) -> Self {
        self.parameter(name);
        self.payload.push("[");
        for key in keys {
            self.next();
            self.push_str(key.as_ref());
        }
        self.payload.push("]");
        self
    }

    /// Adds an object of keys and values. Refuses keys that `allowed` refuses, and a key given twice.
    pub(super) fn entries<K: AsRef<str>, V: Serialize>(
        mut self,
        entries: impl IntoIterator<Item = (K, V)>,
        allowed: impl Fn(&str) -> Result<(), Error>,
    ) -> Self {
        self.parameter("keys");
        self.payload.push("{");
        // The last key is apart, so that a single one takes no list.
        let (mut last, mut keys) = (None, Vec::new());
        for (key, value) in entries {
            let name = key.as_ref();
            self.require(allowed(name));
            self.next();
            self.push_str(name);
            self.payload.push(":");
            self.push_value(&value, false, || path::key(name));
            keys.extend(last.replace(key));
        }
        self.payload.push("}");
        if !keys.is_empty() {
            keys.extend(last);
        }
        keys.sort_unstable_by(|a, b| a.as_ref().cmp(b.as_ref()));
        if let Some([key, _]) = keys.windows(2).find(|pair| pair[0].as_ref() == pair[1].as_ref()) {
            self.require(Err(Error::invalid_request(format!("$: {}", check::twice(key.as_ref())))));
        }
        self
    }

    /// Adds one item, which must be a JSON object if `objects` says so.
    pub(super) fn item<T: Serialize + ?Sized>(mut self, item: &T, objects: bool) -> Self {
        self.parameter("item");
        self.push_value(item, objects, String::new);
        self
    }

    /// Adds an array of items, which must be JSON objects if `objects` says so.
    pub(super) fn items<T: Serialize + ?Sized>(
        mut self,
        items: impl IntoIterator<Item: Borrow<T>>,
        objects: bool,
    ) -> Self {
        self.parameter("items");
        self.payload.push("[");
        for item in items {
            let index = self.count;
            self.next();
            self.push_value(item.borrow(), objects, || format!("[{index}]"));
        }
        self.payload.push("]");
        self
    }

    /// Returns how many bytes the server may take to repeat the strings of the text so far.
    pub(super) fn repeated_bytes(&self) -> usize {
        self.payload.repeated_bytes()
    }

    /// Completes the text. Refuses a command that is too long.
    pub(super) fn finish(mut self) -> Self {
        self.payload.push(self.end);
        self.end = "";
        let fits = self.payload.text().map(drop);
        self.require(fits);
        self
    }

    /// Returns the text of a [finished](Self::finish) command, or why it must not be sent.
    pub(super) fn encoded(&self) -> Result<&[u8], Error> {
        self.refusal.as_ref().map_or_else(|| self.payload.text(), |reason| Err(reason.clone()))
    }
}

/// What only commands of the older generations have.
#[cfg(feature = "nemesis-older")]
impl Command {
    /// Begins a command with one key instead of parameters.
    pub(super) fn of_key(verb: Verb, key: &str, limit: usize) -> Self {
        let mut payload = Payload::new(limit);
        payload.push("{\"");
        payload.push(verb.name);
        payload.push("\":[");
        let mut command = Self { end: "]}", ..Self::whole(verb.name, ByteString::from_static(verb.reply), payload) };
        command.push_str(key);
        command
    }

    /// Adds a value.
    pub(super) fn value<T: Serialize + ?Sized>(mut self, name: &str, value: &T) -> Self {
        self.parameter(name);
        self.push_value(value, false, || path::member(name));
        self
    }

    /// Adds a parameter that is known to be JSON text.
    pub(super) fn json(mut self, name: &str, json: &str) -> Self {
        self.parameter(name);
        self.payload.push(json);
        self
    }

    /// Adds a key and its value as the only parameter.
    pub(super) fn entry<T: Serialize + ?Sized>(mut self, key: &str, value: &T) -> Self {
        self.push_str(key);
        self.payload.push(":");
        self.push_value(value, false, || path::key(key));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::super::verb::{
        IARR, KV_ADD, KV_CLEAR_SET, KV_CONTAINS, KV_COUNT, KV_GET, KV_RMV, KV_SAVE, KV_SET, OARR, OLST_RMV, SV_INFO,
    };
    use super::*;
    use crate::error::Cause;
    use serde_json::value::RawValue;
    use serde_json::{Value, json};
    use std::collections::BTreeMap;

    const LIMIT: usize = 32 * 1024;

    fn begin(verb: Verb) -> Command {
        Command::new(verb, LIMIT)
    }

    #[track_caller]
    fn text(command: Command) -> String {
        String::from_utf8(command.finish().encoded().unwrap().to_owned()).unwrap()
    }

    #[track_caller]
    fn refusal(command: Command) -> String {
        let error = command.finish().encoded().unwrap_err();
        match error.cause() {
            Cause::InvalidRequest(refusal) => refusal.0.to_string(),
            other => panic!("{other:?}"),
        }
    }

    fn any(_: &str) -> Result<(), Error> {
        Ok(())
    }

    fn set<V: Serialize>(key: &str, value: V) -> Command {
        begin(KV_SET).entries([(key, value)], any)
    }

    /// The texts on the right were sent to a running server.
    #[test]
    fn the_text_of_commands() {
        assert_eq!(text(begin(SV_INFO)), r#"{"SV_INFO":{}}"#);
        assert_eq!(text(begin(KV_COUNT)), r#"{"KV_COUNT":{}}"#);
        assert_eq!(text(set("k1", "v1")), r#"{"KV_SET":{"keys":{"k1":"v1"}}}"#);
        assert_eq!(text(begin(KV_GET).keys(["nope", "k1"])), r#"{"KV_GET":{"keys":["nope","k1"]}}"#);
        assert_eq!(text(begin(KV_CONTAINS).keys([""; 0])), r#"{"KV_CONTAINS":{"keys":[]}}"#);
        assert_eq!(text(begin(KV_RMV).keys(["k1"])), r#"{"KV_RMV":{"keys":["k1"]}}"#);
        let add = begin(KV_ADD).entries([("add1", 2), ("add2", 3)], any);
        assert_eq!(text(add), r#"{"KV_ADD":{"keys":{"add1":2,"add2":3}}}"#);
        let clear_set = begin(KV_CLEAR_SET).entries(BTreeMap::<String, ()>::new(), any);
        assert_eq!(text(clear_set), r#"{"KV_CLEAR_SET":{"keys":{}}}"#);
        assert_eq!(text(begin(KV_SAVE).text("name", "one")), r#"{"KV_SAVE":{"name":"one"}}"#);
        let mixed = set("o", json!({"a": [1, "2", null, [3]], "b": true, "f": 1.5, "n": -5}));
        assert_eq!(text(mixed), r#"{"KV_SET":{"keys":{"o":{"a":[1,"2",null,[3]],"b":true,"f":1.5,"n":-5}}}}"#);

        let clear = begin(IARR.clear).text("name", "a\"b").range("rng", 1, Some(3));
        assert_eq!(text(clear), r#"{"IARR_CLEAR":{"name":"a\"b","rng":[1,3]}}"#);
        assert_eq!(text(begin(OLST_RMV).flag("head")), r#"{"OLST_RMV":{"head":true}}"#);
        let put = begin(OARR.set_range).items::<Value>([json!({}), json!({"a": 1})], true).number("pos", 7);
        assert_eq!((put.count, text(put).as_str()), (2, r#"{"OARR_SET_RNG":{"items":[{},{"a":1}],"pos":7}}"#));
    }

    #[test]
    fn a_refused_value_is_shown_by_its_path() {
        #[derive(Serialize)]
        struct Point {
            x: f64,
        }
        #[derive(Serialize)]
        enum Form {
            Newtype(Option<f64>),
        }
        let points = |x| Some(vec![Point { x: 1.0 }, Point { x }]);
        assert!(refusal(set("a", points(f64::NAN))).starts_with(r#"$["a"][1].x: NaN"#));
        assert!(refusal(set("a b", f32::NEG_INFINITY)).starts_with(r#"$["a b"]: infinity"#));
        assert!(refusal(set("a", vec![Some(u128::MAX)])).starts_with(r#"$["a"][0]: the number "340"#));
        assert!(refusal(set("a", i128::from(i64::MIN) - 1)).starts_with(r#"$["a"]: the number "-922"#));
        assert!(refusal(set("a", Form::Newtype(Some(f64::NAN)))).starts_with(r#"$["a"].Newtype: NaN"#));
        let raw = RawValue::from_string(r#"{"b":[0,{"c":1,"c":2}]}"#.to_owned()).unwrap();
        assert!(refusal(set("a", raw)).starts_with(r#"$["a"].b[1]: "c" is there twice"#));
        text(set("a", (i64::MIN, u64::MAX, i128::from(i64::MIN), u128::from(u64::MAX), f64::MAX, -0.0)));
        let no_key = BTreeMap::from([((1, 2), 3)]);
        assert!(refusal(set("a", [no_key])).starts_with(r#"$["a"][0]: key must be a string"#));
        let items = begin(OARR.set_range).items::<Value>([json!({"a": 1}), json!([])], true);
        assert!(refusal(items).starts_with("$[1]: not a JSON object"));
        assert!(refusal(begin(OARR.set).item(&5, true)).starts_with("$: not a JSON object"));
    }

    #[test]
    fn the_first_refusal_counts() {
        let two =
            begin(KV_SET).entries([("a", f64::NAN), ("b", f64::INFINITY)], any).refuse(Error::invalid_request("late"));
        assert!(two.is_refused());
        assert!(refusal(two).starts_with(r#"$["a"]: NaN"#));
    }

    #[test]
    fn a_key_twice() {
        let twice = begin(KV_SET).entries([("k", 1), ("l", 2), ("k", 3)], any);
        assert!(refusal(twice).starts_with(r#"$: "k" is there twice"#));
    }

    #[test]
    fn nesting_as_deep_as_the_server_takes() {
        let nested = |levels: usize| {
            let text = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
            set("k", RawValue::from_string(text).unwrap())
        };
        text(nested(1021));
        assert!(refusal(nested(1022)).contains("nested deeper than 1024 levels"));
    }

    #[test]
    fn the_payload_limit_counts_bytes_of_the_whole_command() {
        let frame = r#"{"KV_SET":{"keys":{"k":""}}}"#.len();
        let value = "é".repeat((LIMIT - frame) / 2);
        assert_eq!(text(set("k", &value)).len(), LIMIT);
        let long = refusal(set("k", format!("{value}x")));
        assert!(long.contains("the command has 32769 bytes, and the server accepts 32768"), "{long}");
        let longer = refusal(set("k", (value + "xxx", f64::NAN)));
        assert!(longer.contains("the command has at least 3277"), "{longer}");
    }
}
