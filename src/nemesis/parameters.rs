//! Commands with named parameters: those of arrays and lists.

use super::command::Command;
use super::options::Options;
use super::payload::Payload;
use super::span::Span;
use super::verb::Verb;
use crate::error::Error;
use serde::Serialize;
use std::borrow::Borrow;

/// The levels of a command around an item or the items: `{"OARR_SET":{"item":`.
const ITEM_DEPTH: usize = 2;

/// A command that gets its parameters one by one.
pub(super) struct Parameters {
    verb: Verb,
    payload: Payload,
    separator: &'static str,
}

impl Parameters {
    pub(super) fn of(verb: Verb, options: &Options) -> Self {
        let mut payload = Payload::new(options.payload_limit);
        payload.push("{\"");
        payload.push(verb.name);
        payload.push("\":{");
        Self { verb, payload, separator: "" }
    }

    /// The command for one container, and nothing else but its name so far.
    pub(super) fn named(verb: Verb, options: &Options, name: &str) -> Result<Self, Error> {
        Self::of(verb, options).text("name", name)
    }

    fn name(&mut self, name: &str) {
        self.payload.push(self.separator);
        self.separator = ",";
        self.payload.push("\"");
        self.payload.push(name);
        self.payload.push("\":");
    }

    pub(super) fn text(mut self, name: &str, text: &str) -> Result<Self, Error> {
        self.name(name);
        self.payload.push_str(text)?;
        Ok(self)
    }

    pub(super) fn number(mut self, name: &str, number: u64) -> Self {
        self.name(name);
        self.payload.push(&number.to_string());
        self
    }

    pub(super) fn flag(mut self, name: &str) -> Self {
        self.name(name);
        self.payload.push("true");
        self
    }

    pub(super) fn range(mut self, name: &str, span: Span) -> Self {
        self.name(name);
        self.payload.push(&match span.stop {
            Some(stop) => format!("[{},{stop}]", span.start),
            None => format!("[{}]", span.start),
        });
        self
    }

    /// One item; `objects`: it must be a JSON object.
    pub(super) fn item<T: Serialize + ?Sized>(mut self, item: &T, objects: bool) -> Result<Self, Error> {
        self.name("item");
        self.value(item, objects)?;
        Ok(self)
    }

    /// Several items; and how many there are.
    pub(super) fn items<T: Serialize + ?Sized>(
        mut self,
        items: impl IntoIterator<Item: Borrow<T>>,
        objects: bool,
    ) -> Result<(Self, u64), Error> {
        self.name("items");
        self.payload.push("[");
        let mut count = 0;
        for item in items {
            if count > 0 {
                self.payload.push(",");
            }
            self.value(item.borrow(), objects)?;
            count += 1;
        }
        self.payload.push("]");
        Ok((self, count))
    }

    fn value<T: Serialize + ?Sized>(&mut self, item: &T, objects: bool) -> Result<(), Error> {
        if objects { self.payload.push_object(item, ITEM_DEPTH) } else { self.payload.push_value(item, ITEM_DEPTH) }
    }

    /// The finished command. Its reply is taken to be short, and it is not to be repeated.
    pub(super) fn finish(mut self) -> Result<Command, Error> {
        self.payload.push("}}");
        Ok(Command::of(self.verb, self.payload.finish(ITEM_DEPTH)?))
    }
}

#[cfg(test)]
mod tests {
    use super::super::verb::{IARR, OARR, OLST_RMV};
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn the_text_of_commands() {
        let options = Options::default();
        let text = |parameters: Parameters| String::from_utf8(parameters.finish().unwrap().text).unwrap();
        let range = Span { start: 1, stop: Some(3) };
        let clear = Parameters::named(IARR.clear, &options, "a\"b").unwrap().range("rng", range);
        assert_eq!(text(clear), r#"{"IARR_CLEAR":{"name":"a\"b","rng":[1,3]}}"#);
        let remove = Parameters::named(OLST_RMV, &options, "l").unwrap().flag("head");
        assert_eq!(text(remove), r#"{"OLST_RMV":{"name":"l","head":true}}"#);
        let (set, count) =
            Parameters::named(OARR.set_range, &options, "a").unwrap().items::<Value>([json!({})], true).unwrap();
        assert_eq!(
            (text(set.number("pos", 7)), count),
            (r#"{"OARR_SET_RNG":{"name":"a","items":[{}],"pos":7}}"#.into(), 1)
        );
    }

    #[test]
    fn what_is_no_object() {
        let items = [json!({"a": 1}), json!([])];
        let options = Options::default();
        let refused = Parameters::of(OARR.set_range, &options).items::<Value>(items, true).err().unwrap();
        assert!(refused.to_string().contains("$[1]: not a JSON object"), "{refused}");
        let refused = Parameters::of(OARR.set, &options).item(&5, true).err().unwrap();
        assert!(refused.to_string().contains("$: not a JSON object"), "{refused}");
    }
}
