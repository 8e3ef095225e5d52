//! Replies: from text to a status and typed members, or to an error that says where it stopped making sense.

use super::text;
use crate::codes::Outcome;
use crate::codes::nemesis::ErrorCode;
use crate::error::{Cause, DecodeFailure, Delivery, Error, Redaction, ServerStatus};
use crate::json::Members;
use bytestring::ByteString;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// A reply as it came, read no further than its name.
#[derive(Debug)]
pub(super) struct Reply {
    text: ByteString,
}

impl Reply {
    pub(super) fn new(text: ByteString) -> Self {
        Self { text }
    }

    /// Reads a reply whose status is a success. `excerpt` is the length of excerpts in errors, in characters.
    pub(super) fn open(&self, excerpt: usize) -> Result<Body<'_>, Error> {
        let text = &*self.text;
        let Members(outer) = parse(text, text, || "$".to_owned(), excerpt)?;
        let Some((name, whole)) = outer.into_iter().next() else {
            return Err(unreadable("$".to_owned(), &"there is no reply in the object", text, excerpt));
        };
        let members = parse(whole.get(), text, || format!("$.{name}"), excerpt)?;
        let mut body = Body { name, whole, members, status: ErrorCode::Ok, text, excerpt };
        body.status = ErrorCode::from_value(body.field("st")?);
        match body.status.outcome() {
            Outcome::Error => Err(body.failed()),
            _ => Ok(body),
        }
    }
}

/// The content of a reply.
pub(super) struct Body<'a> {
    /// The reply's name: `KV_GET_RSP`.
    pub(super) name: Cow<'a, str>,
    pub(super) status: ErrorCode,
    /// The object under the name.
    pub(super) whole: &'a RawValue,
    members: Members<'a>,
    text: &'a str,
    excerpt: usize,
}

impl<'a> Body<'a> {
    /// A member that must be there.
    pub(super) fn field<T: Deserialize<'a>>(&self, name: &str) -> Result<T, Error> {
        let path = || format!("$.{}.{name}", self.name);
        match self.members.get(name) {
            Some(value) => parse(value.get(), self.text, path, self.excerpt),
            None => Err(unreadable(path(), &"the member is missing", self.text, self.excerpt)),
        }
    }

    /// A value under `key` in the member `member`.
    pub(super) fn value<T: Deserialize<'a>>(&self, member: &str, key: &str, value: &'a RawValue) -> Result<T, Error> {
        parse(value.get(), self.text, || self.key_path(member, key), self.excerpt)
    }

    /// A key that was not asked for: the reply cannot be that of this command.
    pub(super) fn foreign_key(&self, member: &str, key: &str) -> Error {
        unreadable(self.key_path(member, key), &"this key was not asked for", self.text, self.excerpt)
    }

    fn key_path(&self, member: &str, key: &str) -> String {
        format!("$.{}.{member}[{}]", self.name, serde_json::Value::from(key))
    }

    /// The error that the status is.
    fn failed(&self) -> Error {
        match serde_json::from_str(self.whole.get()) {
            Ok(body) => Error::status(self.status, ServerStatus::new().with_body(body)),
            Err(error) => {
                unreadable(format!("$.{}", self.name), &error, self.text, self.excerpt).with_code(self.status)
            }
        }
    }
}

/// A reply with nothing but its status.
pub(super) fn done(_: Body<'_>) -> Result<(), Error> {
    Ok(())
}

/// The name of the reply that a text is.
pub(super) fn name(text: &str) -> Result<Cow<'_, str>, String> {
    let inside = text.trim_ascii_start().strip_prefix('{').ok_or("not a JSON object")?.trim_ascii_start();
    let mut names = serde_json::Deserializer::from_str(inside).into_iter::<Name<'_>>();
    match names.next() {
        Some(Ok(Name(name))) if inside[names.byte_offset()..].trim_ascii_start().starts_with(':') => Ok(name),
        _ if inside.starts_with('}') => Err("an object without a reply in it".to_owned()),
        _ => Err("an object whose first member has no readable name".to_owned()),
    }
}

/// A reply's name; borrowed unless it has escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// The status of a reply, if it can be read.
pub(super) fn status(text: &str) -> Option<u64> {
    let Members(outer) = serde_json::from_str(text).ok()?;
    let body: Members<'_> = serde_json::from_str(outer.first()?.1.get()).ok()?;
    serde_json::from_str(body.get("st")?.get()).ok()
}

/// Reads `part` of the reply `whole`; `path` leads to the part.
fn parse<'a, T: Deserialize<'a>>(
    part: &'a str,
    whole: &str,
    path: impl FnOnce() -> String,
    excerpt: usize,
) -> Result<T, Error> {
    serde_json::from_str(part).map_err(|error| {
        let path = path();
        let inner = text::path(&text::steps(&part[..offset(part, &error)]));
        unreadable(format!("{path}{}", &inner[1..]), &error, whole, excerpt)
    })
}

