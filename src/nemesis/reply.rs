//! Replies: from text to a status and members, or to an error with the path to what could not be read.

use super::fields::Fields;
use super::path;
use crate::codes::nemesis::ErrorCode;
use crate::codes::{Code, Outcome};
use crate::error::{Cause, DecodeFailure, Delivery, Error, Redaction, ServerStatus, bounded};
use crate::json::Members;
use bytestring::ByteString;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_path_to_error::{Path, Segment};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// A reply as it came.
#[derive(Debug)]
pub(super) struct Reply(ByteString);

impl Reply {
    pub(super) fn new(text: ByteString) -> Self {
        Self(text)
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.len()
    }

    /// Finds the members of a reply whose status is a success; every other status is the error. `excerpt` is the length
    /// of excerpts in errors, in characters.
    pub(super) fn open(&self, excerpt: usize) -> Result<Body<'_>, Error> {
        let body = self.read(excerpt)?;
        let status = ErrorCode::from_value(body.field("st")?);
        match status.outcome() {
            Outcome::Error => Err(body.failed(status)),
            _ => Ok(body.with_status(status)),
        }
    }

    /// Finds the members of a reply, whatever they say.
    pub(super) fn read(&self, excerpt: usize) -> Result<Body<'_, ()>, Error> {
        self.read_hiding(excerpt, None)
    }

    /// The same, for a reply in which a number is a secret wherever it occurs.
    pub(super) fn read_hiding(&self, excerpt: usize, secret: Option<u64>) -> Result<Body<'_, ()>, Error> {
        let text = &*self.0;
        let (name, object) = first(text);
        let name = name.unwrap_or_default();
        let mut body = Body { name, status: (), members: Fields::default(), text, excerpt, secret };
        body.members = object.and_then(Fields::of).map_err(|error| body.unreadable(body.path(), error))?;
        Ok(body)
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }
}

/// The content of a reply.
pub(super) struct Body<'a, S = ErrorCode> {
    /// The reply's name: `KV_GET_RSP`.
    pub(super) name: Cow<'a, str>,
    pub(super) status: S,
    members: Fields<'a>,
    text: &'a str,
    excerpt: usize,
    secret: Option<u64>,
}

impl<'a> Body<'a, ()> {
    pub(super) fn with_status<S>(self, status: S) -> Body<'a, S> {
        let Body { name, status: (), members, text, excerpt, secret } = self;
        Body { name, status, members, text, excerpt, secret }
    }
}

impl<'a, S> Body<'a, S> {
    /// Returns whether there is a member of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.members.get(name).is_some()
    }

    /// Decodes a member, which must be there.
    pub(super) fn field<T: Deserialize<'a>>(&self, name: &str) -> Result<T, Error> {
        self.decode(name, |inside| path::steps(inside))
    }

    /// Decodes the member `keys` of a reply, whose members are keys of the user's.
    pub(super) fn keys<T: Deserialize<'a>>(&self) -> Result<Vec<(Cow<'a, str>, T)>, Error> {
        let quoted = |inside: &Path| match inside.iter().next() {
            Some(Segment::Map { key }) => path::key(key) + &path::steps(inside.iter().skip(1)),
            _ => String::new(),
        };
        self.decode("keys", quoted).map(|Members(keys)| keys)
    }

    fn decode<T: Deserialize<'a>>(&self, name: &str, steps: impl Fn(&Path) -> String) -> Result<T, Error> {
        let at = || format!("{}.{name}", self.path());
        let Some(value) = self.members.get(name) else {
            return Err(self.unreadable(at(), "the member is missing"));
        };
        // Decoding again for the path costs nothing where nothing fails; tracking it always would.
        serde_json::from_str(value.get()).map_err(|error| {
            let reason = error_text(error);
            let again = &mut serde_json::Deserializer::from_str(value.get());
            let inside = serde_path_to_error::deserialize::<_, T>(again).map_err(|error| steps(error.path()));
            self.unreadable(at() + &inside.err().unwrap_or_default(), reason)
        })
    }

    /// Returns the error that a key which was not asked for is: the reply cannot be that of this command.
    pub(super) fn foreign_key(&self, key: &str) -> Error {
        self.unreadable(format!("{}.keys{}", self.path(), path::key(key)), "this key was not asked for")
    }

    /// Decodes the object under the name as a whole.
    pub(super) fn whole<T: Deserialize<'a>>(&self) -> Result<T, Error> {
        first(self.text).1.map_err(|error| self.unreadable(self.path(), error))
    }

    /// Returns the error that the status is.
    pub(super) fn failed(&self, status: impl Code) -> Error {
        match self.whole::<&RawValue>() {
            Ok(body) => Error::status(status, ServerStatus::new().with_body(body.get())),
            Err(unreadable) => unreadable.with_code(status),
        }
    }

    /// The path to the object under the name.
    pub(super) fn path(&self) -> String {
        if self.name.is_empty() { "$".to_owned() } else { format!("${}", path::member(&self.name)) }
    }

    /// Returns what hides the secrets of the reply in errors.
    pub(super) fn redaction(&self) -> Redaction {
        match self.secret {
            Some(secret) => Redaction::default().hide(secret.to_string()),
            None => Redaction::default(),
        }
    }

    pub(super) fn unreadable(&self, path: String, reason: impl fmt::Display) -> Error {
        let redaction = self.redaction();
        let excerpt = redaction.excerpt(self.text, self.excerpt);
        let unreadable = match self.secret {
            // The reason may quote the reply.
            Some(_) => DecodeFailure::new(path, redaction.mask(&bounded(reason, 1000)), excerpt),
            None => DecodeFailure::new(path, reason, excerpt),
        };
        Error::new(Cause::Decode(Box::new(unreadable)), Delivery::Answered)
    }
}

