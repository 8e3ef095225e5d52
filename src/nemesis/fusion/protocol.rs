//! How NemesisDB fusion speaks: one reply for each key, without ids, in an order of their own.
//!
//! Observed on a running server 0.2.3: errors in the form of a command or key, and `KV_SERVER_INFO`, `KV_COUNT` and
//! `KV_CLEAR`, are answered at once, everything else later. Replies for one key keep their order, those for several need
//! not. So a command has one key, and its reply is found by its name and the key.

use crate::codes::AnyCode;
use crate::codes::nemesis_fusion::ErrorCode;
use crate::error::Error;
use crate::json::for_each_member;
use crate::nemesis::command::{Command, ReplyBytes};
use crate::nemesis::connection::Request;
use crate::nemesis::reply::{self, Reply};
use crate::nemesis::verb::{KV_ADDQ, KV_CLEAR, KV_COUNT, KV_GET, KV_SERVER_INFO, KV_SETQ, Verb};
use crate::rpc::{Expect, Matching, Message, OneWay, Outgoing, Protocol, Routes, Unroutable, Window};
use crate::ws::Upgrade;
use bytestring::ByteString;
use std::borrow::Cow;
use std::fmt;

/// Commands on the wire: more would not make the server much faster.
const WINDOW_COMMANDS: usize = 64;
/// Bytes of expected replies on the wire: a quarter of what the server keeps for a reader before it drops replies.
const WINDOW_REPLY_BYTES: usize = 4 << 20;
/// The shortest key, in bytes.
pub(super) const SHORTEST_KEY: usize = 6;

/// The protocol of a fusion server. It has no state: nothing is bound to a connection.
#[derive(Debug)]
pub(in crate::nemesis) struct Fusion {
    /// The longest command. A value is rarely longer.
    pub(super) payload_limit: usize,
}

/// What tells replies apart.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(in crate::nemesis) struct Key {
    /// The name of the command, or that of the generic error.
    name: ByteString,
    /// The key of a command that has one; of a generic error, the name of the unknown command.
    pub(super) key: Option<ByteString>,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "to {}", self.name)?;
        self.key.as_ref().map_or(Ok(()), |key| write!(f, " of {key:?}"))
    }
}

impl Key {
    pub(super) fn new(verb: Verb, key: Option<&str>) -> Self {
        Self { name: ByteString::from_static(verb.name), key: key.map(ByteString::from) }
    }

    pub(super) fn is(&self, verb: Verb) -> bool {
        self.name == verb.name
    }

    fn is_generic(&self) -> bool {
        reply::is_generic_error(&self.name)
    }

    fn is_one_way(&self) -> bool {
        self.is(KV_SETQ) || self.is(KV_ADDQ)
    }

    fn names_key(&self) -> bool {
        ![KV_COUNT, KV_CLEAR, KV_SERVER_INFO].iter().any(|verb| self.is(*verb))
    }

    /// Returns the bytes of the key by which the server chooses the thread that serves it (source).
    fn lane(&self) -> Option<&[u8]> {
        self.key.as_ref().and_then(|key| key.as_bytes().get(..SHORTEST_KEY))
    }
}

/// Reads the key of a reply.
fn read(text: &ByteString) -> Result<Key, String> {
    let mut key = Key { name: reply::command(text)?, key: None };
    let names_it = if key.is_generic() { "m" } else { "k" };
    // The caller sees what cannot be read.
    let _ = reply::object(text).and_then(|object| {
        for_each_member(object.get(), |member, value| {
            if member == names_it {
                let text = serde_json::from_str::<String>(value.get()).ok().filter(|text| !text.is_empty());
                key.key = text.map(ByteString::from);
            } else if key.is(KV_GET) && key.key.is_none() && member.len() >= SHORTEST_KEY {
                // The name of a value that was found. All other members of a reply have shorter names.
                key.key = Some(member.as_ref().into());
            }
        })
    });
    Ok(key)
}

impl Protocol for Fusion {
    type Command = Request<Key>;
    type Reply = Reply;
    type Event = ();
    type Key = Key;