/// The byte of the text at which an error was found.
fn offset(text: &str, error: &serde_json::Error) -> usize {
    let lines: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let at = (lines + error.column()).min(text.len());
    (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

fn unreadable(path: String, reason: &dyn ToString, text: &str, excerpt: usize) -> Error {
    let excerpt = Redaction::default().excerpt(text, excerpt);
    let unreadable = DecodeFailure::new(path, reason.to_string(), excerpt);
    Error::new(Cause::Decode(Box::new(unreadable)), Delivery::Answered)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::collections::BTreeMap;

    fn reply(text: &str) -> Reply {
        Reply::new(text.into())
    }

    #[track_caller]
    fn opens(text: &str) -> ErrorCode {
        reply(text).open(120).unwrap().status
    }

    #[track_caller]
    fn fails(text: &str) -> Error {
        reply(text).open(120).err().unwrap()
    }

    /// Path and reason of an unreadable reply.
    #[track_caller]
    fn unreadable_at(error: &Error) -> (&str, &str) {
        assert_eq!(error.delivery(), Delivery::Answered);
        match error.cause() {
            Cause::Decode(what) => (&what.path, &what.reason),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn statuses_that_are_successes() {
        assert_eq!(opens(r#"{"KV_SET_RSP":{"st":1}}"#), ErrorCode::Ok);
        assert_eq!(opens(r#"{"KV_SAVE_RSP":{"duration":0,"name":"x","st":120}}"#), ErrorCode::SaveComplete);
        assert_eq!(opens(r#"{"KV_LOAD_RSP":{"st":140}}"#), ErrorCode::Loading);
        assert_eq!(opens(r#" { "X_RSP" : { "st" : 1 , "new" : {} } , "more" : 1 } "#), ErrorCode::Ok);
    }

    #[test]
    fn statuses_that_are_errors() {
        let error = fails(r#"{"KV_LOAD_RSP":{"name":"nope","st":142}}"#);
        assert_eq!(error.code_as(), Some(ErrorCode::LoadError));
        assert_eq!(error.delivery(), Delivery::Answered);
        let Cause::Status(status) = error.cause() else { panic!("{error:?}") };
        assert_eq!(status.body, Some(json!({"name": "nope", "st": 142})));
        assert_eq!(fails(r#"{"ERR":{"st":1000}}"#).code_as(), Some(ErrorCode::Unknown));
        let unlisted = fails(r#"{"KV_SET_RSP":{"st":777}}"#).code_as::<ErrorCode>().unwrap();
        assert_eq!((unlisted.value(), unlisted.outcome()), (777, Outcome::Error));
    }

    #[test]
    fn replies_without_a_status() {
        for (text, path) in [
            ("", "$"),
            ("nonsense", "$"),
            ("[]", "$"),
            ("{}", "$"),
            (r#"{"KV_SET_RSP":{"st":1}"#, "$.KV_SET_RSP"),
            (r#"{"KV_SET_RSP":7}"#, "$.KV_SET_RSP"),
            (r#"{"KV_SET_RSP":{}}"#, "$.KV_SET_RSP.st"),
            (r#"{"KV_SET_RSP":{"st":"1"}}"#, "$.KV_SET_RSP.st"),
            (r#"{"KV_SET_RSP":{"st":null}}"#, "$.KV_SET_RSP.st"),
            (r#"{"KV_SET_RSP":{"st":1.0}}"#, "$.KV_SET_RSP.st"),
            (r#"{"KV_SET_RSP":{"st":-1}}"#, "$.KV_SET_RSP.st"),
            (r#"{"KV_SET_RSP":{"st":70000}}"#, "$.KV_SET_RSP.st"),
        ] {
            assert_eq!(unreadable_at(&fails(text)).0, path, "{text}");
        }
    }

    #[test]
    fn the_path_leads_into_the_value() {
        let reply = reply(r#"{"KV_GET_RSP":{"keys":{"a":{"b":[1,{"c":"é"}]}},"st":1}}"#);
        let body = reply.open(120).unwrap();
        let Members(keys) = body.field("keys").unwrap();
        let wrong = body.value::<BTreeMap<String, (u8, BTreeMap<String, u8>)>>("keys", "a", keys[0].1).unwrap_err();
        let (path, reason) = unreadable_at(&wrong);
        assert_eq!(path, r#"$.KV_GET_RSP.keys["a"].b[1].c"#);
        assert!(reason.contains("expected u8"), "{reason}");
        let missing = body.field::<u64>("cnt").unwrap_err();
        assert_eq!(unreadable_at(&missing), ("$.KV_GET_RSP.cnt", "the member is missing"));
    }

    #[test]
    fn an_excerpt_is_short() {
        let error = fails(&format!(r#"{{"KV_SET_RSP":{{"x":"{}"}}}}"#, "y".repeat(5000)));
        let Cause::Decode(what) = error.cause() else { panic!("{error:?}") };
        assert!(what.excerpt.starts_with(r#"{"KV_SET_RSP":{"x":"yyy"#) && what.excerpt.len() < 200, "{}", what.excerpt);
    }

    #[test]
    fn names() {
        let name = |text| super::name(text).map(Cow::into_owned);
        assert_eq!(name(r#"{"KV_GET_RSP":{"keys":"#).as_deref(), Ok("KV_GET_RSP"));
        assert_eq!(name(r#" { "A\u0042" : "#).as_deref(), Ok("AB"));
        for text in ["", "[", "5", "{", "{}", "{1:2}", r#"{"a""#, r#"{"a","b"}"#, "{\"a", "\u{feff}{\"a\":1}"] {
            assert!(name(text).is_err(), "{text}");
        }
    }

    #[test]
    fn statuses_at_a_glance() {
        assert_eq!(super::status(r#"{"ABC_RSP":{"st":10}}"#), Some(10));
        assert_eq!(super::status(r#"{"ABC_RSP":{}}"#), None);
        assert_eq!(super::status("{}"), None);
        assert_eq!(super::status("nonsense"), None);
    }
}