/// Reads a reply with nothing but its status.
pub(super) fn done(_: Body<'_>) -> Result<(), Error> {
    Ok(())
}

/// Takes `NotExist` for the answer "no" to the question whether something exists.
pub(super) fn found(result: Result<(), Error>) -> Result<bool, Error> {
    match result {
        Err(error) if error.code_as() == Some(ErrorCode::NotExist) => Ok(false),
        result => result.map(|()| true),
    }
}

/// Reads the name of a reply, and nothing behind it.
pub(super) fn name(text: &str) -> Result<Cow<'_, str>, String> {
    // As the server writes it. `serde_json` would make two errors of what it must leave unread, each an allocation.
    if let Some(rest) = text.strip_prefix("{\"")
        && let Some((name, _)) = rest.split_once("\":")
        && !name.contains(|c: char| matches!(c, '"' | '\\') || c.is_control())
    {
        return Ok(name.into());
    }
    match first::<Unread>(text) {
        (Some(name), _) => Ok(name),
        // The error itself quotes what is there instead, and that may be a secret.
        (None, Err(error)) if error.is_data() => Err("it is not an object with a reply in it".to_owned()),
        (None, read) => Err(read.err().map_or_else(String::new, error_text)),
    }
}

/// Reads the name of the command that a reply answers.
#[cfg(feature = "nemesis-older")]
pub(super) fn command(text: &ByteString) -> Result<ByteString, String> {
    let name = match name(text)? {
        Cow::Borrowed(name) => text.slice_ref(name),
        Cow::Owned(name) => name.into(),
    };
    // Some replies have the name of the command itself.
    Ok(name.strip_suffix("_RSP").map_or_else(|| name.clone(), |command| name.slice_ref(command)))
}

/// Returns whether a reply of this name is the error for a message that the server could not tell a command from, or that
/// failed badly. Fusion calls it differently. A client of another generation knows that name too, so that it sees what a
/// server of the wrong generation answers.
pub(super) fn is_generic_error(name: &str) -> bool {
    ["ERR", "KV_ERR"].contains(&name)
}

/// Reads the object under the name.
#[cfg(feature = "nemesis-older")]
pub(super) fn object(text: &str) -> serde_json::Result<&RawValue> {
    first(text).1
}

/// Returns the text of an error. The error itself quotes a value of the wrong type, however long it is.
fn error_text(error: serde_json::Error) -> String {
    bounded(error, 1000)
}

/// Reads the status of a reply, if it has one.
pub(super) fn status(text: &str) -> Option<u64> {
    let members: Members<'_> = first(text).1.ok()?;
    serde_json::from_str(members.get("st")?.get()).ok()
}

/// Reads the first member of an object: its name, and its value as a `T`. The name is there even if what follows it
/// cannot be read.
fn first<'a, T: Deserialize<'a>>(text: &'a str) -> (Option<Cow<'a, str>>, serde_json::Result<T>) {
    let mut name = None;
    let mut json = serde_json::Deserializer::from_str(text);
    let value = json.deserialize_map(First { name: &mut name, value: PhantomData });
    (name, value.and_then(|value| json.end().map(|()| value)))
}

struct First<'n, 'a, T> {
    name: &'n mut Option<Cow<'a, str>>,
    value: PhantomData<T>,
}

impl<'a, T: Deserialize<'a>> Visitor<'a> for First<'_, 'a, T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a reply in it")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<T, A::Error> {
        let Some(Name(name)) = map.next_key()? else {
            return Err(A::Error::custom("an object without a reply in it"));
        };
        *self.name = Some(name);
        let value = map.next_value()?;
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(value)
    }
}

/// A reply's name; borrowed unless it has escapes.
#[derive(Deserialize)]
#[serde(transparent)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// A value that is left where it is. What follows it cannot be read then.
struct Unread;

impl<'a> Deserialize<'a> for Unread {
    fn deserialize<D: Deserializer<'a>>(_: D) -> Result<Self, D::Error> {
        Ok(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
        assert_eq!(status.body.as_deref(), Some(r#"{"name":"nope","st":142}"#));
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
        let wrong = body.keys::<BTreeMap<String, (u8, BTreeMap<String, u8>)>>().unwrap_err();
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
        assert_eq!(name(r#"{"A\"\u0042":1}"#).as_deref(), Ok("A\"B"));
        assert_eq!(name(r#"{"":1}"#).as_deref(), Ok(""));
        // What follows the name is not looked at.
        assert_eq!(name(r#"{"a","b"}"#).as_deref(), Ok("a"));
        for text in ["", "[", "5", "{", "{}", "{1:2}", "{\"a", "{\"a\n\":1}", r#"{"a\":1}"#, "\u{feff}{\"a\":1}"] {
            assert!(name(text).is_err(), "{text}");
        }
    }

    #[test]
    fn commands() {
        for text in [r#"{"KV_GET_RSP":{}}"#, r#"{"KV_GET":{}}"#, r#"{"KV_\u0047ET_RSP":{}}"#] {
            assert_eq!(super::command(&text.into()).as_deref(), Ok("KV_GET"), "{text}");
        }
        assert!(super::command(&"[]".into()).is_err());
    }

    #[test]
    fn statuses_at_a_glance() {
        assert_eq!(super::status(r#"{"ABC_RSP":{"st":10}}"#), Some(10));
        assert_eq!(super::status(r#"{"ABC_RSP":{}}"#), None);
        assert_eq!(super::status("{}"), None);
        assert_eq!(super::status("nonsense"), None);
    }
}
