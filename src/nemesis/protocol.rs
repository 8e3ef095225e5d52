//! How NemesisDB speaks: in order, one reply for each command, no ids.
//!
//! Observed on a running server 0.9: replies come strictly in the order of the commands. The server silently drops
//! replies to a client that has more than 128 KiB waiting to be read. So the window bounds what is expected, and the
//! name of every reply is compared with the command that it would answer.

use super::command::{Command, ReplyBytes};
use super::danger;
use super::reply::{self, Reply};
use super::verb::{OLST_ADD, OLST_CREATE, known_reply};
use super::within::Within;
use crate::error::Error;
use crate::rpc::{Close, CloseAction, Expect, Matching, Message, Outgoing, Protocol, Routes, Unroutable, Window};
use crate::ws::Upgrade;
use bytestring::ByteString;
use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// The service's name in errors and traces.
pub(super) const SERVICE: &str = "nemesis";

/// Commands on the wire: more would not make a single-threaded server much faster.
const WINDOW_COMMANDS: usize = 64;
/// Bytes of expected replies on the wire: half of what the server keeps for a reader before it drops replies.
const WINDOW_REPLY_BYTES: usize = 64 * 1024;

/// The longest reply that is looked at as a misnamed error. Such a reply holds a command's name and a status.
const ERROR_REPLY_BYTES: usize = 512;

/// The families whose unknown commands are answered with `ERR`; all other commands, also those of `SV`,
/// are "of an unknown family".
const FAMILIES: [&str; 7] = ["KV", "OARR", "IARR", "STRARR", "SIARR", "SSTRARR", "OLST"];

/// The protocol of a current server.
#[derive(Debug, Default)]
pub(super) struct Nemesis {
    pub(super) within: Within,
}

/// The name of a reply, by which replies are told apart.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    name: ByteString,
    /// The status of a reply whose name may be wrong.
    status: Option<u64>,
}

/// As messages show it.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.status.map_or(Ok(()), |status| write!(f, " with status {status}"))
    }
}

impl Key {
    /// Reads the key of a reply, and no more of the reply than that takes.
    fn of(text: &ByteString) -> Result<Self, String> {
        let name = match reply::name(text)? {
            // A slice of the text takes an allocation.
            Cow::Borrowed(name) => known_reply(name).map_or_else(|| text.slice_ref(name), ByteString::from_static),
            Cow::Owned(name) => name.into(),
        };
        let may_be_misnamed = name == OLST_CREATE.reply || is_of_unknown_family(&name);
        let status = if may_be_misnamed && text.len() <= ERROR_REPLY_BYTES { reply::status(text) } else { None };
        Ok(Self { name, status })
    }
}

impl Protocol for Nemesis {
    type Command = Command;
    type Reply = Reply;
    type Event = ();
    type Key = Key;

    fn service(&self) -> &'static str {
        SERVICE
    }

    fn matching(&self) -> Matching {
        Matching::InOrder
    }

    fn window(&self) -> Window {
        Window::commands(WINDOW_COMMANDS).with_reply_bytes(WINDOW_REPLY_BYTES)
    }

    fn command_name(&self, command: &Command) -> Cow<'static, str> {
        command.name.into()
    }

    fn encode(&self, command: &Command, _seq: u64, out: &mut Outgoing) -> Result<Expect<Key>, Error> {
        if command.within.is_some_and(|position| position >= self.within.known().positions) {
            return Err(danger::refusal(
                "a range of a list would be read that starts perhaps beyond the server's maximum response size",
                "read it item by item",
            ));
        }
        out.payload.extend_from_slice(command.encoded()?);
        let key = Key { name: command.reply.clone(), status: None };
        let expect = Expect::one(key).repeat(command.repeat).this_connection(command.within.is_some());
        let expect = match command.reply_bytes {
            ReplyBytes::AtMost(bytes) => expect.reply_bytes(bytes),
            ReplyBytes::About(bytes) => expect.estimated_reply_bytes(bytes),
        };
        Ok(if command.blocks { expect.reply_timeout(Duration::MAX) } else { expect })
    }

    fn route(&self, message: Message, routes: &mut Routes<Self>) -> Result<(), Unroutable> {
        let Message::Text(text) = message else {
            return Err(Unroutable::new("a binary message, and the server sends only text"));
        };
        routes.answer(Key::of(&text).map_err(Unroutable::new)?, Reply::new(text));
        Ok(())
    }

    fn reply_bytes(&self, reply: &Reply) -> usize {
        reply.bytes()
    }

    fn on_close(&self, close: &Close<'_>) -> CloseAction {
        self.within.forget();
        CloseAction::usual(close)
    }

    fn fits(&self, waiting: &Key, got: &Key) -> bool {
        got.name == waiting.name || reply::is_generic_error(&got.name) || is_misnamed(&waiting.name, got)
    }
}

