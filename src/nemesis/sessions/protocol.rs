//! How NemesisDB with sessions speaks: replies without ids, in an order of their own.
//!
//! Observed on a running server 0.3.6: the thread that reads a command answers errors in its form, and `SH_OPEN`,
//! `SH_INFO_ALL`, `SH_SAVE`, `SH_LOAD` and `SH_END_ALL`, at once. Everything else passes through another thread and is
//! answered later, for each token in the order of the commands. So a reply is found by its name and its token. Commands are
//! checked before they are sent, so that their form is not at fault; an error that names no token is delivered only if one
//! command alone waits for it.

use crate::codes::AnyCode;
use crate::codes::nemesis_sessions::ErrorCode;
use crate::error::Error;
use crate::json::for_each_member;
use crate::nemesis::command::Command;
use crate::nemesis::connection::Request;
use crate::nemesis::reply::{self, Reply};
use crate::nemesis::verb::{KV_ADDQ, KV_COUNT, KV_RMV, KV_SETQ, SH_END, SH_INFO, SH_LOAD, SH_NEW, SH_SAVE, Verb};
use crate::rpc::{Expect, Matching, Message, OneWay, Outgoing, Part, Protocol, Routes, Unroutable, Window};
use crate::ws::Upgrade;
use bytestring::ByteString;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// Commands on the wire: more would not make a server with one thread for sessions much faster.
const WINDOW_COMMANDS: usize = 64;
/// Bytes of expected replies on the wire: a third of what the server keeps for a reader before it drops replies.
const WINDOW_REPLY_BYTES: usize = 8 << 20;

/// The protocol of a server with sessions. It has no state: a token is valid on any connection.
#[derive(Debug)]
pub(in crate::nemesis) struct Sessions;

/// What tells replies apart.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(in crate::nemesis) struct Key {
    /// The name of the command.
    name: ByteString,
    /// The session. A reply that has none may answer the command of any session.
    pub(super) token: Option<u64>,
}

/// As messages show it: the token is a secret.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "to {}", self.name)?;
        if self.token.is_some() { f.write_str(" of a session") } else { Ok(()) }
    }
}

impl Key {
    pub(super) fn new(verb: Verb, token: Option<u64>) -> Self {
        Self { name: ByteString::from_static(verb.name), token }
    }

    pub(super) fn is(&self, verb: Verb) -> bool {
        self.name == verb.name
    }

    pub(super) fn is_one_way(&self) -> bool {
        self.is(KV_SETQ) || self.is(KV_ADDQ)
    }

    /// Returns whether replies to the command name a session when all is well.
    fn names_session(&self) -> bool {
        self.name.starts_with("KV_") || self.is(SH_NEW) || self.is(SH_INFO) || self.is(SH_END)
    }
}

/// Reads the key and the status of a reply.
fn read(text: &ByteString) -> Result<(Key, Option<u64>), String> {
    // Observed: the whole reply to a load without names.
    if text.trim_ascii() == "{}" {
        return Ok((Key::new(SH_LOAD, None), None));
    }
    let name = reply::command(text)?;
    let (mut token, mut status) = (None, None);
    // The caller sees what cannot be read.
    let _ = reply::object(text).and_then(|object| {
        let number = |value: &RawValue| serde_json::from_str(value.get()).ok();
        for_each_member(object.get(), |name, value| match &*name {
            "tkn" => token = number(value),
            "st" => status = number(value),
            _ => {}
        })
    });
    let key = Key { name, token };
    // A removed key named `tkn` takes the place of the token.
    let replaced = key.is(KV_RMV) && key.token.and_then(removal).is_some();
    Ok((if replaced { Key { token: None, ..key } } else { key }, status))
}

/// Returns whether a number is the status of a removed or missing key, and which.
pub(super) fn removal(status: u64) -> Option<bool> {
    match u16::try_from(status).map(ErrorCode::from_value) {
        Ok(ErrorCode::KeyRemoved) => Some(true),
        Ok(ErrorCode::KeyNotExist) => Some(false),
        _ => None,
    }
}

impl Protocol for Sessions {
    type Command = Request<Key>;
    type Reply = Reply;
    type Event = ();
    type Key = Key;