    fn service(&self) -> &'static str {
        "nemesis-fusion"
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
        routes.answer(read(&text).map_err(Unroutable::new)?, Reply::new(text));
        Ok(())
    }

    fn fits(&self, waiting: &Key, got: &Key) -> bool {
        if got.is_generic() {
            return !waiting.is_one_way() && got.key.as_ref().is_none_or(|command| *command == waiting.name);
        }
        got.name == waiting.name && (waiting.key == got.key || got.key.is_none())
    }

    fn is_ambiguous(&self, got: &Key) -> bool {
        got.is_generic() || (got.key.is_none() && got.names_key() && !got.is_one_way())
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

/// Observed: the reply to a `KV_COUNT` comes before those to earlier commands. The reply for a key comes after all earlier
/// ones of the same thread.
impl OneWay<Self> for Fusion {
    fn fence(&self, one_way: &Key) -> Option<Request<Key>> {
        let key = one_way.key.as_deref()?;
        // The one-way command was longer.
        let command = Command::of_key(KV_GET, key, usize::MAX).repeatable();
        let command = command.reply_bytes(ReplyBytes::About(self.payload_limit));
        Some(Request::new(command, Key::new(KV_GET, Some(key))))
    }

    fn proves(&self, one_way: &Key, answered: &Key) -> bool {
        answered.is(KV_GET) && answered.lane() == one_way.lane()
    }
}

impl Upgrade for Fusion {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nemesis::verb::KV_SET;

    const FUSION: Fusion = Fusion { payload_limit: 1024 };

    fn key(text: &str) -> Key {
        read(&text.into()).unwrap()
    }

    fn fits(verb: Verb, waiting: &str, text: &str) -> bool {
        FUSION.fits(&Key::new(verb, Some(waiting)), &key(text))
    }

    #[test]
    fn a_command_takes_the_reply_with_its_name_and_key() {
        assert!(fits(KV_SET, "key_one", r#"{"KV_SET_RSP":{"st":20,"k":"key_one"}}"#));
        assert!(fits(KV_GET, "key_one", r#"{"KV_GET_RSP":{"key_one":{"k":"other"},"st":1}}"#));
        assert!(fits(KV_GET, "key\"one", r#"{"KV_GET_RSP":{"key\u0022one":1,"st":1}}"#));
        assert!(fits(KV_GET, "key_one", r#"{"KV_GET_RSP":{"st":22,"k":"key_one"}}"#));
        assert!(!fits(KV_GET, "key_one", r#"{"KV_GET_RSP":{"key_two":1,"st":1}}"#));
        assert!(!fits(KV_SET, "key_one", r#"{"KV_GET_RSP":{"st":22,"k":"key_one"}}"#));
        assert!(FUSION.fits(&Key::new(KV_COUNT, None), &key(r#"{"KV_COUNT_RSP":{"st":1,"cnt":2}}"#)));
    }

    #[test]
    fn further_members_of_a_reply_are_no_keys() {
        assert!(fits(KV_SET, "key_one", r#"{"KV_SET_RSP":{"st":20,"k":"key_one","m":"","version":1}}"#));
        assert!(fits(KV_GET, "key_one", r#"{"KV_GET_RSP":{"ttl":5,"key_one":1,"st":1,"m":"","version":1}}"#));
        assert!(fits(KV_GET, "key_one", r#"{"KV_GET_RSP":{"message":"","st":22,"k":"key_one","m":"","version":1}}"#));
        assert!(fits(KV_GET, "key_one", r#"{"KV_ERR":{"st":10,"m":"KV_GET","k":"key_two"}}"#));
    }

    #[test]
    fn what_names_no_key_is_ambiguous() {
        for text in [r#"{"KV_ERR":{"st":100,"m":""}}"#, r#"{"KV_GET_RSP":{"st":12,"k":""}}"#] {
            assert!(FUSION.is_ambiguous(&key(text)), "{text}");
            assert!(fits(KV_GET, "key_one", text), "{text}");
        }
        let unknown = r#"{"KV_ERR":{"st":10,"m":"KV_GET"}}"#;
        assert!(fits(KV_GET, "key_one", unknown) && !fits(KV_SET, "key_one", unknown));
        assert!(FUSION.is_ambiguous(&key(unknown)), "it names no key");
        for text in [r#"{"KV_ERR":{"st":100,"m":""}}"#, r#"{"KV_ERR":{"st":10,"m":"KV_SETQ"}}"#] {
            assert!(!fits(KV_SETQ, "key_one", text), "{text}");
        }
        for text in [r#"{"KV_COUNT_RSP":{"st":12,"k":""}}"#, r#"{"KV_SETQ_RSP":{"st":25,"k":""}}"#] {
            assert!(!FUSION.is_ambiguous(&key(text)), "{text}");
        }
    }

    #[test]
    fn a_fence_confirms_what_the_same_thread_serves() {
        let one_way = Key::new(KV_SETQ, Some("abcdef-1"));
        for (key, proves) in [("abcdef-2", true), ("abcdef", true), ("abcdeg", false), ("fedcba", false)] {
            assert_eq!(FUSION.proves(&one_way, &Key::new(KV_GET, Some(key))), proves, "{key}");
        }
        assert!(!FUSION.proves(&one_way, &Key::new(KV_COUNT, None)));
    }

    #[test]
    fn the_window_counts_the_value_that_a_fence_reads() {
        let fence = FUSION.fence(&Key::new(KV_SETQ, Some("key_one"))).unwrap();
        assert_eq!(fence.command.encoded().unwrap(), br#"{"KV_GET":["key_one"]}"#);
        assert_eq!(fence.command.reply_bytes, ReplyBytes::About(1024));
    }
}