/// Returns whether the server is known to give this name to an error of the waiting command. Observed on a running
/// server 0.9: errors of `OLST_ADD` are named like those of `OLST_CREATE`; and a command of an unknown family is
/// answered with status 10 under the name of the first such command that the server ever received, from any client.
fn is_misnamed(waiting: &str, got: &Key) -> bool {
    match got.status {
        None | Some(1) => false,
        Some(10) if is_of_unknown_family(waiting) && is_of_unknown_family(&got.name) => true,
        Some(_) => waiting == OLST_ADD.reply && got.name == OLST_CREATE.reply,
    }
}

impl Upgrade for Nemesis {}

fn is_of_unknown_family(name: &str) -> bool {
    name.split_once('_').is_some_and(|(family, _)| !FAMILIES.contains(&family))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a reply with this name and status answers the waiting command.
    fn fits(waiting: &str, name: &str, status: u64) -> bool {
        let waiting = Key { name: format!("{waiting}_RSP").into(), status: None };
        let got = Key::of(&format!(r#"{{"{name}":{{"st":{status}}}}}"#).into()).unwrap();
        Nemesis::default().fits(&waiting, &got)
    }

    #[test]
    fn a_command_takes_its_own_reply_and_the_generic_error() {
        for command in ["KV_SET", "OARR_LEN", "OLST_CREATE", "OLST_ADD", "ABC_DEF"] {
            assert!(fits(command, &format!("{command}_RSP"), 1), "{command}");
            assert!(fits(command, &format!("{command}_RSP"), 160), "{command}");
            assert!(fits(command, "ERR", 1000), "{command}");
        }
        let long = format!(r#"{{"SV_INF\u004f_RSP":{{"a":"{}","st":1}}}}"#, "x".repeat(1000));
        assert_eq!(Key::of(&long.into()), Ok(Key { name: "SV_INFO_RSP".into(), status: None }));
    }

    #[test]
    fn a_command_takes_what_the_server_misnames() {
        assert!(fits("ABC_DEF", "kv_count_RSP", 10));
        assert!(fits("SV_STATS", "ABC_DEF_RSP", 10));
        assert!(fits("OLST_ADD", "OLST_CREATE_RSP", 22));
    }

    #[test]
    fn a_command_takes_nothing_else() {
        assert!(!fits("KV_SET", "KV_GET_RSP", 1));
        assert!(!fits("KV_SET", "kv_count_RSP", 10));
        assert!(!fits("KV_NOPE", "abc_def_RSP", 10));
        assert!(!fits("OARR_LEN", "OARR_GET_RSP", 22));
        assert!(!fits("OLST_ADD", "OLST_CREATE_RSP", 1));
        assert!(!fits("OLST_LEN", "OLST_CREATE_RSP", 22));
        assert!(!fits("OLST_CREATE", "OLST_ADD_RSP", 1));
        assert!(!fits("ABC_DEF", "XYZ_RSP", 1));
    }
}