    fn service(&self) -> &'static str {
        "nemesis-sessions"
    }

    fn matching(&self) -> Matching {
        Matching::ByName
    }

    fn window(&self) -> Window {
        Window::commands(WINDOW_COMMANDS).with_reply_bytes(WINDOW_REPLY_BYTES)
    }

    fn command_name(&self, request: &Request<Key>) -> Cow<'static, str> {
        request.command.name.into()
    }

    fn encode(&self, request: &Request<Key>, _seq: u64, out: &mut Outgoing) -> Result<Expect<Key>, Error> {
        request.encode(out)
    }

    fn route(&self, message: Message, routes: &mut Routes<Self>) -> Result<(), Unroutable> {
        let Message::Text(text) = message else {
            return Err(Unroutable::new("a binary message, and the server sends only text"));
        };
        let (key, status) = read(&text).map_err(Unroutable::new)?;
        let announces = key.is(SH_SAVE) && status == Some(ErrorCode::SaveStart.value().into());
        routes.part(key, if announces { Part::Next } else { Part::Last }, Reply::new(text));
        Ok(())
    }

    fn fits(&self, waiting: &Key, got: &Key) -> bool {
        if reply::is_generic_error(&got.name) {
            // What goes wrong with a one-way command, short of memory, is answered under its own name (source).
            return !waiting.is_one_way();
        }
        got.name == waiting.name && (waiting.token == got.token || waiting.token.is_none() || got.token.is_none())
    }

    fn is_ambiguous(&self, got: &Key) -> bool {
        reply::is_generic_error(&got.name) || (got.token.is_none() && got.names_session() && !got.is_one_way())
    }

    fn status(&self, reply: &Reply) -> Option<AnyCode> {
        let status = u16::try_from(reply::status(reply.text())?).ok()?;
        Some(AnyCode::of(ErrorCode::from_value(status)))
    }

    fn reply_bytes(&self, reply: &Reply) -> usize {
        reply.bytes()
    }

    fn one_way(&self) -> Option<&dyn OneWay<Self>> {
        Some(self)
    }
}

/// Observed: errors of one-way commands come before the reply to a later `KV_COUNT` with the same token.
impl OneWay<Self> for Sessions {
    fn fence(&self, one_way: &Key) -> Option<Request<Key>> {
        let token = one_way.token?;
        // As short as a command with a token can be: no limit is below it.
        let command = Command::new(KV_COUNT, usize::MAX).number("tkn", token).repeatable();
        Some(Request::new(command, Key::new(KV_COUNT, one_way.token)))
    }

    fn proves(&self, one_way: &Key, answered: &Key) -> bool {
        answered.is(KV_COUNT) && answered.token == one_way.token
    }
}

impl Upgrade for Sessions {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nemesis::verb::{KV_GET, KV_UPDATE, SH_OPEN};

    fn key(text: &str) -> Key {
        read(&text.into()).unwrap().0
    }

    fn fits(verb: Verb, token: u64, text: &str) -> bool {
        Sessions.fits(&Key::new(verb, Some(token)), &key(text))
    }

    #[test]
    fn a_command_takes_the_reply_with_its_name_and_token() {
        assert!(fits(KV_GET, 7, r#"{"KV_GET_RSP":{"tkn":7,"keys":{}}}"#));
        assert!(fits(KV_GET, u64::MAX, r#"{"KV_GET_RSP":{"st":100,"tkn":18446744073709551615,"m":""}}"#));
        assert!(!fits(KV_GET, 7, r#"{"KV_GET_RSP":{"tkn":8,"keys":{}}}"#));
        assert!(!fits(KV_GET, 7, r#"{"KV_SET_RSP":{"tkn":7,"keys":{}}}"#));
        assert!(fits(KV_COUNT, 7, r#"{"KV_COUNT":{"st":101,"tkn":null,"m":""}}"#));
        assert!(Sessions.fits(&Key::new(SH_OPEN, None), &key(r#"{"SH_OPEN_RSP":{"tkn":8,"st":1}}"#)));
    }

    #[test]
    fn what_names_no_session_is_ambiguous() {
        for text in [
            r#"{"ERR":{"st":1000,"m":""}}"#,
            r#"{"KV_GET_RSP":{"st":26,"tkn":null,"m":"keys"}}"#,
            r#"{"KV_RMV_RSP":{"tkn":24}}"#,
            r#"{"SH_NEW_RSP":{"st":42,"tkn":null,"m":"name"}}"#,
            r#"{"KV_COUNT":{"st":101,"tkn":null,"m":""}}"#,
        ] {
            assert!(Sessions.is_ambiguous(&key(text)), "{text}");
        }
        for text in [
            r#"{"KV_GET_RSP":{"tkn":24,"keys":{}}}"#,
            r#"{"SH_OPEN_RSP":{"tkn":null,"st":102}}"#,
            r#"{"KV_SETQ_RSP":{"st":26,"tkn":null,"m":"keys"}}"#,
            "{}",
        ] {
            assert!(!Sessions.is_ambiguous(&key(text)), "{text}");
        }
        assert!(fits(KV_RMV, 7, r#"{"KV_RMV_RSP":{"tkn":22,"a":24}}"#));
        assert!(fits(KV_UPDATE, 7, r#"{"ERR":{"st":1000,"m":""}}"#));
        assert!(!fits(KV_SETQ, 7, r#"{"ERR":{"st":1000,"m":""}}"#));
    }

    #[test]
    fn a_token_is_not_shown() {
        assert_eq!(format!("{:?}", Key::new(KV_GET, Some(77))), "to KV_GET of a session");
    }
}
